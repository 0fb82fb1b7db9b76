package iot

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// Members are members of a job by name, each as its JSON.
type Members map[string]json.RawMessage

// put takes a member up, unless it is absent.
func (m Members) put(name string, value json.RawMessage) {
	if value != nil {
		m[name] = value
	}
}

// MemberChange is a member of a job before and after a change; one that is not
// there is absent.
type MemberChange struct {
	Member string          `json:"member"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// moving are the members of a job that nobody sets: what follows from devices
// and from time, and what never changes.
var moving = []string{
	"jobArn", "jobId", "targetSelection", "createdAt", "lastUpdatedAt", "completedAt", "jobProcessDetails", "isConcurrent",
	"scheduledJobRollouts",
}

// changesOf are the members that differ between a job before and after a
// change, by name.
func changesOf(before, after job.Job, s awsapi.Scope) ([]MemberChange, error) {
	b, err := membersOf(before, s)
	if err != nil {
		return nil, err
	}
	a, err := membersOf(after, s)
	if err != nil {
		return nil, err
	}
	changes := []MemberChange{}
	names := maps.Clone(b)
	maps.Copy(names, a)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(b[name], a[name]) {
			changes = append(changes, MemberChange{name, b[name], a[name]})
		}
	}
	return changes, nil
}

// membersOf are the members of a job that somebody has set.
func membersOf(j job.Job, s awsapi.Scope) (Members, error) {
	shown := JobOf(j, s, time.Unix(0, 0))
	shown.CreatedAt, shown.LastUpdatedAt = awsapi.At(time.Unix(0, 0)), awsapi.At(time.Unix(0, 0)) // they go below
	text, err := awsapi.Encode(struct {
		Job
		Hold
	}{shown, holdOf(j)})
	if err != nil {
		return nil, err
	}
	all := Members{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	for _, name := range moving {
		delete(all, name)
	}
	maps.DeleteFunc(all, func(_ string, value json.RawMessage) bool {
		return slices.Contains([]string{`null`, `""`, `{}`, `false`}, string(value))
	})
	return all, nil
}
