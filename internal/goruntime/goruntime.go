// Package goruntime sets the Go runtime of a process up for a node: the garbage
// collector seldom runs while the process is busy and gives memory back once it
// is at rest, and there is a place for a thread that waits for the disk.
//
// Begin with [Tend]. It is for main programs: what it sets is the process's. Who
// has set GOGC or GOMAXPROCS knows better: what they set is left alone.
package goruntime

import "sync"

// Tend sets the runtime up, until the function that it returns is called.
func Tend() (stop func()) {
	collectOften, placeBack := CollectSeldom(), PlaceToSync()
	return sync.OnceFunc(func() {
		collectOften()
		placeBack()
	})
}
