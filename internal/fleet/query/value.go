package query

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a value was in its source.
type Kind uint8

// The kinds of [Value], as an index may store them.
const (
	Text    Kind = iota // attributes, names, strings of a shadow
	Number              // a number of JSON, a version, a time in milliseconds
	Boolean             // true or false of JSON, or of a connection
)

// Value is one value of a field, or what a query compares one with.
type Value struct {
	Kind Kind
	// Text is the value as it is shown; a number in its shortest form.
	Text string
	// Number is what Text reads as, if Numeric. An attribute can be numeric
	// and yet of kind Text: ranges see its number, equality its text.
	Number  float64
	Numeric bool
}

// TextValue is the value of a text.
func TextValue(text string) Value {
	v := Value{Text: clean(text)}
	v.Number, v.Numeric = readNumber(v.Text)
	return v
}

// numberValue is the value of a number of JSON, in its shortest form, so that
// 10, 10.0 and 1e1 are one. What is too large to be one stays a text.
func numberValue(literal string) Value {
	n, ok := readNumber(literal)
	if !ok {
		return TextValue(literal)
	}
	return Value{Kind: Number, Text: formatNumber(n), Number: n, Numeric: true}
}

// booleanValue is the value of true or false.
func booleanValue(b bool) Value { return Value{Kind: Boolean, Text: strconv.FormatBool(b)} }

func floatValue(n float64) Value {
	return Value{Kind: Number, Text: formatNumber(n), Number: n, Numeric: true}
}

// Shortest is the number that v reads as, in the form that one of JSON has in
// the index; v itself if it is none.
func (v Value) Shortest() Value {
	if !v.Numeric {
		return v
	}
	return floatValue(v.Number)
}

// Folded is the text as it is compared: without case.
func (v Value) Folded() string { return fold(v.Text) }

// Compare orders two values as ranges do: as numbers if both are, else as text
// without case, byte by byte.
func (v Value) Compare(other Value) int {
	if v.Numeric && other.Numeric {
		return cmp.Compare(v.Number, other.Number)
	}
	return cmp.Compare(v.Folded(), other.Folded())
}

// readNumber reads a decimal number. Neither hexadecimal nor words such as
// "inf" are numbers, nor is what a float64 cannot hold.
func readNumber(text string) (float64, bool) {
	if text == "" || strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false
	}
	return n + 0, true // -0 is 0
}

// formatNumber writes a number as JSON does in its shortest form.
func formatNumber(n float64) string {
	if abs := math.Abs(n); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strings.Replace(strconv.FormatFloat(n, 'e', -1, 64), "e-0", "e-", 1)
	}
	return strconv.FormatFloat(n+0, 'f', -1, 64)
}

// clean is the text with what no database can keep replaced.
func clean(text string) string {
	if strings.IndexByte(text, 0) < 0 && utf8.ValidString(text) {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// fold is the text without case: two texts that differ in case alone, as
// [strings.EqualFold] has it, become the same.
func fold(text string) string {
	return strings.Map(foldRune, text)
}

// foldRune is the one rune that stands for all that differ from r in case: the
// small letter of the least of them, if that is one of them.
func foldRune(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case r < utf8.RuneSelf:
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if small := unicode.ToLower(least); unicode.ToUpper(small) == least {
		return small
	}
	return least
}

// scalar is the value of a member of JSON that is neither null, array nor
// object.
func scalar(member any) (Value, bool) {
	switch m := member.(type) {
	case string:
		return TextValue(m), true
	case json.Number:
		return numberValue(m.String()), true
	case float64:
		return floatValue(m), true
	case bool:
		return booleanValue(m), true
	default:
		return Value{}, false
	}
}
