package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit in which Linux tells processor time, on all machines.
const tick = 10 * time.Millisecond

// processorTime is how long a process has had a processor, where the system is
// Linux; elsewhere ok is false.
func processorTime(pid int) (d time.Duration, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	return processorTimeOf(string(stat))
}

// processorTimeOf reads what Linux says of a process: behind its name, which
// may hold anything, the twelfth and thirteenth number are the ticks in the
// program and in the kernel.
func processorTimeOf(stat string) (time.Duration, bool) {
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) < 13 {
		return 0, false
	}
	program, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, false
	}
	kernel, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(program+kernel) * tick, err == nil
}

// cost is the processor time of the node and of this process, its client.
type cost struct{ node, client time.Duration }

func (n *node) cost() cost {
	node, _ := processorTime(n.cmd.Process.Pid) // 0 where it is not told
	client, _ := processorTime(os.Getpid())
	return cost{node, client}
}

func (c cost) plus(more cost) cost { return cost{c.node + more.node, c.client + more.client} }

func (c cost) minus(before cost) cost { return cost{c.node - before.node, c.client - before.client} }

// figures are what one of many reports, or whatever it is, has cost, under a
// scenario's name; none where the system does not tell.
func (c cost) figures(name, what string, n int) []figure {
	if c == (cost{}) || n == 0 {
		return nil
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(n) }
	return []figure{
		{Name: name + ".cpu-node", Value: each(c.node), Unit: "µs/" + what},
		{Name: name + ".cpu-client", Value: each(c.client), Unit: "µs/" + what},
	}
}
