package disk

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
)

// Object is what is known of an object.
type Object struct {
	Key      string            `json:"-"`
	Size     int64             `json:"-"`
	ETag     string            `json:"etag"` // without quotes: the MD5 of its bytes, or -N behind that of its parts
	Modified time.Time         `json:"modified"`
	Headers  map[string]string `json:"headers,omitempty"` // Content-Type and the like, x-amz-meta-…
	Checksum Checksum          `json:"checksum,omitzero"`
}

// Checksum is what a client gave for an object, and was found true.
type Checksum struct {
	Algorithm string `json:"algorithm,omitempty"` // "CRC32"
	Value     string `json:"value,omitempty"`     // in base64; -N behind it if it is of the parts' checksums
}

// Content is what comes of an object: an error of Read drops it. Checksum is
// asked when all has been read.
type Content interface {
	io.Reader
	Checksum() Checksum
}

// Condition says what must be there when an object takes its place.
type Condition struct {
	Absent bool   // nothing
	ETag   string // an object with this ETag; "": whatever
}

// An object's file is its bytes, then JSON, then the length of that in 8 bytes
// and 8 that say whose it is: one file is replaced in one step.
const (
	mark     = "drover\x00\x01"
	mostTail = 1 << 20
)

// Put stores an object in place of what is there.
func (s *Store) Put(bucket string, o Object, c Condition, body Content) (Object, error) {
	if err := s.mayPut(bucket, o.Key, c); err != nil {
		return o, err
	}
	f, done, err := s.coming()
	if err != nil {
		return o, err
	}
	defer done()
	if err := o.take(f, body); err != nil {
		return o, full(err)
	}
	return s.finish(f, bucket, o, c)
}

// take writes a body to a file, and notes its size and sums.
func (o *Object) take(f *os.File, body Content) (err error) {
	sum := md5.New()
	if o.Size, err = io.Copy(io.MultiWriter(f, sum), body); err != nil {
		return err
	}
	o.ETag, o.Checksum = hex.EncodeToString(sum.Sum(nil)), body.Checksum()
	return nil
}

// finish makes an object of a file that has all of its bytes.
func (s *Store) finish(f *os.File, bucket string, o Object, c Condition) (Object, error) {
	if err := s.seal(f, &o); err != nil {
		return o, full(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayPut(bucket, o.Key, c); err != nil {
		return o, err
	}
	name := pathOf(bucket, o.Key)
	if err := s.makeDirs(path.Dir(name)); err != nil {
		return o, full(err)
	}
	return o, full(s.place(f, name))
}

// mayPut refuses an object for which there is no bucket, or whose condition
// does not hold.
func (s *Store) mayPut(bucket, key string, c Condition) error {
	if err := s.HasBucket(bucket); err != nil || c == (Condition{}) {
		return err
	}
	f, err := s.Get(bucket, key)
	if err == nil {
		f.Close()
	}
	switch {
	case artifact.Is(err, artifact.NoSuchKey) && c.ETag == "":
		return nil
	case err != nil:
		return err
	case c.Absent || f.ETag != c.ETag:
		return artifact.Refuse(artifact.PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
	}
	return nil
}

// seal ends a file with what is known of its object, and has it on the disk.
func (s *Store) seal(f *os.File, o *Object) error {
	o.Modified = s.clock.Now()
	if err := writeTail(f, *o); err != nil {
		return err
	}
	return s.sync(f)
}

func writeTail(f *os.File, o Object) error {
	tail, err := json.Marshal(o)
	if err != nil {
		return err
	}
	tail = append(binary.BigEndian.AppendUint64(tail, uint64(len(tail))), mark...)
	_, err = f.Write(tail)
	return err
}

// File is an open object. What replaces or deletes it meanwhile does not change
// what is read.
type File struct {
	Object
	io.ReadSeeker
	file *os.File
}

// Close lets go of the object, which was only read.
func (f *File) Close() { f.file.Close() }

// Get opens an object.
func (s *Store) Get(bucket, key string) (*File, error) {
	f, err := s.root.Open(pathOf(bucket, key))
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.HasBucket(bucket); err != nil {
			return nil, err
		}
		return nil, artifact.Refuse(artifact.NoSuchKey, "The specified key does not exist.")
	}
	if err != nil {
		return nil, err
	}
	o, err := readTail(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("read artifact %s of bucket %s: %w", key, bucket, err)
	}
	o.Key = key
	return &File{o, io.NewSectionReader(f, 0, o.Size), f}, nil
}

var errTail = errors.New("the file is not an artifact, or is damaged")

func readTail(f *os.File) (o Object, err error) {
	const fixed = 8 + int64(len(mark))
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return o, err
	}
	last := make([]byte, fixed)
	if _, err := f.ReadAt(last, max(end-fixed, 0)); err != nil || string(last[8:]) != mark {
		return o, errors.Join(errTail, err)
	}
	length := int64(binary.BigEndian.Uint64(last))
	if length < 0 || length > mostTail || length > end-fixed {
		return o, errTail
	}
	tail := make([]byte, length)
	if _, err := f.ReadAt(tail, end-fixed-length); err != nil {
		return o, errors.Join(errTail, err)
	}
	o.Size = end - fixed - length
	return o, json.Unmarshal(tail, &o)
}

// Delete deletes an object. That it is not there is no error.
func (s *Store) Delete(bucket, key string) error {
	if err := s.HasBucket(bucket); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := pathOf(bucket, key)
	if err := s.root.Remove(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	for dir := path.Dir(name); dir != bucketPath(bucket); dir = path.Dir(dir) {
		if s.root.Remove(dir) != nil { // it is not empty
			return s.syncDir(dir)
		}
	}
	return s.syncDir(bucketPath(bucket))
}
