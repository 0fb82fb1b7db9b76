// Package arch holds the rules of the house as tests: who may import whom, who
// may read the clock, what is documented, which clauses of the specification
// the code may cite, how long a file may be. It exports nothing.
//
// Begin with the table in floors_test.go. Each rule is a function from parsed
// files to violations, so that a test shows by a few lines of Go that it can
// fail. There are no goroutines, and nothing but Go files, docs/spec and docs/decisions
// is read.
package arch
