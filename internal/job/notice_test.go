package job

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNotices(t *testing.T) {
	one, two, three := Head{1, 1}, Head{2, 1}, Head{3, 1}
	left := func(before Head) Notice { return Notice{Before: before, Members: true} }
	added := func(h Head) Notice { return Notice{Added: h, Members: true} }
	moved := func(before Head) Notice { return Notice{Before: before} }
	for _, c := range []struct {
		name    string
		notices []Notice
		head    Head
		members bool
		next    bool
	}{
		{"added to an empty list", []Notice{left(Head{})}, one, true, true},
		{"added behind the head", []Notice{left(one)}, one, true, false},
		{"another one becomes the head by its start", []Notice{moved(one)}, two, false, true},
		{"the head left", []Notice{left(one)}, two, true, true},
		{"the last one left", []Notice{left(one)}, Head{}, true, true},
		{"a retry of the head", []Notice{left(one)}, Head{1, 2}, true, true},
		{"a head that came back", []Notice{moved(one), left(two)}, one, true, false},
		{"released to an empty list", []Notice{added(one)}, one, true, true},
		{"released behind the head", []Notice{added(two)}, one, true, false},
		{"released to an empty list, then ended", []Notice{added(one), left(one)}, Head{}, true, false},
		{"released to an empty list, then another behind it", []Notice{added(one), added(two)}, one, true, true},
		{"released behind the head, then that left", []Notice{added(two), left(one)}, two, true, true},
		{"released behind the head, then a third was started", []Notice{added(two), moved(one)}, three, true, true},
		{"released twice behind the head, then that left", []Notice{added(two), added(three), left(one)}, two, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := c.notices[0]
			for _, next := range c.notices[1:] {
				n = n.Then(next)
			}
			if n.Members != c.members || n.NextChanged(c.head) != c.next {
				t.Errorf("notify %v, notify-next %v; want %v, %v", n.Members, n.NextChanged(c.head), c.members, c.next)
			}
		})
	}
}

func TestWhatIsOwedKnowsNoHeadThatWasAnotherInBetween(t *testing.T) {
	one, two, none := Head{1, 1}, Head{2, 1}, Head{}
	left := func(before Head) Notice { return Notice{Before: before, Members: true} }
	added := func(h Head) Notice { return Notice{Added: h, Members: true} }
	moved := func(before Head) Notice { return Notice{Before: before} }
	for _, c := range []struct {
		name       string
		owed, next Notice
		want       Notice
	}{
		{"the head stayed", moved(one), moved(one), moved(one)},
		{"the list changed behind the head", moved(one), left(one), left(one)},
		{"the head was another in between", left(one), moved(two), Notice{Before: Head{-1, 1}, Members: true}},
		{"there was none in between", left(one), left(none), Notice{Before: Head{-1, 1}, Members: true}},
		{"there was none before", left(none), left(one), Notice{Before: Head{-1, 0}, Members: true}},
		{"it was another in between, once", Notice{Before: Head{-1, 1}}, moved(one), Notice{Before: Head{-1, 1}}},
		{"a release adds to what is owed", moved(one), added(two), left(one)},
		{"two releases", added(one), added(two), added(one)},
		{"released behind the head", added(two), moved(one), left(one)},
		{"released to an empty list", added(one), moved(one), Notice{Before: Head{-1, 0}, Members: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.owed.Owe(c.next); got != c.want {
				t.Errorf("owed is %+v, want %+v", got, c.want)
			}
		})
	}
}

// listener is what a thing's listener knows: the whole list, which notices do
// not keep.
type listener struct {
	list   []Execution
	told   Head
	notice Notice
	untold bool
	clock  float64
}

func (l *listener) note(n Notice) {
	if l.untold {
		n = l.notice.Then(n)
	}
	l.notice, l.untold = n, true
}

// Then and NextChanged must tell of the head exactly what one finds who keeps
// the whole list before the first change. What a release adds goes to the end
// of the list, as queuedAt never moves back on a thing.
func TestNoticesAgreeWithWholeLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &listener{}
		for job := int64(1); job <= 30; job++ {
			l.change(t, job)
			if l.untold && rapid.IntRange(0, 3).Draw(t, "tell") == 0 {
				l.tell(t)
			}
		}
	})
}

func (l *listener) change(t *rapid.T, job int64) {
	before := HeadOf(l.list)
	pick := func() int { return rapid.IntRange(0, len(l.list)-1).Draw(t, "which") }
	kind := rapid.IntRange(0, 3).Draw(t, "change")
	switch {
	case kind == 0 || len(l.list) == 0:
		l.clock++
		l.list = append(l.list, Execution{Ref: Ref{Key{job, 1}, 1}, State: Queued, QueuedAt: clockAt(l.clock)})
		if rapid.Bool().Draw(t, "by release") {
			l.note(Notice{Added: Head{job, 1}, Members: true})
			return
		}
		l.note(Notice{Before: before, Members: true})
	case kind == 1:
		if l.list[pick()].State = InProgress; HeadOf(l.list) != before {
			l.note(Notice{Before: before})
		}
	default:
		i := pick()
		l.list = slices.Delete(l.list, i, i+1)
		l.note(Notice{Before: before, Members: true})
	}
}

func (l *listener) tell(t *rapid.T) {
	head := HeadOf(l.list)
	if got := l.notice.NextChanged(head); got != (head != l.told) {
		t.Fatalf("notify-next %v: told %v, now %v, notice %+v", got, l.told, head, l.notice)
	}
	l.told, l.untold = head, false
}
