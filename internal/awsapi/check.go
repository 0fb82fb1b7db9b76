package awsapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
)

// maxQuoted is how much of a client's value an error repeats, in bytes.
const maxQuoted = 80

// brokenBy is the constraint that s breaks, "" if it breaks none; a nil rule
// has none.
func (r *Rule) brokenBy(s string) string {
	if r == nil || r.Or != "" && s == r.Or {
		return ""
	}
	if r.Length.isSet() && !r.Length.holds(int64(utf8.RuneCountInString(s))) {
		return "must have " + r.Length.text() + " characters"
	}
	if len(r.Enum) > 0 && !slices.Contains(r.Enum, s) {
		return "must be one of " + strings.Join(r.Enum, ", ")
	}
	if !r.Pattern.match(s) {
		return "must match " + r.Pattern.Text
	}
	if n := len(r.NotPrefix); n > 0 && len(s) >= n && strings.EqualFold(s[:n], r.NotPrefix) {
		return "must not begin with " + r.NotPrefix
	}
	return ""
}

// checkString checks a string.
func (r *Rule) checkString(s, path string) error {
	if constraint := r.brokenBy(s); constraint != "" {
		return violation([]byte(quote(s)), path, constraint)
	}
	return nil
}

// checkInteger checks an integer.
func (r *Rule) checkInteger(n int64, path string) error {
	if !r.Range.isSet() || r.Range.holds(n) || r.Also != 0 && n == r.Also {
		return nil
	}
	constraint := "must be " + r.Range.numbers(0)
	if r.Also != 0 {
		constraint += " or " + strconv.FormatInt(r.Also, 10)
	}
	return violation(strconv.AppendInt(nil, n, 10), path, constraint)
}

// checkDecimal checks a number with a fraction.
func (r *Rule) checkDecimal(d Decimal, path string) error {
	if !r.Range.isSet() {
		return nil
	}
	n, ok := d.Scaled(r.Digits)
	if ok && r.Range.holds(n) {
		return nil
	}
	return violation([]byte(d.String()), path,
		fmt.Sprintf("must be %s with %d decimal digits at most", r.Range.numbers(r.Digits), r.Digits))
}

// checkCount checks how many items or pairs there are.
func (r *Rule) checkCount(n int, span Span, path, what string) error {
	if !span.isSet() || span.holds(int64(n)) {
		return nil
	}
	return fault.New(fault.InvalidRequest, "Value at '%s' failed to satisfy constraint: must have %s %s, not %d",
		path, span.text(), what, n)
}

// text is the span in words, for lengths and counts.
func (s Span) text() string {
	if s.Min == 0 && s.Max != 0 {
		return "at most " + strconv.FormatInt(s.Max, 10)
	}
	return s.numbers(0)
}

// numbers is the span in words, its ends having so many decimals.
func (s Span) numbers(digits int) string {
	from, to := NewDecimal(s.Min, digits).String(), NewDecimal(s.Max, digits).String()
	switch {
	case s.Max == 0:
		return "at least " + from
	case s.Min == s.Max:
		return from
	}
	return from + " to " + to
}

// violation says which value breaks which constraint. The value is JSON.
func violation(value []byte, path, constraint string) error {
	return fault.New(fault.InvalidRequest, "Value %s at '%s' failed to satisfy constraint: %s",
		clip(string(value)), path, constraint)
}

// missing says that a member has to be there.
func missing(path string) error {
	return fault.New(fault.InvalidRequest, "Value null at '%s' is not allowed", path)
}

// notBuilt says that a member exists, but not here.
func notBuilt(path string) error {
	return fault.New(fault.InvalidRequest, "Member '%s' is not supported by this server", path)
}

// unknownMember says that an operation that AWS does not have takes no such member.
func unknownMember(path string) error {
	return fault.New(fault.InvalidRequest, "Member '%s' is not known to this operation", clip(path))
}

// extension says that a member exists, but not in what AWS has.
func extension(path string) error {
	return fault.New(fault.InvalidRequest, "Member '%s' is an extension of this server: only operations below /drover/v1 take it", path)
}

// elsewhere says that a member exists, but in what another operation takes.
func elsewhere(path, operation string) error {
	return fault.New(fault.InvalidRequest, "Member '%s' is an extension of this server that %s takes", path, operation)
}

// quote is s in quotation marks, shortened.
func quote(s string) string { return `"` + clip(s) + `"` }

// clip is what of s an error may repeat.
func clip(s string) string { return fault.Clip(s, maxQuoted) }
