package awsapi

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDecimalsAreExact(t *testing.T) {
	for _, c := range []struct {
		text   string
		digits int
		want   int64
		ok     bool
	}{
		{"1.1", 1, 11, true},
		{"5", 1, 50, true},
		{"20", 2, 2000, true},
		{"20.0", 2, 2000, true},
		{"33.33", 2, 3333, true},
		{"33.333", 2, 0, false},
		{"0.29", 2, 29, true},
		{"1.15", 1, 0, false},
		{"1.50", 1, 15, true},
		{"2e1", 2, 2000, true},
		{"2.5E+0", 1, 25, true},
		{"25e-1", 1, 25, true},
		{"1e-3", 2, 0, false},
		{"-1.5", 1, -15, true},
		{"0", 1, 0, true},
		{"-0.0", 1, 0, true},
		{"0e999999999999", 1, 0, false},
		{"1e999999999999", 1, 0, false},
		{"1e17", 0, 100000000000000000, true},
		{"1e18", 0, 0, false},
		{"123456789012345678901234567890", 1, 0, false},
	} {
		t.Run(fmt.Sprintf("%s with %d digits", c.text, c.digits), func(t *testing.T) {
			var d Decimal
			if err := json.Unmarshal([]byte(c.text), &d); err != nil {
				t.Fatal(err)
			}
			if got, ok := d.Scaled(c.digits); got != c.want || ok != c.ok {
				t.Errorf("got %d %v, want %d %v", got, ok, c.want, c.ok)
			}
			if back, err := json.Marshal(d); err != nil || string(back) != c.text {
				t.Errorf("written back as %s (%v)", back, err)
			}
		})
	}
}

func TestNewDecimalsHaveNoNeedlessZeros(t *testing.T) {
	for _, c := range []struct {
		scaled int64
		digits int
		want   string
	}{
		{15, 1, "1.5"}, {20, 1, "2"}, {2000, 2, "20"}, {5, 2, "0.05"}, {-5, 1, "-0.5"}, {0, 2, "0"}, {7, 0, "7"}, {1486687079743, 3, "1486687079.743"},
	} {
		if got := NewDecimal(c.scaled, c.digits).String(); got != c.want {
			t.Errorf("%d with %d digits is %s, want %s", c.scaled, c.digits, got, c.want)
		}
	}
}

func TestScaledAgreesWithRationalNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		digits := rapid.IntRange(0, 4).Draw(t, "digits")
		exact, _ := new(big.Rat).SetString(text)
		exact.Mul(exact, new(big.Rat).SetInt64(pow10(digits)))
		got, ok := Decimal{text: text}.Scaled(digits)
		wantOK := exact.IsInt() && len(new(big.Int).Abs(exact.Num()).String()) <= 17 // the eighteenth may be the sign
		if wantOK && !ok || ok && exact.Cmp(new(big.Rat).SetInt64(got)) != 0 {
			t.Fatalf("%s scaled by %d: %d %v, want %s", text, digits, got, ok, exact)
		}
	})
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

func TestTimesOfTheControlPlane(t *testing.T) {
	for _, c := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"milliseconds", time.UnixMilli(1486687079743), "1486687079.743"},
		{"a whole second has no fraction", time.Unix(1770000000, 0), "1770000000"},
		{"tenths", time.UnixMilli(1770000000100), "1770000000.1"},
		{"less than a millisecond is cut", time.Unix(1770000000, 999_999), "1770000000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := json.Marshal(At(c.at))
			if err != nil || string(got) != c.want {
				t.Fatalf("got %s (%v), want %s", got, err, c.want)
			}
			var back Time
			if err := json.Unmarshal(got, &back); err != nil || !back.Equal(c.at.Truncate(time.Millisecond)) {
				t.Errorf("read back as %s (%v)", back, err)
			}
		})
	}
}

func TestAbsentTimesAreOmitted(t *testing.T) {
	var v struct {
		At Time `json:"at,omitzero"`
	}
	if got, err := json.Marshal(v); err != nil || string(got) != "{}" {
		t.Errorf("got %s (%v)", got, err)
	}
	if SecondsAt(time.Time{}) != 0 || SecondsAt(time.UnixMilli(1770000000999)) != 1770000000 {
		t.Error("seconds are not whole seconds")
	}
}

func TestTimesThatAreNone(t *testing.T) {
	for _, text := range []string{`"x"`, `1e13`, `null`, `{}`} {
		if err := new(Time).UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s was read as a time", text)
		}
	}
	if _, err := json.Marshal(At(time.Unix(-1, 0))); err == nil {
		t.Error("a time before 1970 was written")
	}
}
