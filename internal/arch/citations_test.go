package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// specification reads the headings of every file of the specification, as
// anchors.
func specification(t testing.TB, dir string) map[string][]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string][]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		headings[filepath.Base(name)] = anchors(string(text))
	}
	return headings
}

// anchors is the anchors of a Markdown text's headings, as GitHub makes them:
// one that occurs again gets a number.
func anchors(text string) []string {
	var list []string
	seen, fenced := map[string]int{}, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		title := strings.TrimLeft(line, "#")
		if depth := len(line) - len(title); fenced || depth == 0 || depth > 6 || !strings.HasPrefix(title, " ") {
			continue
		}
		a := anchor(title)
		seen[a]++
		if n := seen[a] - 1; n > 0 {
			a = fmt.Sprintf("%s-%d", a, n)
		}
		list = append(list, a)
	}
	return list
}

// anchor drops everything but letters, digits, hyphens and underscores; a
// space becomes a hyphen.
func anchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, strings.TrimSpace(title))
}

// citations finds clauses that the specification does not have.
func citations(files []source, headings map[string][]string) []string {
	cited := regexp.MustCompile(`spec: ((?:, )?[\w-]+\.md(?:#[\pL\pN_-]+)?)*`)
	ref := regexp.MustCompile(`([\w-]+\.md)(?:#([\pL\pN_-]+))?`)
	var found []string
	for _, s := range files {
		for _, group := range s.file.Comments {
			text := strings.Join(strings.Fields(group.Text()), " ")
			for _, c := range cited.FindAllString(text, -1) {
				refs := ref.FindAllStringSubmatch(c, -1)
				if len(refs) == 0 {
					found = append(found, s.at(group)+" cites nothing")
				}
				for _, r := range refs {
					if list, ok := headings[r[1]]; !ok || r[2] != "" && !slices.Contains(list, r[2]) {
						found = append(found, fmt.Sprintf("%s cites %s, which is not there", s.at(group), r[0]))
					}
				}
			}
		}
	}
	return found
}

func TestAnchors(t *testing.T) {
	got := anchors("# Job and job execution lifecycle\n" +
		"### 5.1 CancelJob `PUT /jobs/{jobId}/cancel?force=`\n" +
		"## 10. reasonCode and comment\n" +
		"```\n# not a heading\n```\n" +
		"#hashtag\n####### seven\n" +
		"## Same, same\n## Same: same\n## snake_case – dash\n")
	want := []string{
		"job-and-job-execution-lifecycle", "51-canceljob-put-jobsjobidcancelforce", "10-reasoncode-and-comment",
		"same-same", "same-same-1", "snake_case--dash",
	}
	if !slices.Equal(got, want) {
		t.Errorf("anchors are %q, want %q", got, want)
	}
}

func TestCitations(t *testing.T) {
	headings := map[string][]string{"a.md": {"1-one", "2-two"}, "b.md": nil}
	for _, c := range []struct {
		name, comment string
		want          []string
	}{
		{"a clause", "// F does. spec: a.md#1-one", nil},
		{"a whole file", "// spec: b.md", nil},
		{"before a full stop", "// spec: a.md#1-one.", nil},
		{"two of them", "// spec: a.md#1-one, a.md#2-two", nil},
		{"two of them, one gone", "// spec: a.md#1-one, a.md#3-three", []string{"cites a.md#3-three, which is not there"}},
		{"on the next line", "// F does. spec:\n// a.md#4-four", []string{"a.md#4-four"}},
		{"a clause that is gone", "// spec: a.md#1-two", []string{"internal/a/a.go:2 cites a.md#1-two"}},
		{"a file that is gone", "// spec: c.md#1-one", []string{"c.md#1-one"}},
		{"nothing", "// spec: see there", []string{"cites nothing"}},
		{"no citation", "// as the spec says", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, "internal/a/a.go", "package a\n"+c.comment+"\nfunc f() {}\n")
			wantViolations(t, citations([]source{s}, headings), c.want)
		})
	}
}
