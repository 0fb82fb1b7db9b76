package iot

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
)

// specRow is one line of a table of members in the specification.
type specRow struct{ name, place, kind, required, constraints string }

// specTable reads the table below a heading; places tells whether it has a
// column for where members travel.
func specTable(t *testing.T, text, heading string, places bool) map[string]specRow {
	t.Helper()
	_, section, found := strings.Cut(text, "\n### "+heading+"\n")
	if !found {
		t.Fatalf("the specification has no %s", heading)
	}
	section, _, _ = strings.Cut(section, "\n### ")
	rows := map[string]specRow{}
	for line := range strings.SplitSeq(section, "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if !places {
			cells = append(cells[:2], append([]string{"body"}, cells[2:]...)...)
		}
		name := strings.Trim(cells[1], "`")
		rows[name] = specRow{name, cells[2], cells[3], cells[4], cells[5]}
	}
	return rows
}

func readSpec(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile("../../../docs/spec/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// stricter are the members where the documentation says more than the model,
// with what it says. spec: job-lifecycle.md#11-limits-and-quotas
var stricter = map[string]string{
	"CreateJob.targets": "list len 1..100", "CancelJobExecution.statusDetails": "value len 1..1024",
	"JobExecutionsRolloutConfig.maximumPerMinute": "range 1..1000", "TimeoutConfig.inProgressTimeoutInMinutes": "range 1..10080",
	"AbortCriteria.thresholdPercentage":  "range 0.01..100",
	"AddThingToThingGroup.thingGroupArn": "len 0..2048", "AddThingToThingGroup.thingArn": "len 0..2048",
	"RemoveThingFromThingGroup.thingGroupArn": "len 0..2048", "RemoveThingFromThingGroup.thingArn": "len 0..2048",
	"UpdateThingGroupsForThing.thingName": "required", "DescribeEndpoint.endpointType": "enum",
}

// elsewhere are the members whose constraints the domain holds, with where.
var elsewhere = map[string]string{
	"CreateJob.document": "job.CheckInline", "CreateJobTemplate.document": "job.CheckInline",
	"GetPercentiles.percents": "Given",
}

func TestRequestsAreTheSpecification(t *testing.T) {
	text := readSpec(t, "api-operations.md")
	for _, r := range requests {
		t.Run(r.op.Name, func(t *testing.T) { compare(t, r.op.Name, r.shape, specTable(t, text, r.op.Name, true)) })
	}
}

func TestStructuresAreTheSpecification(t *testing.T) {
	text := readSpec(t, "api-shapes.md")
	for name, shape := range map[string]awsapi.Shape{
		"AbortConfig": AbortConfig{}.Shape(), "AbortCriteria": AbortCriteria{}.Shape(), "AttributePayload": AttributePayload{}.Shape(),
		"Configuration":          Configuration{}.Shape(),
		"PackageVersionArtifact": PackageVersionArtifact{}.Shape(), "S3Location": S3Location{}.Shape(),
		"VersionUpdateByJobsConfig": VersionUpdateByJobsConfig{}.Shape(),
		"ExponentialRolloutRate":    ExponentialRolloutRate{}.Shape(), "JobExecutionsRetryConfig": JobExecutionsRetryConfig{}.Shape(),
		"JobExecutionsRolloutConfig": JobExecutionsRolloutConfig{}.Shape(), "MaintenanceWindow": MaintenanceWindow{}.Shape(),
		"SchedulingConfig": SchedulingConfig{}.Shape(), "PresignedUrlConfig": PresignedURLConfig{}.Shape(),
		"RateIncreaseCriteria": RateIncreaseCriteria{}.Shape(), "RetryCriteria": RetryCriteria{}.Shape(), "Tag": Tag{}.Shape(),
		"ThingGroupProperties": ThingGroupProperties{}.Shape(), "ThingTypeProperties": ThingTypeProperties{}.Shape(),
		"TimeoutConfig": TimeoutConfig{}.Shape(), "BucketsAggregationType": BucketsAggregationType{}.Shape(),
		"TermsAggregation": TermsAggregation{}.Shape(), "Field": Field{}.Shape(), "IndexingFilter": IndexingFilter{}.Shape(),
		"ThingIndexingConfiguration":      ThingIndexingConfiguration{}.Shape(),
		"ThingGroupIndexingConfiguration": ThingGroupIndexingConfiguration{}.Shape(),
	} {
		t.Run(name, func(t *testing.T) { compare(t, name, shape, specTable(t, text, name, false)) })
	}
}

// compare holds a shape to its table, both ways.
func compare(t *testing.T, owner string, shape awsapi.Shape, want map[string]specRow) {
	t.Helper()
	for _, m := range shape {
		if m.In == awsapi.Header || m.Extension || m.Elsewhere != "" {
			continue // the host is no member of the model, and an extension is none either
		}
		row, ok := want[m.Name]
		if !ok {
			t.Errorf("%s is no member of the specification's %s", m.Name, owner)
			continue
		}
		delete(want, m.Name)
		compareMember(t, owner+"."+m.Name, m, row)
	}
	for name := range want {
		t.Errorf("%s has no row for %s", owner, name)
	}
}

func compareMember(t *testing.T, name string, m awsapi.Member, row specRow) {
	t.Helper()
	place := [...]string{"body", "path", "query `" + m.Name + "`"}[m.In]
	if row.place != place {
		t.Errorf("%s travels in %s, the specification says %s", name, place, row.place)
	}
	if (row.required == "**req**") != m.Required && stricter[name] != "required" {
		t.Errorf("%s: required is %v, the specification says %q", name, m.Required, row.required)
	}
	if m.NotBuilt || stricter[name] == "enum" || elsewhere[name] != "" {
		return
	}
	rule := words(m.Rule)
	for _, c := range wanted(row, stricter[name]) {
		if !strings.Contains(rule, ";"+c+";") {
			t.Errorf("%s: the specification says %q, the rule says %q", name, c, rule)
		}
	}
}

// wanted are the constraints of a row, those of the documentation in place
// of the model's of the same kind.
func wanted(row specRow, stricter string) []string {
	var all []string
	kind, _, hasKind := strings.Cut(stricter, " len ")
	if !hasKind {
		kind, _, _ = strings.Cut(stricter, " ")
	}
	for c := range strings.SplitSeq(row.constraints, "; ") {
		c = strings.NewReplacer("\x00", "|", "`", "").Replace(c)
		sameKind := stricter != "" && (strings.HasPrefix(c, kind+" len") || strings.HasPrefix(c, kind+" "))
		if c != "" && !sameKind && !strings.HasPrefix(c, "model default") && !strings.HasPrefix(c, "idempotency token") {
			all = append(all, c)
		}
	}
	if enum, ok := strings.CutPrefix(row.kind, "enum "); ok {
		all = append(all, "enum "+enum)
	}
	if stricter != "" && stricter != "required" {
		all = append(all, stricter)
	}
	return all
}

// words writes a rule as the specification does, each constraint between
// semicolons.
func words(r awsapi.Rule) string {
	var b strings.Builder
	b.WriteByte(';')
	own(&b, "", r)
	if r.List != (awsapi.Span{}) {
		fmt.Fprintf(&b, "list len %s;", span(r.List, 0))
	}
	if r.Pairs != (awsapi.Span{}) {
		fmt.Fprintf(&b, "map len %s;", span(r.Pairs, 0))
	}
	if r.Item != nil {
		own(&b, "item ", *r.Item)
		own(&b, "value ", *r.Item)
	}
	if r.Key != nil {
		own(&b, "key ", *r.Key)
	}
	return b.String()
}

// own writes the constraints of one scalar.
func own(b *strings.Builder, whose string, r awsapi.Rule) {
	if r.Length != (awsapi.Span{}) {
		fmt.Fprintf(b, "%slen %s;", whose, span(r.Length, 0))
	}
	if r.Length.Max != 0 { // the model also writes an open end
		fmt.Fprintf(b, "%slen %d..;", whose, r.Length.Min)
	}
	if r.Pattern.Text != "" {
		fmt.Fprintf(b, "%spattern ^%s$;", whose, r.Pattern.Text)
	}
	if len(r.Enum) > 0 {
		fmt.Fprintf(b, "%senum %s;", whose, strings.Join(r.Enum, "/"))
	}
	if r.Range != (awsapi.Span{}) {
		fmt.Fprintf(b, "%srange %s;", whose, span(r.Range, r.Digits))
	}
}

func span(s awsapi.Span, digits int) string {
	end := ""
	if s.Max != 0 {
		end = awsapi.NewDecimal(s.Max, digits).String()
	}
	if digits == 0 {
		return strconv.FormatInt(s.Min, 10) + ".." + end
	}
	return awsapi.NewDecimal(s.Min, digits).String() + ".." + end
}
