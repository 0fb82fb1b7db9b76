package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// profiles serves Go's profiles to whoever is on this machine, on a listener
// and a mux of its own: a profile shows what the process has in memory. What
// the package of the standard library registers on http.DefaultServeMux is
// served by nobody.
func profiles(log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return &http.Server{
		Handler: onlyHere(mux), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// listenForProfiles opens the listener of the profiles, if they are wanted.
func (n *Node) listenForProfiles() error {
	if n.cfg.Pprof == "" {
		return nil
	}
	l, err := net.Listen("tcp", n.cfg.Pprof)
	if err != nil {
		return &SettingError{"pprof", fmt.Errorf("listen for pprof: %w", err)}
	}
	n.profiles = l
	n.onStop("pprof listener", closing(l))
	return nil
}

// serveProfiles serves them until the listener closes.
func (n *Node) serveProfiles(s *http.Server) error {
	if err := s.Serve(n.profiles); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve pprof: %w", err)
	}
	return nil
}

// PprofAddr is where the node serves profiles; "" is nowhere.
func (n *Node) PprofAddr() string {
	if n.profiles == nil {
		return ""
	}
	return n.profiles.Addr().String()
}
