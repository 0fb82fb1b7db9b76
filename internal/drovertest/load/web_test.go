package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stranger is an HTTP connection of a client that does as it likes.
type stranger struct {
	net.Conn
	r *bufio.Reader
}

func (n *node) stranger(t *testing.T) *stranger {
	t.Helper()
	nc, err := net.Dial("tcp", n.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	return &stranger{nc, bufio.NewReader(nc)}
}

// say writes for as long as the node reads: it may answer before it has all.
func (s *stranger) say(text string) { _, _ = io.WriteString(s, text) }

// hear is the status of the next answer, which is read whole; 0 is the end of
// the connection.
func (s *stranger) hear(t *testing.T) int {
	t.Helper()
	resp, err := http.ReadResponse(s.r, nil)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("neither an answer nor an end comes")
	}
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

const (
	putJob   = "PUT /jobs/fw HTTP/1.1\r\nHost: x\r\n"
	listJobs = "GET /jobs HTTP/1.1\r\nHost: x\r\n\r\n"
)

// ways are what strangers send, and the answer that is due; 0: the end.
var ways = []struct {
	name string
	say  func(s *stranger)
	want int
}{
	{"a body of 10 MB", func(s *stranger) {
		s.say(putJob + "Content-Length: 10000000\r\n\r\n" + strings.Repeat("x", 10_000_000))
	}, 400},
	{"a body of 10 MB that is announced", func(s *stranger) { s.say(putJob + "Content-Length: 10000000\r\n\r\n") }, 400},
	{"chunks without end", func(s *stranger) {
		s.say(putJob + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("2000\r\n"+strings.Repeat("x", 0x2000)+"\r\n", 1000))
	}, 400},
	{"100,000 headers", func(s *stranger) {
		s.say("GET /jobs HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: b\r\n", 100_000) + "\r\n")
	}, 431},
	{"a header of a megabyte", func(s *stranger) { s.say("GET /jobs HTTP/1.1\r\nX-A: " + strings.Repeat("b", 1<<20) + "\r\n\r\n") }, 431},
	{"a thousand small fields, and a body that never ends", func(s *stranger) {
		s.say(putJob + "Content-Length: 20000\r\n" + strings.Repeat("X:\r\n", 1000) + "\r\n{")
	}, 431},
	{"HTTP/1.0", func(s *stranger) { s.say("GET /jobs HTTP/1.0\r\n\r\n") }, 200},
	{"HTTP/1.1 without Host", func(s *stranger) { s.say("GET /jobs HTTP/1.1\r\n\r\n") }, 400},
	{"HTTP/3.7", func(s *stranger) { s.say("GET /jobs HTTP/3.7\r\nHost: x\r\n\r\n") }, 505},
	{"a method of its own", func(s *stranger) { s.say("STEAL /jobs HTTP/1.1\r\nHost: x\r\n\r\n") }, 404},
	{"two lengths", func(s *stranger) { s.say(putJob + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx") }, 400},
	{"a negative length", func(s *stranger) { s.say(putJob + "Content-Length: -1\r\n\r\n") }, 400},
	{"garbage", func(s *stranger) { s.say("\x00\xff\x10garbage\r\n\r\n") }, 400},
	{"MQTT", func(s *stranger) { s.say("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\r\n\r\n") }, 400},
	{"a WebSocket without its headers", func(s *stranger) { s.say("GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n") }, 426},
	{"half a request, then the end", func(s *stranger) {
		s.say(putJob + "Content-Length: 100\r\n\r\n{")
		_ = s.Conn.(*net.TCPConn).CloseWrite()
	}, 400},
}

func TestWhateverAStrangerSendsIsAnsweredOrCut(t *testing.T) {
	n := start(t)
	before := n.figures()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := n.stranger(t)
			go w.say(s)
			if got := s.hear(t); got != w.want {
				t.Errorf("status %d, want %d", got, w.want)
			}
		})
	}
	n.wantAtRest(before)
	if _, peak, ok := n.memory(); ok && peak > 150<<20 {
		t.Errorf("the node held %d MiB", peak>>20)
	}
}

// wantAtRest waits until no more is under way than before.
func (n *node) wantAtRest(before map[string]float64) {
	n.t.Helper()
	n.wantFigure("the node is at rest", func(f map[string]float64) bool {
		return f["go_goroutines"] <= before["go_goroutines"]+2 && f["drover_http_connections"] <= before["drover_http_connections"]+1
	})
}

