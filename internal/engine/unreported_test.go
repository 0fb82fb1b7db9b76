package engine

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestAShadowThatRefusesPackagesIsLoggedOnceForAJob(t *testing.T) {
	var log bytes.Buffer
	e := &Engine{log: slog.New(slog.NewTextHandler(&log, nil))}
	refused := errors.New("too large")
	for _, r := range []struct {
		thing, job string
		id         int64
	}{{"press-01", "first", 1}, {"press-02", "first", 1}, {"press-01", "second", 2}} {
		e.unreported(Update{Thing: r.thing, Job: r.job}, r.id, refused)
	}
	if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "thing=press-01 job=second shadow=$package err=\"too large\"") {
		t.Errorf("logged\n%s", got)
	}
}
