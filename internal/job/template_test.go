package job

import (
	"reflect"
	"testing"
)

// ofTemplate is settings with every member that a template can have.
func ofTemplate() Settings {
	s := full()
	s.Schedule = Schedule{Windows: []Window{{StartTime: "cron(0 2 * * ? *)", Minutes: 60}}}
	s.Packages = []Destination{{Package: "agent", Default: true}, {Package: "core", Version: "7"}}
	return s
}

// A member that is new belongs into OrElse or among those of one job.
func TestATemplateHasEveryMemberButThoseOfOneJob(t *testing.T) {
	ofOneJob := map[string]bool{"Origin": true, "Source": true, "URLs": true, "MaximumInProgress": true}
	s := reflect.ValueOf(ofTemplate())
	for i, f := range reflect.VisibleFields(s.Type()) {
		if s.Field(i).IsZero() && !ofOneJob[f.Name] {
			t.Errorf("the settings of this test have no %s", f.Name)
		}
	}
	if got := (Settings{}).OrElse(ofTemplate()); !reflect.DeepEqual(got, ofTemplate()) {
		t.Errorf("a job that leaves all open gets %+v", got)
	}
	if got := ofTemplate().OrElse(Settings{}); !reflect.DeepEqual(got, ofTemplate()) {
		t.Errorf("a job of an empty template gets %+v", got)
	}
}

// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestWhatIsGivenTakesThePlaceOfTheTemplates(t *testing.T) {
	given := Origin{Template: "t"}
	for _, c := range []struct {
		name string
		job  Settings
		want func(*Settings)
	}{
		{"nothing", Settings{}, func(*Settings) {}},
		{"a description", Settings{Description: "new"}, func(s *Settings) { s.Description = "new" }},
		{"a rate, the whole of it", Settings{Rollout: exampleA}, func(s *Settings) { s.Rollout = exampleA }},
		{"abort criteria", Settings{Abort: []Criterion{{FailureAll, 1, 1}}}, func(s *Settings) { s.Abort = []Criterion{{FailureAll, 1, 1}} }},
		{"a timer", Settings{Timeout: TimeoutConfig{60}}, func(s *Settings) { s.Timeout.InProgressMinutes = 60 }},
		{"retries", Settings{Retry: []Retry{{FailureAll, 0}}}, func(s *Settings) { s.Retry = []Retry{{FailureAll, 0}} }},
		{"presigned URLs, the whole of it", Settings{Presigned: Presigned{ExpiresIn: 99}}, func(s *Settings) { s.Presigned = Presigned{ExpiresIn: 99} }},
		{"an end, within the template's windows", Settings{Schedule: Schedule{EndTime: "2026-04-01T00:00"}}, func(s *Settings) { s.Schedule.EndTime = "2026-04-01T00:00" }},
		{"windows", Settings{Schedule: Schedule{Windows: []Window{{Minutes: 1}}}}, func(s *Settings) { s.Schedule.Windows = []Window{{Minutes: 1}} }},
		{"package versions", Settings{Packages: []Destination{{Package: "a"}}}, func(s *Settings) { s.Packages = []Destination{{Package: "a"}} }},
		{"where the job comes from", Settings{Origin: given}, func(s *Settings) { s.Origin = given }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := ofTemplate()
			c.want(&want)
			if got := c.job.OrElse(ofTemplate()); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestATemplateOfAJobIsWhatTheJobIsNow(t *testing.T) {
	j := Job{Name: "fw-1", Settings: ofTemplate(), Targets: []Target{{Name: "press-01"}}}
	j.Settings.Schedule.StartTime, j.Settings.Schedule.EndTime, j.Settings.Schedule.EndBehavior = "2026-03-01T14:30", "2026-04-01T00:00", CancelAll
	j.Settings.Origin = Origin{Template: "AWS-Reboot", Version: "1.0", Parameters: map[string]string{"runAsUser": "u"}}
	j.Settings.Packages[0].Version = "2.0" // what the default was
	made := j.Template([]byte(`{"op":1}`))
	if !reflect.DeepEqual(made, Template{Settings: ofTemplate(), Document: []byte(`{"op":1}`)}) {
		t.Errorf("it is %+v", made)
	}
	if j.Settings.Schedule.EndBehavior != CancelAll || j.Settings.Packages[0].Version != "2.0" || j.Settings.Origin.Version != "1.0" {
		t.Error("the job has changed")
	}
}

func TestATemplateIsRefusedWhereItsJobWouldBe(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Template)
		want   string
	}{
		{"a good one", func(*Template) {}, ""},
		{"without a timer for retries of time-outs", func(m *Template) { m.Settings.Timeout = TimeoutConfig{} }, "timeoutConfig.inProgressTimeoutInMinutes"},
		{"with a ramp without a criterion", func(m *Template) { m.Settings.Rollout.Exponential = Exponential{Base: 1, Factor: 20} }, "rateIncreaseCriteria"},
		{"with a window that is no cron", func(m *Template) { m.Settings.Schedule.Windows[0].StartTime = "daily" }, "at 'maintenanceWindows.startTime'"},
		{"with two windows", func(m *Template) {
			m.Settings.Schedule.Windows = append(m.Settings.Schedule.Windows, m.Settings.Schedule.Windows...)
		}, "'maintenanceWindows' has 2 windows, at most 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := Template{Name: "t", Settings: ofTemplate(), Document: []byte(`{}`)}
			c.change(&m)
			made, err := NewTemplate(m, noon)
			wantRefused(t, err, c.want)
			if err == nil && !made.CreatedAt.Equal(noon) {
				t.Errorf("made at %s", made.CreatedAt)
			}
		})
	}
}

// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestParametersAreForDocumentsOfManagedTemplates(t *testing.T) {
	some := map[string]string{"runAsUser": "u"}
	for _, c := range []struct {
		name        string
		origin      Origin
		ownDocument bool
		want        string
	}{
		{"none, without a template", Origin{}, true, ""},
		{"an empty map, without a template", Origin{Parameters: map[string]string{}}, true, ""},
		{"none, with a template", Origin{Template: "t"}, false, ""},
		{"some, with a managed template", Origin{Template: "t", Version: "1.0", Parameters: some}, false, ""},
		{"some, without a template", Origin{Parameters: some}, true, "only with the 'jobTemplateArn'"},
		{"some, with a template of one's own", Origin{Template: "t", Parameters: some}, false, "only with the 'jobTemplateArn'"},
		{"some, with another document", Origin{Template: "t", Version: "1.0", Parameters: some}, true, "beside 'document'"},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, c.origin.Check(c.ownDocument), c.want) })
	}
}
