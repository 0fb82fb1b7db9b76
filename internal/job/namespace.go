package job

import (
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// MaxNamespace is how many characters a namespaceId may have, so that the topics
// of its notices keep their limits with any thing.
const MaxNamespace = 64

func checkNamespace(id string) error {
	if id == "" {
		return nil
	}
	return CheckNamespace(id)
}

// CheckNamespace refuses, as InvalidRequest, what cannot be a namespaceId.
func CheckNamespace(id string) error {
	if len(id) > MaxNamespace {
		return fault.New(fault.InvalidRequest, "Value at 'namespaceId' failed to satisfy constraint: must have at most %d characters", MaxNamespace)
	}
	fits := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	if id == "" || strings.ContainsFunc(id, func(r rune) bool { return !fits(r) }) {
		return fault.New(fault.InvalidRequest, "Value '%s' at 'namespaceId' failed to satisfy constraint: must match [a-zA-Z0-9_-]+", id)
	}
	return nil
}

// In tells whether the job may be meant by a request that names namespace.
// One that names none means any job; with no namespace of its own, a job is
// meant by every request of the control plane, but not by one whose topic has
// a namespace. spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
func (j Job) In(namespace string) bool {
	return namespace == "" || j.Namespace == "" || j.Namespace == namespace
}

// SeenIn tells whether who looks into a namespace sees the job; "" sees all.
// Unlike In, a namespace has none of the jobs without one.
func (j Job) SeenIn(namespace string) bool { return namespace == "" || j.Namespace == namespace }
