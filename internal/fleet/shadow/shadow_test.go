package shadow

import (
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// noon is the second at which tests change a shadow.
var noon = time.Unix(1_770_000_000, 0).UTC()

// updated is s after updates, one a second from noon on.
func updated(t *testing.T, s Shadow, updates ...string) Shadow {
	t.Helper()
	for i, text := range updates {
		u, err := Parse([]byte(text))
		if err != nil {
			t.Fatalf("parse %s: %v", text, err)
		}
		if s, err = s.Update(u, noon.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatalf("update %s: %v", text, err)
		}
	}
	return s
}

func text(m map[string]any) string { return string(Append(nil, m)) }

// spec: device-api.md#13-device-shadows
func TestAnUpdateIsLaidOverTheState(t *testing.T) {
	for _, c := range []struct {
		name    string
		updates []string
		want    string
	}{
		{"a section begins", []string{`{"state":{"desired":{"led":"on"}}}`}, `{"desired":{"led":"on"}}`},
		{
			"members that are given replace, the others stay",
			[]string{`{"state":{"desired":{"a":1,"b":2}}}`, `{"state":{"desired":{"b":3}}}`},
			`{"desired":{"a":1,"b":3}}`,
		},
		{
			"objects are merged at every level",
			[]string{`{"state":{"reported":{"x":{"a":1,"y":{"b":2}}}}}`, `{"state":{"reported":{"x":{"y":{"c":3}}}}}`},
			`{"reported":{"x":{"a":1,"y":{"b":2,"c":3}}}}`,
		},
		{
			"null removes a member",
			[]string{`{"state":{"desired":{"a":1,"x":{"b":2,"c":3}}}}`, `{"state":{"desired":{"a":null,"x":{"b":null}}}}`},
			`{"desired":{"x":{"c":3}}}`,
		},
		{"null that removes nothing leaves nothing", []string{`{"state":{"desired":{"a":null,"b":1}}}`}, `{"desired":{"b":1}}`},
		{
			"an array is replaced as a whole",
			[]string{`{"state":{"desired":{"l":[1,2,{"a":1}]}}}`, `{"state":{"desired":{"l":[{"b":2}]}}}`},
			`{"desired":{"l":[{"b":2}]}}`,
		},
		{
			"an object takes the place of a value, and the reverse",
			[]string{`{"state":{"desired":{"a":1,"b":{"c":2}}}}`, `{"state":{"desired":{"a":{"d":3},"b":4}}}`},
			`{"desired":{"a":{"d":3},"b":4}}`,
		},
		{
			"a section that is null is removed",
			[]string{`{"state":{"desired":{"a":1},"reported":{"a":1}}}`, `{"state":{"desired":null}}`},
			`{"reported":{"a":1}}`,
		},
		{
			"a section without members is not there",
			[]string{`{"state":{"desired":{"a":1},"reported":{}}}`, `{"state":{"desired":{"a":null}}}`},
			`{}`,
		},
		{"numbers keep their digits", []string{`{"state":{"desired":{"n":12345678901234567890,"v":1.10}}}`}, `{"desired":{"n":12345678901234567890,"v":1.10}}`},
		{"of two members with a name the last counts", []string{`{"state":{"desired":{"a":{"x":1},"a":{"y":2}}}}`}, `{"desired":{"a":{"y":2}}}`},
		{"nothing is a change too", []string{`{"state":{}}`}, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := updated(t, Shadow{}, c.updates...)
			if got := text(s.States()); got != c.want || s.Version != int64(len(c.updates)) {
				t.Errorf("version %d: %s, want version %d: %s", s.Version, got, len(c.updates), c.want)
			}
		})
	}
}

