package awsapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// trickle is a body that says when it is read, and waits for the test then.
type trickle struct {
	io.Reader
	read func()
}

func (b *trickle) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.read()
	}
	return n, err
}

func TestABodyThatSaysItIsTooLongIsNotRead(t *testing.T) {
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: wireRoutes()})
	r := httptest.NewRequest(http.MethodPatch, "/jobs/a", &trickle{strings.NewReader(""), func() { t.Error("it is read") }})
	r.ContentLength = 10 << 20
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "Body is larger than 1048576 bytes") || w.Header().Get("Connection") != "close" {
		t.Errorf("got %d %s %s", w.Code, w.Header(), w.Body)
	}
}

func TestAllBodiesTogetherHaveALimit(t *testing.T) {
	release := make(chan struct{})
	var wg, full sync.WaitGroup
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: []awsapi.Route{
		awsapi.Handle(iot.UpdateJob, func(_ context.Context, in *iot.UpdateJobRequest) (*iot.Empty, error) {
			if in.JobID == "slow" {
				full.Done()
				<-release
			}
			return nil, nil
		}),
	}})
	for range 65 { // 64 MiB, but for a little, beside what is free of each
		full.Add(1)
		wg.Go(func() { send(mux, "PATCH", "/jobs/slow", "{}"+strings.Repeat(" ", 1<<20-2)) })
	}
	full.Wait()
	small, big := "{}"+strings.Repeat(" ", 10_000), "{}"+strings.Repeat(" ", 100_000)
	if w := send(mux, "PATCH", "/jobs/a", small); w.Code != http.StatusOK {
		t.Errorf("a small request: %d %s", w.Code, w.Body)
	}
	if w := send(mux, "PATCH", "/jobs/a", big); w.Code != http.StatusBadRequest || w.Header().Get("X-Amzn-Errortype") != "ThrottlingException" {
		t.Errorf("a large request: %d %s %s", w.Code, w.Header(), w.Body)
	}
	close(release)
	wg.Wait()
	if w := send(mux, "PATCH", "/jobs/a", big); w.Code != http.StatusOK {
		t.Errorf("a large request after the others: %d %s", w.Code, w.Body)
	}
}
