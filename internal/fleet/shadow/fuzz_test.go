package shadow

import (
	"encoding/json"
	"math/big"
	"testing"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
)

// FuzzParse: what is accepted becomes a shadow that keeps its bounds and comes
// back from the store as it was; what is refused has a kind.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"state":{"desired":{"led":"on","x":{"a":[1,{"b":2}]}},"reported":null},"version":1,"clientToken":"t"}`,
		`{"state":{"reported":{"a":null}}}`, `{"state":{}}`, `{"state":{"desired":{"a":[null]}}}`, "{\"state\":\xff}", ``, `[`,
		`{"state":{"desired":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}`, `{"state":{"desired":{"a":"\ud800"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		u, err := Parse(payload)
		if err == nil {
			u.Version = nil
			var s Shadow
			if s, err = s.Update(u, noon); err == nil {
				checkKept(t, s)
				return
			}
		}
		if fault.KindOf(err) == fault.Internal || len(u.Token) > MostToken || !utf8.ValidString(u.Token) {
			t.Fatalf("refused with %v, token %q", err, u.Token)
		}
	})
}

func checkKept(t *testing.T, s Shadow) {
	t.Helper()
	if n := size(s.States()); n > MostState || n+size(s.Metadata()) > MostDocument {
		t.Fatalf("a state of %d bytes is accepted", n)
	}
	s.Delta()
	for _, c := range []Section{s.Desired, s.Reported} {
		kept, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Section
		if err := json.Unmarshal(kept, &back); err != nil || text(back.State) != text(c.State) {
			t.Fatalf("%s comes back as %s: %v", text(c.State), text(back.State), err)
		}
	}
}

// FuzzDecimal compares with a big rational, as long as that is not too big.
func FuzzDecimal(f *testing.F) {
	for _, pair := range [][2]string{{"10", "1e1"}, {"0", "-0.0"}, {"1.10", "1.1"}, {"100", "1E+2"}, {"0.05", "5e-2"}, {"7", "-7"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok := rational(a)
		y, ok2 := rational(b)
		if !ok || !ok2 {
			return
		}
		if got, want := decimalOf(json.Number(a)) == decimalOf(json.Number(b)), x.Cmp(y) == 0; got != want {
			t.Fatalf("%s and %s: equal is %v, want %v", a, b, got, want)
		}
	})
}

// rational is a JSON number that is short.
func rational(text string) (*big.Rat, bool) {
	var n json.Number
	if len(text) > 30 || json.Unmarshal([]byte(text), &n) != nil || string(n) != text {
		return nil, false
	}
	if f, err := n.Float64(); err != nil || f != 0 && (f > 1e60 || f < -1e60) {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(text)
	return r, ok
}
