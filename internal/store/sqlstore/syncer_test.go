package sqlstore

import (
	"errors"
	"testing"
)

func TestBehindASyncThatFailedAllCommitsFail(t *testing.T) {
	broken := errors.New("the disk is gone")
	var failed []error
	s := newSyncer(func() error { return broken }, 0, func(err error) { failed = append(failed, err) })
	var told []error
	tell := func(err error) { told = append(told, err) }
	go s.run()
	s.hand(commit{number: s.begin(), tell: tell}) // it has written nothing
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
