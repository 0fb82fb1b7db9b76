package disk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// listed is a bucket read page by page.
func listed(t rapid.TB, s *Store, q Query) (all []string) {
	t.Helper()
	for range 10_000 {
		p, err := s.List("firmware", q)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(p.Objects) + len(p.Prefixes); n > q.Max || p.More && n < q.Max {
			t.Fatalf("a page has %d of %d, and more: %v", n, q.Max, p.More)
		}
		var page []string
		for _, o := range p.Objects {
			page = append(page, o.Key)
		}
		page = append(page, p.Prefixes...)
		slices.Sort(page)
		all = append(all, page...)
		if !p.More {
			return all
		}
		q.After, q.Prefixed = p.Next, p.Prefixed
	}
	t.Fatal("the list does not end")
	return nil
}

// oracle is the same by the words of S3.
func oracle(keys []string, q Query) []string {
	var all []string
	for _, key := range keys {
		rest, ok := strings.CutPrefix(key, q.Prefix)
		if !ok || key <= q.After {
			continue
		}
		if at := strings.Index(rest, q.Delimiter); q.Delimiter != "" && at >= 0 {
			key = q.Prefix + rest[:at+len(q.Delimiter)]
		}
		all = append(all, key)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestAListIsThatOfTheOracle(t *testing.T) {
	key := rapid.OneOf(
		rapid.StringMatching(`[ab/.A-]{1,6}`),
		rapid.StringMatching(`(ab|/|ü| |%){1,4}`),
		rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat("a", rapid.IntRange(63, 68).Draw(t, "length")) + rapid.StringMatching(`[a/.]{0,3}`).Draw(t, "end")
		}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		s, _ := open(t)
		defer s.Close()
		keys := rapid.SliceOfNDistinct(key, 0, 30, rapid.ID).Draw(rt, "keys")
		for _, k := range keys {
			put(t, s, k, "x")
		}
		q := Query{
			Prefix:    rapid.StringMatching(`[a/.]{0,3}`).Draw(rt, "prefix"),
			Delimiter: rapid.SampledFrom([]string{"", "/", "/", ".", "b/"}).Draw(rt, "delimiter"),
			After:     rapid.SampledFrom(append(keys, "", "", "a/", "a")).Draw(rt, "after"),
			Max:       rapid.IntRange(1, 7).Draw(rt, "max"),
		}
		if got, want := listed(rt, s, q), oracle(keys, q); !slices.Equal(got, want) {
			rt.Fatalf("%q by %+v is listed as %q, want %q", keys, q, got, want)
		}
	})
}

func TestALargeFolderIsListedInOrder(t *testing.T) {
	s, _ := open(t)
	const many = mostChildren + 1000
	var want []string
	for i := range many {
		key := fmt.Sprintf("%05d", i*7919%many)
		want = append(want, key)
		put(t, s, key, "")
	}
	slices.Sort(want)
	if got := listed(t, s, Query{Max: 3000}); !slices.Equal(got, want) {
		t.Errorf("%d are listed, want %d", len(got), len(want))
	}
}
