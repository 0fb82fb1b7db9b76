package mqttclient

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

func eachVersion(t *testing.T, f func(t *testing.T, version byte)) {
	t.Run("3.1.1", func(t *testing.T) { f(t, mqtt.V311) })
	t.Run("5", func(t *testing.T) { f(t, mqtt.V5) })
}

// server is the other end: it answers as a broker does, echoes messages, and
// keeps what it got. What answer returns, if not nil, is sent instead.
type server struct {
	t      *testing.T
	url    string
	answer func(p mqtt.Packet) []mqtt.Packet

	mu  sync.Mutex
	got []mqtt.Packet
	nc  net.Conn
}

func serve(t *testing.T, answer func(p mqtt.Packet) []mqtt.Packet) *server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, url: "tcp://" + l.Addr().String(), answer: answer}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.speak(nc) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		s.hangUp()
		wg.Wait()
	})
	return s
}

func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nc != nil {
		s.nc.Close()
	}
}

func (s *server) speak(nc net.Conn) {
	defer nc.Close()
	s.mu.Lock()
	s.nc = nc
	s.mu.Unlock()
	r, version := bufio.NewReader(nc), mqtt.V311
	for {
		h, err := mqtt.ReadHeader(r, 1<<20)
		if err != nil {
			return
		}
		body := make([]byte, h.Remaining)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		p, err := mqtt.Decode(h, version, body)
		if err != nil {
			s.t.Errorf("the client sent %v", err)
			return
		}
		if c, ok := p.(*mqtt.Connect); ok {
			version = c.Version
		}
		s.reply(nc, version, p)
	}
}

func (s *server) reply(nc net.Conn, version byte, p mqtt.Packet) {
	s.mu.Lock()
	s.got = append(s.got, p)
	s.mu.Unlock()
	answers := s.answers(p)
	var buf bytes.Buffer
	for _, a := range answers {
		if err := mqtt.Encode(&buf, version, a); err != nil {
			s.t.Error(err)
		}
	}
	nc.Write(buf.Bytes())
}

func (s *server) answers(p mqtt.Packet) []mqtt.Packet {
	if s.answer != nil {
		if answers := s.answer(p); answers != nil {
			return answers
		}
	}
	switch p := p.(type) {
	case *mqtt.Connect:
		return []mqtt.Packet{&mqtt.Connack{SessionPresent: !p.Clean, Offers: &mqtt.Offers{KeepAlive: 1200}}}
	case *mqtt.Publish:
		if p.QoS == 0 {
			return []mqtt.Packet{p}
		}
		return []mqtt.Packet{&mqtt.Ack{Kind: mqtt.TypePuback, ID: p.ID}, p}
	case *mqtt.Subscribe:
		return []mqtt.Packet{&mqtt.Suback{ID: p.ID, Reasons: make([]mqtt.Reason, len(p.Filters))}}
	case *mqtt.Unsubscribe:
		return []mqtt.Packet{&mqtt.Unsuback{ID: p.ID, Reasons: make([]mqtt.Reason, len(p.Filters))}}
	case *mqtt.Ping:
		return []mqtt.Packet{&mqtt.Ping{Response: true}}
	default:
		return nil
	}
}

// first is the first T that the server got.
func first[T mqtt.Packet](s *server) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.got {
		if t, ok := p.(T); ok {
			return t
		}
	}
	var none T
	s.t.Fatalf("the server got no %T", none)
	return none
}

func dial(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Kill()
		<-c.Done()
	})
	return c
}

