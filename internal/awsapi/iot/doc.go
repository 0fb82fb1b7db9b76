// Package iot holds the wire shapes of the control plane: a struct for each
// request, each answer and each structure inside them, with the constraints
// of its members next to it.
//
// Begin with the operation wanted, say [UpdateJob], its [UpdateJobRequest]
// and its answer. Member names are the service model's. In requests a zero
// value means absent wherever a rule refuses the zero value; where the two
// differ, the field is a pointer. The package has no logic beyond rules
// about one request, no goroutines and no state.
//
// spec: api-operations.md, api-shapes.md
package iot
