package awsapi

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fault"
)

func listing(filters ...string) Listing {
	return Listing{Operation: MustLookup(IoT, "ListJobs"), Filters: filters}
}

func token(t testing.TB, l Listing, cursor ...string) string {
	t.Helper()
	p, err := l.Open("", 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.Next(cursor...)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestATokenBringsItsCursorBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cursor := rapid.SliceOfN(rapid.StringN(0, 200, 1000), 1, 3).Draw(t, "cursor")
		filters := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "filters")
		l := listing(filters...)
		text, err := Page{listing: l}.Next(cursor...)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := l.Open(text, 10); len(text) <= maxTokenLen && (err != nil || !slices.Equal(p.After, cursor) || p.Size != 10) {
			t.Fatalf("got %+v, %v", p, err)
		}
	})
}

func TestATokenIsWorthNothingElsewhere(t *testing.T) {
	good := token(t, listing("IN_PROGRESS", ""), "1770000000000", "fw-3")
	other := Listing{Operation: MustLookup(IoT, "ListThings"), Filters: []string{"IN_PROGRESS", ""}}
	for _, c := range []struct {
		name, token string
		listing     Listing
	}{
		{"another filter", good, listing("CANCELED", "")},
		{"the same value for another filter", good, listing("", "IN_PROGRESS")},
		{"values that only join to the same text", good, listing("IN_PROGRES", "S")},
		{"no filter", good, listing()},
		{"another operation", good, other},
		{"cut short", good[:len(good)-1], listing("IN_PROGRESS", "")},
		{"longer", good + "A", listing("IN_PROGRESS", "")},
		{"one letter changed", good[:30] + flip(good[30]) + good[31:], listing("IN_PROGRESS", "")},
		{"lower case", "ae" + good[2:], listing("IN_PROGRESS", "")},
		{"a line break inside", good[:8] + "\n" + good[8:], listing("IN_PROGRESS", "")},
		{"words", "next please", listing("IN_PROGRESS", "")},
		{"without a cursor", listing("IN_PROGRESS", "").write(nil), listing("IN_PROGRESS", "")},
		{"far too long", string(make([]byte, 1<<20)), listing("IN_PROGRESS", "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := c.listing.Open(c.token, 0); !fault.Is(err, fault.InvalidRequest) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestTheFirstPageHasADefaultSizeAndNoCursor(t *testing.T) {
	p, err := listing().Open("", 0)
	if err != nil || p.Size != 25 || p.After != nil {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestAListingCannotGoRound(t *testing.T) {
	l := listing()
	p, err := l.Open(token(t, l, "1", "a"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.Next("1", "a"); err == nil {
		t.Errorf("the same cursor gave the token %s", again)
	}
	if empty, err := p.Next(); err == nil {
		t.Errorf("no cursor gave the token %s", empty)
	}
	if _, err := p.Next("1", "b"); err != nil {
		t.Errorf("a cursor that moves: %v", err)
	}
}

func FuzzToken(f *testing.F) {
	l := listing("x")
	f.Add(token(f, l, "1770000000000", "fw-3"))
	f.Add("AE")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := l.Open(text, 0)
		if err != nil && !fault.Is(err, fault.InvalidRequest) {
			t.Fatal(err)
		}
		if err == nil && text != "" && l.write(p.After) != text {
			t.Fatalf("%q was taken for %q", text, l.write(p.After))
		}
	})
}
