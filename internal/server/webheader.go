package server

import (
	"io"
	"net/http"

	"github.com/drover-iot/drover/internal/clock"
)

// What a header may be. Clients of AWS send some 20 fields; the longest is the
// token of a session, which has some 2 KiB.
const (
	mostHeader = 8 << 10 // bytes; the HTTP server reads 4 KiB more before it says no
	mostFields = 100     // each takes far more memory than it has bytes
)

// fewFields refuses requests with more fields than there may be, and forgets
// them at once: a body that never ends would keep them.
func fewFields(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		for _, values := range r.Header {
			n += len(values)
		}
		if n <= mostFields {
			h.ServeHTTP(w, r)
			return
		}
		r.Header = nil
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(clock.Wall().Add(restOfHeader)) // if it fails, the client has gone
		w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
		_, _ = io.WriteString(w, "too many header fields\n") // the client has gone; there is nobody to tell
	})
}
