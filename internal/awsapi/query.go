package awsapi

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// dryRun is the parameter that asks an operation to change nothing.
const dryRun = "dryRun"

// query is what a query string brings for the members of p. Parameters that the
// shape does not know are ignored, but not one that asks for a rehearsal, however
// it is spelt: the change would be made. No member is a list, so none comes twice.
// spec: wire-protocol.md#2-rest-json-rules-model-protocol-restjson1
func (p *plan) query(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, "Query string is malformed")
	}
	if len(values) == 0 {
		return nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := p.parameter(name, len(values[name])); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// parameter refuses a query parameter that may not come, or not that often.
func (p *plan) parameter(name string, times int) error {
	known := slices.ContainsFunc(p.rows, func(r row) bool { return r.In == Query && r.wireName() == name })
	switch {
	case known && times > 1:
		return fault.New(fault.InvalidRequest, "Query parameter '%s' comes more than once", name)
	case known:
		return nil
	case name == dryRun:
		return fault.New(fault.InvalidRequest, "Query parameter 'dryRun' is not supported by this operation: only UpdateJob can be tried")
	case rehearses(name):
		return fault.New(fault.InvalidRequest, "Query parameter '%s' is not known: did you mean 'dryRun'?", clip(name))
	case p.strict:
		return fault.New(fault.InvalidRequest, "Query parameter '%s' is not known to this operation", clip(name))
	default:
		return nil
	}
}

// rehearses tells whether a parameter is dryRun in another spelling.
func rehearses(name string) bool {
	return strings.EqualFold(strings.NewReplacer("-", "", "_", "").Replace(name), dryRun)
}

// wireName is the name of a query parameter or header.
func (m *Member) wireName() string {
	if m.As != "" {
		return m.As
	}
	return m.Name
}
