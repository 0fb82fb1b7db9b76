package bench

import (
	"context"
	"slices"
)

// runSingle has one connection report, so that no commit holds more than one.
func runSingle(ctx context.Context, st *stand) (figures []figure, err error) {
	reports, err := st.reportsFigure(ctx)
	if err != nil {
		return nil, err
	}
	f := fleet{things: st.num(10_000, 2_000), queued: true}
	n, err := st.start(ctx, f)
	if err != nil {
		return nil, err
	}
	defer st.closing(n, &err)
	l, err := dial(ctx, n.mqtt, 1, &once{things: f.things})
	if err != nil {
		return nil, err
	}
	defer l.close()
	var answers counted
	during, err := n.watch(ctx, func() (err error) {
		answers, err = l.run(ctx, st.seconds(2, 0.3), st.seconds(10, 0.7))
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.Concat(
		[]figure{figure{Name: "single", Value: answers.rate(), Unit: perSecond}.against(reports)},
		answers.took.figures("single"),
		[]figure{during.figure("single")},
	), nil
}

// reportsFigure is what many devices reach: as the run has found, or measured
// for less time.
func (st *stand) reportsFigure(ctx context.Context) (figure, error) {
	c := st.reportsCourse()
	if f, ok := st.found[c.name]; ok {
		return f, nil
	}
	o, err := st.report(ctx, c, st.seconds(5, 0.3), st.seconds(10, 0.7))
	if err != nil {
		return figure{}, err
	}
	return st.note(o.figures[0]), nil
}
