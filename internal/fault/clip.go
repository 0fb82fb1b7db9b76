package fault

import "strings"

// Clip is a text of a stranger's as a message may repeat it: in UTF-8, and of
// what is longer than most bytes the beginning.
func Clip(text string, most int) string {
	if len(text) <= most {
		return strings.ToValidUTF8(text, "?")
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}
