package engine

import (
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/quota"
	"github.com/drover-iot/drover/internal/store"
)

// decision is a command that decides as it says.
type decision func(store.Work) error

func (d decision) Hint(*store.Hints)         {}
func (d decision) Decide(w store.Work) error { return d(w) }

func TestChangesBehindTheRowsOfABatchComeAfterThoseOfItsOtherCommands(t *testing.T) {
	e := bounded(t, quota.Numbers{})
	var order []int64
	tell := func(of *turn) {
		of.tell(fleet.Thing{Name: "press"}, "", job.Notice{})
		order = append(order, of.changes[len(of.changes)-1].Turn)
	}
	ticket := e.store.Submit(decision(func(w store.Work) error {
		order = nil
		first, second := e.begin(w), e.begin(w)
		first.Then(func(tx store.Tx) error {
			tell(first.behind(tx).turn)
			return nil
		})
		tell(first)
		tell(second)
		return nil
	}))
	check(t, ticket.Wait(t.Context()))
	if len(order) != 3 || !slices.IsSorted(order) {
		t.Errorf("changes, in the order in which they were decided, are of the turns %v", order)
	}
	if e.Settled() < slices.Max(order) {
		t.Errorf("turn %d is committed, and settled is %d", slices.Max(order), e.Settled())
	}
}
