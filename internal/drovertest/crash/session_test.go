package crash

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// session is a client with a persistent session, and what it knows.
type session struct {
	t       *witness
	client  string
	version byte
	thing   string // whose notices it is told, if any
	// namespace is that of the notices.
	namespace string
	plain     string // filter of the numbered messages it gets, if any
	late      int    // acknowledgements that it holds back under load
	naps      bool   // it is met at few audits only, so that messages expire
	began     bool   // it has seen a CONNACK: from then on the session is kept
	open      func(*node) (net.Conn, error)
	brief     *brief
	// filters are those that come and go; whether they are there.
	filters map[string]*fact[bool]

	marks   chan string
	answers chan *mqtt.Publish
	nudge   chan struct{} // something may be there to do

	mu      sync.Mutex // guards what follows: readers of connections write it
	conn    int        // connections so far
	got     map[numbered]receipt
	first   map[string]int // by topic, the highest number that came for the first time
	checked map[string]int // by topic, how many acknowledged messages were looked for
	probes  map[string]string
	extra   int      // messages that are neither marks nor answers
	notify  []string // since the last look
	next    []string // likewise, heads
	told    string   // the head that it was told last
}

// fact is what is known of something that one worker alone changes: what was
// acknowledged, and what was asked for and may have happened.
type fact[T comparable] struct {
	is    T
	wish  T
	asked bool
}

// ask notes a wish that is about to be sent.
func (f *fact[T]) ask(wish T) { f.wish, f.asked = wish, true }

// done notes that the wish was acknowledged.
func (f *fact[T]) done() { f.is, f.asked = f.wish, false }

// refuse notes that the wish was not fulfilled.
func (f *fact[T]) refuse() { f.asked = false }

// found holds what is there to what is known, and knows it from then on.
func (f *fact[T]) found(t *witness, what string, is T) {
	t.Helper()
	if is != f.is && !(f.asked && is == f.wish) {
		t.Errorf("%s is %v; acknowledged was %v, asked for %v (%t)", what, is, f.is, f.wish, f.asked)
	}
	if f.asked {
		t.saw(fmt.Sprintf("request open at a kill, done %t", is == f.wish))
	}
	f.is, f.asked = is, false
}

// numbered is a message of a publisher.
type numbered struct {
	topic string
	n     int
}

// receipt is when a message came last.
type receipt struct {
	conn    int
	settled bool // its acknowledgement is on disk
}

func newSession(t *witness, client string, version byte) *session {
	return &session{
		t: t, client: client, version: version, filters: map[string]*fact[bool]{}, open: overTCP,
		marks: make(chan string, 16), answers: make(chan *mqtt.Publish, 16), nudge: make(chan struct{}, 1),
		got: map[numbered]receipt{}, first: map[string]int{}, checked: map[string]int{}, probes: map[string]string{},
	}
}

// connect goes on with the session.
func (s *session) connect(n *node, late int) (*peer, error) {
	s.mu.Lock()
	s.conn++
	conn := s.conn
	s.mu.Unlock()
	hello := mqtt.Connect{Version: s.version, Client: s.client}
	if s.version == mqtt.V5 {
		hello.SessionExpiry = 3600
	}
	last, began := map[string]int{}, time.Now()
	nc, err := s.open(n)
	if err != nil {
		return nil, err
	}
	p, err := connect(nc, hello, late, func(m *mqtt.Publish) {
		if strings.HasPrefix(m.Topic, "brief/") {
			s.brief.came(s, m, began)
			return
		}
		s.take(conn, last, m)
	})
	if err != nil {
		return nil, err
	}
	if s.began && !p.resumed {
		s.t.Errorf("client %s: its session is lost", s.client)
	}
	s.began = true
	return p, nil
}

