package bench

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// scripted is an operator whose rollouts end when the test says so.
type scripted struct {
	created chan string
	rolled  chan error
}

func (s scripted) createJob(_ context.Context, id string) error {
	s.created <- id
	return nil
}

func (s scripted) awaitRollout(ctx context.Context, _ string) error {
	select {
	case err := <-s.rolled:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// listeners is a crew that notes what it is told.
type listeners struct {
	woken  chan struct{}
	failed chan error
}

func (l listeners) wake() { l.woken <- struct{}{} }

func (l listeners) fail(err error) { l.failed <- err }

func newListeners() listeners { return listeners{make(chan struct{}, 9), make(chan error, 9)} }

// takes is what a member takes until there is nothing.
func takes(t *testing.T, r *rounds, member int) []execution {
	t.Helper()
	var list []execution
	for e, ok := r.next(member); ok; e, ok = r.next(member) {
		list = append(list, e)
	}
	return list
}

func wantTakes(t *testing.T, got []execution, job string, things ...int) {
	t.Helper()
	var want []execution
	for _, i := range things {
		want = append(want, execution{thing: thing(i), job: job})
	}
	if !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
}

func TestJobsFollowEachOther(t *testing.T) {
	op := scripted{make(chan string, 1), make(chan error, 1)}
	op.rolled <- nil
	r, err := newRounds(t.Context(), op, 5, 2)
	if err != nil || <-op.created != "round-0" {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	crew, ended := newListeners(), make(chan struct{})
	go func() {
		defer close(ended)
		r.follow(ctx, crew)
	}()
	defer func() {
		stop()
		<-ended
	}()

	wantTakes(t, takes(t, r, 0), "round-0", 0, 2, 4)
	if got := <-op.created; got != "round-1" {
		t.Fatalf("created %s when the first was begun", got)
	}
	wantTakes(t, takes(t, r, 0), "") // it is not rolled out yet
	op.rolled <- nil
	<-crew.woken
	both := takes(t, r, 1)
	wantTakes(t, both[:2], "round-0", 1, 3)
	wantTakes(t, both[2:], "round-1", 1, 3)
	if got := <-op.created; got != "round-2" {
		t.Fatalf("created %s when the second was begun", got)
	}
}

func TestAMemberWithoutThingsHasNothingToDo(t *testing.T) {
	op := scripted{make(chan string, 1), make(chan error, 1)}
	op.rolled <- nil
	r, err := newRounds(t.Context(), op, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	wantTakes(t, takes(t, r, 1), "")
}

func TestARolloutThatFailsEndsTheWork(t *testing.T) {
	op := scripted{make(chan string, 2), make(chan error, 2)}
	op.rolled <- nil
	r, err := newRounds(t.Context(), op, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	broken, crew := errors.New("broken"), newListeners()
	op.rolled <- broken
	takes(t, r, 0)
	r.follow(t.Context(), crew)
	if err := <-crew.failed; !errors.Is(err, broken) {
		t.Errorf("failed with %v", err)
	}
}

func TestEachExecutionIsTakenOnce(t *testing.T) {
	o, seen := &once{things: 100}, map[execution]bool{}
	for e, ok := o.next(0); ok; e, ok = o.next(0) {
		seen[e] = true
		if err := o.spent(); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d of 100 were taken", len(seen))
	}
	if err := o.spent(); err == nil {
		t.Error("nobody notices that there is no more")
	}
}

func TestScatteredNumbersAreAllOfThem(t *testing.T) {
	for _, n := range []int{1, 2_000, 10_000, 1_000_000} {
		seen := make([]bool, n)
		for i := range n {
			seen[scattered(i, n)] = true
		}
		if i := slices.Index(seen, false); i >= 0 {
			t.Errorf("%d is none of %d", i, n)
		}
	}
}

func TestThingsAreAskedAgainAndAgain(t *testing.T) {
	a := &around{things: 10}
	times := map[string]int{}
	for range 30 {
		e, ok := a.next(0)
		if !ok {
			t.Fatal("there is nothing to ask")
		}
		times[e.thing]++
	}
	for i := range 10 {
		if got := times[thing(i)]; got != 3 {
			t.Errorf("thing %d was asked %d times of 3", i, got)
		}
	}
}

func TestAMillionThingsHaveTheirExecutionsBeforehand(t *testing.T) {
	for things, queued := range map[int]bool{1_000: false, 100_000: false, 1_000_000: true, 2_000_000: true} {
		if c := (&stand{fixed: things}).reportsCourse(); c.queued != queued || c.things != things {
			t.Errorf("%d things: %s", things, c.fleet)
		}
	}
}
