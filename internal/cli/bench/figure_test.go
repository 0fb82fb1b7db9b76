package bench

import (
	"bytes"
	"testing"
)

func TestFiguresAsJSONAndAsATable(t *testing.T) {
	raw := figure{Name: "raw", Value: 30_000.4, Unit: "reports/s"}
	figures := []figure{
		raw,
		figure{Name: "reports", Value: 18_123.9, Unit: "reports/s"}.against(raw),
		{Name: "reports.p99", Value: 24.34567, Unit: "ms"},
		{Name: "nothing", Unit: "ms"},
		figure{Name: "small", Value: 0.012345, Unit: "s"}.against(figure{Name: "nothing"}),
	}
	var out bytes.Buffer
	if err := writeJSON(&out, figures); err != nil {
		t.Fatal(err)
	}
	want := `{"name":"raw","value":30000,"unit":"reports/s","ratio":null,"of":null}
{"name":"reports","value":18124,"unit":"reports/s","ratio":0.6041,"of":"raw"}
{"name":"reports.p99","value":24.35,"unit":"ms","ratio":null,"of":null}
{"name":"nothing","value":0,"unit":"ms","ratio":null,"of":null}
{"name":"small","value":0.01235,"unit":"s","ratio":null,"of":null}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	out.Reset()
	if err := writeTable(&out, figures); err != nil {
		t.Fatal(err)
	}
	want = `┌─────────────┬────────┬───────────┬───────┬─────┐
│ Figure      │  Value │ Unit      │ Ratio │ Of  │
├─────────────┼────────┼───────────┼───────┼─────┤
│ raw         │ 30,000 │ reports/s │       │     │
│ reports     │ 18,124 │ reports/s │  0.60 │ raw │
│ reports.p99 │   24.3 │ ms        │       │     │
│ nothing     │      0 │ ms        │       │     │
│ small       │  0.012 │ s         │       │     │
└─────────────┴────────┴───────────┴───────┴─────┘
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
