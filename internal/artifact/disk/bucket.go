package disk

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
)

// MostBuckets is how many buckets there may be.
const MostBuckets = 1000

// sinceFile remembers when a bucket was made.
const sinceFile = "since"

// Bucket is a bucket in a list.
type Bucket struct {
	Name string
	Made time.Time
}

// HasBucket refuses a bucket that is not there.
func (s *Store) HasBucket(name string) error {
	if err := artifact.CheckBucket(name); err != nil {
		return err
	}
	_, err := s.root.Stat(bucketPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return artifact.Refuse(artifact.NoSuchBucket, "The specified bucket does not exist")
	}
	return err
}

// MakeBucket makes a bucket.
func (s *Store) MakeBucket(name string) error {
	if err := artifact.CheckBucket(name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.HasBucket(name) == nil {
		return artifact.Refuse(artifact.BucketAlreadyOwned, "Your previous request to create the named bucket succeeded and you already own it.")
	}
	all, err := s.names(bucketDir)
	if err != nil {
		return err
	}
	if len(all) >= MostBuckets {
		return artifact.Refuse(artifact.TooManyBuckets, "There are %d buckets, which is the most.", MostBuckets)
	}
	if err := s.makeDir(bucketPath(name)); err != nil {
		return full(err)
	}
	return full(s.writeJSON(path.Join(bucketPath(name), sinceFile), since{s.clock.Now()}))
}

// DeleteBucket deletes a bucket that is empty.
func (s *Store) DeleteBucket(name string) error {
	if err := s.HasBucket(name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holds(bucketPath(name)) {
		return artifact.Refuse(artifact.BucketNotEmpty, "The bucket you tried to delete is not empty")
	}
	if err := s.root.RemoveAll(bucketPath(name)); err != nil {
		return err
	}
	return s.syncDir(bucketDir)
}

// Buckets are all buckets, by name.
func (s *Store) Buckets() ([]Bucket, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names, err := s.names(bucketDir)
	if err != nil {
		return nil, err
	}
	var all []Bucket
	for _, encoded := range names {
		name, ok := decode(strings.TrimPrefix(encoded, isFolder))
		if !ok {
			continue
		}
		var at since // a bucket that was made when the node was killed has none
		_ = s.readJSON(path.Join(bucketDir, encoded, sinceFile), &at)
		all = append(all, Bucket{name, at.At})
	}
	slices.SortFunc(all, func(a, b Bucket) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// names are the names in a folder, which has few.
func (s *Store) names(dir string) ([]string, error) {
	f, err := s.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

// holds tells whether there is an object anywhere below a folder.
func (s *Store) holds(dir string) bool {
	for from, more := (*child)(nil), true; more; {
		var below []child
		below, more, _ = s.children(dir, "", from)
		for _, c := range below {
			if !c.folder || s.holds(path.Join(dir, c.file)) {
				return true
			}
			from = &c
		}
	}
	return false
}
