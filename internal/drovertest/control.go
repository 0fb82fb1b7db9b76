package drovertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// manyAtOnce is how many requests CreateGroup has under way.
const manyAtOnce = 32

// Refusal is an HTTP answer that is not 200.
type Refusal struct {
	Status  int
	Type    string // as the header x-amzn-ErrorType says
	Message string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Type, r.Message) }

func refusal(resp *http.Response, body []byte) *Refusal {
	r := &Refusal{Status: resp.StatusCode, Type: resp.Header.Get("X-Amzn-Errortype"), Message: string(body)}
	var told struct{ Message string }
	if json.Unmarshal(body, &told) == nil && told.Message != "" {
		r.Message = told.Message
	}
	return r
}

// Call sends a request to an operation of the control plane and reads the
// answer into out, which may be nil. What the node refuses is a *Refusal.
func (n *Node) Call(op awsapi.Operation, in awsapi.Shaped, out any) error {
	r, err := awsapi.NewRequest(context.Background(), n.URL(), op, in)
	if err != nil {
		return err
	}
	return n.send(op, r, out)
}

// Do is Call, and the test fails unless it succeeds.
func (n *Node) Do(op awsapi.Operation, in awsapi.Shaped, out any) {
	n.t.Helper()
	if err := n.Call(op, in, out); err != nil {
		n.t.Fatalf("%s %+v: %v", op.Name, in, err)
	}
}

// CallJSON is Call for requests that no struct can spell: labels are filled
// into the path, query is sent as it is, body as JSON unless it is nil.
func (n *Node) CallJSON(op awsapi.Operation, labels map[string]string, query url.Values, body, out any) error {
	path := op.Path
	for name, value := range labels {
		path = strings.Replace(path, "{"+name+"}", url.PathEscape(value), 1)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(context.Background(), op.Method, n.URL()+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return n.send(op, r, out)
}

func (n *Node) send(op awsapi.Operation, r *http.Request, out any) error {
	sign(r, op.Service)
	answer, err := n.do(r)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s answered %q: %w", op.Name, answer, err)
	}
	return nil
}

// sign names a service as the scope of a signature, which a node without
// access control does not verify, but goes by where services share a path.
func sign(r *http.Request, s awsapi.Service) {
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=drovertest/20260101/us-east-1/"+s.String()+
		"/aws4_request, SignedHeaders=host, Signature=00")
}

// ThingARN is the ARN of a thing.
func (n *Node) ThingARN(name string) string { return n.Scope.ARN(awsapi.ResourceThing, name) }

// GroupARN is the ARN of a thing group.
func (n *Node) GroupARN(name string) string { return n.Scope.ARN(awsapi.ResourceThingGroup, name) }

// CreateThings registers things in the order given.
func (n *Node) CreateThings(names ...string) {
	n.t.Helper()
	for _, name := range names {
		n.Do(iot.CreateThing, iot.CreateThingRequest{ThingName: name}, nil)
	}
}

// CreateGroup makes a static group of new things, registered in the order
// given unless they are more than 100.
func (n *Node) CreateGroup(name string, things ...string) {
	n.t.Helper()
	n.Do(iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: name}, nil)
	n.fill(name, things...)
}

// fill registers things in a group, many of them several at a time.
func (n *Node) fill(name string, things ...string) {
	n.t.Helper()
	n.each(things, func(thing string) error {
		if err := n.Call(iot.CreateThing, iot.CreateThingRequest{ThingName: thing}, nil); err != nil {
			return err
		}
		return n.Call(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: name, ThingName: thing}, nil)
	})
}

// few is how many things are registered one by one.
const few = 100

// each runs do for all names, several at a time if they are more than a few.
func (n *Node) each(names []string, do func(string) error) {
	n.t.Helper()
	workers := 1
	if len(names) > few {
		workers = manyAtOnce
	}
	work := make(chan string)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for name := range work {
				if err := do(name); err != nil {
					n.t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	for _, name := range names {
		work <- name
	}
	close(work)
	wg.Wait()
}

// CreateJob makes a job on things; settings are those of in.
func (n *Node) CreateJob(in iot.CreateJobRequest, things ...string) {
	n.t.Helper()
	for _, thing := range things {
		in.Targets = append(in.Targets, n.ThingARN(thing))
	}
	if in.Document == "" && in.DocumentSource == "" && in.JobTemplateARN == "" {
		in.Document = `{"op":"` + in.JobID + `"}`
	}
	n.Do(iot.CreateJob, in, nil)
}

// Job describes a job.
func (n *Node) Job(id string) iot.Job {
	n.t.Helper()
	var out iot.DescribeJobAnswer
	n.Do(iot.DescribeJob, iot.DescribeJobRequest{JobID: id}, &out)
	return out.Job
}

// Execution describes the latest execution of a job on a thing as the control
// plane shows it.
func (n *Node) Execution(thing, job string) iot.JobExecution {
	n.t.Helper()
	var out iot.DescribeJobExecutionAnswer
	n.Do(iot.DescribeJobExecution, iot.DescribeJobExecutionRequest{JobID: job, ThingName: thing}, &out)
	return out.Execution
}

// CallRaw is Call for bodies that are no JSON of members: the path is behind
// the endpoint, header holds names and values in turn, and the answer is as it
// came.
func (n *Node) CallRaw(s awsapi.Service, method, path, body string, header ...string) (string, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, n.URL()+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	sign(r, s)
	answer, err := n.do(r)
	return string(answer), err
}
