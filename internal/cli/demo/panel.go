package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// Control sequences of terminals. ECMA-48 has them all.
const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	clearBelow = "\r\x1b[J"
	upLines    = "\x1b[%dA"
)

// panel is the live screen: a block of bars at the bottom, drawn again and
// again, above which the events scroll away.
type panel struct {
	out   io.Writer
	width func() int
	paint func(tone, string) string
	block []int // how wide its lines are
	last  *status
}

// newPanel makes a panel on a terminal.
func newPanel(out io.Writer) *panel {
	p := &panel{out: out, width: widthOf(out), paint: colour}
	if os.Getenv("NO_COLOR") != "" {
		p.paint = func(_ tone, s string) string { return s }
	}
	return p
}

// widthOf measures a terminal each time it is asked: it may be resized.
func widthOf(out io.Writer) func() int {
	return func() int {
		if f, ok := out.(*os.File); ok {
			if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
				return w
			}
		}
		return 80
	}
}

func (p *panel) line(s string) { p.draw(s + "\n") }

func (p *panel) event(at time.Duration, e event) {
	p.draw(fmt.Sprintf("%s  %s %s\n", p.paint(quietTone, stamp(at)), p.paint(e.tone, fmt.Sprintf("%-12s", e.who)), e.what))
}

func (p *panel) show(s status) {
	p.last = &s
	p.draw("")
}

func (p *panel) close() {
	p.last = nil
	p.draw("")
	fmt.Fprint(p.out, showCursor)
}

// draw replaces the block by some text and the block as it is now, in one
// write, so that nothing flickers.
func (p *panel) draw(above string) {
	var b strings.Builder
	if p.last != nil {
		b.WriteString(hideCursor)
	}
	if up := p.height(); up > 0 {
		fmt.Fprintf(&b, upLines, up)
	}
	b.WriteString(clearBelow + above)
	p.block = p.block[:0]
	for _, l := range p.lines() {
		b.WriteString(l + "\n")
		p.block = append(p.block, text.StringWidthWithoutEscSequences(l))
	}
	_, _ = io.WriteString(p.out, b.String()) // an audience that has left misses nothing
}

// height is how many lines of the terminal the block takes: a terminal that
// has become narrower has wrapped them.
func (p *panel) height() int {
	n, width := 0, p.width()
	for _, w := range p.block {
		n += max(1, (w+width-1)/width)
	}
	return n
}

// lines is the block as it is to be drawn. None is as wide as the terminal: a line
// that wraps would be two.
func (p *panel) lines() []string {
	if p.last == nil {
		return nil
	}
	s, width := *p.last, p.width()-1
	head := fmt.Sprintf("  %s   %s   %d of %d devices have the job", stamp(s.at), s.rateText(), notified(s.job), s.devices)
	lines := []string{"", text.Trim(head, width), ""}
	for _, c := range s.counts() {
		lines = append(lines, p.bar(c, s.devices, width))
	}
	return lines
}

// label and number are the columns beside a bar.
const label, number = 14, 6

// bar is the line of one state.
func (p *panel) bar(c count, all, width int) string {
	room := min(60, width-label-number-2)
	if room < 5 {
		return text.Trim(fmt.Sprintf("%-*s%*d", label, c.state, number, c.n), width)
	}
	full := (c.n*room + all - 1) / all
	if c.n == 0 {
		full = 0
	}
	return fmt.Sprintf("  %-*s%s%s%*d", label-2, c.state,
		p.paint(c.tone, strings.Repeat("█", full)), p.paint(quietTone, strings.Repeat("·", room-full)), number, c.n)
}

// colour is s as a tone looks on a terminal.
func colour(t tone, s string) string {
	c, ok := map[tone]text.Color{
		operatorTone: text.FgHiCyan, goodTone: text.FgGreen, busyTone: text.FgBlue, badTone: text.FgRed,
		lateTone: text.FgYellow, refusedTone: text.FgMagenta, quietTone: text.FgHiBlack,
	}[t]
	if !ok {
		return s
	}
	return c.EscapeSeq() + s + text.Reset.EscapeSeq()
}
