package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// linesPerSecond is how many errors, and how many other lines, about all devices
// and peers together are logged in a second: anyone can cause them.
const linesPerSecond = 10

// bounded is a log handler that passes a few lines a second on and tells of
// the rest how many it left out.
type bounded struct {
	slog.Handler
	budgets *budgets // shared by all that derive from one
}

type budgets struct{ errors, others budget }

// bound makes a bounded logger of log; leftOut is told the level of each line
// that it leaves out. flush tells what is not told yet.
func bound(log *slog.Logger, leftOut func(slog.Level)) (out *slog.Logger, flush func() error) {
	h := bounded{log.Handler(), &budgets{}}
	h.budgets.errors = budget{level: slog.LevelError, tell: h.tell, leftOut: leftOut}
	h.budgets.others = budget{level: slog.LevelInfo, tell: h.tell, leftOut: leftOut}
	return slog.New(h), h.flush
}

// Handle implements slog.Handler.
func (h bounded) Handle(ctx context.Context, r slog.Record) error {
	b := &h.budgets.others
	if r.Level >= slog.LevelError {
		b = &h.budgets.errors
	}
	if !b.take(r.Time) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h bounded) WithAttrs(attrs []slog.Attr) slog.Handler {
	return bounded{h.Handler.WithAttrs(attrs), h.budgets}
}

// WithGroup implements slog.Handler.
func (h bounded) WithGroup(name string) slog.Handler {
	return bounded{h.Handler.WithGroup(name), h.budgets}
}

func (h bounded) tell(level slog.Level, n int) {
	r := slog.NewRecord(clock.Wall(), level, "lines left out", 0)
	r.AddAttrs(slog.Int("n", n))
	_ = h.Handler.Handle(context.Background(), r) // there is no other log to tell
}

func (h bounded) flush() error {
	h.budgets.errors.flush()
	h.budgets.others.flush()
	return nil
}

// budget is the lines of one second.
type budget struct {
	level   slog.Level
	tell    func(level slog.Level, n int)
	leftOut func(slog.Level)

	mu     sync.Mutex // guards what follows
	until  time.Time  // end of the second
	used   int
	missed int // and not told yet
	timer  *time.Timer
}

// take tells whether one more line may be logged.
func (b *budget) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !now.Before(b.until) {
		b.until, b.used = now.Add(time.Second), 0
	}
	if b.used < linesPerSecond {
		b.used++
		return true
	}
	b.leftOut(b.level)
	if b.missed++; b.missed == 1 {
		b.timer = time.AfterFunc(b.until.Sub(now), b.flush)
	}
	return false
}

// flush tells how many lines were left out, if any were.
func (b *budget) flush() {
	b.mu.Lock()
	n := b.missed
	b.missed = 0
	if b.timer != nil {
		b.timer.Stop()
	}
	b.mu.Unlock()
	if n > 0 {
		b.tell(b.level, n)
	}
}
