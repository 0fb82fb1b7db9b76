// Package awsapi is the wire layer of the two AWS services that Drover
// speaks: REST-JSON in and out, constraints, errors, ARNs and paging tokens,
// for the doors on both planes and for clients of the control plane.
//
// Begin with [Handle]: it makes a [Route] of an [Operation] and a function
// from a request struct to an answer struct. A [Mux] serves such routes,
// decides which service a shared path means, and answers in the protocol
// whatever no route takes. The structs live in awsapi/iot and
// awsapi/jobsdata; each request says by its [Shape] where its members travel
// and what they may be, and one decoder reads and checks them all.
//
// Clients call with [Call]. But for the connections that a [Client] keeps,
// nothing here starts a goroutine, and every value is safe for concurrent use
// once made. The one lock is that of a budget: bodies of requests, and answers,
// may take so much memory in all that each Mux has one of either. It is held
// while a connection that makes room is given its deadline. The package knows names, bytes and ranges;
// rules that join several members, and everything about state, belong to the
// domain.
package awsapi
