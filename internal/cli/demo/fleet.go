package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/mqtt"
)

// fleet is the simulated devices of a demo. They live in steps: nothing moves
// between two calls of step, and step returns when every request was answered.
// So what they do depends on the fleet's clock and not on the machine's speed.
//
// Each connection has a goroutine of its own, which only takes notices; the
// goroutines of a step end with it.
type fleet struct {
	devices []*device
	news    chan struct{} // some device was told something
}

// happening is the end of an execution as its device sees it: CANCELED is one
// that an operator took away.
type happening struct {
	device  string
	status  string
	attempt int64
}

// lost is a device that cannot go on.
type lost struct {
	device *device
	err    error
}

func (l *lost) Error() string { return "device " + l.device.name + ": " + l.err.Error() }

func (l *lost) Unwrap() error { return l.err }

// atOnce is how many connections or requests are under way at a time.
const atOnce = 64

// newFleet makes n devices that are not connected yet.
func newFleet(n int) *fleet {
	f := &fleet{news: make(chan struct{}, 1)}
	for i, k := range allot(n) {
		f.devices = append(f.devices, &device{
			name: fmt.Sprintf("press-%04d", i+1), kind: k,
			answers: make(chan mqtt.Message, 1), news: f.news,
		})
	}
	return f
}

// names are the things that the devices are.
func (f *fleet) names() []string {
	names := make([]string, len(f.devices))
	for i, d := range f.devices {
		names[i] = d.name
	}
	return names
}

// connect connects every device.
func (f *fleet) connect(ctx context.Context, url string) error {
	return f.each(ctx, func(ctx context.Context, d *device) error { return d.connect(ctx, url) })
}

// each does something with all devices, some at once. A device that fails is a
// *lost, and does not keep the others from what they are about.
func (f *fleet) each(ctx context.Context, do func(context.Context, *device) error) error {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, d := range f.devices {
		g.Go(func() error {
			if err := do(ctx, d); err != nil {
				return &lost{d, err}
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// drop goes on without a device.
func (f *fleet) drop(d *device) {
	d.conn.Kill()
	f.devices = slices.DeleteFunc(f.devices, func(o *device) bool { return o == d })
}

// step lets every device do what is to be done at now, and answers what ended,
// in order of the devices' names.
func (f *fleet) step(ctx context.Context, now time.Time) ([]happening, error) {
	var mu sync.Mutex // guards all
	var all []happening
	err := f.each(ctx, func(ctx context.Context, d *device) error {
		ended, err := d.step(ctx, now)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, ended...)
		return err
	})
	slices.SortStableFunc(all, func(a, b happening) int { return strings.Compare(a.device, b.device) })
	return all, err
}

// settle waits until every silent device was told that its time is up; the
// notices are on their way.
func (f *fleet) settle(ctx context.Context, now time.Time) ([]happening, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var all []happening
	for {
		ended, err := f.step(ctx, now)
		all = append(all, ended...)
		if err != nil || f.silent() == nil {
			return all, err
		}
		select {
		case <-f.news:
		case <-ctx.Done():
			return all, fmt.Errorf("device %s was not told that its time is up: %w", f.silent().name, ctx.Err())
		}
	}
}

// silent is a device that waits for its timeout, nil if there is none.
func (f *fleet) silent() *device {
	for _, d := range f.devices {
		if d.silent() {
			return d
		}
	}
	return nil
}

// close disconnects all devices that are connected.
func (f *fleet) close() {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, d := range f.devices {
		if d.conn != nil {
			g.Go(d.conn.Close)
		}
	}
	_ = g.Wait() // the connections are gone either way
}
