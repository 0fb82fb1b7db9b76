package managed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// Parameter is what an operator fills into a template's document, where it has
// a placeholder of that key.
// spec: api-shapes.md#documentparameter
type Parameter struct {
	Key         string `json:"key"`
	Description string `json:"description"`
	Regex       string `json:"regex"` // for the whole value
	Example     string `json:"example"`
	Optional    bool   `json:"optional"` // not given, it is empty

	fits func(value string) bool
}

// read reads the file of a template.
func read(text []byte) (Template, error) {
	var t Template
	if err := json.Unmarshal(text, &t); err != nil {
		return t, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, t.Document); err != nil {
		return t, err
	}
	t.Document = compact.Bytes()
	for i, p := range t.Parameters {
		fits, err := matcher(p.Regex)
		if err != nil {
			return t, fmt.Errorf("parameter %s: %w", p.Key, err)
		}
		t.Parameters[i].fits = fits
	}
	return t, nil
}

// counted is a class repeated within bounds: package regexp knows it only up
// to 1,000 times.
var counted = regexp.MustCompile(`^(\(.+\))\{(\d+),(\d+)\}$`)

// matcher tells what matches a regular expression as a whole.
func matcher(regex string) (func(string) bool, error) {
	least, most := 0, -1
	if part := counted.FindStringSubmatch(regex); part != nil {
		regex = part[1] + "*"
		least, _ = strconv.Atoi(part[2]) // they are digits
		most, _ = strconv.Atoi(part[3])
	}
	whole, err := regexp.Compile(`^(?:` + regex + `)$`)
	return func(value string) bool {
		n := utf8.RuneCountInString(value)
		return whole.MatchString(value) && n >= least && (most < 0 || n <= most)
	}, err
}

// mostShown is how much of a value a message repeats, in bytes.
const mostShown = 80

// Fill is the document with values in the places of its parameters. Values are
// text, whatever they look like.
//
// Errors: InvalidRequest, for a value that is missing, unknown or does not
// match, or that has a placeholder which stands for nothing there.
func (t Template) Fill(values map[string]string) ([]byte, error) {
	if err := t.known(values); err != nil {
		return nil, err
	}
	filled := map[string]string{}
	for _, p := range t.Parameters {
		value, given := values[p.Key]
		switch {
		case !given && !p.Optional:
			return nil, fault.New(fault.InvalidRequest, "Value null at 'documentParameters.%s' is not allowed: job template %s needs it", p.Key, t.ID())
		case given && !p.fits(value):
			return nil, fault.New(fault.InvalidRequest, "Value %s at 'documentParameters.%s' failed to satisfy constraint: must match %s", strconv.Quote(fault.Clip(value, mostShown)), p.Key, p.Regex)
		}
		if err := job.CheckText(value, "documentParameters."+p.Key); err != nil {
			return nil, err
		}
		filled[p.Key] = value
	}
	return job.Fill(t.Document, func(p job.Placeholder) (job.Value, error) {
		if value, known := filled[p.Rest]; known && p.Kind == job.OfParameter {
			return job.Text(value), nil
		}
		return job.Value{}, nil
	})
}

// known refuses values of parameters that the template does not have.
func (t Template) known(values map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(t.Parameters, func(p Parameter) bool { return p.Key == key }) {
			return fault.New(fault.InvalidRequest, "Member 'documentParameters.%s' is not allowed: job template %s has no such parameter", key, t.ID())
		}
	}
	return nil
}
