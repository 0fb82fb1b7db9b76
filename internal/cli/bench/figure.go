package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// figure is something that was measured.
type figure struct {
	Name  string
	Value float64
	Unit  string
	Ratio float64 // of another figure of the run; 0: none
	Of    string  // the name of that figure
}

// against is the figure with its ratio to another.
func (f figure) against(of figure) figure {
	if of.Value > 0 {
		f.Ratio, f.Of = f.Value/of.Value, of.Name
	}
	return f
}

// writeJSON writes an object a line. A figure without a ratio has null there.
func writeJSON(w io.Writer, figures []figure) error {
	for _, f := range figures {
		line := struct {
			Name  string   `json:"name"`
			Value float64  `json:"value"`
			Unit  string   `json:"unit"`
			Ratio *float64 `json:"ratio"`
			Of    *string  `json:"of"`
		}{Name: f.Name, Value: rounded(f.Value), Unit: f.Unit}
		if f.Of != "" {
			ratio := rounded(f.Ratio)
			line.Ratio, line.Of = &ratio, &f.Of
		}
		text, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
		if _, err := fmt.Fprintf(w, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

// writeTable writes figures for people.
func writeTable(w io.Writer, figures []figure) error {
	t := newTable(table.Row{"Figure", "Value", "Unit", "Ratio", "Of"}, 2, 4)
	for _, f := range figures {
		ratio := ""
		if f.Of != "" {
			ratio = digits(f.Ratio)
		}
		t.AppendRow(table.Row{f.Name, digits(f.Value), f.Unit, ratio, f.Of})
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}

// newTable is a table whose columns of these numbers, from 1, hold numbers.
func newTable(header table.Row, numbers ...int) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	var columns []table.ColumnConfig
	for _, n := range numbers {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	t.AppendHeader(header)
	return t
}

// rounded leaves four digits of a figure: there is no more in it.
func rounded(v float64) float64 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
	if math.Abs(v) >= 1000 {
		return math.Round(v)
	}
	return math.Round(v*unit) / unit
}

// digits is a figure for people: three digits, or all of a large number.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case v == 0:
		return "0"
	case a >= 100:
		return humanize.Comma(int64(math.Round(v)))
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 0.1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}
