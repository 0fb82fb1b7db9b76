package sqlstore

import (
	"encoding/base64"
	"encoding/json"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/store"
)

// mostLooked is how many rows a page looks at, and mostAtOnce how many in one
// statement when it looks for those that fit.
const (
	mostLooked = 10_000
	mostAtOnce = 1_000
)

// list is a list in the order of keys that never change, so that its pages
// neither repeat nor skip a row while others come and go.
type list[T, K any] struct {
	name string // of the list, so that a cursor is good for no other
	from K      // before all keys
	key  func(T) K
	read func(after K, n int) ([]T, error) // the next n rows
	fits func(T) bool                      // nil: every row does
}

// page is the rows of a page and the cursor behind it, "" at the end. The
// cursor has always moved.
func (l list[T, K]) page(p store.Page) ([]T, store.Cursor, error) {
	after, err := l.open(p.After)
	if err != nil {
		return nil, "", err
	}
	limit := max(p.Limit, 1)
	var kept []T
	for looked, n := 0, limit+1; looked < mostLooked; n = min(2*n, max(mostAtOnce, limit+1)) {
		n = min(n, mostLooked-looked)
		rows, err := l.read(after, n)
		if err != nil {
			return nil, "", err
		}
		for _, r := range rows {
			if l.fits == nil || l.fits(r) {
				if len(kept) == limit {
					return kept, l.cursor(after), nil
				}
				kept = append(kept, r)
			}
			after = l.key(r)
		}
		if len(rows) < n {
			return kept, "", nil
		}
		looked += n
	}
	return kept, l.cursor(after), nil
}

// place is what a cursor holds.
type place[K any] struct {
	List string `json:"l"`
	Key  K      `json:"k"`
}

func (l list[T, K]) cursor(after K) store.Cursor {
	return store.Cursor(base64.RawURLEncoding.EncodeToString([]byte(written(place[K]{l.name, after}))))
}

// open is the key that a cursor of this list holds, letter for letter.
func (l list[T, K]) open(c store.Cursor) (K, error) {
	if c == "" {
		return l.from, nil
	}
	var at place[K]
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil || at.List != l.name || l.cursor(at.Key) != c {
		return l.from, fault.New(fault.InvalidRequest, "the cursor is not one of this list")
	}
	return at.Key, nil
}
