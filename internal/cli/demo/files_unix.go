//go:build unix

package demo

import "syscall"

// openFiles is how many files this process may have open; the runtime has
// raised the soft limit already.
func openFiles() (limit uint64, ok bool) {
	var r syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r)
	return uint64(r.Cur), err == nil
}
