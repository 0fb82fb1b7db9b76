package awsapi

import (
	"slices"
	"strconv"
)

// wireErrors are op's errors as the specification prints them, sorted.
func wireErrors(op Operation) []string {
	var all []string
	for bit := range exceptions {
		if e := Exceptions(1) << bit; op.Errors.Has(e) {
			all = append(all, e.Name()+" "+strconv.Itoa(e.Status(op.Service)))
		}
	}
	return sorted(all)
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}
