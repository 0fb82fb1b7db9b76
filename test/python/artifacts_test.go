package python

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/test/node"
)

// cp runs `aws s3 cp`, which prints no JSON.
func (s *shell) cp(args ...string) {
	s.t.Helper()
	s.s3(append([]string{"cp", "--only-show-errors"}, args...)...)
}

// s3 runs a command of `aws s3`, and answers the lines that it prints.
func (s *shell) s3(args ...string) []string {
	s.t.Helper()
	printed, failure := s.run(append([]string{"s3"}, args...)...)
	if failure != "" {
		s.t.Fatalf("aws s3 %q: %s", args, failure)
	}
	return strings.Split(strings.TrimSpace(printed), "\n")
}

// listed are the last words of lines.
func listed(lines []string) (all []string) {
	for _, line := range lines {
		if words := strings.Fields(line); len(words) > 0 {
			all = append(all, words[len(words)-1])
		}
	}
	return all
}

// storeShell is an operator at a prompt who asks for artifacts.
func storeShell(t *testing.T) *shell {
	s := newShell(t)
	return newShellAt(t, s.aws, s.node, "/s3")
}

func TestTheCLIFillsTheStoreOfArtifacts(t *testing.T) {
	t.Parallel()
	s := storeShell(t)
	dir := t.TempDir()
	file := func(name string, body []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	small := []byte("small\n")
	large := bytes.Repeat([]byte("0123456789abcdef"), 20<<20/16) // in parts
	s.s3("mb", "s3://firmware")
	s.cp(file("small", small), "s3://firmware/press/a b+ü.txt")
	s.cp(file("large", large), "s3://firmware/large.bin")
	if got := listed(s.s3("ls", "s3://firmware/")); !slices.Equal(got, []string{"press/", "large.bin"}) {
		t.Errorf("there are %v", got)
	}
	if got := listed(s.s3("ls", "--recursive", "s3://firmware")); !slices.Equal(got, []string{"large.bin", "b+ü.txt"}) {
		t.Errorf("in all there are %v", got)
	}
	for key, want := range map[string][]byte{"press/a b+ü.txt": small, "large.bin": large} {
		back := filepath.Join(dir, "back")
		s.cp("s3://firmware/"+key, back)
		if got, err := os.ReadFile(back); err != nil || sha256.Sum256(got) != sha256.Sum256(want) {
			t.Errorf("%s came back as %d bytes, %v", key, len(got), err)
		}
	}
	if _, failure := s.run("s3", "rb", "s3://firmware"); !strings.Contains(failure, "BucketNotEmpty") {
		t.Errorf("a bucket that is not empty: %s", failure)
	}
	s.s3("rm", "s3://firmware", "--recursive")
	s.s3("rb", "s3://firmware")
	if got := listed(s.s3("ls")); len(got) != 0 {
		t.Errorf("at the end there are %v", got)
	}
}

func TestTheCLICopiesAndMovesArtifacts(t *testing.T) {
	t.Parallel()
	s := storeShell(t)
	dir := t.TempDir()
	large := bytes.Repeat([]byte("0123456789abcdef"), 20<<20/16) // in parts
	if err := os.WriteFile(filepath.Join(dir, "large"), large, 0o600); err != nil {
		t.Fatal(err)
	}
	s.s3("mb", "s3://firmware")
	s.s3("mb", "s3://archive")
	s.cp(filepath.Join(dir, "large"), "s3://firmware/press/large")
	s.node.Object("firmware", "press/a", "small")
	s.cp("s3://firmware/press/a", "s3://firmware/a b+ü")
	s.cp("s3://firmware/press/large", "s3://archive/large")
	s.s3("mv", "s3://firmware/a b+ü", "s3://archive/a", "--only-show-errors")
	if got := listed(s.s3("ls", "--recursive", "s3://firmware")); !slices.Equal(got, []string{"press/a", "press/large"}) {
		t.Errorf("after the move there are %v", got)
	}
	s.s3("sync", "s3://firmware", "s3://archive/all", "--only-show-errors")
	if again := s.s3("sync", "s3://firmware", "s3://archive/all"); len(listed(again)) != 0 {
		t.Errorf("what is the same is copied again: %v", again)
	}
	if got := listed(s.s3("ls", "--recursive", "s3://archive")); !slices.Equal(got, []string{"a", "all/press/a", "all/press/large", "large"}) {
		t.Errorf("the copies are %v", got)
	}
	s.cp("s3://archive/all/press/large", filepath.Join(dir, "back"))
	if got, err := os.ReadFile(filepath.Join(dir, "back")); err != nil || !bytes.Equal(got, large) {
		t.Errorf("the copy came back as %d bytes, %v", len(got), err)
	}
	s.s3("rb", "--force", "s3://archive")
	s.refuses("NotImplemented", "s3api", "get-bucket-versioning", "--bucket", "firmware")
}

func TestTheCLISignsURLs(t *testing.T) {
	t.Parallel()
	s := storeShell(t)
	s.node.Object("firmware", "fw.bin", "0123456789")
	s.env = []string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_SHARED_CREDENTIALS_FILE=" + s.node.Credentials()}
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte("[default]\ns3 =\n  signature_version = s3v4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string]string{"as it comes": "AWS_CONFIG_FILE=" + os.DevNull, "by version 4": "AWS_CONFIG_FILE=" + config} {
		t.Run(name, func(t *testing.T) {
			own := *s
			own.t, own.env = t, append(slices.Clone(s.env), env)
			url := own.s3("presign", "s3://firmware/fw.bin")[0]
			if name == "by version 4" && !strings.Contains(url, "X-Amz-Signature=") {
				t.Errorf("it is %s", url)
			}
			wantAt(t, url, http.StatusPartialContent, "456789")
			wantAt(t, strings.Replace(url, "fw.bin", "other", 1), http.StatusForbidden, "SignatureDoesNotMatch")
		})
	}
}

// wantAt goes on with a download behind its fourth byte.
func wantAt(t *testing.T, url string, status int, within string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Range", "bytes=4-")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != status || !strings.Contains(string(body), within) {
		t.Errorf("%s is answered with %s %s, %v; want %d %q", url, resp.Status, body, err, status, within)
	}
}

func TestTheCLIMakesAJobOfADocumentInTheStore(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.node.Things("press-1")
	s.node.Object("documents", "reboot.json", `{"op":"reboot"}`)
	const source = "https://s3.us-east-1.amazonaws.com/documents/reboot.json"
	create := []string{"iot", "create-job", "--job-id", "fw-3", "--targets", node.ThingARN("press-1"), "--document-source"}
	s.refuses("InvalidRequestException", append(create, source+"x")...)
	s.shows("fw-3", "jobId", append(create, source)...)
	s.shows(source, "documentSource", "iot", "describe-job", "--job-id", "fw-3")
	s.shows(`{"op":"reboot"}`, "document", "iot", "get-job-document", "--job-id", "fw-3")
}
