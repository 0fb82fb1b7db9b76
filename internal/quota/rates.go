package quota

// Rate is how often some operations may be called by an account.
type Rate struct {
	Name      string // of the quota
	PerSecond int
}

// Call is an operation of a service, by the names of its model.
type Call struct{ Service, Operation string }

// The services that have quotas.
const (
	control = "iot"
	device  = "iot-jobs-data"
)

// each gives every operation a rate of its own.
var each = []struct {
	perSecond  int
	operations []string
}{
	{10, []string{
		"AssociateTargetsWithJob", "CancelJob", "CancelJobExecution", "CreateJob", "DeleteJob", "DeleteJobExecution",
		"DescribeJob", "DescribeJobExecution", "GetJobDocument", "ListJobExecutionsForJob", "ListJobExecutionsForThing",
		"ListJobs", "UpdateJob",
	}},
	{10, []string{
		"CreateJobTemplate", "DeleteJobTemplate", "DescribeJobTemplate", "ListJobTemplates",
		"DescribeManagedJobTemplate", "ListManagedJobTemplates",
	}},
	{100, []string{"CreateThing", "UpdateThing", "DeleteThing", "AddThingToThingGroup"}},
	{350, []string{"DescribeThing"}},
	{10, []string{"ListThings"}},
	{25, []string{"ListThingsInThingGroup", "CreateThingGroup"}},
	{5, []string{"CreateDynamicThingGroup", "UpdateDynamicThingGroup"}},
	{15, []string{"SearchIndex"}},
}

// together are operations that share a rate, over all doors.
var together = []struct {
	rate       Rate
	operations []string
}{
	{Rate{"JobsDataReads", 200}, []string{"DescribeJobExecution", "GetPendingJobExecutions"}},
	{Rate{"JobsDataWrites", 200}, []string{"StartNextPendingJobExecution", "UpdateJobExecution"}},
}

// Rates is the rate of each operation that has one.
// spec: job-lifecycle.md#111-rates-of-calls
func Rates() map[Call]Rate {
	rates := map[Call]Rate{}
	for _, e := range each {
		for _, name := range e.operations {
			rates[Call{control, name}] = Rate{name, e.perSecond}
		}
	}
	for _, t := range together {
		for _, name := range t.operations {
			rates[Call{device, name}] = t.rate
		}
	}
	return rates
}