// take sorts a message; last is what came on this connection, by topic.
func (s *session) take(conn int, last map[string]int, m *mqtt.Publish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	base, kind := cutLast(m.Topic)
	kind, _, _ = strings.Cut(kind, "-namespace-")
	switch {
	case strings.HasPrefix(m.Topic, "plain/"), strings.HasPrefix(m.Topic, "tasks/"):
		s.extra++
		s.numbered(conn, last, m)
	case strings.HasPrefix(m.Topic, "extra/"):
		s.extra++
		s.probes[m.Topic] = string(m.Payload)
	case base == "mark":
		s.marks <- string(m.Payload)
	case kind == "notify", kind == "notify-next":
		s.extra++
		s.notice(kind, m)
	default:
		s.answers <- m
	}
}

func cutLast(topic string) (before, last string) {
	i := strings.LastIndexByte(topic, '/')
	return topic[:max(i, 0)], topic[i+1:]
}

func (s *session) notice(kind string, m *mqtt.Publish) {
	var n drovertest.Notice
	if err := json.Unmarshal(m.Payload, &n); err != nil {
		s.t.Errorf("client %s: notice %q: %v", s.client, m.Payload, err)
	}
	if kind == "notify" {
		s.notify = append(s.notify, list(n.Jobs["IN_PROGRESS"], n.Jobs["QUEUED"]))
		return
	}
	s.told = ""
	if n.Execution != nil {
		s.told = n.Execution.Name()
	}
	s.next = append(s.next, s.told)
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

// list is a pending list in a line.
func list(inProgress, queued []drovertest.Summary) string {
	var names []string
	for _, x := range append(slices.Clip(inProgress), queued...) {
		names = append(names, x.Name())
	}
	return strings.Join(names, " ")
}

// numbered holds a message to its order, and a second copy to its reasons.
func (s *session) numbered(conn int, last map[string]int, m *mqtt.Publish) {
	var n int
	if _, err := fmt.Sscanf(string(m.Payload), "%d ", &n); err != nil || string(m.Payload) != payload(m.Topic, n) {
		s.t.Errorf("client %s: message on %s is garbled: %q", s.client, m.Topic, m.Payload)
		return
	}
	key := numbered{m.Topic, n}
	before, again := s.got[key]
	switch {
	case n <= last[m.Topic]:
		s.t.Errorf("client %s: on %s number %d comes behind %d", s.client, m.Topic, n, last[m.Topic])
	case again && (before.settled || !m.Dup || before.conn == conn):
		s.t.Errorf("client %s: number %d on %s comes again, DUP %t, on connection %d after %+v", s.client, n, m.Topic, m.Dup, conn, before)
	case s.version == mqtt.V5 && !lasts(m, n):
		s.t.Errorf("client %s: number %d on %s comes with the expiry %v", s.client, n, m.Topic, m.Expiry)
	case !again && n <= s.first[m.Topic]:
		s.t.Errorf("client %s: number %d on %s comes for the first time, behind %d", s.client, n, m.Topic, s.first[m.Topic])
	}
	if again {
		s.t.saw("second copy")
	}
	last[m.Topic] = n
	s.first[m.Topic] = max(n, s.first[m.Topic])
	s.got[key] = receipt{conn: conn}
}

// payload is the text of a numbered message.
func payload(topic string, n int) string {
	return fmt.Sprintf("%d %s %s", n, topic, strings.Repeat("x", n%97))
}

// settled notes that what was acknowledged up to now is on disk: a SUBACK that
// was written behind it has come.
func (s *session) settled() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, r := range s.got {
		r.settled = true
		s.got[key] = r
	}
}

// look is what came since the last look, without marks and answers.
type look struct {
	extra        int
	notify, next []string
	probes       map[string]string
}

func (s *session) look() look {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := look{s.extra, s.notify, s.next, s.probes}
	s.extra, s.notify, s.next, s.probes = 0, nil, nil, map[string]string{}
	return seen
}

func (s *session) mark() string { return "mark/" + s.client }

// toggle subscribes to a filter, or takes it back.
func (s *session) toggle(p *peer, filter string) error {
	f := s.filters[filter]
	f.ask(!f.is)
	var err error
	if f.wish {
		err = p.subscribe(filter)
	} else {
		err = p.unsubscribe(filter)
	}
	if err == nil {
		f.done()
	}
	return err
}
