package query

// Pattern is a text, without case, with wildcards among its characters.
type Pattern []rune

// The wildcards of a [Pattern].
const (
	AnyRun rune = -1 // any characters, or none; never twice in a row
	AnyOne rune = -2 // exactly one character
)

// Prefix is the text that all begin with that fit.
func (p Pattern) Prefix() string {
	for i, r := range p {
		if r < 0 {
			return string(p[:i])
		}
	}
	return string(p)
}

// fits tells whether the whole text does. It goes back to the last run only,
// so its cost is at most the product of both lengths.
func (p Pattern) fits(text string) bool {
	t := []rune(text)
	at, run, resume := 0, -1, 0
	for i := 0; i < len(t); {
		switch {
		case at < len(p) && p[at] == AnyRun:
			run, resume = at, i
			at++
		case at < len(p) && (p[at] == AnyOne || p[at] == t[i]):
			at++
			i++
		case run >= 0:
			resume++
			at, i = run+1, resume
		default:
			return false
		}
	}
	return at == len(p) || at == len(p)-1 && p[at] == AnyRun
}