func TestMetadataHasTheSecondOfEachValue(t *testing.T) {
	s := updated(t, Shadow{},
		`{"state":{"desired":{"a":1,"x":{"b":2,"c":3},"gone":4},"reported":{"l":[1,{"m":2}]}}}`,
		`{"state":{"desired":{"x":{"b":2},"gone":null}}}`)
	const want = `{"desired":{"a":{"timestamp":1770000000},"x":{"b":{"timestamp":1770000001},"c":{"timestamp":1770000000}}},` +
		`"reported":{"l":[{"timestamp":1770000000},{"m":{"timestamp":1770000000}}]}}`
	if got := text(s.Metadata()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheDeltaIsWhatReportedHasNotAsDesired(t *testing.T) {
	for _, c := range []struct{ name, state, want, times string }{
		{"nothing differs", `{"desired":{"a":1},"reported":{"a":1,"b":2}}`, `{}`, `{}`},
		{"a value differs", `{"desired":{"a":1,"b":2},"reported":{"a":1,"b":3}}`, `{"b":2}`, `{"b":1770000000}`},
		{"a member is missing", `{"desired":{"a":1,"x":{"b":2}},"reported":{"x":{}, "a":1}}`, `{"x":{"b":2}}`, `{"x":{"b":1770000000}}`},
		{"nothing is reported", `{"desired":{"a":1}}`, `{"a":1}`, `{"a":1770000000}`},
		{"nothing is desired", `{"reported":{"a":1}}`, `{}`, `{}`},
		{"arrays are compared as a whole", `{"desired":{"l":[1,2]},"reported":{"l":[1,3]}}`, `{"l":[1,2]}`, `{"l":[1770000000,1770000000]}`},
		{"equal arrays", `{"desired":{"l":[{"a":1,"b":2}]},"reported":{"l":[{"b":2,"a":1}]}}`, `{}`, `{}`},
		{"numbers are what they are worth", `{"desired":{"a":10,"b":0,"c":-0.50},"reported":{"a":1.0e1,"b":0.0,"c":-5e-1}}`, `{}`, `{}`},
		{"beyond any float they differ", `{"desired":{"a":12345678901234567890},"reported":{"a":12345678901234567891}}`, `{"a":12345678901234567890}`, `{"a":1770000000}`},
		{"a number is no string", `{"desired":{"a":1},"reported":{"a":"1"}}`, `{"a":1}`, `{"a":1770000000}`},
		{"an empty object is missing", `{"desired":{"a":{}},"reported":{"b":1}}`, `{"a":{}}`, `{"a":{}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := updated(t, Shadow{}, `{"state":`+c.state+`}`).Delta()
			if d.State == nil {
				d = Section{State: map[string]any{}, Times: map[string]any{}}
			}
			if got, times := text(d.State), text(d.Times); got != c.want || times != c.times {
				t.Errorf("delta %s of %s, want %s of %s", got, times, c.want, c.times)
			}
		})
	}
}

func TestVersionsGoOnBehindADeletion(t *testing.T) {
	const update = `{"state":{"desired":{"a":1}}}`
	s := updated(t, Shadow{}, update, update)
	gone, err := s.Delete("", noon)
	if err != nil || gone.Version != 2 || !gone.None() || gone.Desired.State != nil {
		t.Fatalf("deleted: %+v, %v", gone, err)
	}
	if _, err := gone.Delete("", noon); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	u, _ := Parse([]byte(update))
	for after, want := range map[time.Duration]int64{0: 3, 48*time.Hour - 1: 3, 48 * time.Hour: 1} {
		next, err := gone.Update(u, noon.Add(after))
		if err != nil || next.Version != want || next.None() {
			t.Errorf("%s later: version %d, %v, want %d", after, next.Version, err, want)
		}
	}
}

func TestAnUpdateMayNameTheVersionItIsOf(t *testing.T) {
	s := updated(t, Shadow{}, `{"state":{},"version":0}`, `{"state":{},"version":1}`)
	for _, version := range []string{"0", "1", "3"} {
		u, err := Parse([]byte(`{"state":{},"version":` + version + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Update(u, noon); !fault.Is(err, fault.VersionConflict) || err.Error() != "Version conflict" {
			t.Errorf("version %s of 2: %v", version, err)
		}
	}
}

func TestAShadowHasBounds(t *testing.T) {
	filled := func(state string) error {
		u, err := Parse([]byte(`{"state":{"reported":` + state + `}}`))
		if err == nil {
			_, err = Shadow{}.Update(u, noon)
		}
		return err
	}
	long := func(n int) string { return `{"a":"` + strings.Repeat("x", n-len(`{"reported":{"a":""}}`)) + `"}` }
	many := func(n int) string { return `{"a":[1` + strings.Repeat(",1", n-1) + `]}` }
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, c := range []struct {
		name, state string
		want        fault.Kind // Internal: it is accepted
	}{
		{"8 KiB", long(MostState), fault.Internal},
		{"a byte more", long(MostState + 1), fault.TooLarge},
		{"metadata that fills half a message", many(2000), fault.Internal},
		{"metadata beyond it", many(2600), fault.TooLarge},
		{"8 levels", deep(8), fault.Internal},
		{"9 levels", deep(9), fault.InvalidRequest},
		{"9 levels by an array", `{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":[1]}}}}}}}}`, fault.InvalidRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := filled(c.state)
			if err == nil != (c.want == fault.Internal) || err != nil && !fault.Is(err, c.want) {
				t.Errorf("answered %v", err)
			}
		})
	}
}

func TestWhatWasGivenIsNeverChanged(t *testing.T) {
	s := updated(t, Shadow{}, `{"state":{"desired":{"x":{"a":1},"l":[1]},"reported":{"y":2}}}`)
	was, times := text(s.States()), text(s.Metadata())
	updated(t, s, `{"state":{"desired":{"x":{"a":2,"b":3},"l":[2]},"reported":null}}`)
	s.Delta()
	if got, now := text(s.States()), text(s.Metadata()); got != was || now != times {
		t.Errorf("the shadow before became %s, %s", got, now)
	}
}
