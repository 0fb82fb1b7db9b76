package querysql

import (
	"database/sql"

	"github.com/drover-iot/drover/internal/fleet/query"
)

// Key and Columns are those of the table: what names a row, and what is
// written beside that.
func Key() []string { return []string{"thing", "field", "n"} }

// Columns are the columns of [Row].
func Columns() []string { return []string{"kind", "key", "rest", "text", "number"} }

// Row is the values of [Columns], then of [Key], for an entry of a thing.
func Row(thing int64, e query.Entry) []any {
	key, rest := e.Value.Key()
	var text, number any
	if e.Value.Text != key+rest {
		text = e.Value.Text
	}
	if e.Value.Numeric {
		number = e.Value.Number
	}
	return []any{int64(e.Value.Kind), key, rest, text, number, thing, e.Field, int64(e.N)}
}

// Entries is a query for the rows of a thing whose fields begin with prefix,
// "" being all, in the order of the index, for [Scan].
func Entries(thing int64, prefix string) Statement {
	b := build().add(raw("SELECT field, n, kind, key, rest, text, number FROM index_entries WHERE thing = "), thing)
	if beyond := following(prefix); beyond != "" {
		b.add(raw(" AND field >= "), prefix, raw(" AND field < "), beyond)
	}
	return b.add(raw(" ORDER BY field, n")).statement()
}

// Shown is a query for the rows of things, of which there is at least one: of
// each in the order of the index, for [ScanShown]. Of shadows there are no rows
// but those that say which there are, and maybe some more that look like them.
func Shown(things []int64) Statement {
	b := build().add(raw("SELECT thing, field, n, kind, key, rest, text, number FROM index_entries WHERE thing IN ("))
	for i, thing := range things {
		if i > 0 {
			b.add(raw(", "))
		}
		b.add(thing)
	}
	from, to, _ := query.Below("shadow")
	b.add(raw(") AND (field < "), from, raw(" OR field >= "), to)
	return b.add(raw(" OR field LIKE '%.hasDelta') ORDER BY thing, field, n")).statement()
}

// Scanner is a row of an answer.
type Scanner interface{ Scan(...any) error }

// ScanShown reads a thing and its entry from a row of [Shown].
func ScanShown(row Scanner) (thing int64, e query.Entry, err error) {
	e, err = scan(row, &thing)
	return thing, e, err
}

// Scan reads an entry from a row of [Entries].
func Scan(row Scanner) (query.Entry, error) { return scan(row) }

// scan reads an entry behind other columns.
func scan(row Scanner, before ...any) (query.Entry, error) {
	var e query.Entry
	var key, rest string
	var text sql.NullString
	var number sql.NullFloat64
	if err := row.Scan(append(before, &e.Field, &e.N, &e.Value.Kind, &key, &rest, &text, &number)...); err != nil {
		return query.Entry{}, err
	}
	if e.Value.Text = key + rest; text.Valid {
		e.Value.Text = text.String
	}
	e.Value.Number, e.Value.Numeric = number.Float64, number.Valid
	return e, nil
}
