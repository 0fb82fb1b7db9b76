package broker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// ServeHTTP takes a WebSocket that speaks MQTT. It returns when the handshake
// is done; the connection then lives as one over TCP does.
// spec: device-api.md#98-websocket
func (b *Broker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := &hijacker{ResponseWriter: w, limits: b.limits}
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		Subprotocols: []string{"mqtt", "mqttv3.1"}, OriginPatterns: b.cfg.Origins,
	})
	if err != nil {
		b.log.Debug("websocket handshake", "err", err)
		return
	}
	if ws.Subprotocol() == "" {
		ws.Close(websocket.StatusProtocolError, "the subprotocol must be mqtt")
		h.socket.Close()
		return
	}
	ws.SetReadLimit(-1) // packets have limits, frames need none
	b.accept(&webSocket{socket: h.socket, ws: ws})
}

// hijacker puts our outbox below the WebSocket library, whose writes then
// never wait, and gives it small buffers.
type hijacker struct {
	http.ResponseWriter
	limits Limits
	socket *socket
}

const webSocketBuffer = 512

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.socket = newSocket(nc, h.limits)
	below := belowFrames{h.socket}
	r := buffered.Reader
	if r.Buffered() == 0 {
		r = bufio.NewReaderSize(nc, webSocketBuffer)
	}
	return below, bufio.NewReadWriter(r, bufio.NewWriterSize(below, webSocketBuffer)), nil
}

// belowFrames is the socket as the library sees it. When the library closes
// it, what was written still leaves.
type belowFrames struct{ *socket }

// Close implements net.Conn.
func (b belowFrames) Close() error {
	b.out.finish()
	return nil
}

// webSocket is the transport of binary frames, cut anywhere.
type webSocket struct {
	*socket
	ws    *websocket.Conn
	frame io.Reader // what is left of the message being read; nil: none
}

// errGoodbye is a WebSocket Close frame of the peer.
var errGoodbye = errors.New("websocket close frame")

// Read implements transport.
func (w *webSocket) Read(p []byte) (int, error) {
	for {
		if w.frame == nil {
			if err := w.nextFrame(); err != nil {
				return 0, err
			}
		}
		n, err := w.frame.Read(p)
		if errors.Is(err, io.EOF) {
			w.frame, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Await implements transport.
func (w *webSocket) Await(pool *sync.Pool) (*chunk, int, error) { return awaitByte(w, pool) }

func (w *webSocket) nextFrame() error {
	kind, frame, err := w.ws.Reader(context.Background())
	switch {
	case websocket.CloseStatus(err) >= 0:
		return errGoodbye
	case err != nil:
		return fmt.Errorf("websocket: %w", err)
	case kind != websocket.MessageBinary:
		return errors.New("websocket: a text frame")
	}
	w.frame = frame
	return nil
}

// Write implements transport.
func (w *webSocket) Write(p []byte) (int, error) {
	if err := w.ws.Write(context.Background(), websocket.MessageBinary, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Share implements transport. A frame of WebSocket has a header of its own, so
// what waits is a copy.
func (w *webSocket) Share(p []byte) (int, error) { return w.Write(p) }

// Linger implements transport.
func (w *webSocket) Linger() {
	w.socket.Linger()
	w.ws.CloseNow()
}
