package sqlstore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

func TestThingsAreRememberedInTwoGenerations(t *testing.T) {
	k := newKnown()
	for i := range int64(3*knownThings + 1) {
		k.keepThing(fleet.Thing{ID: i, Name: fmt.Sprint(i), Attributes: map[string]string{"large": "text"}})
		if _, ok := k.thing("0"); !ok {
			t.Fatalf("a thing that is asked for is forgotten behind %d others", i)
		}
	}
	if n := len(k.young.ids) + len(k.old.ids); n > 2*knownThings {
		t.Errorf("%d are remembered", n)
	}
	if _, ok := k.thing("1"); ok {
		t.Error("one that nobody asked for is remembered")
	}
	if got, _ := k.thingByID(0); got.ID != 0 || got.Name != "0" || got.Attributes != nil {
		t.Errorf("of a thing %v is remembered, want id and name", got)
	}
}

func TestJobsAreForgottenWhenTheyAreManyOrLarge(t *testing.T) {
	targets := make([]job.Target, 100)
	for i := range targets {
		targets[i].Name = strings.Repeat("x", 128)
	}
	for _, c := range []struct {
		name string
		job  job.Job
		keep int
		want int
	}{
		{"few", job.Job{}, 100, 100},
		{"many", job.Job{}, knownJobs + 1, 0},
		{"large comments", job.Job{Comment: strings.Repeat("x", 2<<10)}, knownJobs, knownJobs},
		{"many targets", job.Job{Targets: targets}, 1000, 0},
		{"many targets of few", job.Job{Targets: targets}, 100, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKnown()
			for i := range c.keep {
				c.job.ID = int64(i)
				k.keepJob(c.job)
			}
			if k.trim(); len(k.jobs) != c.want {
				t.Errorf("%d are remembered, want %d", len(k.jobs), c.want)
			}
		})
	}
}

func TestAJobThatGrowsCounts(t *testing.T) {
	k := newKnown()
	small, large := job.Job{ID: 1}, job.Job{ID: 1, Comment: strings.Repeat("x", knownJobBytes+1)}
	k.keepJob(small)
	k.grown(small, large)
	if k.trim(); len(k.jobs) != 0 {
		t.Error("it is remembered")
	}
}
