package goruntime

import (
	"os"
	"runtime"
)

// PlaceToSync lets Go code run on a thread more than there are cores, until the
// function that it returns is called. The thread that syncs the store to the disk
// keeps its place while it waits, until the runtime notices, which may take
// longer than the disk: on two cores half of the node would stand still with it.
// Meanwhile the runtime does not follow a limit of processor time that changes.
func PlaceToSync() (back func()) {
	if os.Getenv("GOMAXPROCS") != "" {
		return func() {}
	}
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	return runtime.SetDefaultGOMAXPROCS
}
