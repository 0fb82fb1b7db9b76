// Package iot holds the wire shapes of the control plane, one file a
// resource: each operation with its request, the constraints of the members,
// its answer, and the steps between both and the values of the domain.
//
// Begin with the operation wanted, say [UpdateJob], its [UpdateJobRequest]
// and its answer. Member names are the service model's. In requests a zero
// value means absent wherever a rule refuses the zero value; where the two
// differ, the field is a pointer. The package has no logic beyond rules about
// one request and conversion, no goroutines and no state.
//
// spec: api-operations.md, api-shapes.md
package iot
