package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFloodOfLinesIsBoundedAndTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lines
		var missed int
		log, _ := bound(slog.New(slog.NewTextHandler(&out, nil)).With("part", "device"), func(slog.Level) { missed++ })
		for range 25 {
			log.Info("refused")
		}
		wantLines(t, &out, "refused", 10)
		wantLines(t, &out, "left out", 0)

		time.Sleep(time.Second)
		synctest.Wait()
		wantLines(t, &out, `level=INFO msg="lines left out" part=device n=15`, 1)
		if missed != 15 {
			t.Errorf("%d lines were counted, want 15", missed)
		}

		log.Info("refused")
		wantLines(t, &out, "refused", 11)
		time.Sleep(time.Hour)
		synctest.Wait()
		wantLines(t, &out, "left out", 1)
	})
}

func TestErrorsAreBoundedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lines
		log, flush := bound(slog.New(slog.NewTextHandler(&out, nil)), func(slog.Level) {})
		for range 12 {
			log.Info("refused")
		}
		for range 13 {
			log.With("op", "x").Error("failed")
		}
		wantLines(t, &out, "msg=failed op=x", 10)
		if err := flush(); err != nil {
			t.Error(err)
		}
		wantLines(t, &out, `level=INFO msg="lines left out" n=2`, 1)
		wantLines(t, &out, `level=ERROR msg="lines left out" n=3`, 1)

		time.Sleep(time.Hour)
		synctest.Wait()
		wantLines(t, &out, "left out", 2)
	})
}

func TestWhatTheLevelLeavesOutIsNotCounted(t *testing.T) {
	var out lines
	log, flush := bound(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelError})), func(slog.Level) {
		t.Error("a line was counted that nobody wants")
	})
	for range 25 {
		log.Info("refused")
	}
	if err := flush(); err != nil || out.String() != "" {
		t.Errorf("logged %q, %v", out.String(), err)
	}
}

// lines is a log that a test reads while timers write it.
type lines struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

// Write is the end of the log.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func wantLines(t *testing.T, out fmt.Stringer, holds string, want int) {
	t.Helper()
	if n := strings.Count(out.String(), holds); n != want {
		t.Errorf("%d lines hold %q, want %d:\n%s", n, holds, want, out)
	}
}
