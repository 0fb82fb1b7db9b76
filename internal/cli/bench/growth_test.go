package bench

import (
	"bytes"
	"strings"
	"testing"
)

func TestGrowthAsFiguresAndAsATable(t *testing.T) {
	sizes, rows := []int{1_000, 10_000}, []growing(nil)
	for i, n := range sizes {
		rows = noted(rows, figure{Name: "next", Value: float64(20_000 - 5_000*i), Unit: "reads/s", Ratio: 7, Of: "next-1000"}, n)
		rows = noted(rows, figure{Name: "next.p99", Value: float64(i + 2), Unit: "ms"}, n)
	}
	var out bytes.Buffer
	check(t, writeJSON(&out, flat(rows, sizes)))
	want := `{"name":"next@1000","value":20000,"unit":"reads/s","ratio":null,"of":null}
{"name":"next@10000","value":15000,"unit":"reads/s","ratio":0.75,"of":"next@1000"}
{"name":"next.p99@1000","value":2,"unit":"ms","ratio":null,"of":null}
{"name":"next.p99@10000","value":3,"unit":"ms","ratio":1.5,"of":"next.p99@1000"}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	out.Reset()
	check(t, writeGrowth(&out, rows, sizes))
	want = `┌──────────┬─────────┬────────┬────────┬───────┐
│ Figure   │ Unit    │  1,000 │ 10,000 │ Ratio │
├──────────┼─────────┼────────┼────────┼───────┤
│ next     │ reads/s │ 20,000 │ 15,000 │  0.75 │
│ next.p99 │ ms      │   2.00 │   3.00 │  1.50 │
└──────────┴─────────┴────────┴────────┴───────┘
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWhatHasNoGrowth(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"a benchmark with a size of its own", Config{Growth: true, Names: []string{"next", "idle"}}, `"idle"`},
		{"one size", Config{Growth: true, Things: 5_000}, "--things"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.cfg.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v", err)
			}
		})
	}
	if err := (Config{Growth: true}).Check(); err != nil {
		t.Error(err)
	}
	for _, s := range (Config{Growth: true}).chosen() {
		if s.size == ownSize {
			t.Errorf("%s is chosen", s.name)
		}
	}
}
