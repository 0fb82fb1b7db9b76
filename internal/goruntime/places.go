package goruntime

import "runtime"

// onePlaceMore lets Go code run on a thread more than there are cores, until the
// function that it returns is called. The thread that syncs the store to the disk
// keeps its place while it waits, until the runtime notices, which may take
// longer than the disk: on two cores half of the node would stand still with it.
func onePlaceMore() (back func()) {
	was := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(was + 1)
	return func() { runtime.GOMAXPROCS(was) }
}
