package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// DryRun is what UpdateJob would do. spec: job-lifecycle.md#123-dry-run
type DryRun struct {
	JobID    string         `json:"jobId"`
	Version  int64          `json:"version"` // that the job is at
	Changes  []MemberChange `json:"changes"`
	Effects  []string       `json:"effects"`
	Forecast struct {
		Before Forecast `json:"before"`
		After  Forecast `json:"after"`
	} `json:"forecast"`
}

// Forecast is what becomes of a job if every thing succeeds at once.
type Forecast struct {
	End       awsapi.Time `json:"end,omitzero"` // absent: it does not end, or not before laterThan
	Status    string      `json:"status,omitempty"`
	RolledOut awsapi.Time `json:"rolledOut,omitzero"` // when the last thing has it
	LaterThan awsapi.Time `json:"laterThan,omitzero"`
	Paused    bool        `json:"paused,omitempty"` // and nobody resumes it
}

// DryRunOf is r as it is answered.
func DryRunOf(r job.Rehearsal, s awsapi.Scope) (*DryRun, error) {
	changes, err := changesOf(r.Before, r.After, s)
	told := &DryRun{JobID: r.Before.Name, Version: r.Before.Version, Changes: changes, Effects: r.Effects()}
	told.Forecast.Before, told.Forecast.After = forecastOf(r.Without), forecastOf(r.With)
	return told, err
}

func forecastOf(f job.Forecast) Forecast {
	return Forecast{
		End: awsapi.At(f.End), Status: f.Status.String(), RolledOut: awsapi.At(f.RolledOut), LaterThan: awsapi.At(f.Until), Paused: f.Paused,
	}
}
