package disk

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/clock"
)

// content is a body that fails at its end, if it is to.
type content struct {
	io.Reader
	sum Checksum
}

func (c content) Checksum() Checksum { return c.sum }

func text(s string) Content { return content{Reader: strings.NewReader(s)} }

// broken is a body that breaks off.
func broken(s string) Content {
	return content{Reader: io.MultiReader(strings.NewReader(s), errorReader{errors.New("gone")})}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

var began = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// open is a store with the bucket firmware.
func open(t testing.TB) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "artifacts")
	s := reopen(t, dir)
	if err := s.MakeBucket("firmware"); err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func reopen(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(Config{Dir: dir, Clock: clock.NewVirtual(began), Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t testing.TB, s *Store, key, body string) Object {
	t.Helper()
	o, err := s.Put("firmware", Object{Key: key}, Condition{}, text(body))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// wantObject holds an object to its bytes; "" is none.
func wantObject(t testing.TB, s *Store, key, want string) {
	t.Helper()
	got, err := s.Read(t.Context(), artifact.Location{Bucket: "firmware", Key: key}, 1<<20)
	if want == "" && artifact.Is(err, artifact.NoSuchKey) {
		return
	}
	if err != nil || string(got) != want {
		t.Errorf("%q holds %q, %v; want %q", key, got, err, want)
	}
}

// coming is how many files have not come whole.
func coming(t testing.TB, dir string) int {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, comingDir))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestAnObjectIsReplacedWholeOrNotAtAll(t *testing.T) {
	s, dir := open(t)
	put(t, s, "fw", "old")
	if _, err := s.Put("firmware", Object{Key: "fw"}, Condition{}, broken("ne")); err == nil {
		t.Error("a body that broke off is taken")
	}
	wantObject(t, s, "fw", "old")
	if n := coming(t, dir); n != 0 {
		t.Errorf("%d files are left of it", n)
	}
	reading, err := s.Get("firmware", "fw")
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	put(t, s, "fw", "new")
	wantObject(t, s, "fw", "new")
	if got, _ := io.ReadAll(reading); string(got) != "old" {
		t.Errorf("whoever was reading it reads %q", got)
	}
}

func TestWhatIsKnownOfAnObject(t *testing.T) {
	s, dir := open(t)
	in := Object{Key: "a/b", Headers: map[string]string{"Content-Type": "text/plain"}}
	sum := Checksum{"CRC32", "AAAAAA=="}
	if _, err := s.Put("firmware", in, Condition{}, content{strings.NewReader("hello"), sum}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	f, err := reopen(t, dir).Get("firmware", "a/b")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Size != 5 || f.ETag != fmt.Sprintf("%x", md5.Sum([]byte("hello"))) || !f.Modified.Equal(began) ||
		f.Headers["Content-Type"] != "text/plain" || f.Checksum != sum || f.Key != "a/b" {
		t.Errorf("it is %+v", f.Object)
	}
}

func TestAnEmptyObjectIsOne(t *testing.T) {
	s, _ := open(t)
	put(t, s, "empty", "")
	f, err := s.Get("firmware", "empty")
	if err != nil || f.Size != 0 {
		t.Fatalf("it is %+v, %v", f, err)
	}
	f.Close()
}

func TestConditionsOfAWrite(t *testing.T) {
	s, _ := open(t)
	old := put(t, s, "fw", "old")
	for _, c := range []struct {
		name string
		key  string
		c    Condition
		want artifact.Code
	}{
		{"none there, and there is", "fw", Condition{Absent: true}, artifact.PreconditionFailed},
		{"another there", "fw", Condition{ETag: "x"}, artifact.PreconditionFailed},
		{"one there, and there is none", "other", Condition{ETag: "x"}, artifact.NoSuchKey},
		{"that one there", "fw", Condition{ETag: old.ETag}, ""},
		{"none there", "other", Condition{Absent: true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Put("firmware", Object{Key: c.key}, c.c, text("new"))
			if c.want == "" && err != nil || c.want != "" && !artifact.Is(err, c.want) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
}

func TestDeletingLeavesNothingBehind(t *testing.T) {
	s, dir := open(t)
	put(t, s, "a/b/c", "x")
	put(t, s, "a/b", "y")
	put(t, s, "folder/", "")
	if err := s.DeleteBucket("firmware"); !artifact.Is(err, artifact.BucketNotEmpty) {
		t.Errorf("with them the bucket is deleted: %v", err)
	}
	for _, key := range []string{"a/b/c", "a/b", "never/was", "folder/"} {
		if err := s.Delete("firmware", key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	wantObject(t, s, "a/b/c", "")
	left, err := os.ReadDir(filepath.Join(dir, "buckets", "d-firmware"))
	if err != nil || len(left) != 1 { // since
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func TestBuckets(t *testing.T) {
	s, dir := open(t)
	put(t, s, "a/b", "x")
	for _, c := range []struct {
		name string
		do   func() error
		want artifact.Code
	}{
		{"one that is there is not made again", func() error { return s.MakeBucket("firmware") }, artifact.BucketAlreadyOwned},
		{"one has a name of S3", func() error { return s.MakeBucket("../firmware") }, artifact.InvalidBucketName},
		{"one that holds something is not deleted", func() error { return s.DeleteBucket("firmware") }, artifact.BucketNotEmpty},
		{"one that is not there is not deleted", func() error { return s.DeleteBucket("documents") }, artifact.NoSuchBucket},
		{"nothing is put into one that is not there", func() error {
			_, err := s.Put("documents", Object{Key: "k"}, Condition{}, text("x"))
			return err
		}, artifact.NoSuchBucket},
		{"nor got", func() error { _, err := s.Get("documents", "k"); return err }, artifact.NoSuchBucket},
		{"nor listed", func() error { _, err := s.List("documents", Query{Max: 1}); return err }, artifact.NoSuchBucket},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.do(); !artifact.Is(err, c.want) {
				t.Errorf("answered %v, want %s", err, c.want)
			}
		})
	}
	if err := s.MakeBucket("documents"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = reopen(t, dir)
	all, err := s.Buckets()
	if err != nil || len(all) != 2 || all[0] != (Bucket{"documents", began}) || all[1] != (Bucket{"firmware", began}) {
		t.Errorf("there are %v, %v", all, err)
	}
	if err := errors.Join(s.Delete("firmware", "a/b"), s.DeleteBucket("firmware")); err != nil {
		t.Error(err)
	}
}

func TestADamagedFileIsNoObject(t *testing.T) {
	s, dir := open(t)
	put(t, s, "k", "x")
	file := filepath.Join(dir, "buckets", "d-firmware", "o-k")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{nil, whole[:len(whole)-1], whole[len(whole)-16:], bytes.Replace(whole, []byte("etag"), []byte("\x00\x00\x00\x00"), 1), []byte(strings.Repeat("x", 100))} {
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get("firmware", "k"); err == nil || artifact.As(err) != nil {
			t.Errorf("%q is answered with %v", damaged, err)
		}
	}
}

func TestCredentialsAreMadeOnceAndKeptFromOthers(t *testing.T) {
	s, dir := open(t)
	access, secret, err := s.Credentials()
	if err != nil || !strings.HasPrefix(access, "DROVER") || len(secret) < 40 {
		t.Fatalf("they are %q, %q, %v", access, secret, err)
	}
	s.Close()
	again, same, err := reopen(t, dir).Credentials()
	if err != nil || again != access || same != secret {
		t.Errorf("after a restart they are %q, %q, %v", again, same, err)
	}
	info, err := os.Stat(filepath.Join(dir, "credentials"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte("[default]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := reopen(t, dir).Credentials(); err == nil {
		t.Error("a file without keys is taken for one with new ones")
	}
}
