package sqlstore

import (
	"errors"
	"testing"
	"time"
)

func TestCommitsThatWaitForALongSyncShareTheNext(t *testing.T) {
	for _, c := range []struct {
		name        string
		took        time.Duration
		more, syncs int
	}{
		{"a short one", time.Millisecond, 2, 3},
		{"a long one", time.Hour, 2, 1},
		{"a long one, and nothing comes", time.Hour, 0, 3},
	} {
		const commits = 3
		syncs, coming := 0, c.more
		s := newSyncer(func() error { syncs++; return nil }, nil, func() bool { coming--; return coming >= 0 })
		s.took = c.took
		told := make(chan error, commits)
		go s.run()
		for range commits {
			s.hand(commit{number: s.begin(), wrote: true, tell: func(err error) {
				if c.more == 0 {
					s.took = c.took // not what these syncs take
				}
				told <- err
			}})
		}
		s.close()
		close(told)
		n := 0
		for err := range told {
			if n++; err != nil {
				t.Errorf("%s: a commit is told %v", c.name, err)
			}
		}
		if n != commits || syncs != c.syncs {
			t.Errorf("%s: %d commits are told of, by %d syncs; want %d, %d", c.name, n, syncs, commits, c.syncs)
		}
		if err := s.await(t.Context()); err != nil {
			t.Errorf("%s: a read waits for %v", c.name, err)
		}
	}
}

func TestBehindASyncThatFailedAllCommitsFail(t *testing.T) {
	broken := errors.New("the disk is gone")
	var failed []error
	s := newSyncer(func() error { return broken }, func(err error) { failed = append(failed, err) }, nil)
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
