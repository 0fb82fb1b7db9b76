package job

import (
	"cmp"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Template is a job template: what jobs that are made from it begin with. It
// never changes. spec: api-operations.md#createjobtemplate
type Template struct {
	Name      string   // jobTemplateId
	Settings  Settings // of its schedule, only the windows
	Document  []byte   // not in lists
	CreatedAt time.Time
}

// NewTemplate is the template that an operator asks for, whose document is
// checked. It is refused, as InvalidRequest, where a job of it would be.
func NewTemplate(t Template, now time.Time) (Template, error) {
	t.Settings = t.Settings.forTemplate()
	t.CreatedAt = now
	return t, cmp.Or(t.Settings.Check(), t.Settings.Schedule.checkWindows("maintenanceWindows", now))
}

// Template is a template of what the job is: its settings as they are now, and
// the document that it was given. Tags and targets are not part of it.
func (j Job) Template(given []byte) Template {
	return Template{Settings: j.Settings.forTemplate(), Document: given}
}

// forTemplate is the settings without those that belong to one job: when it
// begins and ends, where it came from, what devices were given, how many may have
// it at once, and which version a package's default was.
func (s Settings) forTemplate() Settings {
	s.Schedule = Schedule{Windows: s.Schedule.Windows}
	s.Origin = Origin{}
	s.URLs = URLs{}
	s.MaximumInProgress = 0
	s.Packages = asGiven(s.Packages)
	return s
}

// OrElse is the settings with those of a template where s has none. What is
// given replaces the whole of a setting; windows are a setting of their own.
func (s Settings) OrElse(t Settings) Settings {
	s.Description = cmp.Or(s.Description, t.Description)
	s.Rollout = cmp.Or(s.Rollout, t.Rollout)
	s.Abort = listOr(s.Abort, t.Abort)
	s.Timeout = cmp.Or(s.Timeout, t.Timeout)
	s.Retry = listOr(s.Retry, t.Retry)
	s.Presigned = cmp.Or(s.Presigned, t.Presigned)
	s.Schedule.Windows = listOr(s.Schedule.Windows, t.Schedule.Windows)
	s.Packages = listOr(s.Packages, t.Packages)
	return s
}

func listOr[T any](list, otherwise []T) []T {
	if len(list) > 0 {
		return list
	}
	return otherwise
}

// Origin is the template that a job was made from, for answers to show; zero
// is none.
type Origin struct {
	Template string `json:"template,omitempty"` // jobTemplateId, or the name of a managed one
	// Version is that of a managed template; "" says that it is not managed.
	Version    string            `json:"version,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"` // documentParameters
}

// Managed tells whether the template is one that comes with the server.
func (o Origin) Managed() bool { return o.Version != "" }

// Check refuses, as InvalidRequest, parameters that nothing asks for: only
// documents of managed templates have some.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func (o Origin) Check(ownDocument bool) error {
	switch {
	case len(o.Parameters) == 0:
		return nil
	case !o.Managed():
		return fault.New(fault.InvalidRequest, "'documentParameters' is allowed only with the 'jobTemplateArn' of a managed template")
	case ownDocument:
		return fault.New(fault.InvalidRequest, "'documentParameters' is not allowed beside 'document', which takes the place of the template's")
	default:
		return nil
	}
}
