package postgres

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/drover-iot/drover/internal/store/sqlstore"
)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// lateral turns a query for one key into one for many: each column of the key
// is an array.
func lateral(l sqlstore.Lookup) (text string, args []any) {
	inner := placeholder.ReplaceAllString(l.Text, "k.c$1")
	names := make([]string, len(l.Keys[0]))
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i+1)
	}
	v := turn(names, l.Keys)
	return fmt.Sprintf("SELECT q.* FROM %s CROSS JOIN LATERAL (%s) q", v.from("k"), inner), v.args
}

// statement changes all rows of a change at once.
func statement(c sqlstore.Change) (text string, args []any) {
	names := append(append([]string{}, c.Set...), c.Key...)
	v := turn(names, c.Rows)
	switch c.Kind {
	case sqlstore.Insert:
		text = fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", c.Table, strings.Join(names, ", "), v.list(names), v.from("v"))
	case sqlstore.Delete:
		text = fmt.Sprintf("DELETE FROM %s AS t USING %s WHERE %s", c.Table, v.from("v"), same(c.Key))
	default:
		text = fmt.Sprintf("UPDATE %s AS t SET %s FROM %s WHERE %s", c.Table, v.assign(c), v.from("v"), same(c.Key))
	}
	return text, v.args
}

func same(key []string) string {
	list := make([]string, len(key))
	for i, column := range key {
		list[i] = fmt.Sprintf("t.%s = v.%s", column, column)
	}
	return strings.Join(list, " AND ")
}

// values are rows turned into one array a column. A column of NULLs is left
// out: it would not show its type.
type values struct {
	names, arrays []string
	args          []any
	present       map[string]bool
}

func turn(names []string, rows [][]any) values {
	v := values{present: map[string]bool{}}
	for i, name := range names {
		kind, array := column(rows, i)
		if array == nil {
			continue
		}
		v.names = append(v.names, name)
		v.args = append(v.args, array)
		v.arrays = append(v.arrays, fmt.Sprintf("$%d::%s", len(v.args), kind))
		v.present[name] = true
	}
	return v
}

func (v values) from(alias string) string {
	return fmt.Sprintf("unnest(%s) AS %s(%s)", strings.Join(v.arrays, ", "), alias, strings.Join(v.names, ", "))
}

// value is the expression for a column.
func (v values) value(name string) string {
	if !v.present[name] {
		return "NULL"
	}
	return "v." + name
}

func (v values) list(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = v.value(name)
	}
	return strings.Join(list, ", ")
}

func (v values) assign(c sqlstore.Change) string {
	list := make([]string, len(c.Set))
	for i, name := range c.Set {
		list[i] = name + " = "
		if c.Kind == sqlstore.Add {
			list[i] += "t." + name + " + "
		}
		list[i] += v.value(name)
	}
	return strings.Join(list, ", ")
}

// column is one column of rows as an array, with its type; nil if all is NULL.
func column(rows [][]any, i int) (kind string, array any) {
	for _, r := range rows {
		switch r[i].(type) {
		case string:
			return "text[]", arrayOf[string](rows, i)
		case []byte:
			return "bytea[]", arrayOf[[]byte](rows, i)
		case int64:
			return "bigint[]", arrayOf[int64](rows, i)
		case float64:
			return "double precision[]", arrayOf[float64](rows, i)
		}
	}
	return "", nil
}

func arrayOf[T any](rows [][]any, i int) []*T {
	list := make([]*T, len(rows))
	for n, r := range rows {
		if v, ok := r[i].(T); ok {
			list[n] = &v
		}
	}
	return list
}
