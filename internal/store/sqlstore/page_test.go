package sqlstore

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/store"
)

// numbersTo is a list of 0 to n-1 that counts the rows it is asked for.
func numbersTo(n int, asked *int) list[int, int64] {
	return list[int, int64]{
		name: "numbers",
		from: -1,
		key:  func(i int) int64 { return int64(i) },
		read: func(after int64, most int) (rows []int, err error) {
			for i := int(after) + 1; i < n && len(rows) < most; i++ {
				rows = append(rows, i)
			}
			*asked += most
			return rows, nil
		},
	}
}

func TestAPageIsAsLongAsItCanBe(t *testing.T) {
	even := func(i int) bool { return i%2 == 0 }
	none := func(int) bool { return false }
	for _, c := range []struct {
		name  string
		rows  int
		limit int
		fits  func(int) bool
		want  []int
		more  bool
	}{
		{"no rows", 0, 3, nil, nil, false},
		{"fewer rows than fit", 2, 3, nil, []int{0, 1}, false},
		{"just as many", 3, 3, nil, []int{0, 1, 2}, false},
		{"one more", 4, 3, nil, []int{0, 1, 2}, true},
		{"no limit is one", 4, 0, nil, []int{0}, true},
		{"half of them", 6, 3, even, []int{0, 2, 4}, false},
		{"half of them, and one more", 7, 3, even, []int{0, 2, 4}, true},
		{"none of all", 9_999, 3, none, nil, false},
		{"none of too many", 10_001, 3, none, nil, true},
		{"the last of a look", 10_000, 3, func(i int) bool { return i == 9_999 }, []int{9_999}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := 0
			l := numbersTo(c.rows, &asked)
			l.fits = c.fits
			got, next, err := l.page(store.Page{Limit: c.limit})
			if err != nil || !slices.Equal(got, c.want) || (next != "") != c.more || asked > mostLooked {
				t.Errorf("got %v, %q, %v after %d rows; want %v", got, next, err, asked, c.want)
			}
		})
	}
}

func TestAPageOnlyLooksAsFarAsItMust(t *testing.T) {
	for _, fits := range []func(int) bool{nil, func(int) bool { return true }} {
		asked := 0
		l := numbersTo(10_000, &asked)
		l.fits = fits
		if _, _, err := l.page(store.Page{Limit: 25}); err != nil || asked != 26 {
			t.Errorf("looked at %d rows for 25: %v", asked, err)
		}
	}
}

func TestAnErrorOfAReadIsThePages(t *testing.T) {
	l := list[int, int64]{read: func(int64, int) ([]int, error) { return nil, fmt.Errorf("broken disk") }}
	if _, _, err := l.page(store.Page{Limit: 1}); err == nil {
		t.Error("the error is lost")
	}
}

// FuzzCursor: what is not a cursor of the list is an invalid request, and what
// is one is written as it was read.
func FuzzCursor(f *testing.F) {
	l := list[listedJob, creation]{name: "jobs"}
	f.Add(string(l.cursor(creation{At: math.MaxInt64, Name: "job-1"})))
	f.Add(string(list[int, int64]{name: "jobs"}.cursor(7)))
	f.Add(string(list[int, creation]{name: "things"}.cursor(creation{})))
	for _, c := range []string{"", "e30", "bnVsbA", "eyJsIjoiam9icyIsImsiOm51bGx9", "eyJsIjoiam9icyIsImsiOnsiYXQiOjEuNX19", "=", "\xff"} {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := l.open(store.Cursor(text))
		switch {
		case text == "" || fault.Is(err, fault.InvalidRequest):
		case err != nil:
			t.Errorf("%q answers %v", text, err)
		case string(l.cursor(at)) != text:
			t.Errorf("%q is read as %+v", text, at)
		}
	})
}
