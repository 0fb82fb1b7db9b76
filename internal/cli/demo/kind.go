package demo

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// kind is how a simulated device behaves.
type kind uint8

const (
	steady kind = iota // does what it is told
	flaky              // fails its first attempt
	drowsy             // falls silent in its first attempt
	choosy             // rejects the job
	dead               // starts and falls silent, whenever it tries
	broken             // fails, whenever it tries
)

// demoSeed makes every run of the demo the same.
const demoSeed = 7

// allot says how each of n devices behaves. The first one falls silent, so
// that even a job for a single device lasts until both changes were made.
func allot(n int) []kind {
	all := make([]kind, n)
	at := 0
	for _, k := range misfits(n) {
		all[at] = k
		at++
	}
	r := rand.New(rand.NewPCG(demoSeed, uint64(n)))
	r.Shuffle(n-1, func(i, j int) { all[i+1], all[j+1] = all[j+1], all[i+1] })
	return all
}

// misfits are the devices among n that do not simply succeed: some for a
// thousand, and at least one of a kind as soon as there is room for it. So few
// are broken that the demo's abort criterion is never met.
func misfits(n int) []kind {
	var all []kind
	for _, m := range []struct {
		kind     kind
		thousand int // of a thousand devices
		from     int // at least one from this many devices on
	}{{drowsy, 15, 1}, {flaky, 30, 2}, {choosy, 10, 4}, {dead, 10, 6}, {broken, 10, 12}} {
		count := n * m.thousand / 1000
		if count == 0 && n >= m.from {
			count = 1
		}
		for range count {
			all = append(all, m.kind)
		}
	}
	return all
}

// move is one report of a device about an execution.
type move struct {
	after   time.Duration // since the move before, in the fleet's time
	status  string
	details map[string]string
}

// attempt is how a device goes about one execution.
type attempt struct {
	refuse bool // without starting it
	moves  []move
}

// attempt is what a device of this kind does in its n-th attempt; r makes one
// device faster than another.
func (k kind) attempt(n int64, r *rand.Rand) attempt {
	first := n == 1
	switch {
	case k == choosy:
		return attempt{refuse: true, moves: []move{{pause(r), "REJECTED", map[string]string{"reason": "hardware revision too old"}}}}
	case k == dead, k == drowsy && first:
		return attempt{moves: []move{progress(r, 20)}}
	case k == broken, k == flaky && first:
		return attempt{moves: []move{
			progress(r, 25), progress(r, 50),
			{pause(r), "FAILED", map[string]string{"reason": "flash verify error"}},
		}}
	default:
		return attempt{moves: []move{
			progress(r, 25), progress(r, 50), progress(r, 75),
			{pause(r), "SUCCEEDED", map[string]string{"progress": "100"}},
		}}
	}
}

func progress(r *rand.Rand, percent int) move {
	return move{pause(r), "IN_PROGRESS", map[string]string{"progress": strconv.Itoa(percent)}}
}

// pause is how long a device works between two reports.
func pause(r *rand.Rand) time.Duration {
	return time.Duration(8+r.IntN(9)) * time.Second
}
