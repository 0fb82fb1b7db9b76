package server

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestTheLogShortensWhatIsLong(t *testing.T) {
	long := strings.Repeat("a", 199)
	cases := []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"200 bytes", func(l *slog.Logger) { l.Info("m", "path", long+"b") }, "path=" + long + "b\n"},
		{"201 bytes", func(l *slog.Logger) { l.Info("m", "path", long+"bc") }, `path="` + long + `b... (201 bytes)"` + "\n"},
		{"a letter across the limit", func(l *slog.Logger) { l.Info("m", "path", long+"é") }, `path="` + long + `... (201 bytes)"` + "\n"},
		{"bytes that are no letters", func(l *slog.Logger) { l.Info("m", "path", strings.Repeat("\x80", 300)) }, `(300 bytes)"` + "\n"},
		{"an error", func(l *slog.Logger) { l.Info("m", "err", errors.New(long+"bc")) }, `err="` + long + `b... (201 bytes)"` + "\n"},
		{"a message", func(l *slog.Logger) { slog.NewLogLogger(l.Handler(), slog.LevelInfo).Print(long + "bc") }, `msg="` + long + `b... (201 bytes)"` + "\n"},
		{"what all lines have", func(l *slog.Logger) { l.With("part", long+"bc").Info("m") }, `part="` + long + `b... (201 bytes)"` + "\n"},
		{"a stack at ERROR", func(l *slog.Logger) { l.Error("m", "err", errors.New(strings.Repeat(long, 40))) }, long + "\n"},
		{"at ERROR too", func(l *slog.Logger) { l.Error("m", "err", errors.New(strings.Repeat("a", 8193))) }, `... (8193 bytes)"` + "\n"},
		{"a group", func(l *slog.Logger) { l.WithGroup("g").Info("m", "path", long+"bc") }, `g.path="` + long + `b... (201 bytes)"` + "\n"},
		{"a number", func(l *slog.Logger) { l.Info("m", "n", 7) }, "n=7\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out lines
			c.log(slog.New(clipped{slog.NewTextHandler(&out, nil)}))
			if got := out.String(); !strings.HasSuffix(got, c.want) {
				t.Errorf("logged %q, want it to end in %q", got, c.want)
			}
		})
	}
}
