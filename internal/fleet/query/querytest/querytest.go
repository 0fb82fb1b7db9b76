// Package querytest draws queries and things for property tests of whatever
// reads, keeps or compiles queries of the fleet index. It is used by tests
// alone.
//
// Begin with [Query] and [Document]. Both draw from the same few fields and
// values, so that queries find things, and the values are those that are easy
// to get wrong: numbers written in two ways, letters beyond ASCII, the
// wildcards of SQL, texts that differ behind the key of an index.
package querytest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet/query"
)

// depth is how far queries and shadows are nested.
const depth = 4

func fields() []string {
	return []string{
		"thingName", "thingTypeName", "thingGroupNames", "registry.version", "attributes.a", "attributes.b", `attributes.a\:b`,
		"connectivity.connected", "connectivity.timestamp", "connectivity.disconnectReason",
		"shadow.hasDelta", "shadow.reported.a", "shadow.reported.a.b", "shadow.reported.b", "shadow.desired.a", "shadow.delta.a",
		"shadow.name.s.reported.a", "shadow.name.s.hasDelta",
	}
}

// texts are values as they may stand in a document.
func texts() []string {
	long := strings.Repeat("x", query.KeyLength)
	return []string{
		"a", "A", "ab", "b", "B b", "ba", "", "10", "10.0", "9", "1e1", "-5", "1.10", "true", "FALSE", "größe", "GRÖẞE", "σς", "a%b", "a_b", `a\b`,
		"*", "?", `"`, "AND", "-a", "press-07", long, long + "a", long + "B", strings.Repeat("é", query.KeyLength) + "é", "x" + long[:query.KeyLength-1] + "a",
	}
}

func text(t *rapid.T) string { return rapid.SampledFrom(texts()).Draw(t, "text") }

// Query draws the text of a query that can be read.
func Query(t *rapid.T) string {
	for {
		text := expression(t, depth)
		if _, err := query.Parse(text, query.Limits{}); err == nil {
			return text
		}
	}
}

func expression(t *rapid.T, depth int) string {
	form := rapid.IntRange(0, 7).Draw(t, "form")
	if depth == 0 || form < 3 {
		return term(t)
	}
	switch form {
	case 3:
		return expression(t, depth-1) + " AND " + expression(t, depth-1)
	case 4:
		return expression(t, depth-1) + " OR " + expression(t, depth-1)
	case 5:
		return expression(t, depth-1) + " " + expression(t, depth-1)
	case 6:
		return rapid.SampledFrom([]string{"NOT ", "-"}).Draw(t, "not") + "(" + expression(t, depth-1) + ")"
	default:
		return "(" + expression(t, depth-1) + ")"
	}
}

func term(t *rapid.T) string {
	not := rapid.SampledFrom([]string{"", "", "", "NOT ", "-"}).Draw(t, "not")
	field := rapid.SampledFrom(fields()).Draw(t, "field")
	switch rapid.IntRange(0, 8).Draw(t, "term") {
	case 0:
		return not + field + ":*"
	case 1:
		return not + rapid.SampledFrom([]string{"*", word(t), pattern(t)}).Draw(t, "any field")
	case 2, 3:
		return not + field + ":" + pattern(t)
	case 4:
		return not + field + rapid.SampledFrom([]string{"<", "<=", ">", ">="}).Draw(t, "operator") + word(t)
	case 5:
		return not + field + ":" + rapid.SampledFrom([]string{"[", "{"}).Draw(t, "from") + bound(t) + " TO " + bound(t) +
			rapid.SampledFrom([]string{"]", "}"}).Draw(t, "to")
	case 6:
		return fmt.Sprintf("%s%s:(%s OR -%s %s)", not, field, word(t), pattern(t), word(t))
	default:
		return not + field + ":" + word(t)
	}
}

func bound(t *rapid.T) string {
	if rapid.IntRange(0, 4).Draw(t, "open") == 0 {
		return "*"
	}
	return word(t)
}

// word writes a value, in quotes or with each character escaped that may mean
// something.
func word(t *rapid.T) string {
	value := text(t)
	if value == "" || rapid.Bool().Draw(t, "quoted") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	return escaped(value)
}

func escaped(value string) string {
	word := strings.NewReplacer(`\`, `\\`, `"`, `\"`, " ", `\ `, "*", `\*`, "?", `\?`, "AND", `\AND`).Replace(value)
	if strings.HasPrefix(word, "-") {
		return `\` + word
	}
	return word
}

// pattern replaces a part of a value by a wildcard.
func pattern(t *rapid.T) string {
	value := []rune(text(t))
	from := rapid.IntRange(0, len(value)).Draw(t, "from")
	to := rapid.IntRange(from, len(value)).Draw(t, "to")
	wildcard := rapid.SampledFrom([]string{"*", "?", "*?", "?*"}).Draw(t, "wildcard")
	return escaped(string(value[:from])) + wildcard + strings.TrimPrefix(escaped(string(value[to:])), `\-`)
}

// Document draws all that the index knows of a thing of that name.
func Document(t *rapid.T, name string) query.Document {
	d := query.Document{Thing: query.Thing{Name: name, UID: "u-" + name, Version: rapid.Int64Range(1, 12).Draw(t, "version")}}
	d.Thing.Type = rapid.SampledFrom([]string{"", "a", "B b"}).Draw(t, "type")
	d.Thing.Attributes = rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "a:b"}), rapid.SampledFrom(texts()), 0, 3).Draw(t, "attributes")
	d.Groups = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "A", "ab", "press-07"}), 0, 3, rapid.ID[string]).Draw(t, "groups")
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"", "s"}), 0, 2, rapid.ID[string]).Draw(t, "shadows") {
		if d.Shadows == nil {
			d.Shadows = map[string]query.Shadow{}
		}
		d.Shadows[name] = query.Shadow{Reported: object(t, depth), Desired: object(t, 1), Delta: object(t, 1)}
	}
	if rapid.Bool().Draw(t, "connected once") {
		d.Connection = &query.Connection{
			Connected: rapid.Bool().Draw(t, "connected"), At: rapid.Int64Range(8, 11).Draw(t, "at"),
			Reason: rapid.SampledFrom([]string{"", "a", "CONNECTION_LOST"}).Draw(t, "reason"),
		}
	}
	return d
}

func object(t *rapid.T, depth int) map[string]any {
	members := map[string]any{}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "a.b"}), 0, 3, rapid.ID[string]).Draw(t, "members") {
		members[name] = member(t, depth-1)
	}
	return members
}

func member(t *rapid.T, depth int) any {
	switch form := rapid.IntRange(0, 6).Draw(t, "member"); {
	case form == 0 && depth > 0:
		return object(t, depth)
	case form == 1 && depth > 0:
		return []any{member(t, depth-1), member(t, depth-1)}
	case form == 2:
		return rapid.Bool().Draw(t, "boolean")
	case form < 5:
		return rapid.SampledFrom([]float64{10, 9, -5, 1.1, 0, 1e21}).Draw(t, "number")
	default:
		return text(t)
	}
}
