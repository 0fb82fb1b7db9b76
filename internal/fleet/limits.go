package fleet

import "time"

// Limits of the registry. spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
const (
	MaxAttributes      = 3  // of a thing without a type
	MaxTypedAttributes = 50 // of a thing with a type
	MaxGroupAttributes = 50
	MaxDepth           = 7   // of groups, the root counted
	MaxChildren        = 100 // direct children of a group
	MaxGroups          = 10  // groups that a thing itself is in
	// MaxDynamicGroups is how many dynamic groups there may be: a node has
	// their queries in memory.
	MaxDynamicGroups = 1000
	// DeleteTypeAfter is how long a type is deprecated before it may go.
	DeleteTypeAfter = 5 * time.Minute
)

// MaxTags is how many tags a resource may bear.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
const MaxTags = 50
