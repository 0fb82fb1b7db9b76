package bench

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// runStart measures how long a node takes from its command to its greeting, when
// it listens: after one that was stopped, and after one that was killed while
// devices reported.
func runStart(ctx context.Context, st *stand) (figures []figure, err error) {
	things := st.things(1_000_000, 20_000)
	n, err := st.start(ctx, fleet{things: things, queued: true})
	if err != nil {
		return nil, err
	}
	s := &starts{st: st, dir: n.dir, node: n, work: &around{things: things}}
	defer func() {
		if s.node != nil {
			st.closing(s.node, &err)
		}
	}()
	stopped, err := s.after(ctx, s.stop)
	if err != nil {
		return nil, err
	}
	killed, err := s.after(ctx, s.kill)
	if err != nil {
		return nil, err
	}
	return []figure{
		{Name: "start", Value: stopped.at(0.5).Seconds(), Unit: "s"},
		{Name: "start.longest", Value: slices.Max(stopped).Seconds(), Unit: "s"},
		{Name: "start.killed", Value: killed.at(0.5).Seconds(), Unit: "s"},
		{Name: "start.killed-longest", Value: slices.Max(killed).Seconds(), Unit: "s"},
		{Name: "start.killed-wal", Value: s.wal / 1e6, Unit: "MB"},
	}, nil
}

// starts are those on one folder, again and again.
type starts struct {
	st   *stand
	dir  string
	node *node   // that runs
	work *around // of the devices, all the time
	wal  float64 // the longest log that was left behind, in bytes
}

// after measures starts after an end of the node before.
func (s *starts) after(ctx context.Context, end func(context.Context, *node) error) (took latencies, err error) {
	for range s.st.num(5, 2) {
		n := s.node
		s.node = nil
		if err := end(ctx, n); err != nil {
			return nil, err
		}
		began := clock.Wall()
		if s.node, err = s.st.startOn(ctx, s.dir); err != nil {
			return nil, err
		}
		took = append(took, clock.Wall().Sub(began))
	}
	return took, nil
}

func (s *starts) stop(_ context.Context, n *node) error { return n.stop() }

// kill kills a node while devices report.
func (s *starts) kill(ctx context.Context, n *node) error {
	l, err := dial(ctx, n.mqtt, connections, s.work)
	if err != nil {
		return errors.Join(err, n.stop())
	}
	defer l.close()
	l.script = reports[:2] // there are always executions that have not ended
	loaded, over := context.WithCancel(ctx)
	defer over()
	timer := time.AfterFunc(s.st.seconds(2, 0.3), func() {
		_ = n.cmd.Process.Kill() // it has ended
		over()
	})
	defer timer.Stop()
	if _, err := l.run(loaded, time.Hour, 0); loaded.Err() == nil {
		return errors.Join(err, n.stop())
	}
	n.awaitKilled()
	wal, err := n.walSize()
	s.wal = max(s.wal, wal)
	return errors.Join(err, ctx.Err())
}

// awaitKilled waits until a node that was killed has ended.
func (n *node) awaitKilled() {
	n.api.Close()
	_, _ = io.Copy(io.Discard, n.out) // Wait wants all of it read
	_ = n.cmd.Wait()                  // says that it was killed
}