func TestConnectSaysWhoAndHowLong(t *testing.T) {
	will := &mqtt.Will{Message: mqtt.Message{Topic: "w", Payload: []byte("gone"), QoS: 1}}
	cases := []struct {
		name string
		cfg  Config
		want mqtt.Connect
	}{
		{"3.1.1 is what is spoken if nothing is said", Config{Client: "a"}, mqtt.Connect{Version: mqtt.V311, Client: "a", Clean: true, KeepAlive: 60}},
		{"a session of 5 is resumed and lasts an hour", Config{Client: "a", Version: mqtt.V5, Resume: true}, mqtt.Connect{Version: mqtt.V5, Client: "a", KeepAlive: 60, SessionExpiry: 3600}},
		{"a will goes with it", Config{Client: "a", Will: will, KeepAlive: 5 * time.Second}, mqtt.Connect{Version: mqtt.V311, Client: "a", Clean: true, KeepAlive: 5, Will: will}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, nil)
			c.cfg.URL = s.url
			if got := dial(t, c.cfg).Resumed(); got != c.cfg.Resume {
				t.Errorf("resumed %v", got)
			}
			if diff := cmp.Diff(&c.want, first[*mqtt.Connect](s)); diff != "" {
				t.Errorf("CONNECT (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARefusalIsToldWithItsReason(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		s := serve(t, func(mqtt.Packet) []mqtt.Packet { return []mqtt.Packet{&mqtt.Connack{Reason: 5}} })
		_, err := Dial(t.Context(), Config{URL: s.url, Version: version})
		var refused *Refused
		if !errors.As(err, &refused) || refused.Reason != 5 {
			t.Errorf("error = %v", err)
		}
	})
}

func TestDialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(mqtt.Packet) []mqtt.Packet {
		cancel()
		return []mqtt.Packet{}
	})
	if _, err := Dial(ctx, Config{URL: s.url}); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func TestDialRefusesOtherSchemes(t *testing.T) {
	for _, url := range []string{"http://localhost", "localhost:1883", "::"} {
		if _, err := Dial(t.Context(), Config{URL: url}); err == nil {
			t.Errorf("%q is accepted", url)
		}
	}
}

func TestMessagesGoOutAndComeBackInOrder(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		got := make(chan string, 10)
		s := serve(t, nil)
		c := dial(t, Config{URL: s.url, Version: version, Handle: func(_ *Client, m mqtt.Message) { got <- string(m.Payload) }})
		for qos := range byte(2) {
			for _, payload := range []string{"a", "b"} {
				if err := c.Publish(t.Context(), mqtt.Message{Topic: "t", Payload: []byte(payload), QoS: qos}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, want := range []string{"a", "b", "a", "b"} {
			if s := <-got; s != want {
				t.Errorf("got %q, want %q", s, want)
			}
		}
	})
}

func TestTheHandlerMayAnswerWithSend(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		done := make(chan struct{})
		s := serve(t, nil)
		c := dial(t, Config{URL: s.url, Version: version, Handle: func(c *Client, m mqtt.Message) {
			if len(m.Payload) == 3 {
				close(done)
				return
			}
			m.Payload = append(m.Payload, '.')
			if err := c.Send(m); err != nil {
				t.Error(err)
			}
		}})
		if err := c.Publish(t.Context(), mqtt.Message{Topic: "t", QoS: 1}); err != nil {
			t.Fatal(err)
		}
		<-done
	})
}

