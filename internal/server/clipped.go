package server

import (
	"context"
	"fmt"
	"log/slog"
	"unicode/utf8"
)

// How many bytes of a text are logged: a stranger may send far longer ones. What
// is logged at ERROR may hold a stack.
const (
	longestText  = 200
	longestError = 8 << 10
)

// clipped is a log handler that shortens texts, in whatever attribute they are.
type clipped struct{ slog.Handler }

// Handle implements slog.Handler.
func (h clipped) Handle(ctx context.Context, r slog.Record) error {
	most := longestText
	if r.Level >= slog.LevelError {
		most = longestError
	}
	short := slog.NewRecord(r.Time, r.Level, clip(r.Message, most), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		short.AddAttrs(clipAttr(a, most))
		return true
	})
	return h.Handler.Handle(ctx, short)
}

// WithAttrs implements slog.Handler.
func (h clipped) WithAttrs(attrs []slog.Attr) slog.Handler {
	short := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		short[i] = clipAttr(a, longestText)
	}
	return clipped{h.Handler.WithAttrs(short)}
}

// WithGroup implements slog.Handler.
func (h clipped) WithGroup(name string) slog.Handler { return clipped{h.Handler.WithGroup(name)} }

// clipAttr is a with its text shortened, if it is one, or an error, that is
// longer than most.
func clipAttr(a slog.Attr, most int) slog.Attr {
	v := a.Value.Resolve()
	text := v.String() // of a number: its digits, which are few
	if err, ok := v.Any().(error); ok {
		text = err.Error()
	}
	if len(text) > most {
		return slog.String(a.Key, clip(text, most))
	}
	return a
}

// clip is the beginning of text, if it is longer than most, and how long it was.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes)", text[:end], len(text))
}
