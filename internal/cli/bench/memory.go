package bench

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
)

// memory is what a process holds of the machine's, in bytes.
type memory struct{ now, peak float64 }

// memory asks the system, where it is Linux; elsewhere ok is false.
func (n *node) memory() (m memory, ok bool) { return processMemory(n.cmd.Process.Pid) }

func processMemory(pid int) (m memory, ok bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, false
	}
	return memoryOf(string(status))
}

var (
	residentPattern = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)
	peakPattern     = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
)

// memoryOf reads what Linux says of a process.
func memoryOf(status string) (m memory, ok bool) {
	kilobytes := func(p *regexp.Regexp) float64 {
		if found := p.FindStringSubmatch(status); found != nil {
			n, _ := strconv.ParseFloat(found[1], 64) // it is digits
			return n * 1024
		}
		return 0
	}
	m = memory{now: kilobytes(residentPattern), peak: kilobytes(peakPattern)}
	return m, m.now > 0
}

// memoryFigures are a node's memory under a scenario's name. Where the system
// does not tell there are none, and that is said.
func (st *stand) memoryFigures(name string, n *node) []figure {
	m, ok := n.memory()
	if !ok {
		st.say("%s: the memory of a process is not measured on this system", name)
		return nil
	}
	return []figure{
		{Name: name + ".memory", Value: m.now / (1 << 20), Unit: "MiB"},
		{Name: name + ".memory-peak", Value: m.peak / (1 << 20), Unit: "MiB"},
	}
}
