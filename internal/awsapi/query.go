package awsapi

import (
	"net/url"

	"github.com/drover-iot/drover/internal/fault"
)

// dryRun is the parameter that asks an operation to change nothing.
const dryRun = "dryRun"

// query is what a query string brings for the members of p. Parameters that the
// shape does not know are ignored, but not one that asks for a rehearsal: the
// change would be made. No member is a list, so none comes twice.
// spec: wire-protocol.md#2-rest-json-rules-model-protocol-restjson1
func (p *plan) query(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, "Query string is malformed")
	}
	if len(values) == 0 {
		return nil, nil
	}
	rehearses := false
	for i := range p.rows {
		r := &p.rows[i]
		if r.In != Query {
			continue
		}
		rehearses = rehearses || r.Name == dryRun
		if name := r.wireName(); len(values[name]) > 1 {
			return nil, fault.New(fault.InvalidRequest, "Query parameter '%s' comes more than once", name)
		}
	}
	if values.Has(dryRun) && !rehearses {
		return nil, fault.New(fault.InvalidRequest, "Query parameter 'dryRun' is not supported by this operation: only UpdateJob can be tried")
	}
	return values, nil
}

// wireName is the name of a query parameter or header.
func (m *Member) wireName() string {
	if m.As != "" {
		return m.As
	}
	return m.Name
}
