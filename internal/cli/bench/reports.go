package bench

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

// connections are those of a load.
const connections = 256

// course is reports of a fleet.
type course struct {
	name string
	raw  string // what its ceiling is called
	fleet
}

// Fleets whose things have an execution take each once; those that have none
// get jobs that follow each other.
func (c course) work(ctx context.Context, o operator) (work, error) {
	if c.queued {
		return &once{things: c.things}, nil
	}
	return newRounds(ctx, o, c.things, connections)
}

// largeFleet is from how many things on jobs cannot follow each other: the
// rollout of one would be most of what is measured.
const largeFleet = 1_000_000

func (st *stand) reportsCourse() course {
	things := st.things(10_000, 2_000)
	return course{name: "reports", raw: "raw", fleet: fleet{things: things, queued: things >= largeFleet}}
}

func (st *stand) millionCourse() course {
	return course{name: "reports-1m", raw: "raw-1m", fleet: fleet{things: st.num(1_000_000, 30_000), queued: true}}
}

func runReports(ctx context.Context, st *stand) ([]figure, error) {
	return st.compare(ctx, st.reportsCourse())
}

func runReports1M(ctx context.Context, st *stand) ([]figure, error) {
	return st.compare(ctx, st.millionCourse())
}

// compare measures a course between two measurements of its ceiling, so that
// a machine that becomes slower or faster meets both alike.
func (st *stand) compare(ctx context.Context, c course) ([]figure, error) {
	batch, err := st.batchOf(ctx, c)
	if err != nil {
		return nil, err
	}
	before, err := st.ceiling(ctx, c, batch)
	if err != nil {
		return nil, err
	}
	o, err := st.report(ctx, c, st.seconds(30, 0.5), st.seconds(30, 1))
	if err != nil {
		return nil, err
	}
	after, err := st.ceiling(ctx, c, o.batch)
	if err != nil {
		return nil, err
	}
	raw := mean(before, after).figures(c)
	o.figures[0] = st.note(o.figures[0].against(st.note(raw[0])))
	return append(o.figures, raw...), nil
}

const perSecond = "reports/s"

// outcome is what a load has reached.
type outcome struct {
	figures []figure
	batch   int // reports a commit
}

// report runs the load of a course on a node.
func (st *stand) report(ctx context.Context, c course, warm, count time.Duration) (o outcome, err error) {
	st.say("%s: %s over %d connections for %s", c.name, c.fleet, connections, warm+count)
	n, err := st.start(ctx, c.fleet)
	if err != nil {
		return o, err
	}
	defer st.closing(n, &err)
	w, err := c.work(ctx, n)
	if err != nil {
		return o, err
	}
	l, err := dial(ctx, n.mqtt, connections, w)
	if err != nil {
		return o, err
	}
	defer l.close()
	var answers counted
	during, err := n.watch(ctx, func() (err error) {
		answers, err = l.run(ctx, warm, count)
		return err
	})
	if err != nil {
		return o, err
	}
	return st.outcome(c, n, answers, during)
}

func (st *stand) outcome(c course, n *node, answers counted, during watched) (outcome, error) {
	wal, err := n.walSize()
	if err != nil {
		return outcome{}, err
	}
	st.say("%s: %s reports/s", c.name, digits(answers.rate()))
	figures := slices.Concat(
		[]figure{{Name: c.name, Value: answers.rate(), Unit: perSecond}},
		answers.took.figures(c.name),
		[]figure{
			during.figure(c.name),
			{Name: c.name + ".wal", Value: wal / 1e6, Unit: "MB"},
		},
		st.memoryFigures(c.name, n),
		during.cost.figures(c.name, "report", answers.all),
	)
	return outcome{figures: figures, batch: max(1, int(math.Round(during.batch)))}, nil
}

// watched is what a node did while something was done with it.
type watched struct {
	batch float64 // commands that shared a commit
	cost  cost
}

// figure is the batch under a scenario's name.
func (w watched) figure(name string) figure {
	return figure{Name: name + ".batch", Value: w.batch, Unit: "reports a commit"}
}

// watch looks at a node before and after something.
func (n *node) watch(ctx context.Context, do func() error) (w watched, err error) {
	begin, err := n.metrics(ctx)
	if err != nil {
		return w, err
	}
	before := n.cost()
	if err := do(); err != nil {
		return w, err
	}
	w.cost = n.cost().minus(before)
	end, err := n.metrics(ctx)
	if err != nil {
		return w, err
	}
	w.batch, err = perCommit(begin, end)
	return w, err
}

// perCommit is how many reports shared a commit between two readings of a
// node's metrics.
func perCommit(begin, end map[string]float64) (float64, error) {
	const commands, commits = "drover_store_transaction_commands_sum", "drover_store_transaction_commands_count"
	n := end[commits] - begin[commits]
	if n <= 0 {
		return 0, errors.New("the node's metrics tell of no commit")
	}
	return (end[commands] - begin[commands]) / n, nil
}

// batchOf is how many reports share a commit on a course, by a short run of it.
func (st *stand) batchOf(ctx context.Context, c course) (int, error) {
	o, err := st.report(ctx, c, st.seconds(2, 0.3), st.seconds(3, 0.5))
	return o.batch, err
}

// runRaw measures the ceiling of reports, if that was not done with them.
func runRaw(ctx context.Context, st *stand) ([]figure, error) {
	c := st.reportsCourse()
	if _, ok := st.found[c.raw]; ok {
		return nil, nil
	}
	batch, err := st.batchOf(ctx, c)
	if err != nil {
		return nil, err
	}
	rate, err := st.ceiling(ctx, c, batch)
	if err != nil {
		return nil, err
	}
	figures := rate.figures(c)
	st.note(figures[0])
	return figures, nil
}
