package drovertest

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// Artifact asks for a URL of an artifact, or for a path below /s3; fields are of
// the header, "Name: value". It answers the status and the body.
func (n *Node) Artifact(method, url, body string, fields ...string) (status int, answer string) {
	n.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = n.URL() + "/s3" + url
	}
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		r.Header.Set(name, value)
	}
	resp, err := n.client.Do(r)
	if err != nil {
		n.t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatalf("%s %s: %v", method, url, err)
	}
	return resp.StatusCode, string(b)
}

// PutArtifact puts an object into a bucket, which is made if it is not there.
func (n *Node) PutArtifact(bucket, key, body string) {
	n.t.Helper()
	n.Artifact(http.MethodPut, "/"+bucket, "")
	if status, answer := n.Artifact(http.MethodPut, "/"+bucket+"/"+key, body); status != http.StatusOK {
		n.t.Fatalf("put %s into %s: %d %s", key, bucket, status, answer)
	}
}
