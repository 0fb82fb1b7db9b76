package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/querysql"
)

// asker runs statements that are made for a query of the fleet index.
type asker interface {
	asking(querysql.Statement) querier
}

// asking is a querier of one such statement, whatever its name. It is prepared
// for the one time only: there is no end to the texts that strangers make.
type asking struct {
	querier
	ask func() (*sql.Rows, error)
}

func (a asking) query(name string, _ ...any) (*sql.Rows, error) {
	rows, err := a.ask()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows, nil
}

// asking implements asker. Other than a named query it ends with its request:
// it may look at all there is.
func (r reads) asking(s querysql.Statement) querier {
	return asking{r, func() (*sql.Rows, error) { return r.pool.db.QueryContext(r.ctx, s.Text, s.Args...) }}
}

// asking implements asker, over all that was put.
func (t *tx) asking(s querysql.Statement) querier {
	return asking{t, func() (*sql.Rows, error) {
		if err := t.flush(); err != nil {
			return nil, err
		}
		rows, err := t.conn.QueryContext(context.Background(), s.Text, s.Args...)
		return rows, t.asSaved().judge("ask the index", err)
	}}
}

// mostQuestions is how many questions to the index are asked at a time.
const mostQuestions = 2

// question waits for a place among the questions under way. Whoever has it
// calls done when the answer is read.
func (s *Store) question(ctx context.Context) (r reads, done func(), err error) {
	select {
	case s.questions <- struct{}{}:
		return s.reads(ctx), func() { <-s.questions }, nil
	case <-ctx.Done():
		return reads{}, nil, ctx.Err()
	}
}

// mostCandidates is how many sets a search counts before it walks.
const mostCandidates = 3

// meant is the things that a query means behind after, most at most: among a
// set that is known to have few, else among the next things, look of them.
func meant(a asker, q query.Query, after int64, look, most int) (store.Meant, error) {
	candidates := querysql.Candidates(q)
	for _, c := range candidates[:min(len(candidates), mostCandidates)] {
		few, _, err := one(a.asking(querysql.Few(c, mostLooked+1)), scanNumber, "count a set of the index")
		if err != nil {
			return store.Meant{}, err
		}
		if few <= mostLooked {
			return among(a, q, c, after, most)
		}
	}
	return slice(a, q, after, look, most)
}

func among(a asker, q query.Query, c querysql.Candidate, after int64, most int) (store.Meant, error) {
	ids, err := all(a.asking(querysql.Among(q, c, after, most)), scanNumber, "search a set of the index")
	if err != nil {
		return store.Meant{}, err
	}
	m := store.Meant{Things: ids, After: after, End: len(ids) < most}
	if len(ids) > 0 {
		m.After = ids[len(ids)-1]
	}
	return m, nil
}

func slice(a asker, q query.Query, after int64, look, most int) (store.Meant, error) {
	ids, err := all(a.asking(querysql.Slice(q, after, look, most)), scanNumber, "search a slice of the index")
	if err != nil {
		return store.Meant{}, err
	}
	if len(ids) == most {
		return store.Meant{Things: ids, After: ids[most-1]}, nil
	}
	end, _, err := one(a.asking(querysql.End(after, look)), scanEnd, "end of a slice of the index")
	return store.Meant{Things: ids, After: max(after, end.last), End: end.looked < int64(look)}, err
}

// sliceEnd is how many things a slice has and the last of them.
type sliceEnd struct{ looked, last int64 }

func scanEnd(r row) (e sliceEnd, err error) {
	err = r.Scan(&e.looked, &e.last)
	return e, err
}

// Search implements store.Searcher.
func (s *Store) Search(ctx context.Context, q query.Query, p store.Page) ([]store.Found, store.Cursor, error) {
	l := list[int64, int64]{name: "search"}
	after, err := l.open(p.After)
	if err != nil {
		return nil, "", err
	}
	r, done, err := s.question(ctx)
	if err != nil {
		return nil, "", err
	}
	defer done()
	m, err := meant(r, q, after, mostLooked, max(p.Limit, 1))
	if err != nil || m.End && len(m.Things) == 0 {
		return nil, "", err
	}
	found, err := found(r, m.Things)
	if err != nil || m.End {
		return found, "", err
	}
	return found, l.cursor(m.After), nil
}

// found is things with what the index shows of them. One that was deleted
// meanwhile is not among them.
func found(r reads, things []int64) ([]store.Found, error) {
	if len(things) == 0 {
		return nil, nil
	}
	rows, err := all(r.asking(querysql.Shown(things)), scanShown, "entries of things")
	if err != nil {
		return nil, err
	}
	var list []store.Found
	for _, e := range rows {
		if n := len(list); n == 0 || list[n-1].Thing != e.thing {
			list = append(list, store.Found{Thing: e.thing})
		}
		of := &list[len(list)-1]
		of.Entries = append(of.Entries, e.Entry)
	}
	return list, nil
}

// shown is an entry with its thing.
type shown struct {
	thing int64
	query.Entry
}

func scanShown(r row) (e shown, err error) {
	e.thing, e.Entry, err = querysql.ScanShown(r)
	return e, err
}
