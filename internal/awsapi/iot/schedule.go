package iot

import (
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// SchedulingConfig is when the rollout of a job is open. What its texts mean is
// the domain's to say.
// spec: rollout-abort-timeout-retry-schedule.md#51-fields
type SchedulingConfig struct {
	StartTime          string              `json:"startTime,omitempty"`
	EndTime            string              `json:"endTime,omitempty"`
	EndBehavior        string              `json:"endBehavior,omitempty"` // "": STOP_ROLLOUT
	MaintenanceWindows []MaintenanceWindow `json:"maintenanceWindows,omitempty"`
}

// Shape implements awsapi.Shaped.
func (SchedulingConfig) Shape() awsapi.Shape {
	when := awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}}
	return awsapi.Shape{
		{Name: "startTime", Rule: when},
		{Name: "endTime", Rule: when},
		{Name: "endBehavior", Rule: awsapi.Rule{Enum: []string{"STOP_ROLLOUT", "CANCEL", "FORCE_CANCEL"}}},
		{Name: "maintenanceWindows"},
	}
}

// MaintenanceWindow is a window that comes again and again.
// spec: rollout-abort-timeout-retry-schedule.md#52-cron-form
type MaintenanceWindow struct {
	StartTime         string `json:"startTime"`
	DurationInMinutes int    `json:"durationInMinutes"`
	TimeZone          string `json:"timeZone,omitempty"` // "": UTC
}

// Shape implements awsapi.Shaped.
func (MaintenanceWindow) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "startTime", Required: true, Rule: awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 256}}},
		{Name: "durationInMinutes", Required: true, Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 1430}}},
		{Name: "timeZone", Extension: true, Rule: awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}}},
	}
}

func (c *SchedulingConfig) domain() job.Schedule {
	if c == nil {
		return job.Schedule{}
	}
	s := job.Schedule{StartTime: c.StartTime, EndTime: c.EndTime}
	s.EndBehavior, _ = job.ParseEndBehavior(c.EndBehavior) // the shape knows the words
	s.Windows = windowsOf(c.MaintenanceWindows)
	return s
}

func windowsOf(given []MaintenanceWindow) (windows []job.Window) {
	for _, w := range given {
		windows = append(windows, job.Window{StartTime: w.StartTime, Minutes: w.DurationInMinutes, TimeZone: w.TimeZone})
	}
	return windows
}

func windowsShown(windows []job.Window) (shown []MaintenanceWindow) {
	for _, w := range windows {
		shown = append(shown, MaintenanceWindow{StartTime: w.StartTime, DurationInMinutes: w.Minutes, TimeZone: w.TimeZone})
	}
	return shown
}

// scheduleOf is a schedule as it was given; nil if it was not.
func scheduleOf(s job.Schedule) *SchedulingConfig {
	shown := &SchedulingConfig{StartTime: s.StartTime, EndTime: s.EndTime, EndBehavior: s.EndBehavior.String()}
	shown.MaintenanceWindows = windowsShown(s.Windows)
	if shown.StartTime == "" && shown.EndTime == "" && shown.EndBehavior == "" && len(shown.MaintenanceWindows) == 0 {
		return nil
	}
	return shown
}

// ScheduledJobRollout is when a window opens next, in UTC.
// spec: rollout-abort-timeout-retry-schedule.md#51-fields
type ScheduledJobRollout struct {
	StartTime string `json:"startTime"`
}

func rolloutsOf(starts []time.Time) []ScheduledJobRollout {
	var shown []ScheduledJobRollout
	for _, at := range starts {
		shown = append(shown, ScheduledJobRollout{StartTime: at.UTC().Format("2006-01-02T15:04")})
	}
	return shown
}
