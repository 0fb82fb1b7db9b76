package disk

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// UploadQuery asks for uploads of a bucket that have begun.
type UploadQuery struct {
	Bucket, Prefix string
	// AfterKey, with AfterID among those of that key, is where a page begins;
	// without AfterID it begins behind all of that key.
	AfterKey, AfterID string
	Max               int
}

// Begun is an upload in a list.
type Begun struct {
	Upload
	Begun time.Time // as the disk knows it
}

func compareBegun(a, b Begun) int {
	return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID))
}

// has tells whether an upload is one that is asked for.
func (q UploadQuery) has(u Upload) bool {
	behind := u.Key > q.AfterKey || q.AfterID != "" && u.Key == q.AfterKey && u.ID > q.AfterID
	return u.Bucket == q.Bucket && strings.HasPrefix(u.Key, q.Prefix) && behind
}

// Uploads are a page of the uploads that have begun, by key and then by id.
func (s *Store) Uploads(q UploadQuery) (page []Begun, more bool, err error) {
	if err := s.HasBucket(q.Bucket); err != nil {
		return nil, false, err
	}
	ids, err := s.names(uploadDir)
	if err != nil {
		return nil, false, err
	}
	for _, id := range ids {
		u, err := s.begun(id)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it ended meanwhile
		case err != nil:
			return nil, false, err
		case q.has(u.Upload):
			page = append(page, u)
		}
	}
	slices.SortFunc(page, compareBegun)
	return page[:min(len(page), q.Max)], q.Max > 0 && len(page) > q.Max, nil
}

func (s *Store) begun(id string) (Begun, error) {
	name := path.Join(uploadPath(id), uploadFile)
	u := Begun{Upload: Upload{ID: id}}
	info, err := s.root.Stat(name)
	if err != nil {
		return u, err
	}
	u.Begun = info.ModTime()
	return u, s.readJSON(name, &u.Upload)
}
