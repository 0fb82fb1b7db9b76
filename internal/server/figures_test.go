package server_test

import (
	"bufio"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/drover-iot/drover/internal/drovertest"
)

func TestMain(m *testing.M) { drovertest.Main(m) }

// figures is one look at /metrics.
type figures struct {
	families map[string]family
	series   map[string]float64 // as they are printed: name{label="value",…}
}

// family is what all series of one name share.
type family struct {
	kind   string          // counter, gauge, histogram or summary
	labels map[string]bool // by name; without le and quantile
}

var (
	seriesLine = regexp.MustCompile(`^([a-z_]+)(\{.*\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`([a-z]+)="((?:[^"\\]|\\.)*)"`)
	suffix     = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// scrape reads /metrics of the node at url.
func scrape(t *testing.T, url string) figures {
	t.Helper()
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	f := figures{families: map[string]family{}, series: map[string]float64{}}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		f.read(t, lines.Text())
	}
	return f
}

func (f figures) read(t *testing.T, line string) {
	t.Helper()
	if words := strings.Fields(line); words[0] == "#" {
		if words[1] == "TYPE" {
			f.families[words[2]] = family{kind: words[3], labels: map[string]bool{}}
		}
		return
	}
	m := seriesLine.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("no series: %s", line)
	}
	n, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		t.Fatal(err)
	}
	f.series[m[1]+m[2]] = n
	for _, pair := range labelPair.FindAllStringSubmatch(m[2], -1) {
		if pair[1] != "le" && pair[1] != "quantile" {
			f.familyOf(m[1]).labels[pair[1]] = true
		}
	}
}

// familyOf is the family of a series by its name.
func (f figures) familyOf(name string) family {
	if of, ok := f.families[name]; ok {
		return of
	}
	return f.families[suffix.ReplaceAllString(name, "")]
}

// row is a row of the tables in docs/metrics.md: name, type, labels.
var (
	row  = regexp.MustCompile("(?m)^\\| `([a-z_]+\\*?)` \\|\\s*([a-z]*)\\s*\\|([^|]*)\\|")
	word = regexp.MustCompile("[a-z]+")
)

// documented is the families that docs/metrics.md has, and its text.
func documented(t *testing.T) (families map[string]family, text string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	families = map[string]family{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		f := family{kind: m[2], labels: map[string]bool{}}
		names, _, _ := strings.Cut(m[3], ":") // their values follow
		for _, name := range word.FindAllString(names, -1) {
			f.labels[name] = true
		}
		families[m[1]] = f
	}
	return families, string(page)
}

func TestTheDocumentedMetricsAreThoseThatAreExported(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01") // requests have labels when there was one
	want, text := documented(t)
	got := scrape(t, n.URL())
	for name, f := range got.families {
		prefix, _, _ := strings.Cut(name, "_")
		if _, group := want[prefix+"_*"]; group {
			delete(got.families, name)
			continue
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want[name].labels)), slices.Sorted(maps.Keys(f.labels))); diff != "" {
			t.Errorf("labels of %s (-documented +exported):\n%s", name, diff)
		}
	}
	kinds := func(families map[string]family) map[string]string {
		of := map[string]string{}
		for name, f := range families {
			if !strings.HasSuffix(name, "*") {
				of[name] = f.kind
			}
		}
		return of
	}
	if diff := cmp.Diff(kinds(want), kinds(got.families)); diff != "" {
		t.Errorf("types (-documented +exported):\n%s", diff)
	}
	for series := range got.series {
		for _, pair := range labelPair.FindAllStringSubmatch(series, -1) {
			if strings.HasPrefix(series, "drover_") && !openLabels[pair[1]] && !strings.Contains(text, "`"+pair[2]+"`") {
				t.Errorf("the value of %s in %s is not documented", pair[1], series)
			}
		}
	}
}

// openLabels are those whose values the page does not list.
var openLabels = map[string]bool{"operation": true, "outcome": true, "version": true, "goversion": true, "le": true}

func TestTheMetricsKeepTheConventions(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	resp, err := http.Get(n.URL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	problems, err := promlint.New(resp.Body).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "drover_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !cond(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
