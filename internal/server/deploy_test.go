package server_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/drovertest"
)

// dashboard is what a test looks at of a Grafana dashboard.
type dashboard struct {
	SchemaVersion int
	Templating    struct {
		List []struct{ Name, Type, Query, Definition any }
	}
	Panels []struct {
		Title, Type string
		Datasource  struct{ UID string }
		Targets     []struct{ Expr string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/grafana/drover.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// expressions are those of the dashboard's panels and of the alerts, by where
// they stand.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			all[p.Title+": "+target.Expr] = target.Expr
		}
	}
	rules, err := os.ReadFile("../../deploy/prometheus/drover.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`alert: (\w+)\n +expr: (.*)`).FindAllStringSubmatch(string(rules), -1) {
		all[m[1]] = m[2]
	}
	return all
}

var (
	named    = regexp.MustCompile(`\b(?:drover|go|process)_[a-z_]+\b`)
	selected = regexp.MustCompile(`\b([a-z_]+)\{([^}]*)\}`)
	selector = regexp.MustCompile(`([a-z]+)\s*(?:=~|!~|!=|=)`)
	grouped  = regexp.MustCompile(`by \(([a-z, ]*)\)`)
)

// fromPrometheus are labels that a scrape adds.
var fromPrometheus = []string{"instance", "job", "le", "quantile"}

func TestDashboardAndAlertsNameWhatThereIs(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01") // requests have labels when there was one
	exported := scrape(t, n.URL())
	names := map[string]bool{}
	for series := range exported.series {
		name, _, _ := strings.Cut(series, "{")
		names[name] = true
	}
	all := expressions(t)
	if len(all) < 40 {
		t.Fatalf("only %d expressions are found", len(all))
	}
	for where, expr := range all {
		found := named.FindAllString(expr, -1)
		if len(found) == 0 && !strings.Contains(expr, "up{") {
			t.Errorf("%s names no metric", where)
		}
		labels := slices.Clone(fromPrometheus)
		for _, name := range found {
			if !names[name] {
				t.Errorf("%s: there is no %s", where, name)
			}
			for label := range exported.familyOf(name).labels {
				labels = append(labels, label)
			}
		}
		for _, label := range labelsOf(expr) {
			if !slices.Contains(labels, label) {
				t.Errorf("%s: there is no label %s", where, label)
			}
		}
	}
}

// labelsOf are the labels that an expression selects or groups by.
func labelsOf(expr string) (labels []string) {
	for _, m := range selected.FindAllStringSubmatch(expr, -1) {
		for _, l := range selector.FindAllStringSubmatch(m[2], -1) {
			labels = append(labels, l[1])
		}
	}
	for _, m := range grouped.FindAllStringSubmatch(expr, -1) {
		labels = append(labels, strings.Split(m[1], ", ")...)
	}
	return labels
}

func TestTheDashboardCanBeImportedAnywhere(t *testing.T) {
	d := readDashboard(t)
	if d.SchemaVersion < 39 {
		t.Errorf("schema version %d is of an old Grafana", d.SchemaVersion)
	}
	if first := d.Templating.List[0]; first.Name != "datasource" || first.Type != "datasource" || first.Query != "prometheus" {
		t.Errorf("the first variable is %+v, want one for the data source", first)
	}
	var rows []string
	for _, p := range d.Panels {
		if p.Type == "row" {
			rows = append(rows, p.Title)
			continue
		}
		if p.Datasource.UID != "${datasource}" {
			t.Errorf("%s is bound to the data source %q", p.Title, p.Datasource.UID)
		}
	}
	if got := strings.Join(rows, ", "); got != "Fleet and rollouts, Requests, Store, Broker, Process" {
		t.Errorf("the rows are %s", got)
	}
}

func TestEveryMetricOfOursIsOnTheDashboard(t *testing.T) {
	var shown strings.Builder
	for _, expr := range expressions(t) {
		shown.WriteString(expr + "\n")
	}
	families, _ := documented(t)
	for name := range families {
		if !strings.HasSuffix(name, "*") && !strings.Contains(shown.String(), name) {
			t.Errorf("%s is nowhere to be seen", name)
		}
	}
}
