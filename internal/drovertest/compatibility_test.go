package drovertest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
)

// standing is the row of an operation in docs/compatibility.md.
type standing struct{ name, state, notes, test string }

// wrong is what the row says that is not so, or ought to say; "" if nothing.
func (s standing) wrong(built bool) string {
	switch there := s.state == "works" || s.state == "differs"; {
	case !there && s.state != "not there":
		return "says neither works, differs nor not there"
	case built && !there:
		return "is built"
	case !built && there:
		return "is refused as not supported"
	case built && s.test == "":
		return "names no test"
	case s.state == "differs" && s.notes == "":
		return "does not say how it differs"
	case !built && s.test != "":
		return "names a test of what is not there"
	}
	return ""
}

// standings reads the table of operations of the page, and in which order its
// rows come. Rows in bold are headings.
func standings(page string) (rows []standing) {
	_, table, _ := strings.Cut(page, "\n| Operation | | Notes | Test |\n")
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 4 {
			break
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if !strings.HasPrefix(cells[0], "**") && !strings.HasPrefix(cells[0], "---") {
			rows = append(rows, standing{cells[0], cells[1], cells[2], cells[3]})
		}
	}
	return rows
}

// operationsOf are the operations of docs/spec/api-operations.md, in order.
func operationsOf(t *testing.T, spec string) (all []awsapi.Operation) {
	t.Helper()
	service := awsapi.IoT
	for line := range strings.SplitSeq(spec, "\n") {
		switch {
		case strings.HasPrefix(line, "## Jobs data plane"):
			service = awsapi.JobsData
		case strings.HasPrefix(line, "## IoT data plane"):
			service = awsapi.Data
		case strings.HasPrefix(line, "### "):
			op, ok := awsapi.Lookup(service, strings.TrimPrefix(line, "### "))
			if !ok {
				t.Fatalf("%s: %s is not known", service, line)
			}
			all = append(all, op)
		}
	}
	return all
}

var label = regexp.MustCompile(`{[^}]+}`)

// built asks a node for an operation, whatever it makes of the request.
func built(n *Node, op awsapi.Operation) bool {
	op.Path = label.ReplaceAllString(op.Path, "x")
	err := n.CallJSON(op, nil, nil, struct{}{}, nil)
	return err == nil || !strings.Contains(err.Error(), "Operation "+op.Name+" is not supported by this server")
}

func TestEveryOperationStandsAsThePageSays(t *testing.T) {
	n := Start(t, Options{})
	rows, known := standings(readDocs(t, "compatibility.md")), operationsOf(t, readDocs(t, "spec/api-operations.md"))
	if len(rows) != len(known) {
		t.Errorf("the page has %d operations, the specification %d", len(rows), len(known))
	}
	for i, op := range known[:min(len(rows), len(known))] {
		if rows[i].name != op.Name {
			t.Fatalf("row %d is %s, the specification has %s there", i+1, rows[i].name, op.Name)
		}
		if why := rows[i].wrong(built(n, op)); why != "" {
			t.Errorf("%s (%s), which the page lists as %q, %s", op.Name, op.Service, rows[i].state, why)
		}
	}
}

func readDocs(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRowsThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		row   standing
		built bool
		want  string
	}{
		{"works, with its test", standing{state: "works", test: "T"}, true, ""},
		{"differs, how, with its test", standing{state: "differs", notes: "faster", test: "T"}, true, ""},
		{"not there", standing{state: "not there"}, false, ""},
		{"not there, and why", standing{state: "not there", notes: "later"}, false, ""},
		{"built meanwhile", standing{state: "not there"}, true, "is built"},
		{"not built", standing{state: "works", test: "T"}, false, "not supported"},
		{"without a test", standing{state: "works"}, true, "names no test"},
		{"differs, but how?", standing{state: "differs", test: "T"}, true, "how it differs"},
		{"a test of nothing", standing{state: "not there", test: "T"}, false, "names a test"},
		{"another word", standing{state: "mostly", test: "T"}, true, "neither"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.row.wrong(c.built); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("it says %q, want %q", got, c.want)
			}
		})
	}
}
