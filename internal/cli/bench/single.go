package bench

import (
	"context"
	"sync/atomic"
)

// once is every thing's execution of one job, each taken once, in no order.
type once struct {
	job    string
	things int
	taken  atomic.Int64
}

func (o *once) next(int) (execution, bool) {
	i := int(o.taken.Add(1)) - 1
	return execution{thing: thing(scattered(i, o.things)), job: o.job}, i < o.things
}

// scattered is the i-th of n numbers in an order that is none: each comes once
// for i below n.
func scattered(i, n int) int {
	const step = 7_368_787 // a prime that divides no n here
	return int(int64(i) * step % int64(n))
}

// runSingle has one connection report, so that no commit holds more than one.
func runSingle(ctx context.Context, st *stand) (figures []Figure, err error) {
	f := fleet{things: st.num(10_000, 2_000), queued: true}
	n, err := st.start(ctx, f)
	if err != nil {
		return nil, err
	}
	defer st.closing(n, &err)
	l, err := dial(ctx, n.mqtt, 1, &once{job: loadedJob, things: f.things})
	if err != nil {
		return nil, err
	}
	defer l.close()
	c, err := l.run(ctx, st.seconds(2, 0.5), st.seconds(10, 1.5))
	if err != nil {
		return nil, err
	}
	return append([]Figure{{Name: "single", Value: c.rate(), Unit: "reports/s"}}, c.took.figures("single")...), nil
}