func TestRepliesFollowTheAcknowledgement(t *testing.T) {
	for qos, want := range []string{
		"CONNECT, PUBLISH, PUBLISH, PUBLISH, DISCONNECT",
		"CONNECT, PUBLISH, PUBACK, PUBLISH, PUBLISH, PUBACK, PUBACK, DISCONNECT",
	} {
		done := make(chan struct{}, 3)
		s := serve(t, nil)
		c := dial(t, Config{URL: s.url, Handle: func(c *Client, m mqtt.Message) {
			if len(m.Payload) == 0 {
				m.Payload = []byte(".")
				c.Reply(m)
				c.Reply(m)
			}
			done <- struct{}{}
		}})
		if err := c.Send(mqtt.Message{Topic: "t", QoS: byte(qos)}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			<-done
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if got := s.heard(); got != want {
			t.Errorf("QoS %d: the server got %s, want %s", qos, got, want)
		}
	}
}

// heard are the types of what the server got, when the client has gone.
func (s *server) heard() string {
	names := map[mqtt.Type]string{
		mqtt.TypeConnect: "CONNECT", mqtt.TypePublish: "PUBLISH", mqtt.TypePuback: "PUBACK", mqtt.TypeDisconnect: "DISCONNECT",
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, p := range s.got {
		list = append(list, names[p.Type()])
	}
	return strings.Join(list, ", ")
}

func TestSubscribeAndUnsubscribe(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		s := serve(t, nil)
		c := dial(t, Config{URL: s.url, Version: version})
		reasons, err := c.Subscribe(t.Context(), mqtt.Wish{Filter: "a", QoS: 1}, mqtt.Wish{Filter: "b"})
		if err != nil || len(reasons) != 2 {
			t.Errorf("%v, %v", reasons, err)
		}
		if err := c.Unsubscribe(t.Context(), "a"); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatTheServerRefusesIsAnError(t *testing.T) {
	s := serve(t, func(p mqtt.Packet) []mqtt.Packet {
		switch p := p.(type) {
		case *mqtt.Publish:
			return []mqtt.Packet{&mqtt.Ack{Kind: mqtt.TypePuback, ID: p.ID, Reason: mqtt.BadTopic}}
		case *mqtt.Subscribe:
			return []mqtt.Packet{&mqtt.Suback{ID: p.ID, Reasons: []mqtt.Reason{0, mqtt.BadFilter}}}
		case *mqtt.Unsubscribe:
			return []mqtt.Packet{&mqtt.Unsuback{ID: p.ID, Reasons: []mqtt.Reason{mqtt.Unspecified}}}
		}
		return nil
	})
	c := dial(t, Config{URL: s.url, Version: mqtt.V5})
	if err := c.Publish(t.Context(), mqtt.Message{Topic: "t", QoS: 1}); err == nil {
		t.Error("publish is no error")
	}
	if _, err := c.Subscribe(t.Context(), mqtt.Wish{Filter: "a"}, mqtt.Wish{Filter: "b"}); err == nil || !strings.Contains(err.Error(), "filter 2") {
		t.Errorf("subscribe: %v", err)
	}
	if err := c.Unsubscribe(t.Context(), "a"); err == nil {
		t.Error("unsubscribe is no error")
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(p mqtt.Packet) []mqtt.Packet {
		if _, ok := p.(*mqtt.Publish); ok {
			cancel()
			return []mqtt.Packet{}
		}
		return nil
	})
	c := dial(t, Config{URL: s.url})
	if err := c.Publish(ctx, mqtt.Message{Topic: "t", QoS: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func TestTheEndOfTheConnectionIsTold(t *testing.T) {
	cases := []struct {
		name string
		end  []mqtt.Packet // instead of a PUBACK
		want string
	}{
		{"a disconnect of the server", []mqtt.Packet{&mqtt.Disconnect{Reason: mqtt.ShuttingDown}}, "0x8B"},
		{"a packet that only clients send", []mqtt.Packet{&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "a"}}}}, "type 8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, func(p mqtt.Packet) []mqtt.Packet {
				if _, ok := p.(*mqtt.Publish); ok {
					return c.end
				}
				return nil
			})
			client := dial(t, Config{URL: s.url, Version: mqtt.V5})
			if err := client.Publish(t.Context(), mqtt.Message{Topic: "t", QoS: 1}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v", err)
			}
			<-client.Done()
			if err := client.Publish(t.Context(), mqtt.Message{Topic: "t", QoS: 1}); err == nil {
				t.Error("publishing goes on")
			}
		})
	}
}

func TestCloseDisconnects(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		s := serve(t, nil)
		c := dial(t, Config{URL: s.url, Version: version})
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(c.Err(), ErrClosed) {
			t.Errorf("error = %v", c.Err())
		}
	})
}

func TestAPingThatIsNotAnsweredEndsTheConnection(t *testing.T) {
	s := serve(t, func(p mqtt.Packet) []mqtt.Packet {
		if _, ok := p.(*mqtt.Ping); ok {
			return []mqtt.Packet{}
		}
		return nil
	})
	c := dial(t, Config{URL: s.url, KeepAlive: 10 * time.Millisecond})
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	if !errors.Is(c.Err(), errNoPong) {
		t.Errorf("error = %v", c.Err())
	}
}

func TestPingsAreSent(t *testing.T) {
	pings := make(chan struct{}, 1000)
	s := serve(t, func(p mqtt.Packet) []mqtt.Packet {
		if _, ok := p.(*mqtt.Ping); ok {
			pings <- struct{}{}
		}
		return nil
	})
	dial(t, Config{URL: s.url, KeepAlive: 20 * time.Millisecond})
	for range 3 {
		<-pings
	}
}

func TestTheSameOverWebSocket(t *testing.T) {
	s := serve(t, nil)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mqtt"}})
		if err != nil {
			t.Error(err)
			return
		}
		s.speak(websocket.NetConn(context.Background(), ws, websocket.MessageBinary))
	}))
	defer web.Close()
	got := make(chan string, 1)
	c := dial(t, Config{URL: "ws" + web.URL[len("http"):] + "/mqtt", Handle: func(_ *Client, m mqtt.Message) { got <- m.Topic }})
	if err := c.Publish(t.Context(), mqtt.Message{Topic: "t", QoS: 1}); err != nil {
		t.Fatal(err)
	}
	if topic := <-got; topic != "t" {
		t.Errorf("topic %q", topic)
	}
}
