package crash

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
)

// archivist puts artifacts in place of each other, and deletes them.
type archivist struct {
	t    *witness
	rand *rand.Rand
	kept [4]fact[int] // what of the n-th is there; 0: nothing
	n    int
}

func (*archivist) name() string { return "archivist" }

// artifactOf is the n-th body. It is long enough to be cut off.
func artifactOf(n int) string { return strings.Repeat(fmt.Sprintf("%08d", n), 1+n*37%20_000) }

func artifactURL(n *node, i int) string {
	return fmt.Sprintf("http://%s/s3/archive/a%%20b/%d", n.HTTP, i)
}

func (a *archivist) work(l *life) error {
	for {
		a.n++
		i, value, method, body := a.rand.IntN(len(a.kept)), a.n, http.MethodPut, artifactOf(a.n)
		if a.rand.IntN(4) == 0 {
			value, method, body = 0, http.MethodDelete, ""
		}
		a.kept[i].ask(value)
		if status, answer, err := fetch(l.node, method, artifactURL(l.node, i), body); err != nil {
			return err
		} else if status >= 300 {
			return fmt.Errorf("%s an artifact: %d %s", method, status, answer)
		}
		a.kept[i].done()
		l.acknowledged("artifact")
		l.pause(10)
	}
}

// audit reads each artifact whole.
func (a *archivist) audit(n *node, _ bool) error {
	for i := range a.kept {
		status, body, err := fetch(n, http.MethodGet, artifactURL(n, i), "")
		if err != nil {
			return err
		}
		is := 0
		if status != http.StatusNotFound {
			if _, err := fmt.Sscanf(body, "%08d", &is); err != nil || status != http.StatusOK || body != artifactOf(is) {
				a.t.Errorf("artifact %d is answered with %d, and %d bytes that are not those of %d", i, status, len(body), is)
			}
		}
		a.kept[i].found(a.t, fmt.Sprintf("artifact %d", i), is)
	}
	return nil
}

// fetch does a request, and answers all of the body.
func fetch(n *node, method, url, body string) (status int, answer string, err error) {
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	resp, err := n.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// makeArchive makes the bucket of the archivist.
func makeArchive(n *node) error {
	status, answer, err := fetch(n, http.MethodPut, "http://"+n.HTTP+"/s3/archive", "")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("make a bucket: %d %s", status, answer)
	}
	return err
}
