package disk

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/clock"
)

// Limits of uploads in parts.
const (
	MostParts   = 10_000
	LeastPart   = 5 << 20 // but for the last
	MostUploads = 1_000   // that have begun
	// UploadLife is for how long an upload may be without a new part; then it
	// is cleared away when another begins, or the node starts.
	UploadLife = 24 * time.Hour
)

// Upload is an object that comes in parts.
type Upload struct {
	ID      string            `json:"-"`
	Bucket  string            `json:"bucket"`
	Key     string            `json:"key"`
	Headers map[string]string `json:"headers,omitempty"`
	// Algorithm is that of the parts' checksums, or ""; Whole says that the
	// object's is of all bytes and not of the parts' checksums.
	Algorithm string `json:"algorithm,omitempty"`
	Whole     bool   `json:"whole,omitempty"`
}

// Part is a part of an upload. Its Key is empty.
type Part struct {
	Number int
	Object
}

const uploadFile = "upload"

func uploadPath(id string) string { return path.Join(uploadDir, id) }

func partPath(id string, number int) string {
	return path.Join(uploadPath(id), fmt.Sprintf("%05d", number))
}

// Begin begins an upload.
func (s *Store) Begin(u Upload) (Upload, error) {
	if err := s.HasBucket(u.Bucket); err != nil {
		return u, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.clearUploads(); err != nil {
		return u, err
	}
	begun, err := s.Begun()
	if err != nil {
		return u, err
	}
	if begun >= MostUploads {
		return u, artifact.Refuse(artifact.SlowDown, "%d uploads have begun and not ended, which is the most: complete or abort some.", MostUploads)
	}
	u.ID = newID()
	if err := s.makeDir(uploadPath(u.ID)); err != nil {
		return u, full(err)
	}
	return u, full(s.writeJSON(path.Join(uploadPath(u.ID), uploadFile), u))
}

// Begun is how many uploads have begun and not ended.
func (s *Store) Begun() (int, error) {
	begun, err := s.names(uploadDir)
	return len(begun), err
}

// clearUploads removes uploads that nobody goes on with.
func (s *Store) clearUploads() error {
	begun, err := s.names(uploadDir)
	if err != nil {
		return err
	}
	for _, id := range begun {
		var newest time.Time
		parts, err := s.names(uploadPath(id))
		if err != nil {
			return err
		}
		for _, name := range parts {
			if info, err := s.root.Stat(path.Join(uploadPath(id), name)); err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
		}
		if clock.Wall().Sub(newest) > UploadLife {
			if err := s.root.RemoveAll(uploadPath(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Upload is an upload of an object that has begun.
func (s *Store) Upload(bucket, key, id string) (Upload, error) {
	u := Upload{ID: id}
	if err := checkID(id); err != nil {
		return u, err
	}
	err := s.readJSON(path.Join(uploadPath(id), uploadFile), &u)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (u.Bucket != bucket || u.Key != key) {
		return u, noUpload()
	}
	return u, err
}

// PutPart stores a part of an upload, in place of what is there.
func (s *Store) PutPart(u Upload, number int, body Content) (Part, error) {
	p := Part{Number: number}
	f, done, err := s.coming()
	if err != nil {
		return p, err
	}
	defer done()
	if err := p.take(f, body); err != nil {
		return p, full(err)
	}
	if err := s.seal(f, &p.Object); err != nil {
		return p, full(err)
	}
	s.mu.RLock() // nobody aborts it meanwhile
	defer s.mu.RUnlock()
	err = s.place(f, partPath(u.ID, number))
	if errors.Is(err, fs.ErrNotExist) {
		return p, noUpload()
	}
	return p, full(err)
}

// Parts are at most so many parts of an upload behind a number, in order.
func (s *Store) Parts(u Upload, after, most int) (parts []Part, more bool, err error) {
	s.mu.RLock() // nobody aborts it meanwhile
	defer s.mu.RUnlock()
	if _, err := s.Upload(u.Bucket, u.Key, u.ID); err != nil {
		return nil, false, err
	}
	names, err := s.names(uploadPath(u.ID))
	if err != nil {
		return nil, false, err
	}
	slices.Sort(names)
	for _, name := range names {
		number, err := strconv.Atoi(name)
		if err != nil || number <= after {
			continue
		}
		if len(parts) == most {
			return parts, true, nil
		}
		f, p, err := s.part(u, number)
		if err != nil {
			return nil, false, err
		}
		f.Close()
		parts = append(parts, p)
	}
	return parts, false, nil
}

// part opens a part.
func (s *Store) part(u Upload, number int) (*os.File, Part, error) {
	p := Part{Number: number}
	f, err := s.root.Open(partPath(u.ID, number))
	if err != nil {
		return nil, p, err
	}
	if p.Object, err = readTail(f); err != nil {
		f.Close()
		return nil, p, err
	}
	return f, p, nil
}

// Abort forgets an upload and its parts.
func (s *Store) Abort(u Upload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.root.RemoveAll(uploadPath(u.ID)); err != nil {
		return err
	}
	return s.syncDir(uploadDir)
}

// Assembly is what the parts of an upload become.
type Assembly struct {
	Upload    Upload
	Parts     []Part // Number, and ETag and Checksum as the client knows them
	Condition Condition
	// Sum is that of all bytes, if the checksum of the upload is Whole; it is
	// filled here. Of makes the checksum of the object of it, or of the
	// checksums of the parts, when all is known; an error drops the object.
	Sum hash.Hash
	Of  func(parts []Part, sum hash.Hash) (Checksum, error)
}

// Complete makes an object of the parts of an upload, which is forgotten then.
// Alive is called now and then while bytes are copied.
func (s *Store) Complete(a Assembly, alive func()) (Object, error) {
	o := Object{Key: a.Upload.Key, Headers: a.Upload.Headers}
	if err := s.checkParts(&a); err != nil {
		return o, s.orEnded(a.Upload, err)
	}
	if err := s.mayPut(a.Upload.Bucket, o.Key, a.Condition); err != nil {
		return o, err
	}
	f, done, err := s.coming()
	if err != nil {
		return o, err
	}
	defer done()
	etags := md5.New()
	for _, p := range a.Parts {
		size, err := s.appendPart(f, a, p, alive)
		if err != nil {
			return o, s.orEnded(a.Upload, full(err))
		}
		o.Size += size
		b, _ := hex.DecodeString(p.ETag) // it is ours
		etags.Write(b)
	}
	o.ETag = fmt.Sprintf("%x-%d", etags.Sum(nil), len(a.Parts))
	if o.Checksum, err = a.Of(a.Parts, a.Sum); err != nil {
		return o, err
	}
	if o, err = s.finish(f, a.Upload.Bucket, o, a.Condition); err != nil {
		return o, err
	}
	return o, s.Abort(a.Upload)
}

// orEnded is why parts of an upload could not be had: it may have ended
// meanwhile, aborted or complete.
func (s *Store) orEnded(u Upload, err error) error {
	s.mu.RLock() // one that is being aborted is gone then
	defer s.mu.RUnlock()
	if _, ended := s.Upload(u.Bucket, u.Key, u.ID); artifact.Is(ended, artifact.NoSuchUpload) {
		return ended
	}
	return err
}

// checkParts compares what the client knows of the parts with what came, and
// completes it.
func (s *Store) checkParts(a *Assembly) error {
	for i := 1; i < len(a.Parts); i++ {
		if a.Parts[i].Number <= a.Parts[i-1].Number {
			return artifact.Refuse(artifact.InvalidPartOrder, "The list of parts was not in ascending order. The parts list must be specified in order by part number.")
		}
	}
	for i, asked := range a.Parts {
		f, p, err := s.part(a.Upload, asked.Number)
		if err == nil {
			f.Close()
		}
		told := asked.Checksum.Value != "" && asked.Checksum != p.Checksum
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && (p.ETag != asked.ETag || told):
			return artifact.Refuse(artifact.InvalidPart, "One or more of the specified parts could not be found. Part %d may not have been uploaded, or its entity tag or checksum may not match.", asked.Number)
		case err != nil:
			return err
		case p.Size < LeastPart && i < len(a.Parts)-1:
			return artifact.Refuse(artifact.EntityTooSmall, "Part %d is smaller than the minimum allowed size, %d bytes.", asked.Number, LeastPart)
		}
		a.Parts[i] = p
	}
	return nil
}

// appendPart copies a part behind those before it.
func (s *Store) appendPart(to *os.File, a Assembly, p Part, alive func()) (int64, error) {
	f, now, err := s.part(a.Upload, p.Number)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if now.ETag != p.ETag {
		return 0, artifact.Refuse(artifact.InvalidPart, "Part %d was replaced meanwhile.", p.Number)
	}
	alive()
	var w io.Writer = to
	if a.Sum != nil {
		w = io.MultiWriter(to, a.Sum)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return io.Copy(w, io.LimitReader(f, now.Size))
}
