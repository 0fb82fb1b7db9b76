package server

import (
	"context"
	"io"
	"net"
	"net/http"
)

type crowdKey struct{}

// connected is http.Server.ConnContext.
func (c *crowd) connected(ctx context.Context, nc net.Conn) context.Context {
	return context.WithValue(ctx, crowdKey{}, nc)
}

// seen is h, with each connection noted as working when its request has come
// in whole.
func (c *crowd) seen(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nc, _ := r.Context().Value(crowdKey{}).(net.Conn)
		if r.Body == http.NoBody {
			c.said(nc)
		} else {
			r.Body = &saying{r.Body, func() { c.said(nc) }}
		}
		h.ServeHTTP(w, r)
	})
}

// said notes that a request has come whole.
func (c *crowd) said(nc net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[nc] != nil {
		c.move(nc, &c.working)
	}
}

// moving notes that an artifact comes or goes, and moves on, however long it
// takes.
func (c *crowd) moving(r *http.Request) {
	nc, _ := r.Context().Value(crowdKey{}).(net.Conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[nc] != nil {
		c.move(nc, &c.streams)
	}
}

// saying is a body that tells its end.
type saying struct {
	io.ReadCloser
	said func()
}

// Read implements io.Reader.
func (s *saying) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err == io.EOF {
		s.said()
	}
	return n, err
}
