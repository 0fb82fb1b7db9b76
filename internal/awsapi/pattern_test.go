package awsapi

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ascii turns the model's Java classes into Go's.
var ascii = strings.NewReplacer(`\p{Upper}`, `A-Z`, `\p{Digit}`, `0-9`, `\p{Graph}`, `\x21-\x7e`)

var patterns = map[string]Pattern{
	"id": IDPattern, "name": NamePattern, "group id": GroupIDPattern, "attribute key": AttributeKeyPattern,
	"attribute value": AttributeValuePattern, "reason code": ReasonCodePattern, "text": TextPattern,
	"description": GraphPattern, "tag key": TagKeyPattern,
}

func TestAPatternIsItsRegularExpression(t *testing.T) {
	for name, p := range patterns {
		t.Run(name, func(t *testing.T) {
			oracle := regexp.MustCompile("^" + ascii.Replace(p.Text) + "$")
			rapid.Check(t, func(t *rapid.T) {
				s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,5}`), rapid.Just("")).Draw(t, "s")
				if got, want := p.match(s), oracle.MatchString(s); got != want {
					t.Fatalf("%q: %v, %s says %v", s, got, oracle, want)
				}
			})
		})
	}
}

func TestEveryCodePointOfEveryPattern(t *testing.T) {
	for name, p := range patterns {
		t.Run(name, func(t *testing.T) {
			oracle := regexp.MustCompile("^" + ascii.Replace(p.Text) + "$")
			for r := range rune(0x3000) {
				if got, want := p.match(string(r)), oracle.MatchString(string(r)); got != want {
					t.Errorf("%U: %v, %s says %v", r, got, oracle, want)
				}
			}
		})
	}
}
