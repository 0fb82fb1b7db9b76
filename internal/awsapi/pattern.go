package awsapi

import (
	"regexp"
	"unicode"
)

// Pattern is which characters a string may be made of: a regular expression
// of the service model in the form that it nearly always uses, one class
// repeated; any other is kept as it is.
type Pattern struct {
	// Text is the class for messages, as the specification writes it.
	Text string
	// Empty tells whether the pattern matches the empty string. Where a
	// length allows 0 and this does not, this wins.
	Empty bool
	has   func(rune) bool
	whole *regexp.Regexp // in place of has, for any other form
}

// The patterns of the models. spec: api-operations.md
var (
	IDPattern             = Pattern{Text: `[a-zA-Z0-9_-]+`, has: alnumOr("_-")}
	NamePattern           = Pattern{Text: `[a-zA-Z0-9:_-]+`, has: alnumOr(":_-")}
	ShadowNamePattern     = Pattern{Text: `[$a-zA-Z0-9:_-]+`, has: alnumOr("$:_-")}
	GroupIDPattern        = Pattern{Text: `[a-zA-Z0-9\-]+`, has: alnumOr("-")}
	AccessKeyPattern      = Pattern{Text: `[a-zA-Z0-9_]+`, has: alnumOr("_")}
	AttributeKeyPattern   = Pattern{Text: `[a-zA-Z0-9_.,@/:#-]+`, has: alnumOr("_.,@/:#-")}
	AttributeValuePattern = Pattern{Text: `[a-zA-Z0-9_.,@/:#=\[\]-]*`, Empty: true, has: alnumOr("_.,@/:#=[]-")}
	ReasonCodePattern     = Pattern{Text: `[\p{Upper}\p{Digit}_]+`, has: isReason}
	TextPattern           = Pattern{Text: `[^\p{C}]+`, has: isText}
	GraphPattern          = Pattern{Text: `[\p{Graph}\x20]*`, Empty: true, has: isGraph}
	ARNPattern            = Pattern{Text: `arn:[!-~]+`, whole: regexp.MustCompile(`^arn:[!-~]+$`)}
	VersionPattern        = Pattern{Text: `[1-9]+.[0-9]+`, whole: regexp.MustCompile(`^[1-9]+.[0-9]+$`)}
	PackagePattern        = Pattern{Text: `[a-zA-Z0-9-_.]+`, has: alnumOr("-_.")}
	TokenPattern          = Pattern{Text: `\S{36,64}`, has: func(r rune) bool { return !unicode.IsSpace(r) }}
	TagKeyPattern         = Pattern{Text: `([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`, Empty: true, has: isTagKey}
)

// match tells whether s is made of the pattern's characters only, or matches
// it as a whole.
func (p Pattern) match(s string) bool {
	if p.whole != nil {
		return p.whole.MatchString(s)
	}
	if p.has == nil {
		return true
	}
	for _, r := range s {
		if !p.has(r) {
			return false
		}
	}
	return s != "" || p.Empty
}

// alnumOr holds ASCII letters, digits and the characters of more.
func alnumOr(more string) func(rune) bool {
	var set [128]bool
	for _, r := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + more {
		set[r] = true
	}
	return func(r rune) bool { return r >= 0 && r < 128 && set[r] }
}

func isReason(r rune) bool { return r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' }

// isText leaves out Unicode's category Other: control, format, private use,
// surrogate and unassigned code points.
func isText(r rune) bool {
	if r < unicode.MaxASCII {
		return r >= ' '
	}
	return !unicode.Is(unicode.C, r)
}

func isGraph(r rune) bool { return r >= ' ' && r <= '~' }

func isTagKey(r rune) bool {
	switch r {
	case '_', '.', ':', '/', '=', '+', '-', '@':
		return true
	}
	return unicode.In(r, unicode.L, unicode.Z, unicode.N)
}
