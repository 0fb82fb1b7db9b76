package awsapi

import (
	"strings"
	"testing"
)

func TestMessagesRepeatOnlySoMuch(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"short", "abc", "abc"},
		{"long", strings.Repeat("a", 81), strings.Repeat("a", 80) + "..."},
		{"not inside a letter", strings.Repeat("a", 79) + "é", strings.Repeat("a", 79) + "..."},
		{"not UTF-8", "a\xffb", "a?b"},
		{"nothing but the ends of letters", strings.Repeat("\x80", 200), "..."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := clip(c.value); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRulesInWords(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"a string too long", (&Rule{Length: Span{Max: 3}}).checkString("abcd", "a"), `Value "abcd" at 'a' failed to satisfy constraint: must have at most 3 characters`},
		{"letters count, not bytes", (&Rule{Length: Span{Max: 3}}).checkString("äöü", "a"), ""},
		{"an exact length", (&Rule{Length: Span{Min: 2, Max: 2}}).checkString("a", "a"), `Value "a" at 'a' failed to satisfy constraint: must have 2 characters`},
		{"an empty string where the length allows it and the pattern does not", (&Rule{Length: Span{Max: 9}, Pattern: TextPattern}).checkString("", "a"), `Value "" at 'a' failed to satisfy constraint: must match [^\p{C}]+`},
		{"an empty string where the pattern allows it", (&Rule{Pattern: GraphPattern}).checkString("", "a"), ""},
		{"a reserved beginning", (&Rule{NotPrefix: "aws:"}).checkString("AWS:x", "a"), `Value "AWS:x" at 'a' failed to satisfy constraint: must not begin with aws:`},
		{"a string that is allowed beside the pattern", (&Rule{Pattern: IDPattern, Or: "$next"}).checkString("$next", "a"), ""},
		{"no upper end", (&Rule{Range: Span{Min: 1}}).checkInteger(0, "a"), `Value 0 at 'a' failed to satisfy constraint: must be at least 1`},
		{"a number beside the range", (&Rule{Range: Span{Min: 1, Max: 9}, Also: -1}).checkInteger(-1, "a"), ""},
		{"too many items", (&Rule{}).checkCount(3, Span{Min: 1, Max: 2}, "a", "items"), `Value at 'a' failed to satisfy constraint: must have 1 to 2 items, not 3`},
		{"a number without bounds", (&Rule{}).checkDecimal(NewDecimal(1, 0), "a"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if c.err != nil {
				got = c.err.Error()
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
