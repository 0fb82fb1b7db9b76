package disk

import (
	"hash"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
)

func noChecksum([]Part, hash.Hash) (Checksum, error) { return Checksum{}, nil }

func begin(t testing.TB, s *Store, key string) Upload {
	t.Helper()
	u, err := s.Begin(Upload{Bucket: "firmware", Key: key, Headers: map[string]string{"Content-Type": "text/plain"}})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func putPart(t testing.TB, s *Store, u Upload, number int, body string) Part {
	t.Helper()
	p, err := s.PutPart(u, number, text(body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnUploadInPartsOutlivesARestart(t *testing.T) {
	s, dir := open(t)
	put(t, s, "fw", "old")
	u := begin(t, s, "fw")
	large := strings.Repeat("x", LeastPart)
	first := putPart(t, s, u, 3, large)
	s.Close()
	s = reopen(t, dir)
	u, err := s.Upload("firmware", "fw", u.ID)
	if err != nil {
		t.Fatal(err)
	}
	putPart(t, s, u, 7, "replaced")
	last := putPart(t, s, u, 7, "end")
	wantObject(t, s, "fw", "old")
	o, err := s.Complete(Assembly{Upload: u, Parts: []Part{first, last}, Of: noChecksum}, func() {})
	if err != nil || o.Size != int64(len(large)+3) || !strings.HasSuffix(o.ETag, "-2") || o.Headers["Content-Type"] != "text/plain" {
		t.Fatalf("it became %+v, %v", o, err)
	}
	got, err := s.Read(t.Context(), artifact.Location{Bucket: "firmware", Key: "fw"}, 1<<24)
	if err != nil || string(got) != large+"end" {
		t.Errorf("it has %d bytes, %v", len(got), err)
	}
	if _, err := s.Upload("firmware", "fw", u.ID); !artifact.Is(err, artifact.NoSuchUpload) {
		t.Errorf("the upload is still there: %v", err)
	}
}

func TestPartsThatDoNotMakeAnObject(t *testing.T) {
	s, _ := open(t)
	u := begin(t, s, "fw")
	small, last := putPart(t, s, u, 1, "small"), putPart(t, s, u, 2, "last")
	other := last
	other.ETag = small.ETag
	told := last
	told.Checksum = Checksum{"CRC32", "AAAAAA=="}
	for _, c := range []struct {
		name  string
		parts []Part
		want  artifact.Code
	}{
		{"out of order", []Part{last, small}, artifact.InvalidPartOrder},
		{"one twice", []Part{last, last}, artifact.InvalidPartOrder},
		{"one that did not come", []Part{{Number: 9, Object: last.Object}}, artifact.InvalidPart},
		{"one that is another", []Part{other}, artifact.InvalidPart},
		{"one with another checksum", []Part{told}, artifact.InvalidPart},
		{"a small one in front", []Part{small, last}, artifact.EntityTooSmall},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := s.Complete(Assembly{Upload: u, Parts: c.parts, Of: noChecksum}, func() {}); !artifact.Is(err, c.want) {
				t.Errorf("answered %v, want %s", err, c.want)
			}
		})
	}
	wantObject(t, s, "fw", "")
}

func TestPartsAreListedByPage(t *testing.T) {
	s, _ := open(t)
	u := begin(t, s, "fw")
	for _, n := range []int{10_000, 2, 1} {
		putPart(t, s, u, n, "x")
	}
	first, more, err := s.Parts(u, 0, 2)
	if err != nil || len(first) != 2 || first[0].Number != 1 || first[1].Number != 2 || !more {
		t.Fatalf("the first page is %v, %v, %v", first, more, err)
	}
	rest, more, err := s.Parts(u, 2, 2)
	if err != nil || len(rest) != 1 || rest[0].Number != 10_000 || rest[0].Size != 1 || more {
		t.Errorf("the second is %v, %v, %v", rest, more, err)
	}
}

func TestAnAbortedUploadIsGone(t *testing.T) {
	s, dir := open(t)
	u := begin(t, s, "fw")
	putPart(t, s, u, 1, "x")
	if err := s.Abort(u); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutPart(u, 2, text("x")); !artifact.Is(err, artifact.NoSuchUpload) {
		t.Errorf("a part of it is answered with %v", err)
	}
	if _, _, err := s.Parts(u, 0, 10); !artifact.Is(err, artifact.NoSuchUpload) {
		t.Errorf("its parts are answered with %v", err)
	}
	if n := coming(t, dir); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestAnUploadMayBeAbortedWhileItIsCompleted(t *testing.T) {
	s, dir := open(t)
	for _, c := range []struct {
		name   string
		before bool
	}{{"before its parts are looked at", true}, {"between two parts", false}} {
		u := begin(t, s, "fw")
		parts := []Part{putPart(t, s, u, 1, strings.Repeat("x", LeastPart)), putPart(t, s, u, 2, "end")}
		abort := func() {
			if err := s.Abort(u); err != nil {
				t.Fatal(err)
			}
		}
		if c.before {
			abort()
		}
		if _, err := s.Complete(Assembly{Upload: u, Parts: parts, Of: noChecksum}, abort); !artifact.Is(err, artifact.NoSuchUpload) {
			t.Errorf("%s: answered %v", c.name, err)
		}
	}
	wantObject(t, s, "fw", "")
	if n := coming(t, dir); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestUploadsAreThoseOfTheirKey(t *testing.T) {
	s, _ := open(t)
	u := begin(t, s, "fw")
	for _, id := range []string{"", "..", "../buckets", strings.ToUpper(u.ID), u.ID + "0", strings.Repeat("0", 32)} {
		if _, err := s.Upload("firmware", "fw", id); !artifact.Is(err, artifact.NoSuchUpload) {
			t.Errorf("%q is answered with %v", id, err)
		}
	}
	if _, err := s.Upload("firmware", "other", u.ID); !artifact.Is(err, artifact.NoSuchUpload) {
		t.Errorf("the id of another key is answered with %v", err)
	}
}

func TestWhatIsLeftOfBrokenUploadsIsCleared(t *testing.T) {
	s, dir := open(t)
	old, fresh := begin(t, s, "old"), begin(t, s, "fresh")
	long := time.Now().Add(-UploadLife - time.Hour)
	upload := filepath.Join(dir, uploadDir, old.ID)
	if err := os.Chtimes(filepath.Join(upload, uploadFile), long, long); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, comingDir, "left"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = reopen(t, dir)
	if n := coming(t, dir); n != 0 {
		t.Errorf("%d files are left of what had not come whole", n)
	}
	if _, err := s.Upload("firmware", "old", old.ID); !artifact.Is(err, artifact.NoSuchUpload) {
		t.Errorf("the old upload is still there: %v", err)
	}
	if _, err := s.Upload("firmware", "fresh", fresh.ID); err != nil {
		t.Errorf("the fresh one is not: %v", err)
	}
}
