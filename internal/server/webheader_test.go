package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestAHeaderHasALimitOfFields(t *testing.T) {
	w := startWeb(t, 10, fewFields(http.HandlerFunc(echoPath)).ServeHTTP)
	fields := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "X-%d: a\r\n", i)
		}
		return b.String()
	}
	for _, c := range []struct {
		name, fields, want string
	}{
		{"100", fields(100), "/a"},
		{"101", fields(101), "too many header fields\n"},
		{"101 of one name", strings.Repeat("X: a\r\n", 101), "too many header fields\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := w.dial()
			one.send("GET /a HTTP/1.1\r\nHost: x\r\n" + c.fields + "\r\n")
			one.wantAnswer(c.want)
		})
	}
}

func TestARequestWithTooManyFieldsIsNotWaitedFor(t *testing.T) {
	w := startWeb(t, 10, fewFields(http.HandlerFunc(echoPath)).ServeHTTP)
	c := w.dial()
	c.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n" + strings.Repeat("X: a\r\n", 101) + "\r\n{")
	c.wantAnswer("too many header fields\n")
	c.wantEnd() // long before a minute, which a body may take
}
