package awsapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// serve serves a job whose description is long, and takes every update.
func serve(t *testing.T, description int) *httptest.Server {
	t.Helper()
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: []awsapi.Route{
		awsapi.Handle(iot.UpdateJob, func(context.Context, *iot.UpdateJobRequest) (*iot.Empty, error) { return nil, nil }),
		awsapi.Handle(iot.GetJobDocument, func(_ context.Context, in *iot.GetJobDocumentRequest) (*iot.GetJobDocumentAnswer, error) {
			if in.JobID == "small" {
				return &iot.GetJobDocumentAnswer{Document: "{}"}, nil
			}
			return &iot.GetJobDocumentAnswer{Document: strings.Repeat("x", description)}, nil
		}),
	}})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// stall opens a connection, sends text and reads nothing.
func stall(t *testing.T, s *httptest.Server, text string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(nc, text); err != nil {
		t.Fatal(err)
	}
	return nc
}

// statusOf is how a request is answered, in a connection of its own.
func statusOf(t *testing.T, s *httptest.Server, method, path, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0 // refused, and the end came before the answer
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// until waits until a request is answered like that.
func until(t *testing.T, want int, s *httptest.Server, method, path, body string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); statusOf(t, s, method, path, body) != want; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s %s is never answered %d", method, path, want)
		}
	}
}

func TestBodiesThatStallMakeRoomForOthers(t *testing.T) {
	s := serve(t, 0)
	const most = 1 << 20
	stalls := fmt.Sprintf("PATCH /jobs/a HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", most) + strings.Repeat(" ", most-1)
	const held = 67 // over 64 MiB, beside what is free of each
	gone := make(chan string, held)
	for range held {
		nc := stall(t, s, stalls)
		go func() {
			answer := make([]byte, 12)
			_, _ = io.ReadFull(nc, answer)
			gone <- string(answer)
		}()
	}
	large := "{}" + strings.Repeat(" ", most-2)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for answer := ""; answer == ""; {
		select {
		case answer = <-gone:
			if answer != "HTTP/1.1 400" {
				t.Errorf("one that stalled got %q", answer)
			}
		case <-tick.C:
			statusOf(t, s, "PATCH", "/jobs/a", large)
		}
	}
	until(t, http.StatusOK, s, "PATCH", "/jobs/a", large)
}

func TestAnswersThatAreNotReadMakeRoomForOthers(t *testing.T) {
	const large, size = "/jobs/large/job-document", 30 << 20
	s := serve(t, size)
	var held []net.Conn
	for range 2 { // there is room for two
		nc := stall(t, s, "GET "+large+" HTTP/1.1\r\nHost: a\r\n\r\n")
		if _, err := io.ReadFull(nc, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		held = append(held, nc)
	}
	if got := statusOf(t, s, "GET", "/jobs/small/job-document", ""); got != http.StatusOK {
		t.Errorf("a small answer: %d", got)
	}
	until(t, http.StatusOK, s, "GET", large, "") // when they have stalled for a while
	if n, err := io.Copy(io.Discard, held[0]); n >= size || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("who stalled for longest is not cut: %d bytes, %v", n, err)
	}
}

func TestAnAnswerForWhichThereIsNoRoomIsRefused(t *testing.T) {
	s := serve(t, 65<<20)
	if got := statusOf(t, s, "GET", "/jobs/large/job-document", ""); got != http.StatusBadRequest {
		t.Errorf("got %d, want 400", got)
	}
}
