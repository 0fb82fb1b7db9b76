package device

import (
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/clock"
)

// Served is what became of one request over MQTT, for whoever counts and logs.
type Served struct {
	From    broker.Requester
	Service awsapi.Service
	// Operation is its name in the service model, of a fixed set; "" if the
	// topic asks for none.
	Operation string
	Thing     string        // of the topic, unchecked; "" if the topic asks for none
	Topic     string        // as it was published
	Err       error         // why it was refused; in full, unlike what the client reads
	Took      time.Duration // from its arrival until its answer was ready, committed
}

// served tells of a request whose answer is ready.
func (d *Door) served(s Served, began time.Time) {
	if d.onServed != nil {
		s.Took = clock.Wall().Sub(began)
		d.onServed(s)
	}
}

// operation is what a request is called in the service model.
func (r request) operation() string {
	switch r {
	case getPending:
		return jobsdata.GetPendingJobExecutions.Name
	case startNext:
		return jobsdata.StartNextPendingJobExecution.Name
	case describe:
		return jobsdata.DescribeJobExecution.Name
	case update:
		return jobsdata.UpdateJobExecution.Name
	default:
		return ""
	}
}
