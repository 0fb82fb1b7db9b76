package drovertest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAKillInTheMidstOfAnUploadLeavesTheOldObjectWhole, and nothing of the new
// one.
func TestAKillInTheMidstOfAnUploadLeavesTheOldObjectWhole(t *testing.T) {
	n := Start(t, Options{Process: true})
	old := strings.Repeat("old", 1<<20)
	n.PutArtifact("firmware", "fw.bin", old)

	body, more := io.Pipe()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPut, n.URL()+"/s3/firmware/fw.bin", body)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = 64 << 20
	ended := make(chan error, 1)
	go func() {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			resp.Body.Close()
		}
		ended <- err
	}()
	// More than what systems keep between two programs: the node has some of it.
	if _, err := io.CopyN(more, zeros{}, 32<<20); err != nil {
		t.Fatal(err)
	}
	n.Kill()
	_ = more.CloseWithError(errors.New("killed"))
	if err := <-ended; err == nil {
		t.Error("an upload that was cut off is answered")
	}
	if status, got := n.Artifact(http.MethodGet, "/firmware/fw.bin", ""); status != http.StatusOK || got != old {
		t.Errorf("there are %d bytes, status %d", len(got), status)
	}
	left, err := os.ReadDir(filepath.Join(n.dir, "artifacts", "coming"))
	if err != nil || len(left) != 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	n.PutArtifact("firmware", "fw.bin", "new")
	n.Kill()
	if _, got := n.Artifact(http.MethodGet, "/firmware/fw.bin", ""); got != "new" {
		t.Errorf("what was acknowledged is %q", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
