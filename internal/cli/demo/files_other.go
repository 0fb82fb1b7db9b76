//go:build !unix

package demo

// openFiles is how many files this process may have open: there is no limit to
// ask for here.
func openFiles() (limit uint64, ok bool) { return 0, false }
