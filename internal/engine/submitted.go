package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/store"
)

// Submitted is a change that was handed to the writer.
type Submitted[T any] interface {
	// Then has fn called when Wait waits no more; see store.Ticket.
	Then(fn func())
	// Outcome is what it came to, once fn was called; anything if it failed.
	Outcome() T
	// Wait waits for the commit and answers what it came to, with the changes of
	// lists that are to be told. It is called once.
	Wait(ctx context.Context) (T, []ListChange, error)
}

// underway is what all commands that are Submitted have in common.
type underway struct{ ticket store.Ticket }

func (u underway) Then(fn func()) { u.ticket.Then(fn) }

// unsubmitted is a change that was refused at once.
type unsubmitted[T any] struct{ err error }

func (unsubmitted[T]) Then(fn func()) { fn() }

func (unsubmitted[T]) Outcome() (none T) { return none }

func (u unsubmitted[T]) Wait(context.Context) (none T, _ []ListChange, _ error) {
	return none, nil, u.err
}
