package server

import (
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/control"
	"github.com/drover-iot/drover/internal/device"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/quota"
)

func TestEveryRateIsOfAnOperationThatAWSHas(t *testing.T) {
	for call, rate := range quota.Rates() {
		service := map[string]awsapi.Service{"iot": awsapi.IoT, "iot-jobs-data": awsapi.JobsData}[call.Service]
		if _, ok := awsapi.Lookup(service, call.Operation); !ok || service.String() != call.Service {
			t.Errorf("%+v is no operation", call)
		}
		if rate.PerSecond < 1 || rate.Name == "" {
			t.Errorf("%+v has the rate %+v", call, rate)
		}
	}
}

// An operation that is not routed yet gets its rate by its name when it is.
func TestEveryOperationOfJobsThatIsRoutedHasARate(t *testing.T) {
	rates := quota.Rates()
	for _, r := range append(device.New(device.Config{}).Routes(), control.New(control.Config{}).Routes()...) {
		op := r.Operation
		ofJobs := strings.Contains(op.Name, "Job") && op.Service != awsapi.Data
		if _, ok := rates[quota.Call{Service: op.Service.String(), Operation: op.Name}]; ofJobs && !ok {
			t.Errorf("%s of %s has no rate", op.Name, op.Service)
		}
	}
}

// heldTo is a node's quotas on a clock of the test.
func heldTo(now *time.Time) *quotas {
	q := quotasOf(Config{AWSLimits: true})
	q.now = func() time.Time { return *now }
	return q
}

func TestDevicesShareTheirRatesOverAllDoors(t *testing.T) {
	for _, pair := range [][2]string{
		{"DescribeJobExecution", "GetPendingJobExecutions"}, {"StartNextPendingJobExecution", "UpdateJobExecution"},
	} {
		now := time.Unix(1_800_000_000, 0)
		q := heldTo(&now)
		over, _ := awsapi.Lookup(awsapi.JobsData, pair[1])
		for range 100 {
			if err := q.overMQTT(pair[0]); err != nil {
				t.Fatal(err)
			}
			if err := q.overHTTP(over); err != nil {
				t.Fatal(err)
			}
		}
		for _, err := range []error{q.overMQTT(pair[0]), q.overHTTP(over)} {
			if !fault.Is(err, fault.Throttled) {
				t.Errorf("beyond 200 of %v: %v", pair, err)
			}
		}
	}
}

func TestANodeHasNoQuotasUnlessItIsTold(t *testing.T) {
	q := quotasOf(Defaults())
	for range 1000 {
		if err := q.spend(awsapi.IoT, "CreateJob"); err != nil {
			t.Fatal(err)
		}
	}
	if c := q.limitEngine(engine.Config{}); q.limitDevices() != nil || c.Quotas != (quota.Numbers{}) || c.Searches.Terms+c.Groups.Terms != 0 {
		t.Errorf("limits of devices %v, of the engine %+v", q.limitDevices(), c)
	}
}

func TestAnOperationWithoutARateIsNeverThrottled(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	q := heldTo(&now)
	for range 1000 {
		if err := q.spend(awsapi.IoT, "TagResource"); err != nil {
			t.Fatal(err)
		}
	}
}
