package s3

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/drover-iot/drover/internal/artifact"
)

// TestBodiesAreOfTheirNumber: one that stalls makes room for another, and one
// that moves on does not.
func TestBodiesAreOfTheirNumber(t *testing.T) {
	s := streams{most: 2, moving: func(*http.Request) {}}
	open := func() (*stream, error) {
		return s.open(httptest.NewRecorder(), httptest.NewRequest("GET", "/s3/firmware/k", nil))
	}
	a, err := open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(); !artifact.Is(err, artifact.SlowDown) {
		t.Errorf("a third is answered with %v", err)
	}
	for _, old := range []*stream{a, b} {
		old.moved = old.moved.Add(-2 * patience)
	}
	a.alive()
	c, err := open()
	if err != nil || !b.cut() || a.cut() {
		t.Errorf("a third gets %v; the first is cut: %v, the second: %v", err, a.cut(), b.cut())
	}
	for _, each := range []*stream{a, b, c} {
		each.close()
	}
	if n := s.lines.Len(); n != 0 {
		t.Errorf("%d are left", n)
	}
}

// TestABodyOfAnySizeTakesLittleMemory, on its way in and out.
func TestABodyOfAnySizeTakesLittleMemory(t *testing.T) {
	s := start(t, nil)
	const size = 64 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := httptest.NewRequest("PUT", "/s3/firmware/large", io.LimitReader(zeros{}, size))
	r.RemoteAddr, r.ContentLength = "127.0.0.1:1", size
	w := httptest.NewRecorder()
	s.door.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	resp, err := http.Get(s.url + "/firmware/large")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err != nil || n != size || took > size/8 {
		t.Errorf("%d bytes came back, %v; they took %d of memory", n, err, took)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
