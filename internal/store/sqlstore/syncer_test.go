package sqlstore

import (
	"errors"
	"slices"
	"testing"
)

func TestBehindASyncThatFailedAllCommitsFail(t *testing.T) {
	broken := errors.New("the disk is gone")
	var failed []error
	s := newSyncer(func() error { return broken }, 0, func(err error) { failed = append(failed, err) })
	told, first := []error(nil), make(chan struct{})
	tell := func(err error) { told = append(told, err) }
	go s.run()
	s.hand(commit{number: s.begin(), tell: func(err error) { tell(err); close(first) }}) // it has written nothing
	<-first
	s.hand(commit{number: s.begin(), wrote: true, tell: tell})
	s.hand(commit{number: s.begin(), tell: tell})
	s.close()
	if len(told) != 3 || told[0] != nil || !errors.Is(told[1], broken) || !errors.Is(told[2], broken) {
		t.Errorf("the commits are told %v", told)
	}
	if len(failed) != 1 {
		t.Errorf("the failure was told as %v", failed)
	}
	if err := s.await(t.Context()); !errors.Is(err, broken) {
		t.Errorf("a read is answered with %v", err)
	}
}

func TestOneSyncIsEnoughForAllThatWait(t *testing.T) {
	begun, free := make(chan struct{}, 3), make(chan struct{})
	s := newSyncer(func() error { begun <- struct{}{}; <-free; return nil }, 0, nil)
	var told []int64
	hand := func(wrote bool) {
		n := s.begin()
		s.hand(commit{number: n, wrote: wrote, tell: func(err error) {
			if err != nil || s.lasting.Load() < n {
				t.Errorf("commit %d is told with %v, where %d last", n, err, s.lasting.Load())
			}
			told = append(told, n)
		}})
	}
	go s.run()
	hand(true)
	<-begun
	hand(false) // the other one is to be synced all the same
	hand(true)
	free <- struct{}{}
	<-begun
	if want := []int64{1}; !slices.Equal(told, want) {
		t.Errorf("beside the second sync %v are told, want %v", told, want)
	}
	free <- struct{}{}
	s.close()
	if want := []int64{1, 2, 3}; !slices.Equal(told, want) || len(begun) > 0 {
		t.Errorf("%v are told, want %v; %d syncs more", told, want, len(begun))
	}
}
