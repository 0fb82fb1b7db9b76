package drovertest

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
)

// wireVerbs send HTTP requests as they are and tell the answers as they come:
//
//	iot METHOD PATH [BODY]         with the scope of the control plane
//	jobs-data METHOD PATH [BODY]   with that of the device plane
//	iot-data METHOD PATH [BODY]    with that of shadows and messages
//
// An option is a header; show=NAME,... tells headers of the answer, and of an
// error its whole body.
//
// In answers T stands for the second in which the node began, T+1 for the
// next, UUID for any UUID and TOKEN for any paging token.
func wireVerbs() map[string]verb {
	return map[string]verb{
		"iot":       func(p *player, c command) error { return p.http(awsapi.IoT, c) },
		"jobs-data": func(p *player, c command) error { return p.http(awsapi.JobsData, c) },
		"iot-data":  func(p *player, c command) error { return p.http(awsapi.Data, c) },
	}
}

func (p *player) http(s awsapi.Service, c command) error {
	r, err := http.NewRequestWithContext(context.Background(), c.arg(0), p.node.URL()+c.arg(1), bytes.NewBufferString(c.arg(2)))
	if err != nil {
		return err
	}
	sign(r, s)
	for name, value := range c.opts {
		if name != "show" {
			r.Header.Set(name, value)
		}
	}
	resp, body, err := p.node.ask(r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(p.node.Timeless(string(body)))
	if resp.StatusCode != http.StatusOK && c.opts["show"] == "" {
		refused := refusal(resp, body)
		text = refused.Type + ": " + refused.Message
	}
	p.tell("%d %s%s", resp.StatusCode, p.shown(resp, c), text)
	return nil
}

// shown is the headers of an answer that the command asks for.
func (p *player) shown(resp *http.Response, c command) string {
	var words strings.Builder
	for _, name := range list(c.opts["show"]) {
		words.WriteString(name + "=" + resp.Header.Get(name) + " ")
	}
	return words.String()
}

var (
	epoch = regexp.MustCompile(`\b[0-9]{10}(000)?\b`)
	// written is a time in a sentence.
	written = regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z`)
	uuid    = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)
	token   = regexp.MustCompile(`"nextToken":"[^"]+"`)
)

// Timeless is text of the wire with T for the second in which the node began,
// T+1 for the next and so on, (T)*1000 for that in milliseconds, UUID for any
// UUID, and TOKEN for any paging token.
func (n *Node) Timeless(text string) string {
	text = epoch.ReplaceAllStringFunc(text, func(digits string) string {
		at, err := strconv.ParseInt(digits[:10], 10, 64)
		if err != nil {
			return digits
		}
		second := "T"
		if since := at - n.Began.Unix(); since != 0 {
			second = "T+" + strconv.FormatInt(since, 10)
		}
		if len(digits) > 10 {
			return "(" + second + ")*1000"
		}
		return second
	})
	text = written.ReplaceAllStringFunc(text, func(at string) string {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return at
		}
		return "T+" + strconv.FormatInt(t.Unix()-n.Began.Unix(), 10)
	})
	text = uuid.ReplaceAllString(text, "UUID")
	return token.ReplaceAllString(text, `"nextToken":"TOKEN"`)
}
