package drovertest

import (
	"strconv"
	"time"
)

// pace advances by whole minutes and tells what a rollout released in each, up
// to its last second; minutes that released alike share a line. What went out
// before the first is counted with it, unless a pace before has told it.
func (p *player) pace(c command) error {
	job := c.arg(0)
	minutes, err := strconv.Atoi(c.arg(1))
	if err != nil {
		return err
	}
	var released []int
	for range minutes {
		p.node.Advance(59 * time.Second)
		all := p.node.released(job)
		released = append(released, all-p.paced[job])
		p.paced[job] = all
		p.node.Advance(time.Second)
	}
	p.tellPace(released, p.paced[job])
	return nil
}

// released is how many things have an execution of a job.
func (n *Node) released(job string) int {
	n.t.Helper()
	d := n.Job(job).JobProcessDetails
	return d.NumberOfQueuedThings + d.NumberOfInProgressThings + d.NumberOfSucceededThings + d.NumberOfFailedThings +
		d.NumberOfRejectedThings + d.NumberOfTimedOutThings + d.NumberOfCanceledThings + d.NumberOfRemovedThings
}

func (p *player) tellPace(released []int, all int) {
	for from := 0; from < len(released); {
		to := from
		for to+1 < len(released) && released[to+1] == released[from] {
			to++
		}
		if from == to {
			p.tell("1 minute: %d", released[from])
		} else {
			p.tell("%d minutes: %d each", to-from+1, released[from])
		}
		from = to + 1
	}
	p.tell("in all: %d", all)
}
