package job

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestNumbersThatAreStoredStayWhatTheyAre(t *testing.T) {
	for i, name := range []string{"SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELED", "DELETION_IN_PROGRESS"} {
		if s, _ := ParseStatus(name); int(s) != i+1 {
			t.Errorf("job %s is stored as %d, was %d", name, s, i+1)
		}
	}
	for i, name := range []string{"QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT", "CANCELED", "REMOVED"} {
		if s, _ := ParseState(name); int(s) != i+1 {
			t.Errorf("execution %s is stored as %d, was %d", name, s, i+1)
		}
	}
	for i, name := range []string{"FAILED", "REJECTED", "TIMED_OUT", "ALL"} {
		if f, _ := ParseFailure(name); int(f) != i+1 {
			t.Errorf("failure %s is stored as %d, was %d", name, f, i+1)
		}
	}
	for i, name := range []string{"STOP_ROLLOUT", "CANCEL", "FORCE_CANCEL"} {
		if b, _ := ParseEndBehavior(name); int(b) != i+1 || b.String() != name {
			t.Errorf("endBehavior %s is stored as %d, was %d", name, b, i+1)
		}
	}
	for i, name := range []string{"SNAPSHOT", "CONTINUOUS"} {
		if s, _ := ParseSelection(name); int(s) != i+1 {
			t.Errorf("selection %s is stored as %d, was %d", name, s, i+1)
		}
	}
}

// What a job was stored as, when its members were fewer too, means what it did.
func TestWhatIsStoredIsReadForEver(t *testing.T) {
	edge := Rollout{Start: noon, Rate: 7, Edge: clockAt(60), End: clockAt(30)}
	onSchedule := full()
	onSchedule.Schedule = Schedule{
		StartTime: "2026-03-01T14:30", EndTime: "2026-04-01 00:00Z", EndBehavior: CancelAll,
		Windows: []Window{{StartTime: "cron(0 2 ? * * *)", Minutes: 60, TimeZone: "Europe/Berlin"}},
	}
	const settings = `{"description":"old","rollout":{"maximumPerMinute":10},"abort":[{"failure":1,"percent":5000,"min":10}],` +
		`"timeout":{"inProgressMinutes":5},"retry":[{"failure":1,"number":2},{"failure":3,"number":1}],` +
		`"presigned":{"roleArn":"arn:aws:iam::000000000000:role/r","expiresIn":60}`
	for _, c := range []struct {
		name string
		text string
		want any
	}{
		{"settings of a job without a schedule", settings + `}`, full()},
		{"settings", settings + `,"schedule":{"startTime":"2026-03-01T14:30","endTime":"2026-04-01 00:00Z","endBehavior":3,` +
			`"windows":[{"startTime":"cron(0 2 ? * * *)","minutes":60,"timeZone":"Europe/Berlin"}]}}`, onSchedule},
		{
			"settings of a job from a template", `{"origin":{"template":"AWS-Reboot","version":"1.0","parameters":{"runAsUser":"u"}}}`,
			Settings{Origin: Origin{Template: "AWS-Reboot", Version: "1.0", Parameters: map[string]string{"runAsUser": "u"}}},
		},
		{"no settings", `{}`, Settings{}},
		{"a rollout without a schedule", `{"start":"2026-01-31T12:00:00Z","rate":7}`, Rollout{Start: noon, Rate: 7}},
		{"a rollout", `{"start":"2026-01-31T12:00:00Z","rate":7,"edge":"2026-01-31T12:01:00Z","end":"2026-01-31T12:00:30Z"}`, edge},
		{"retries", `{"failed":1}`, Retries{Failed: 1}},
		{"retries of which one waits", `{"failed":1,"waits":true}`, Retries{Failed: 1, Waits: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reflect.New(reflect.TypeOf(c.want))
			if err := json.Unmarshal([]byte(c.text), got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), c.want) {
				t.Errorf("%s is read as %+v, %v", c.text, got.Elem(), err)
			}
			if text, err := json.Marshal(c.want); err != nil || string(text) != c.text {
				t.Errorf("it is stored as %s, %v", text, err)
			}
		})
	}
}
