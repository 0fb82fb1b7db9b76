package goruntime

import (
	"runtime"
	"testing"
)

func TestWhatTheEnvironmentSetsIsLeftAlone(t *testing.T) {
	goroutines, places := runtime.NumGoroutine(), runtime.GOMAXPROCS(0)
	for _, c := range []struct {
		gogc, procs       string
		goroutines, place int // more than before
	}{
		{"", "", 1, 1},
		{"100", "", 0, 1},
		{"", "2", 1, 0},
		{"off", "2", 0, 0},
	} {
		t.Setenv("GOGC", c.gogc)
		t.Setenv("GOMAXPROCS", c.procs)
		stop := Tend()
		if n := runtime.NumGoroutine() - goroutines; n != c.goroutines {
			t.Errorf("GOGC=%s: %d goroutines, not %d", c.gogc, n, c.goroutines)
		}
		if n := runtime.GOMAXPROCS(0) - places; n != c.place {
			t.Errorf("GOMAXPROCS=%s: %d places more, not %d", c.procs, n, c.place)
		}
		stop()
		stop()
		for runtime.NumGoroutine() > goroutines { // what has said that it ends is about to
			runtime.Gosched()
		}
		if n := runtime.GOMAXPROCS(0); n != places {
			t.Errorf("GOMAXPROCS=%s: %d places at the end, not %d", c.procs, n, places)
		}
	}
}
