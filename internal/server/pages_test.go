package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/server"
)

// startPlain runs a node with profiles.
func startPlain(t *testing.T, insecure bool) *server.Node {
	t.Helper()
	return startWith(t, func(c *server.Config) { c.Pprof, c.Insecure = "127.0.0.1:0", insecure })
}

// asPage sends a request as a browser might, and answers status, error type
// and body.
func asPage(t *testing.T, method, url string, header map[string]string) (status int, kind, body string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if host := header["Host"]; host != "" {
		r.Host = host
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), string(b)
}

func TestNoDoorAnswersAPageOfAnotherSite(t *testing.T) {
	n := startPlain(t, false)
	const evil = "https://attacker.example"
	cases := []struct {
		name, method, path string
		header             map[string]string
	}{
		{"the control plane", "POST", "/things/evil", map[string]string{"Origin": evil, "Content-Type": "text/plain"}},
		{"a page without an origin of its own", "POST", "/things/evil", map[string]string{"Origin": "null"}},
		{"another port of this machine", "POST", "/things/evil", map[string]string{"Origin": "http://127.0.0.1:1"}},
		{"a link or an image", "GET", "/things/evil", map[string]string{"Sec-Fetch-Site": "cross-site"}},
		{"the device plane", "POST", "/things/evil/jobs/evil", map[string]string{"Origin": evil}},
		{"a question before a request", "OPTIONS", "/things/evil", map[string]string{"Origin": evil}},
		{"no operation", "GET", "/nowhere", map[string]string{"Origin": evil}},
		{"the clock", "POST", "/drover/v1/clock/advance", map[string]string{"Origin": evil}},
		{"figures", "GET", "/metrics", map[string]string{"Origin": evil}},
		{"WebSocket", "GET", "/mqtt", map[string]string{"Origin": evil, "Connection": "Upgrade", "Upgrade": "websocket"}},
		{"a name that was made to point here", "POST", "/things/evil", map[string]string{"Host": "attacker.example:7070", "Origin": "http://attacker.example:7070"}},
		{"the same without Origin", "GET", "/things/evil", map[string]string{"Host": "attacker.example"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, kind, body := asPage(t, c.method, "http://"+n.HTTPAddr()+c.path, c.header)
			if status != 403 || kind != "AccessDeniedException" || !strings.Contains(body, `{"message":"This node `) {
				t.Errorf("answered %d %s %s", status, kind, body)
			}
		})
	}
	for _, path := range []string{"/s3", "/s3/", "/s3/firmware", "/s3/firmware/k?X-Amz-Signature=x"} {
		if status, _, body := asPage(t, "PUT", "http://"+n.HTTPAddr()+path, map[string]string{"Origin": evil}); status != 403 || !strings.Contains(body, "<Code>AccessDenied</Code><Message>This node ") {
			t.Errorf("%s is answered with %d %s", path, status, body)
		}
	}
	if status, _, _ := asPage(t, "GET", "http://"+n.HTTPAddr()+"/things/evil", nil); status != 404 {
		t.Errorf("a page made a thing: its description is answered with %d", status)
	}
}

func TestWhoIsNoPageOfAnotherSiteIsServed(t *testing.T) {
	n := startPlain(t, false)
	cases := []struct {
		name   string
		header map[string]string
	}{
		{"an SDK", nil},
		{"a page of the node's own", map[string]string{"Origin": "http://" + n.HTTPAddr(), "Sec-Fetch-Site": "same-origin"}},
		{"one behind TLS", map[string]string{"Host": "localhost", "Origin": "https://localhost"}},
		{"the ports that go without saying", map[string]string{"Host": "localhost:443", "Origin": "https://LOCALHOST"}},
		{"an address that somebody typed", map[string]string{"Sec-Fetch-Site": "none"}},
		{"localhost", map[string]string{"Host": "localhost:7070"}},
		{"a name below localhost", map[string]string{"Host": "drover.localhost."}},
		{"IPv6", map[string]string{"Host": "[::1]:7070"}},
		{"a host of AWS", map[string]string{"Host": "iot.eu-west-1.amazonaws.com"}},
		{"a service of a compose file", map[string]string{"Host": "drover:7070"}},
		{"the host of a container", map[string]string{"Host": "host.docker.internal:7070"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if status, _, body := asPage(t, "GET", "http://"+n.HTTPAddr()+"/healthz", c.header); status != 200 {
				t.Errorf("answered %d %s", status, body)
			}
		})
	}
}

func TestANodeThatOthersMayReachGoesByAnyName(t *testing.T) {
	n := startPlain(t, true)
	if status, _, body := asPage(t, "GET", "http://"+n.HTTPAddr()+"/healthz", map[string]string{"Host": "drover.example.com"}); status != 200 {
		t.Errorf("answered %d %s", status, body)
	}
	if status, _, _ := asPage(t, "GET", "http://"+n.HTTPAddr()+"/healthz", map[string]string{"Origin": "https://attacker.example"}); status != 403 {
		t.Errorf("a page of another site is answered with %d", status)
	}
}

func TestProfilesAreForThisMachineAlone(t *testing.T) {
	n := startPlain(t, true)
	cases := []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"an address", nil, 200},
		{"localhost", map[string]string{"Host": "localhost:6060"}, 200},
		{"IPv6", map[string]string{"Host": "[::1]"}, 200},
		{"a name that was made to point here", map[string]string{"Host": "attacker.example"}, 403},
		{"any other name", map[string]string{"Host": "drover"}, 403},
		{"another address", map[string]string{"Host": "192.0.2.1:6060"}, 403},
		{"a page, even one of its own", map[string]string{"Origin": "http://" + n.PprofAddr()}, 403},
		{"a link in a page", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, _, body := asPage(t, "GET", "http://"+n.PprofAddr()+"/debug/pprof/cmdline", c.header)
			if status != c.want || status == 403 && !strings.HasPrefix(body, "profiles are served to ") {
				t.Errorf("answered %d %s, want %d", status, body, c.want)
			}
		})
	}
}
