package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
)

// sizes are the fleets, in things, of which growth is told.
func (st *stand) sizes() []int {
	all := []int{1_000, 10_000, 100_000, 1_000_000}
	return all[:st.num(len(all), 2)]
}

// growing is a figure at several sizes.
type growing struct {
	name, unit string
	at         map[int]float64 // by things
}

// measureGrowth runs the chosen scenarios on fleets of all sizes, to the first
// that fails.
func measureGrowth(ctx context.Context, c Config, st *stand) error {
	all, err := grow(ctx, c, st)
	if !c.JSON && len(all) > 0 {
		err = errors.Join(err, writeGrowth(c.Out, all, st.sizes()))
	}
	return err
}

func grow(ctx context.Context, c Config, st *stand) ([]growing, error) {
	var all []growing
	for _, s := range c.chosen() {
		rows, err := st.growth(ctx, s)
		all = append(all, rows...)
		if err == nil && c.JSON {
			err = writeJSON(c.Out, flat(rows, st.sizes()))
		}
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return all, nil
}

// growth runs a scenario on fleets of all sizes. What it measures beside is not
// told.
func (st *stand) growth(ctx context.Context, s scenario) ([]growing, error) {
	var rows []growing
	for _, st.fixed = range st.sizes() {
		st.say("%s: on %s things", s.name, humanize.Comma(int64(st.fixed)))
		clear(st.found) // that was of another size
		figures, err := s.run(ctx, st)
		if err != nil {
			return rows, err
		}
		for _, f := range figures {
			if f.Name == s.name || strings.HasPrefix(f.Name, s.name+".") {
				rows = noted(rows, f, st.fixed)
			}
		}
	}
	return rows, nil
}

// noted is rows with one more figure.
func noted(rows []growing, f figure, things int) []growing {
	i := slices.IndexFunc(rows, func(g growing) bool { return g.name == f.Name })
	if i < 0 {
		i = len(rows)
		rows = append(rows, growing{name: f.Name, unit: f.Unit, at: map[int]float64{}})
	}
	rows[i].at[things] = f.Value
	return rows
}

// figure is that of one size, with its ratio to the one of the first.
func (g growing) figure(things, first int) figure {
	named := func(n int) figure { return figure{Name: fmt.Sprintf("%s@%d", g.name, n), Value: g.at[n], Unit: g.unit} }
	if things == first {
		return named(things)
	}
	return named(things).against(named(first))
}

// flat is growth as figures NAME@THINGS.
func flat(rows []growing, sizes []int) []figure {
	var list []figure
	for _, g := range rows {
		for _, n := range sizes {
			list = append(list, g.figure(n, sizes[0]))
		}
	}
	return list
}

// writeGrowth writes growth for people, a column for each size. The ratio is of
// the last to the first.
func writeGrowth(w io.Writer, rows []growing, sizes []int) error {
	header, numbers := table.Row{"Figure", "Unit"}, []int{3 + len(sizes)}
	for i, n := range sizes {
		header, numbers = append(header, humanize.Comma(int64(n))), append(numbers, 3+i)
	}
	t := newTable(append(header, "Ratio"), numbers...)
	for _, g := range rows {
		row := table.Row{g.name, g.unit}
		for _, n := range sizes {
			row = append(row, digits(g.at[n]))
		}
		t.AppendRow(append(row, digits(g.figure(sizes[len(sizes)-1], sizes[0]).Ratio)))
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}
