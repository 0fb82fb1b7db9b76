//go:build unix

package cli

import (
	"fmt"
	"syscall"
)

// needFiles refuses a fleet whose connections this process cannot open. Each
// has two ends here; the runtime has raised the soft limit already.
func needFiles(devices int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil // then opening them will tell
	}
	if need := 2*uint64(devices) + spareFiles; need > uint64(limit.Cur) {
		return fmt.Errorf("%d devices need %d open files and this process may have %d: "+
			"raise the limit (ulimit -n %d), or ask for fewer with --devices", devices, need, limit.Cur, need)
	}
	return nil
}

// spareFiles is what a node opens beside the devices' connections.
const spareFiles = 300
