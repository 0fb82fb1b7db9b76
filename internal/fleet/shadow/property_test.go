package shadow

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// values are random JSON values without null, objects of few names so that
// updates meet.
func values(depth int) *rapid.Generator[any] {
	scalars := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) any { return json.Number(fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "n"))) }),
		rapid.Custom(func(t *rapid.T) any { return rapid.SampledFrom([]string{"on", "off"}).Draw(t, "s") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.Bool().Draw(t, "b") }),
	)
	if depth == 0 {
		return scalars
	}
	return rapid.OneOf(
		scalars,
		rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(values(0), 0, 2).Draw(t, "list") }),
		rapid.Custom(func(t *rapid.T) any { return members(depth-1, false).Draw(t, "object") }),
	)
}

// members are random objects; with nulls they are patches.
func members(depth int, nulls bool) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		m := map[string]any{}
		for _, name := range []string{"a", "b", "c"} {
			switch n := rapid.IntRange(0, 5).Draw(t, name); {
			case n == 0 && nulls:
				m[name] = nil
			case n == 1 && nulls && depth > 0:
				m[name] = members(depth-1, true).Draw(t, "below "+name)
			case n < 4:
				m[name] = values(depth).Draw(t, "value of "+name)
			}
		}
		return m
	})
}

func updates() *rapid.Generator[Update] {
	return rapid.Custom(func(t *rapid.T) Update {
		u := Update{State: map[string]any{}}
		for _, section := range []string{desired, reported} {
			switch rapid.IntRange(0, 6).Draw(t, section) {
			case 0:
				u.State[section] = nil
			case 1:
			default:
				u.State[section] = members(2, true).Draw(t, "of "+section)
			}
		}
		return u
	})
}

// histories are shadows after random updates.
func histories() *rapid.Generator[Shadow] {
	return rapid.Custom(func(t *rapid.T) Shadow {
		var s Shadow
		for range rapid.IntRange(1, 5).Draw(t, "updates") {
			next, err := s.Update(updates().Draw(t, "update"), noon)
			if err != nil {
				t.Fatal(err)
			}
			s = next
		}
		return s
	})
}

// paths are the leaves of a value by their paths: a dumb view on which merge
// and delta are easy to say.
func paths(at string, value any, into map[string]string) map[string]string {
	if m, ok := value.(map[string]any); ok && (len(m) > 0 || at == "") {
		for name, below := range m {
			paths(at+"/"+name, below, into)
		}
		return into
	}
	into[at] = string(Append(nil, value))
	return into
}

func TestTimesMirrorTheState(t *testing.T) {
	var mirror func(state, times any) bool
	mirror = func(state, times any) bool {
		switch s := state.(type) {
		case map[string]any:
			m, ok := times.(map[string]any)
			for name := range s {
				ok = ok && mirror(s[name], m[name])
			}
			return ok && len(m) == len(s)
		case []any:
			l, ok := times.([]any)
			for i := range s {
				ok = ok && len(l) == len(s) && mirror(s[i], l[i])
			}
			return ok && len(l) == len(s)
		default:
			_, ok := times.(int64)
			return ok
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := histories().Draw(t, "shadow")
		for _, c := range []Section{s.Desired, s.Reported, s.Delta()} {
			if (c.State == nil) != (c.Times == nil) || c.State != nil && !mirror(c.State, c.Times) {
				t.Fatalf("state %s has times %s", text(c.State), text(c.Times))
			}
		}
	})
}

func TestReportingTheDeltaLeavesNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := histories().Draw(t, "shadow")
		// Only what is reported as an object where another value is desired
		// stays merged with it: a device that reports replaces that first.
		d := s.Delta()
		next, err := s.Update(Update{State: map[string]any{reported: nil}}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if next, err = next.Update(Update{State: map[string]any{reported: s.Desired.State}}, noon); err != nil {
			t.Fatal(err)
		}
		if left := next.Delta(); left.State != nil {
			t.Fatalf("delta %s, and %s is left when all that is desired is reported", text(d.State), text(left.State))
		}
	})
}

func TestTheDeltaIsThePathsThatDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := histories().Draw(t, "shadow")
		want, have := paths("", s.Desired.State, map[string]string{}), paths("", s.Reported.State, map[string]string{})
		for path, value := range paths("", s.Delta().State, map[string]string{}) {
			if path == "" {
				continue
			}
			if want[path] != value {
				t.Fatalf("the delta has %s at %s, desired %q", value, path, want[path])
			}
			delete(want, path)
		}
		for path, value := range want { // what is not in the delta is reported just so, or is an empty object over another
			if path != "" && value != "{}" && have[path] != value {
				t.Fatalf("%s at %s is not in the delta, and reported is %q", value, path, have[path])
			}
		}
	})
}

func TestAnUpdateChangesWhatItNamesAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := histories().Draw(t, "shadow")
		u := updates().Draw(t, "update")
		next, err := s.Update(u, noon)
		if err != nil {
			t.Fatal(err)
		}
		again, err := next.Update(u, noon)
		if err != nil || text(again.States()) != text(next.States()) {
			t.Fatalf("twice the same update: %s, then %s (%v)", text(next.States()), text(again.States()), err)
		}
		if _, named := u.State[desired]; !named && !reflect.DeepEqual(next.Desired, s.Desired) {
			t.Fatalf("desired was not named and became %s", text(next.Desired.State))
		}
		if patch, ok := u.State[reported].(map[string]any); ok {
			for name := range s.Reported.State {
				if _, named := patch[name]; !named && !reflect.DeepEqual(next.Reported.State[name], s.Reported.State[name]) {
					t.Fatalf("reported.%s was not named and changed", name)
				}
			}
		}
	})
}

func TestAStoredSectionIsReadAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := histories().Draw(t, "shadow")
		if s.Desired.State == nil {
			return
		}
		kept, err := json.Marshal(s.Desired)
		if err != nil {
			t.Fatal(err)
		}
		var back Section
		if err := json.Unmarshal(kept, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.Desired, back); diff != "" {
			t.Fatalf("stored as %s (-was +is):\n%s", kept, diff)
		}
	})
}
