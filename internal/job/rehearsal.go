package job

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rehearsal is a change that is tried and not made.
type Rehearsal struct {
	Before, After Job
	Left          Left
	// What becomes of the job without the change and with it.
	Without, With Forecast
}

// Rehearse tells what a change of before to after would do at now.
func Rehearse(before, after Job, left Left, now time.Time) Rehearsal {
	r := Rehearsal{Before: before, After: after, Left: left, Without: before.Forecast(now, left), With: after.Forecast(now, left)}
	if !after.Live() {
		r.With = Forecast{End: after.CompletedAt, Status: after.Status}
	}
	return r
}

// Effects says in sentences what the change does: at once, then later.
func (r Rehearsal) Effects() []string {
	effects := []string{}
	say := func(when bool, format string, args ...any) {
		if when {
			effects = append(effects, fmt.Sprintf(format, args...))
		}
	}
	before, after := r.Before.Settings, r.After.Settings
	if c, met := r.Before.with(after).abortBy(); met {
		say(true, "aborts the job at once: %s", r.Before.with(after).met(c))
	}
	say(r.After.Status == StatusCompleted, "completes the job at once: nothing is left to do")
	if !r.After.Live() {
		return effects
	}
	running := r.After.Counts.InProgress
	say(before.Timeout != after.Timeout && running > 0, "%s running go on with the timers that they have", things(running))
	gone := before.sum() - after.sum()
	say(gone > 0, "switches %d of %d retries of a thing off", gone, before.sum())
	say(r.After.Paused(), "leaves the job paused: no other thing gets it until somebody resumes it")
	effects = append(effects, r.end())
	say(r.Before.Settings.are(after), "changes nothing but the version and lastUpdatedAt")
	return effects
}

// with is the job with other settings.
func (j Job) with(s Settings) Job {
	j.Settings = s
	return j
}

// sum is how many retries a thing may have.
func (s Settings) sum() (n int) {
	for _, c := range s.Retry {
		n += c.Number
	}
	return n
}

// end compares when the job ends.
func (r Rehearsal) end() string {
	left := things(r.Left.Things()) + " left: "
	with, without := r.With.when(), r.Without.when()
	if with == without {
		return left + with + ", as without the change"
	}
	for _, said := range []string{"ends ", "goes on when the last has it, "} {
		if strings.HasPrefix(with, said) {
			without = strings.TrimPrefix(without, said) // once is enough
		}
	}
	return left + with + " instead of " + without
}

// when says when a job ends.
func (f Forecast) when() string {
	switch {
	case !f.End.IsZero():
		return "ends at " + f.End.Format(time.RFC3339)
	case !f.Until.IsZero():
		return "ends later than " + f.Until.Format(time.RFC3339)
	case !f.RolledOut.IsZero():
		return "goes on when the last has it, at " + f.RolledOut.Format(time.RFC3339)
	case f.Paused:
		return "goes on when somebody resumes it"
	default:
		return "ends when somebody ends it"
	}
}

var ways = [...]string{"", "have failed", "were rejected", "have timed out", "have failed, were rejected or have timed out"}

// met says how a criterion is met: 18 of 90 executed have failed, 20.00 % ≥ 15 %.
func (j Job) met(c Criterion) string {
	counts := j.final()
	failures, executed := counts.Failures(c.Failure), counts.Executed()
	share := failures * 10000 / executed
	return fmt.Sprintf("%s of %s executed %s, %d.%02d %% ≥ %s %%",
		grouped(failures), grouped(executed), ways[c.Failure], share/100, share%100, hundredths(c.Percent))
}

// things says 1 thing, 1,240 things.
func things(n int64) string {
	if n == 1 {
		return "1 thing"
	}
	return grouped(n) + " things"
}

// grouped is a number with commas: 1,240.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && n > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
