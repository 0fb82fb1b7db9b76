package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// benchStore is an empty store whose commits are durable.
func benchStore(b *testing.B) *Store {
	b.Helper()
	s, err := Open(b.Context(), Config{Dir: b.TempDir(), Options: store.Options{Clock: clock.NewReal()}})
	must(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	return s
}

// groupOf makes a group of n things.
func groupOf(b *testing.B, s *Store, n int) (group int64, things []int64) {
	b.Helper()
	must(b, s.Write(b.Context(), func(tx store.Tx) (err error) {
		things = nil
		if group, err = tx.InsertGroup(fleet.Group{Name: "g", Depth: 1}); err != nil {
			return err
		}
		for i := range n {
			id, err := tx.InsertThing(fleet.Thing{Name: LoadedThing(i)})
			if err != nil {
				return err
			}
			if err := tx.Join(group, id, true); err != nil {
				return err
			}
			things = append(things, id)
		}
		return nil
	}))
	return group, things
}

// BenchmarkJoin: a join costs the same whatever the size of the group. 100
// leaves and joins share a commit.
func BenchmarkJoin(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		b.Run(fmt.Sprint("group of ", n), func(b *testing.B) {
			s := benchStore(b)
			group, things := groupOf(b, s, n)
			for i := 0; b.Loop(); i++ {
				must(b, s.Write(b.Context(), func(tx store.Tx) error { return turnOver(tx, group, things[i%len(things)]) }))
			}
		})
	}
}

// turnOver takes a thing out of a group and puts it there again, 100 times.
func turnOver(tx store.Tx, group, thing int64) error {
	for range 100 {
		if err := tx.Leave(group, thing); err != nil {
			return err
		}
		if err := tx.Join(group, thing, true); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkMembers reads pages of 250 through a group of 100,000.
func BenchmarkMembers(b *testing.B) {
	s := benchStore(b)
	group, _ := groupOf(b, s, 100_000)
	var after store.Cursor
	for b.Loop() {
		_, next, err := s.Members(b.Context(), group, false, store.Page{After: after, Limit: 250})
		must(b, err)
		after = next
	}
}

// BenchmarkJobs reads pages of 25 through 10,000 jobs.
func BenchmarkJobs(b *testing.B) {
	s := benchStore(b)
	must(b, s.Write(b.Context(), func(tx store.Tx) error {
		for i := range 10_000 {
			j := job.Job{Name: fmt.Sprint("job-", i), Selection: job.Snapshot, Status: job.StatusCompleted, CreatedAt: time.UnixMilli(int64(i / 10)), UpdatedAt: time.UnixMilli(int64(i))}
			if i%1000 == 0 {
				j.Status = job.StatusInProgress
			}
			if _, err := tx.InsertJob(j, []byte("{}")); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, f := range []store.JobFilter{{}, {Status: job.StatusCompleted}, {Status: job.StatusInProgress}} {
		b.Run(fmt.Sprint("in status ", int(f.Status)), func(b *testing.B) {
			var after store.Cursor
			for b.Loop() {
				_, next, err := s.JobsBy(b.Context(), f, store.Page{After: after, Limit: 25})
				must(b, err)
				after = next
			}
		})
	}
}

// BenchmarkEnqueue stores messages, each call durable, from 64 publishers at a
// time; the queues fill up to their limit.
func BenchmarkEnqueue(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprint("to ", n), func(b *testing.B) {
			s := benchStore(b)
			var clients []string
			for i := range 100 {
				clients = append(clients, fmt.Sprint("client-", i))
				must(b, s.SaveSession(b.Context(), mqtt.Session{Client: clients[i]}))
			}
			m := mqtt.Message{Topic: "a/b", Payload: make([]byte, 200), QoS: 1}
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					from := i % (100 / n)
					must(b, s.Enqueue(b.Context(), m, clients[from*n:from*n+n]))
				}
			})
		})
	}
}
