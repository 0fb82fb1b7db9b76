package jobsdata

import "github.com/drover-iot/drover/internal/awsapi"

// Topic is what a request topic says: the thing, and the job where the topic
// has one, or Next, and the namespace where it has one.
type Topic struct{ Thing, Job, Namespace string }

func (t Topic) label(name string) string {
	if name == "jobId" {
		return t.Job
	}
	return t.Thing
}

// Reader reads the payloads of the four requests. Make one with [NewReader]
// at start; it may be used by many goroutines.
//
// The errors are of kind InvalidJSON or InvalidRequest, and the client token
// is in the request whenever it could be read.
// spec: device-api.md#3-common-request-and-answer-rules
type Reader struct {
	getPending awsapi.Decoder[GetPendingJobExecutionsRequest]
	startNext  awsapi.Decoder[StartNextPendingJobExecutionRequest]
	describe   awsapi.Decoder[DescribeJobExecutionRequest]
	update     awsapi.Decoder[UpdateJobExecutionRequest]
}

// NewReader makes a Reader of a node that has set limits.
func NewReader(l awsapi.Limits) *Reader {
	return &Reader{
		getPending: awsapi.NewDecoder[GetPendingJobExecutionsRequest]().Within(l),
		startNext:  awsapi.NewDecoder[StartNextPendingJobExecutionRequest]().Within(l),
		describe:   awsapi.NewDecoder[DescribeJobExecutionRequest]().Within(l),
		update:     awsapi.NewDecoder[UpdateJobExecutionRequest]().Within(l),
	}
}

// GetPending reads a request for a thing's list.
func (r *Reader) GetPending(t Topic, payload []byte) (GetPendingJobExecutionsRequest, error) {
	return r.getPending.Message(t.label, payload)
}

// StartNext reads a request to start the head of the list.
func (r *Reader) StartNext(t Topic, payload []byte) (StartNextPendingJobExecutionRequest, error) {
	return r.startNext.Message(t.label, payload)
}

// Describe reads a request for one execution.
func (r *Reader) Describe(t Topic, payload []byte) (DescribeJobExecutionRequest, error) {
	in, err := r.describe.Message(t.label, payload)
	in.Namespace = t.Namespace
	return in, err
}

// Update reads a report.
func (r *Reader) Update(t Topic, payload []byte) (UpdateJobExecutionRequest, error) {
	in, err := r.update.Message(t.label, payload)
	in.Namespace = t.Namespace
	return in, err
}
