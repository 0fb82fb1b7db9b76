package server

import (
	"bufio"
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// web is an HTTP server with a crowd.
type web struct {
	t *testing.T
	crowd
	http.Server
	addr string
}

func startWeb(t *testing.T, limit int, h http.HandlerFunc) *web {
	t.Helper()
	l, err := listenWeb("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &web{t: t, addr: l.Addr().String()}
	w.limit, w.Handler, w.ConnState, w.ConnContext = limit, w.seen(h), w.changed, w.connected
	w.IdleTimeout, w.ReadHeaderTimeout, w.ReadTimeout = time.Minute, 10*time.Second, time.Minute
	served := make(chan error, 1)
	go func() { served <- w.Serve(l) }()
	t.Cleanup(func() {
		_ = w.Server.Close() // again, after a stop
		<-served
	})
	return w
}

// caller is the other end of a connection.
type caller struct {
	t  *testing.T
	nc net.Conn
	r  *bufio.Reader
}

func (w *web) dial() *caller {
	w.t.Helper()
	nc, err := net.Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { nc.Close() })
	_ = nc.SetReadDeadline(time.Now().Add(10 * time.Second))
	return &caller{w.t, nc, bufio.NewReader(nc)}
}

func (c *caller) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.nc, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caller) wantAnswer(body string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.t.Fatalf("no answer: %v", err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || string(got) != body {
		c.t.Errorf("answer %q, %v; want %q", got, err, body)
	}
}

func (c *caller) wantEnd() {
	c.t.Helper()
	if b, err := c.r.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Errorf("got %q, %v, want the end", b, err)
	}
}

func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n" }

func echoPath(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }

func TestRequestsThatCameInBeforeTheStopAreAnswered(t *testing.T) {
	w := startWeb(t, 1000, echoPath)
	var all []*caller
	for range 50 {
		rested, fresh := w.dial(), w.dial()
		rested.send(get("/first"))
		rested.wantAnswer("/first")
		all = append(all, rested, fresh)
	}
	for until := time.Now().Add(10 * time.Second); w.count() < len(all) && time.Now().Before(until); {
		all[0].send(get("/again"))
		all[0].wantAnswer("/again")
	}
	silent, half := w.dial(), w.dial()
	half.send("GET / HT")
	for i, c := range all {
		c.send(get(fmt.Sprint("/", i)) + get(fmt.Sprint("/next/", i)))
	}
	w.lastCall(10 * time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for i, c := range all {
		c.wantAnswer(fmt.Sprint("/", i))
		c.wantAnswer(fmt.Sprint("/next/", i))
		c.wantEnd()
	}
	_, _ = io.ReadAll(half.r) // maybe it is told that its request is bad
	silent.wantEnd()
	if err := w.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// count is how many connections there are.
func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.at)
}

func TestAConnectionMakesRoomForOneThatComes(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	w := startWeb(t, 3, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long" {
			begun <- struct{}{}
			<-release
		}
		echoPath(w, r)
	})
	defer close(release)
	first, second, long := w.dial(), w.dial(), w.dial()
	long.send(get("/long"))
	<-begun
	for i, c := range []*caller{first, second, first} {
		c.send(get("/a"))
		c.wantAnswer("/a")
		w.are(min(i+1, 2), &w.waiting) // an answer arrives before its connection is at rest
	}
	third := w.dial()
	third.send(get("/b"))
	third.wantAnswer("/b")
	second.wantEnd() // it has waited longest
	w.are(2, &w.waiting)
	for _, c := range []*caller{first, third} {
		c.send(get("/long"))
		<-begun
	}
	fourth := w.dial() // all others are at work
	fourth.send(get("/c"))
	fourth.wantAnswer("/c")
	long.wantEnd()
	if w.crowded != 2 {
		t.Errorf("%d left for others, want 2", w.crowded)
	}
}

// age makes all requests that are under way a minute older.
func (c *crowd) age() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range []*list.List{&c.fresh, &c.saying, &c.working} {
		for e := l.Front(); e != nil; e = e.Next() {
			s := e.Value.(seat)
			s.since = s.since.Add(-time.Minute)
			e.Value = s
		}
	}
}

