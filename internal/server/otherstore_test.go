package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/server"
)

// startWith runs a node with settings.
func startWith(t *testing.T, set func(*server.Config)) *server.Node {
	t.Helper()
	cfg := server.Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT, cfg.Volatile = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", true
	set(&cfg)
	n, err := server.New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	run(t, n)
	return n
}

// ask sends a request of JSON, which must be answered with a status.
func ask(t *testing.T, want int, method, url, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(url, "/jobs/$next") {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260131/us-east-1/iot-jobs-data/aws4_request")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		t.Fatalf("%s %s is answered with %s %s, %v", method, url, resp.Status, answer, err)
	}
	return string(answer)
}

// keysOf are the keys that a node has made for its store.
func keysOf(t *testing.T, data string) (access, secret string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "artifacts", "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`= (\S+)`).FindAllStringSubmatch(string(text), -1)
	if len(found) != 2 {
		t.Fatalf("the file is %q", text)
	}
	return found[0][1], found[1][1]
}

// TestAnotherStoreIsUsedByConfiguration: here that of another node, which takes
// what is signed by its key alone.
func TestAnotherStoreIsUsedByConfiguration(t *testing.T) {
	var data string
	store := startWith(t, func(c *server.Config) { data = c.Data })
	there := "http://" + store.HTTPAddr() + "/s3"
	ask(t, 200, "PUT", there+"/firmware", "")
	ask(t, 200, "PUT", there+"/firmware/fw.bin", "0123456789")
	ask(t, 200, "PUT", there+"/firmware/fw.json", `{"url":"${aws:iot:s3-presigned-url:https://s3.amazonaws.com/firmware/fw.bin}"}`)

	for _, clock := range []string{"real", "virtual"} {
		t.Run(clock, func(t *testing.T) {
			n := startWith(t, func(c *server.Config) {
				c.Clock, c.S3Endpoint = clock, there
				c.S3AccessKey, c.S3SecretKey = keysOf(t, data)
			})
			here := "http://" + n.HTTPAddr()
			ask(t, 404, "GET", here+"/s3/firmware/fw.bin", "")
			ask(t, 200, "POST", here+"/things/press-01", "{}")
			if clock == "virtual" { // of which the other store knows nothing
				ask(t, 200, "POST", here+"/drover/v1/clock/advance", `{"by":"168h"}`)
			}
			job := `{"targets":["arn:aws:iot:us-east-1:000000000000:thing/press-01"],` +
				`"presignedUrlConfig":{"roleArn":"arn:aws:iam::000000000000:role/s3"},"documentSource":"https://s3.amazonaws.com/firmware/`
			ask(t, 400, "PUT", here+"/jobs/nothing", job+`nothing"}`)
			ask(t, 200, "PUT", here+"/jobs/fw", job+`fw.json"}`)
			if clock == "virtual" {
				ask(t, 200, "POST", here+"/drover/v1/clock/advance", `{"by":"1s"}`)
			}
			var given struct{ Execution struct{ JobDocument string } }
			for given.Execution.JobDocument == "" && t.Context().Err() == nil { // it is rolled out at once
				if err := json.Unmarshal([]byte(ask(t, 200, "GET", here+"/things/press-01/jobs/$next", "")), &given); err != nil {
					t.Fatal(err)
				}
			}
			var document struct{ URL string }
			if err := json.Unmarshal([]byte(given.Execution.JobDocument), &document); err != nil || !strings.HasPrefix(document.URL, there+"/firmware/fw.bin?") {
				t.Fatalf("the device is given %s, %v", given.Execution.JobDocument, err)
			}
			if got := ask(t, 200, "GET", document.URL, ""); got != "0123456789" {
				t.Errorf("it gets %q", got)
			}
			ask(t, 403, "GET", strings.Replace(document.URL, "fw.bin", "fw.json", 1), "")
		})
	}
}
