package broker

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"

	"github.com/drover-iot/drover/internal/mqtt"
)

// web serves b's WebSockets at /mqtt and returns the URL.
func (b *testBroker) web() string {
	mux := http.NewServeMux()
	mux.Handle("/mqtt", b)
	s := httptest.NewServer(mux)
	b.t.Cleanup(s.Close)
	return "ws" + s.URL[len("http"):] + "/mqtt"
}

func (b *testBroker) dialWeb(version byte, protocols ...string) (*websocket.Conn, *peer) {
	b.t.Helper()
	ws, response, err := websocket.Dial(b.t.Context(), b.web(), &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		b.t.Fatal(err)
	}
	if got := response.Header.Get("Sec-WebSocket-Protocol"); got != protocols[0] {
		b.t.Errorf("subprotocol %q", got)
	}
	b.t.Cleanup(func() { ws.CloseNow() })
	nc := websocket.NetConn(context.WithoutCancel(b.t.Context()), ws, websocket.MessageBinary)
	return ws, newPeer(b.t, nc, version)
}

func (b *testBroker) connectWeb(version byte, client string) (*websocket.Conn, *peer) {
	b.t.Helper()
	ws, p := b.dialWeb(version, "mqtt")
	c := persistentConnect(version, client)
	c.Will = &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: []byte("gone")}}
	p.send(c)
	p.wantConnack(mqtt.Success)
	return ws, p
}

func TestMQTTRunsOverWebSocket(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		_, p := b.connectWeb(version, "dev")
		p.subscribe(1, "a")
		b.connect(version, "pub").publish(1, "a", long(100_000))
		p.wantMessage("a", long(100_000))
		p.publish(1, getTopic, "x")
		p.wantMessage(getTopic+"/accepted", "x")
	})
}

func TestBothSubprotocolsAreEchoed(t *testing.T) {
	for _, protocol := range []string{"mqtt", "mqttv3.1"} {
		start(t, Config{}).dialWeb(mqtt.V311, protocol)
	}
}

func TestAWebSocketWithoutTheSubprotocolIsClosed(t *testing.T) {
	b := start(t, Config{})
	ws, _, err := websocket.Dial(t.Context(), b.web(), &websocket.DialOptions{Subprotocols: []string{"chat"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	if _, _, err := ws.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusProtocolError {
		t.Errorf("error = %v", err)
	}
}

func TestAPageOfAnotherOriginIsRefusedUnlessItIsAllowed(t *testing.T) {
	for origins, status := range map[string]int{"": http.StatusForbidden, "*.example.com": http.StatusSwitchingProtocols} {
		b := start(t, Config{Origins: []string{origins}})
		ws, response, err := websocket.Dial(t.Context(), b.web(), &websocket.DialOptions{
			Subprotocols: []string{"mqtt"}, HTTPHeader: http.Header{"Origin": {"https://www.example.com"}},
		})
		if response == nil || response.StatusCode != status {
			t.Errorf("origins %q: %v, %v", origins, response, err)
		}
		if err == nil {
			ws.CloseNow()
		}
	}
}

func TestPacketsMaySpanFramesAndFramesHoldSeveralPackets(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		ws, p := start(t, Config{}).connectWeb(version, "dev")
		var raw bytes.Buffer
		for i := range 3 {
			m := message(getTopic, 1, false)
			m.ID = uint16(i + 1)
			if err := mqtt.Encode(&raw, version, m); err != nil {
				t.Fatal(err)
			}
		}
		one := raw.Len() / 3
		for _, frame := range [][]byte{raw.Bytes()[:1], {}, raw.Bytes()[1 : one+2], raw.Bytes()[one+2:]} {
			if err := ws.Write(t.Context(), websocket.MessageBinary, frame); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3 {
			p.wantAck(uint16(i+1), mqtt.Success)
			p.wantMessage(getTopic+"/accepted", "")
		}
	})
}

func TestATextFrameEndsTheConnection(t *testing.T) {
	b := start(t, Config{})
	ws, p := b.connectWeb(mqtt.V311, "dev")
	if err := ws.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	p.wantEnd(0)
}

func TestACloseFrameIsTheClientsWishAndTheWillIsSent(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		watcher := b.connect(version, "watcher")
		watcher.subscribe(0, "will")
		ws, _ := b.connectWeb(version, "dev")
		ws.Close(websocket.StatusNormalClosure, "")
		watcher.wantMessage("will", "gone")
		b.wantEnded(ClientInitiated, 1)
	})
}

func TestAViolationIsToldOverWebSocket(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		_, p := start(t, Config{}).connectWeb(version, "dev")
		p.send(message("$SYS/x", 0, false))
		p.wantEnd(mqtt.BadTopic)
	})
}

func TestShutdownEndsWebSockets(t *testing.T) {
	b := start(t, Config{})
	_, p := b.connectWeb(mqtt.V5, "dev")
	stopped := make(chan error, 1)
	go func() { stopped <- b.Shutdown(context.Background()) }()
	p.wantEnd(mqtt.ShuttingDown)
	p.nc.Close()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