// are waits until so many connections are in a list.
func (w *web) are(n int, in *list.List) {
	w.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); ; <-tick.C {
		w.mu.Lock()
		got := in.Len()
		w.mu.Unlock()
		if got == n {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%d connections, want %d", got, n)
		}
	}
}

func TestWhoStallsWithinARequestLeavesBeforeThoseAtRest(t *testing.T) {
	fresh := func(w *web) *list.List { return &w.fresh }
	saying := func(w *web) *list.List { return &w.saying }
	working := func(w *web) *list.List { return &w.working }
	for _, c := range []struct {
		name, first, says string
		in                func(*web) *list.List
	}{
		{"nothing", "", "", fresh},
		{"half a header", "", "PATCH /jobs/x HTTP/1.1\r\nHo", fresh},
		{"half a body", "", "PATCH /jobs/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{", saying},
		{"half a body behind a request", get("/first"), "PATCH /jobs/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{", saying},
		{"half a body that nobody reads", "", "PATCH /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{", saying},
		{"a request that is worked on for long", "", get("/stuck"), working},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := startWeb(t, 2, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/stuck" {
					<-r.Context().Done()
				}
				if r.URL.Path != "/unread" {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				echoPath(w, r)
			})
			honest, staller := w.dial(), w.dial()
			honest.send(get("/a"))
			honest.wantAnswer("/a")
			w.are(1, &w.waiting)
			staller.send(c.first + c.says)
			if c.first != "" {
				staller.wantAnswer("/first")
			}
			w.are(1, c.in(w))
			w.age()
			other := w.dial()
			other.send(get("/b"))
			other.wantAnswer("/b")
			_, _ = io.ReadAll(staller.r) // it has ended
			honest.send(get("/c"))
			honest.wantAnswer("/c")
		})
	}
}

func TestARequestThatHasJustBegunLeavesAfterThoseAtRest(t *testing.T) {
	w := startWeb(t, 2, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		echoPath(w, r)
	})
	rested, sender := w.dial(), w.dial()
	rested.send(get("/a"))
	rested.wantAnswer("/a")
	w.are(1, &w.waiting)
	w.are(1, &w.fresh)
	sender.send("PATCH /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{")
	w.are(1, &w.saying)
	w.dial()
	rested.wantEnd()
	sender.send("}")
	sender.wantAnswer("/x")
}

// TestAnArtifactStaysAsLongAsItMovesOn: it takes longer than any other answer
// may.
func TestAnArtifactStaysAsLongAsItMovesOn(t *testing.T) {
	for _, c := range []struct {
		name  string
		moves bool
	}{{"it moves on", true}, {"it stalls", false}} {
		t.Run(c.name, func(t *testing.T) {
			var w *web
			begun := make(chan struct{})
			w = startWeb(t, 2, func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/artifact" {
					return
				}
				w.moving(r)
				close(begun)
				<-r.Context().Done()
			})
			rested, artifact := w.dial(), w.dial()
			rested.send(get("/a"))
			rested.wantAnswer("")
			w.are(1, &w.waiting)
			artifact.send(get("/artifact"))
			<-begun
			w.are(1, &w.streams)
			if !c.moves {
				w.mu.Lock()
				e := w.streams.Front()
				s := e.Value.(seat)
				s.since = s.since.Add(-time.Minute)
				e.Value = s
				w.mu.Unlock()
			}
			w.dial()
			if c.moves {
				rested.wantEnd()
			} else {
				artifact.wantEnd()
			}
		})
	}
}

func TestFilesAreSharedSoThatTheyNeverRunOut(t *testing.T) {
	for _, c := range []struct {
		files int
		want  bounds
	}{
		{0, bounds{mqtt: 0, web: 4096}}, // any number
		{256, bounds{mqtt: 168, web: 24}},
		{1024, bounds{mqtt: 672, web: 96}},
		{20_000, bounds{mqtt: 17_276, web: 2468}},
		{1_048_576, bounds{mqtt: 1_044_224, web: 4096}},
	} {
		if diff := cmp.Diff(c.want, boundsFor(c.files), cmp.AllowUnexported(bounds{})); diff != "" {
			t.Errorf("%d files (-want +got):\n%s", c.files, diff)
		}
	}
}
