package fleet

import (
	"cmp"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// CheckTags refuses, as InvalidRequest, tags that one request may not give: too
// many, or a key twice. spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func CheckTags(tags []Tag) error {
	if len(tags) > MaxTags {
		return fault.New(fault.InvalidRequest, "Value at 'tags' has %d tags, at most %d are allowed", len(tags), MaxTags)
	}
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		if seen[t.Key] {
			return fault.New(fault.InvalidRequest, "Value at 'tags' has the key '%s' twice", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

// AddTags is the tags, by key, of a resource that bore present and gets given;
// a key that is there takes the new value.
//
// Errors: InvalidRequest as CheckTags, LimitExceeded beyond MaxTags together.
func AddTags(present, given []Tag) ([]Tag, error) {
	if err := CheckTags(given); err != nil {
		return nil, err
	}
	all := slices.Clone(given)
	for _, t := range present {
		if !slices.ContainsFunc(given, func(g Tag) bool { return g.Key == t.Key }) {
			all = append(all, t)
		}
	}
	if len(all) > MaxTags {
		return nil, fault.New(fault.LimitExceeded, "The resource would have %d tags, at most %d are allowed", len(all), MaxTags)
	}
	slices.SortFunc(all, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
	return all, nil
}