func TestAThousandRequestsAtOnceOnOneConnectionAreAnsweredInOrder(t *testing.T) {
	n := start(t)
	s := n.stranger(t)
	go s.say(strings.Repeat(listJobs, 1000))
	for i := range 1000 {
		if got := s.hear(t); got != http.StatusOK {
			t.Fatalf("answer %d: status %d", i, got)
		}
	}
}

// slow are clients that take their time, who are cut in the node's own: it
// gives ten seconds for headers and a minute for a body or an answer.
var slow = []struct {
	name string
	say  func(*stranger)
}{
	{"headers that do not come", func(s *stranger) { s.say("GET /jobs HTTP/1.1\r\n") }},
	{"a byte of a header a second", func(s *stranger) { s.trickle("GET /jobs HTTP/1.1\r\nX-A: " + strings.Repeat("b", 1000)) }},
	{"a TLS hello", func(s *stranger) { s.say("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + strings.Repeat("\x00", 160)) }},
	{"a WebSocket that stalls before its CONNECT", func(s *stranger) {
		s.say("GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
			"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	}},
	{"a WebSocket that stalls within its handshake", func(s *stranger) {
		s.say("GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
	}},
	{"a body that stalls", func(s *stranger) { s.say(putJob + "Content-Length: 100\r\n\r\n{") }},
	{"a byte of a body a second", func(s *stranger) {
		s.say(putJob + "Content-Length: 1000\r\n\r\n")
		s.trickle(strings.Repeat(" ", 1000))
	}},
	{"answers that are not read", func(s *stranger) { s.say(strings.Repeat(listJobs, 1_000_000)) }},
}

// trickle says a byte a second until it is cut.
func (s *stranger) trickle(text string) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := range text {
		if _, err := io.WriteString(s, text[i:i+1]); err != nil {
			return
		}
		<-tick.C
	}
}

func TestWhoTakesItsTimeIsCut(t *testing.T) {
	if *seconds < 20 {
		t.Skip("it takes more than a minute: -seconds 30 or more runs it")
	}
	n := start(t)
	before := n.figures()
	var g sync.WaitGroup
	for _, w := range slow {
		g.Go(func() {
			s := n.stranger(t)
			_ = s.SetDeadline(time.Now().Add(2 * patience))
			w.say(s)
			_, err := io.Copy(io.Discard, s) // what was answered, if it likes
			if err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%s: %v", w.name, err)
			}
		})
	}
	g.Wait()
	n.wantAtRest(before)
}

// atOnce does a request many times at once and counts the answers.
func (n *node) atOnce(t *testing.T, times int, request func(i int) *http.Request) map[int]int {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: times}, Timeout: patience}
	defer client.CloseIdleConnections()
	counts := map[int]int{}
	var mu sync.Mutex
	var g sync.WaitGroup
	begin := make(chan struct{})
	for i := range times {
		g.Go(func() {
			r := request(i)
			<-begin
			status := 0
			if resp, err := client.Do(r); err == nil {
				status = resp.StatusCode
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	close(begin)
	g.Wait()
	return counts
}

func (n *node) request(method, path, body string) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), method, "http://"+n.HTTP+path, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	return r
}

func TestOneOfAThousandCreatesTheJob(t *testing.T) {
	n := start(t)
	if got := n.atOnce(t, 1, func(int) *http.Request { return n.request("POST", "/things/press-01", "{}") }); got[200] != 1 {
		t.Fatalf("create a thing: %v", got)
	}
	create := func(int) *http.Request {
		return n.request("PUT", "/jobs/fw", `{"targets":["arn:aws:iot:us-east-1:000000000000:thing/press-01"],"document":"{}"}`)
	}
	if got := n.atOnce(t, 1000, create); got[200] != 1 || got[409] != 999 {
		t.Errorf("CreateJob: %v, want one 200 and 999 of 409", got)
	}
	update := func(i int) *http.Request {
		return n.request("PATCH", "/jobs/fw", fmt.Sprintf(`{"description":"%d"}`, i))
	}
	if got := n.atOnce(t, 1000, update); got[200] != 1000 {
		t.Errorf("UpdateJob: %v, want 1000 of 200", got)
	}
}
