package job

import (
	"reflect"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func full() Settings {
	return Settings{
		Description: "old",
		Rollout:     RolloutConfig{MaximumPerMinute: 10},
		Abort:       []Criterion{{Failure: FailureFailed, Percent: 5000, Min: 10}},
		Timeout:     TimeoutConfig{InProgressMinutes: 5},
		Retry:       []Retry{{FailureFailed, 2}, {FailureTimedOut, 1}},
		Presigned:   Presigned{RoleARN: "arn:aws:iam::000000000000:role/r", ExpiresIn: 60},
	}
}

// spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
func TestUpdateJob(t *testing.T) {
	text, empty := "new", ""
	for _, c := range []struct {
		name  string
		patch Patch
		want  func(*Settings)
		wrong string // what the refusal names
	}{
		{"an empty body", Patch{}, func(*Settings) {}, ""},
		{"description", Patch{Description: &text}, func(s *Settings) { s.Description = "new" }, ""},
		{"an empty description", Patch{Description: &empty}, func(s *Settings) { s.Description = "" }, ""},
		{"rollout", Patch{Rollout: &RolloutConfig{MaximumPerMinute: 100}}, func(s *Settings) { s.Rollout.MaximumPerMinute = 100 }, ""},
		{"an empty rollout is the default rate", Patch{Rollout: &RolloutConfig{}}, func(s *Settings) { s.Rollout = RolloutConfig{} }, ""},
		{"a rollout replaces the whole of it", Patch{Rollout: &exampleA}, func(s *Settings) { s.Rollout = exampleA }, ""},
		{"abort", Patch{Abort: &[]Criterion{{FailureAll, 1, 1}}}, func(s *Settings) { s.Abort = []Criterion{{FailureAll, 1, 1}} }, ""},
		{"timeout", Patch{Timeout: &TimeoutConfig{60}}, func(s *Settings) { s.Timeout.InProgressMinutes = 60 }, ""},
		{"presigned", Patch{Presigned: &Presigned{ExpiresIn: 99}}, func(s *Settings) { s.Presigned = Presigned{ExpiresIn: 99} }, ""},
		{"the same retries", Patch{Retry: &[]Retry{{FailureFailed, 2}, {FailureTimedOut, 1}}}, func(*Settings) {}, ""},
		{"one kind of retry off", Patch{Retry: &[]Retry{{FailureFailed, 2}, {FailureTimedOut, 0}}}, func(s *Settings) { s.Retry[1].Number = 0 }, ""},
		{"a kind left out is off", Patch{Retry: &[]Retry{{FailureTimedOut, 1}}}, func(s *Settings) { s.Retry = s.Retry[1:] }, ""},
		{"all retries off", Patch{Retry: &[]Retry{{FailureAll, 0}}}, func(s *Settings) { s.Retry = []Retry{{FailureAll, 0}} }, ""},
		{"more retries", Patch{Retry: &[]Retry{{FailureFailed, 3}}}, nil, "Value 3 at 'jobExecutionsRetryConfig'"},
		{"fewer retries", Patch{Retry: &[]Retry{{FailureFailed, 1}}}, nil, "number of FAILED retries"},
		{"retries of another kind", Patch{Retry: &[]Retry{{FailureAll, 2}}}, nil, "ALL"},
		{"no timer under retries of time-outs", Patch{Timeout: &TimeoutConfig{}}, nil, "timeoutConfig.inProgressTimeoutInMinutes"},
		{"no timer and no such retries", Patch{Timeout: &TimeoutConfig{}, Retry: &[]Retry{{FailureFailed, 2}}}, func(s *Settings) {
			s.Timeout, s.Retry = TimeoutConfig{}, s.Retry[:1]
		}, ""},
		{"a ramp without a criterion", Patch{Rollout: &RolloutConfig{Exponential: Exponential{Base: 1, Factor: 20}}}, nil, "rateIncreaseCriteria"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := rolled(full(), Counts{Queued: 1})
			got, err := before.Update(c.patch, clockAt(9))
			wantRefused(t, err, c.wrong)
			want := full()
			if c.want != nil {
				c.want(&want)
			}
			if !reflect.DeepEqual(got.Settings, want) || got.UpdatedAt.Equal(clockAt(9)) != (c.wrong == "") {
				t.Errorf("updated at %v to %+v, want %+v", got.UpdatedAt, got.Settings, want)
			}
		})
	}
}

func TestOnlyALiveJobIsUpdated(t *testing.T) {
	for s, live := range map[Status]bool{StatusScheduled: true, StatusInProgress: true, StatusCompleted: false, StatusCanceled: false, StatusDeleting: false} {
		j := rolled(full(), Counts{Queued: 1})
		j.Status = s
		if _, err := j.Update(Patch{}, noon); fault.Is(err, fault.InvalidRequest) == live {
			t.Errorf("update of a job that is %v: %v", s, err)
		}
	}
}

func TestALoweredThresholdThatIsMetAborts(t *testing.T) {
	j := rolled(full(), Counts{Queued: 3, Succeeded: 9, Failed: 1})
	lower := []Criterion{{FailureFailed, 1000, 10}}
	if j.Judge(noon).Status != StatusInProgress {
		t.Fatal("the old threshold is met")
	}
	got, err := j.Update(Patch{Abort: &lower}, clockAt(1))
	if err != nil || got.Status != StatusCanceled || !got.Sweep.Active || !got.Due.Equal(clockAt(1)) {
		t.Errorf("job is %v, sweeping %v, %v", got.Status, got.Sweep.Active, err)
	}
}

// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestSettingsThatDoNotGoTogether(t *testing.T) {
	timer := TimeoutConfig{5}
	for _, c := range []struct {
		name  string
		of    Settings
		wrong string
	}{
		{"nothing", Settings{}, ""},
		{"all there is", full(), ""},
		{"ten retries", Settings{Timeout: timer, Retry: []Retry{{FailureFailed, 5}, {FailureTimedOut, 5}}}, ""},
		{"eleven retries", Settings{Timeout: timer, Retry: []Retry{{FailureFailed, 5}, {FailureTimedOut, 6}}}, "11 retries"},
		{"ALL beside another", Settings{Timeout: timer, Retry: []Retry{{FailureFailed, 1}, {FailureAll, 1}}}, "ALL beside FAILED"},
		{"another beside ALL", Settings{Timeout: timer, Retry: []Retry{{FailureAll, 1}, {FailureTimedOut, 1}}}, "TIMED_OUT beside ALL"},
		{"a kind twice", Settings{Retry: []Retry{{FailureFailed, 1}, {FailureFailed, 1}}}, "FAILED beside FAILED"},
		{"FAILED without a timer", Settings{Retry: []Retry{{FailureFailed, 1}}}, ""},
		{"TIMED_OUT without a timer", Settings{Retry: []Retry{{FailureTimedOut, 1}}}, "Retries of TIMED_OUT need"},
		{"ALL without a timer", Settings{Retry: []Retry{{FailureAll, 1}}}, "Retries of ALL need"},
		{"no retries of ALL without a timer", Settings{Retry: []Retry{{FailureAll, 0}}}, ""},
		{"a ramp with both criteria", Settings{Rollout: RolloutConfig{Exponential: Exponential{1, 20, 5, 5}}}, ""},
		{"a ramp with none", Settings{Rollout: RolloutConfig{Exponential: Exponential{Base: 1, Factor: 20}}}, "rateIncreaseCriteria"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRefused(t, c.of.Check(), c.wrong)
			_, err := New(Create{Settings: c.of}, noon)
			wantRefused(t, err, c.wrong)
		})
	}
}
