package drovertest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
)

// reporter is a device that reports until its node does not answer any more.
type reporter struct {
	thing    string
	accepted int64 // the version of the last report that was accepted
}

func (r *reporter) run(n *Node, reports *sync.WaitGroup) {
	for first := true; ; first = false {
		var out Answer
		err := n.CallJSON(jobsdata.UpdateJobExecution, map[string]string{"thingName": r.thing, "jobId": "ota"}, nil,
			map[string]any{"status": "IN_PROGRESS", "includeJobExecutionState": true}, &out)
		if err == nil {
			r.accepted = out.ExecutionState.VersionNumber
		}
		if first {
			reports.Done()
		}
		if err != nil {
			return
		}
	}
}

func TestAKillLosesNothingThatWasAcknowledged(t *testing.T) {
	n := Start(t, Options{Process: true})
	things := numbered("line-a", 16)
	n.CreateGroup("line-a", things...)
	n.CreateJob(iot.CreateJobRequest{JobID: "ota", Targets: []string{n.GroupARN("line-a")}})
	n.Settle()
	n.Advance(time.Second)

	for round := range 3 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			reporters := make([]*reporter, len(things))
			var reports, all sync.WaitGroup
			reports.Add(len(things))
			for i, thing := range things {
				reporters[i] = &reporter{thing: thing}
				all.Go(func() { reporters[i].run(n, &reports) })
			}
			reports.Wait() // each is in the midst of it
			killed := n.run
			if err := killed.kill(); err != nil {
				t.Fatal(err)
			}
			all.Wait()
			n.client.CloseIdleConnections()
			n.open()
			for _, r := range reporters {
				if x := n.Execution(r.thing, "ota"); x.VersionNumber < r.accepted {
					t.Errorf("%s is at version %d, %d was acknowledged", r.thing, x.VersionNumber, r.accepted)
				}
			}
			if d := n.Job("ota").JobProcessDetails; d.NumberOfInProgressThings != len(things) {
				t.Errorf("counters %+v", d)
			}
		})
	}
}
