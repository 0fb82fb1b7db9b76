package job

import (
	"fmt"
	"strconv"
	"strings"
)

// cronField is one of the six, and what it may hold.
type cronField struct {
	name     string
	min, max int
	names    []string // of the values from min on
	may      bool     // be ?: another field says it
	add      func(*cron, cronField, word) error
}

var cronFields = [...]cronField{
	{name: "minute", max: 59, add: func(c *cron, f cronField, w word) error { return f.values(w, setOf(&c.minutes)) }},
	{name: "hour", max: 23, add: func(c *cron, f cronField, w word) error { return f.values(w, setOf(&c.hours)) }},
	{name: "day of month", min: 1, max: 31, may: true, add: (*cron).addDay},
	{
		name: "month", min: 1, max: 12,
		names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"},
		add:   func(c *cron, f cronField, w word) error { return f.values(w, setOf(&c.months)) },
	},
	{
		name: "day of week", min: 1, max: 7, may: true,
		names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"},
		add:   (*cron).addWeekday,
	},
	{name: "year", min: firstYear, max: lastYear, add: (*cron).addYear},
}

func setOf(set *uint64) func(int) {
	return func(n int) { *set |= bit(n) }
}

func (c *cron) addYear(f cronField, w word) error {
	return f.values(w, func(year int) {
		n := year - firstYear
		c.years[n/64] |= bit(n % 64)
	})
}

// addDay: L, LW, nW or values.
func (c *cron) addDay(f cronField, w word) error {
	near, isNear := strings.CutSuffix(w.text, "W")
	switch {
	case w.text == "L":
		c.lastDay = true
		return nil
	case w.text == "LW":
		c.lastWorkday = true
		return nil
	case isNear:
		day, err := f.value(word{near, w.at})
		c.weekdayNear |= bit(day)
		return err
	default:
		return f.values(w, setOf(&c.days))
	}
}

// addWeekday: L, nL, n#m or values.
func (c *cron) addWeekday(f cronField, w word) error {
	last, isLast := strings.CutSuffix(w.text, "L")
	day, ordinal, isOrdinal := w.cut('#')
	switch {
	case w.text == "L": // of the week
		c.weekdays |= bit(f.max)
		return nil
	case isLast:
		weekday, err := f.value(word{last, w.at})
		c.lastWeekdays |= bit(weekday)
		return err
	case isOrdinal:
		return c.addOrdinal(f, day, ordinal)
	default:
		return f.values(w, setOf(&c.weekdays))
	}
}

func (c *cron) addOrdinal(f cronField, day, ordinal word) error {
	if c.ordinal != 0 {
		return day.wrong("is followed by a second # in the field; one is allowed")
	}
	weekday, err := f.value(day)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(ordinal.text)
	if err != nil || n < 1 || n > 5 {
		return ordinal.wrong("is no week of a month: 1 to 5")
	}
	c.ordinal, c.ordinalDay = n, weekday
	return nil
}

// values sets all values of *, n, n-m, and any of these with a step: n/s goes
// on to the end of the field.
func (f cronField) values(w word, set func(int)) error {
	span, step, stepped := w.cut('/')
	first, last, err := f.span(span, stepped)
	if err != nil {
		return err
	}
	by := 1
	if stepped {
		if by, err = f.step(step); err != nil {
			return err
		}
	}
	for n := first; n <= last; n += by {
		set(n)
	}
	return nil
}

// span is the first and last value that w names; a single one goes on to the
// end of the field if it is stepped.
func (f cronField) span(w word, stepped bool) (first, last int, err error) {
	if w.text == "*" {
		return f.min, f.max, nil
	}
	from, to, isRange := w.cut('-')
	if first, err = f.value(from); err != nil {
		return 0, 0, err
	}
	switch {
	case isRange:
		last, err = f.value(to)
	case stepped:
		last = f.max
	default:
		last = first
	}
	if err == nil && last < first {
		err = w.wrong("runs backwards")
	}
	return first, last, err
}

func (f cronField) step(w word) (int, error) {
	n, err := strconv.Atoi(w.text)
	if err != nil || n < 1 || n > f.max {
		return 0, w.wrong("is no step of a %s: 1 to %d", f.name, f.max)
	}
	return n, nil
}

// value is a number or a name.
func (f cronField) value(w word) (int, error) {
	for i, name := range f.names {
		if w.text == name {
			return f.min + i, nil
		}
	}
	n, err := strconv.Atoi(w.text)
	if err != nil || n < f.min || n > f.max || w.text[0] == '+' || w.text[0] == '-' {
		return 0, w.wrong("is no %s: %s", f.name, f.allowed())
	}
	return n, nil
}

func (f cronField) allowed() string {
	numbers := fmt.Sprintf("%d to %d", f.min, f.max)
	if f.names == nil {
		return numbers
	}
	return fmt.Sprintf("%s or %s to %s", numbers, f.names[0], f.names[len(f.names)-1])
}
