// Package bench measures a node on this machine, for somebody who wants to know
// what Drover does on his, or what a change did to it.
//
// Begin with [Run]. A scenario is one measurement; scenarios.go lists them all
// and says how to add one. Each loads its fleet into the folder of a node that
// does not run yet (fleet.go), starts the node as a process of its own (node.go)
// and talks to it over sockets. It answers figures: a value, and where it means
// more as a ratio, what of. A ratio is of two figures of one run.
//
// Nothing is asserted here. Client and node share the machine, so the client
// is part of what is measured. Goroutines, processes and folders that a run
// begins have ended when it returns, also when its context ends it.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Config is what is to be measured, and how it is told.
type Config struct {
	Names  []string  // of scenarios; none: all
	Quick  bool      // seconds and small fleets, to see that it works
	Things int       // LeastThings to MostThings, in scenarios that can have any number; 0: their own
	Growth bool      // run those that can, with 1,000 things and more, to 1,000,000
	JSON   bool      // one object a line instead of a table
	Out    io.Writer // figures
	Err    io.Writer // how it goes on
}

// errStopped is a run that was ended before its time.
var errStopped = errors.New("bench: stopped before its end")

// What Config.Things may be: enough for all connections, and what loads in
// minutes.
const (
	LeastThings = 1_000
	MostThings  = 10_000_000
)

// Check refuses what cannot be measured.
func (c Config) Check() error {
	if c.Things != 0 && (c.Things < LeastThings || c.Things > MostThings) {
		return fmt.Errorf("--things must be %d to %d, not %d", LeastThings, MostThings, c.Things)
	}
	for _, name := range c.Names {
		if !slices.Contains(names(), name) {
			return unknown(name)
		}
	}
	return c.checkGrowth()
}

// unknown refuses the name of no benchmark, and says what may be meant.
func unknown(name string) error {
	all := strings.Join(names(), ", ")
	for _, known := range names() {
		if strings.HasPrefix(known, name) {
			return fmt.Errorf("there is no benchmark %q, did you mean %q? There are %s", name, known, all)
		}
	}
	if strings.ContainsAny(name, ".-") {
		return fmt.Errorf("there is no benchmark %q, but %s: a figure that one of them prints cannot be had alone", name, all)
	}
	return fmt.Errorf("there is no benchmark %q, but %s", name, all)
}

func (c Config) checkGrowth() error {
	if !c.Growth {
		return nil
	}
	if c.Things != 0 {
		return errors.New("--growth has sizes of its own, so --things cannot be given with it")
	}
	for _, s := range c.chosen() {
		if s.size == ownSize {
			return fmt.Errorf("benchmark %q has a size of its own, so there is no growth of it", s.name)
		}
	}
	return nil
}

// Run measures and writes the figures: as JSON when a scenario is done, as a
// table when all are.
func Run(ctx context.Context, c Config) (err error) {
	if err := c.Check(); err != nil {
		return err
	}
	st, err := newStand(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	if c.Growth {
		err = measureGrowth(ctx, c, st)
	} else {
		err = measure(ctx, c, st)
	}
	if ctx.Err() != nil {
		return errStopped
	}
	return err
}

// measure runs the chosen scenarios in the order of the list, to the first that
// fails.
func measure(ctx context.Context, c Config, st *stand) error {
	all, err := figures(ctx, c, st)
	if !c.JSON && len(all) > 0 {
		err = errors.Join(err, writeTable(c.Out, all))
	}
	return err
}

func figures(ctx context.Context, c Config, st *stand) ([]figure, error) {
	var all []figure
	for _, s := range c.chosen() {
		st.say("%s: %s", s.name, s.what)
		figures, err := s.run(ctx, st)
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.name, err)
		}
		all = append(all, figures...)
		if c.JSON {
			if err := writeJSON(c.Out, figures); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}
