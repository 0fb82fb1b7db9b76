package job

import (
	"fmt"
	"strings"
)

// parseCron reads the fields minute, hour, day of month, month, day of week
// and year, with cron( ) around them or without. Letters may be of either
// case. An error says what is wrong and at which character, the first being 1.
// spec: rollout-abort-timeout-retry-schedule.md#52-cron-form
func parseCron(text string) (cron, error) {
	words, err := cronWords(text)
	if err != nil {
		return cron{}, err
	}
	if len(words) != len(cronFields) {
		return cron{}, fmt.Errorf("it has %d fields, not the six minute, hour, day of month, month, day of week and year", len(words))
	}
	if err := oneDay(words[2], words[4]); err != nil {
		return cron{}, err
	}
	var c cron
	for i, f := range cronFields {
		if f.may && words[i].text == "?" {
			continue
		}
		for _, item := range words[i].split(',') {
			if err := f.add(&c, f, item); err != nil {
				return cron{}, err
			}
		}
	}
	return c, nil
}

// oneDay: of day of month and day of week, exactly one is "?".
func oneDay(day, weekday word) error {
	switch {
	case day.text == "?" && weekday.text == "?":
		return fmt.Errorf("day of month and day of week are both ?")
	case day.text != "?" && weekday.text != "?":
		return fmt.Errorf("one of day of month %q and day of week %q must be ?", day.text, weekday.text)
	default:
		return nil
	}
}

// word is a part of an expression, in capitals, and the character it begins
// at.
type word struct {
	text string
	at   int
}

// cronWords is the fields of an expression.
func cronWords(text string) ([]word, error) {
	at := 0
	for _, r := range text {
		if at++; r != '\t' && (r < ' ' || r > '~') {
			return nil, fmt.Errorf("character %d is %q", at, r)
		}
	}
	whole := word{strings.ToUpper(text), 1}.trim()
	if inner, wrapped := strings.CutPrefix(whole.text, "CRON("); wrapped {
		if inner, wrapped = strings.CutSuffix(inner, ")"); !wrapped {
			return nil, fmt.Errorf("the ) of %q is missing", text[:whole.at+4])
		}
		whole = word{inner, whole.at + 5}
	}
	var words []word
	for _, w := range (word{strings.ReplaceAll(whole.text, "\t", " "), whole.at}).split(' ') {
		if w.text != "" {
			words = append(words, w)
		}
	}
	return words, nil
}

func (w word) trim() word {
	left := strings.TrimLeft(w.text, " \t")
	return word{strings.TrimRight(left, " \t"), w.at + len(w.text) - len(left)}
}

// split is the parts of w between separators.
func (w word) split(separator byte) (parts []word) {
	for {
		part, rest, more := w.cut(separator)
		if parts = append(parts, part); !more {
			return parts
		}
		w = rest
	}
}

// cut is what is before and after the first separator.
func (w word) cut(separator byte) (before, after word, found bool) {
	i := strings.IndexByte(w.text, separator)
	if i < 0 {
		return w, word{}, false
	}
	return word{w.text[:i], w.at}, word{w.text[i+1:], w.at + i + 1}, true
}

// wrong says what is wrong with w.
func (w word) wrong(format string, args ...any) error {
	return fmt.Errorf("%q at character %d %s", w.text, w.at, fmt.Sprintf(format, args...))
}
