package disk

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFilesOfKeys(t *testing.T) {
	for key, want := range map[string]string{
		"fw-3.bin":                     "o-fw-3%2ebin",
		"a/b":                          "d-a/o-b",
		"a/":                           "d-a/o-",
		"/a":                           "d-/o-a",
		"a//b":                         "d-a/d-/o-b",
		"..":                           "o-%2e%2e",
		"../../x":                      "d-%2e%2e/d-%2e%2e/o-x",
		"./x":                          "d-%2e/o-x",
		`..\x`:                         "o-%2e%2e%5cx",
		"c:x":                          "o-c%3ax",
		"CON":                          "o-%43%4f%4e",
		"con.txt":                      "o-con%2etxt",
		"x. ":                          "o-x%2e%20",
		"a\x00b":                       "o-a%00b",
		"größe":                        "o-gr%c3%b6%c3%9fe",
		strings.Repeat("a", 65):        "o-" + strings.Repeat("a", 65),
		strings.Repeat("a", 66):        "l-" + strings.Repeat("a", 66) + "/o-",
		strings.Repeat("a", 66) + "/b": "l-" + strings.Repeat("a", 66) + "/d-/o-b",
		strings.Repeat("a", 65) + "ü":  "l-" + strings.Repeat("a", 65) + "%c3/o-%bc",
	} {
		if got, _ := strings.CutPrefix(pathOf("firmware", key), "buckets/d-firmware/"); got != want {
			t.Errorf("%q lies in %s, want %s", key, got, want)
		}
	}
}

// TestNoKeyLeadsOutOfItsBucket, nor do two meet in one file, on a system that
// takes large letters for small ones, and no name is longer than systems take.
func TestNoKeyLeadsOutOfItsBucket(t *testing.T) {
	key := rapid.OneOf(rapid.StringN(1, 400, 1024), rapid.StringMatching(`[a-cA-C./\\%~: -]{1,20}`))
	rapid.Check(t, func(t *rapid.T) {
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		at := pathOf("firmware", a)
		if at != path.Clean(at) || !strings.HasPrefix(at, "buckets/d-firmware/") {
			t.Fatalf("%q lies in %s", a, at)
		}
		if a != b && strings.EqualFold(at, pathOf("firmware", b)) {
			t.Fatalf("%q and %q both lie in %s", a, b, at)
		}
		for name := range strings.SplitSeq(at, "/") {
			if len(name) > 255 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_%") != "" {
				t.Fatalf("%q has a file %s", a, name)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"a%2e", "%", "%4", "%zz", "A", "%41", "%61"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if piece, ok := decode(name); ok && encode(piece) != name {
			t.Fatalf("%q is read as %q, which is written %q", name, piece, encode(piece))
		}
		if piece, ok := decode(encode(name)); !ok || piece != name {
			t.Fatalf("%q is written %q, which is read as %q", name, encode(name), piece)
		}
	})
}
