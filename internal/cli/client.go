package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
)

// client calls the control plane of a node, as any client would.
type client struct {
	endpoint string // a URL without a path
	http     *http.Client
}

// newClient makes a client that keeps as many connections as are used at once.
func newClient(endpoint string, connections int) client {
	return client{endpoint, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}}
}

func (c client) close() { c.http.CloseIdleConnections() }

// call does one operation; Answer is the shape of what it answers.
func call[Answer any](ctx context.Context, c client, op awsapi.Operation, in awsapi.Shaped) (Answer, error) {
	var out Answer
	r, err := awsapi.NewRequest(ctx, c.endpoint, op, in)
	if err != nil {
		return out, err
	}
	if err := c.do(r, &out); err != nil {
		return out, fmt.Errorf("%s: %w", op.Name, err)
	}
	return out, nil
}

// clockState is where a node's clock stands.
type clockState struct {
	Now     time.Time `json:"now"`
	Virtual bool      `json:"virtual"`
}

// advance moves a virtual clock and answers where it stands when nothing is
// due any more.
func (c client) advance(ctx context.Context, by time.Duration) (time.Time, error) {
	var out clockState
	body := fmt.Appendf(nil, `{"by":%q}`, by)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint+"/drover/v1/clock/advance", bytes.NewReader(body))
	if err != nil {
		return out.Now, fmt.Errorf("advance the clock: %w", err)
	}
	if err := c.do(r, &out); err != nil {
		return out.Now, fmt.Errorf("advance the clock: %w", err)
	}
	return out.Now, nil
}

// do sends a request and reads the answer into out.
func (c client) do(r *http.Request, out any) error {
	resp, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return refusalOf(resp, body)
	}
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// refusalOf is what an answer that is no success says.
// spec: wire-protocol.md#3-errors-on-http
func refusalOf(resp *http.Response, body []byte) error {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) != nil || said.Message == "" {
		return fmt.Errorf("status %s", resp.Status)
	}
	return fmt.Errorf("%s: %s", resp.Header.Get("X-Amzn-Errortype"), said.Message)
}
