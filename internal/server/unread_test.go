package server_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

func TestRequestsThatNoHandlerSeesAreCounted(t *testing.T) {
	const series = "drover_http_requests_unread_total"
	cases := []struct {
		name string
		sent string
		more float64
	}{
		{"a header over the limit", "GET /jobs HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 80<<10) + "\r\n\r\n", 1},
		{"what is no HTTP", "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\r\n\r\n", 1},
		{"half a header, then the end", "GET /jobs HTTP/1.1\r\nHo", 1},
		{"two sound requests", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 0},
		{"nothing", "", 0},
	}
	l := newLogged(t)
	url := "http://" + l.HTTPAddr()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := scrape(t, url).series[series]
			sendAndEnd(t, l.HTTPAddr(), c.sent)
			eventually(t, fmt.Sprint(c.more, " more"), func() bool { return scrape(t, url).series[series] == before+c.more })
		})
	}
}

// sendAndEnd sends text, ends its direction and reads until the other ends too.
func sendAndEnd(t *testing.T, addr, text string) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_, _ = io.WriteString(nc, text) // it may be cut before all is written
	if err := nc.(*net.TCPConn).CloseWrite(); err != nil {
		t.Log(err)
	}
	_, _ = io.Copy(io.Discard, nc) // until it ends, in whatever way
}
