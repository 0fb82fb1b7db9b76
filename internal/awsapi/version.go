package awsapi

import (
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// ETag is a version as the header of that name has it.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// tagOf is the ETag of an answer, "" if it has none.
func tagOf(answer any) string {
	t, ok := answer.(Tagged)
	if !ok {
		return ""
	}
	version := t.Tag()
	if version == 0 {
		return ""
	}
	return ETag(version)
}

// IfMatch reads the header of that name: the versions that the resource may be
// at, of which a weak tag and one that no version bears are none. Nil, for a
// header that is absent or *, is any version.
func IfMatch(header string) (versions []int64, err error) {
	rest := strings.Trim(header, " \t")
	if rest == "" || rest == "*" {
		return nil, nil
	}
	versions = []int64{}
	for more := true; more; {
		var tag string
		if tag, rest, more, err = nextTag(rest, header); err != nil {
			return nil, err
		}
		if n, err := strconv.ParseInt(tag, 10, 64); err == nil && ETag(n) == `"`+tag+`"` {
			versions = append(versions, n)
		}
	}
	return versions, nil
}

// nextTag takes the first tag, without its quotes, from a list.
func nextTag(list, header string) (tag, rest string, more bool, err error) {
	text, weak := strings.CutPrefix(list, "W/")
	text, quoted := strings.CutPrefix(text, `"`)
	tag, rest, closed := strings.Cut(text, `"`)
	rest = strings.TrimLeft(rest, " \t")
	next, more := strings.CutPrefix(rest, ",")
	if !quoted || !closed || !more && rest != "" {
		return "", "", false, fault.New(fault.InvalidRequest,
			`Value '%s' at 'If-Match' is no list of entity tags such as "3"`, clip(header))
	}
	if weak { // never the same, RFC 9110 section 13.1.1
		tag = ""
	}
	return tag, strings.TrimLeft(next, " \t"), more, nil
}
