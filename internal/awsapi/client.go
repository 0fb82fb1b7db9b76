package awsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Client calls a node over HTTP, as any client would: the control plane by
// [Call]. Close it when it is done with. It may be used by many goroutines.
type Client struct {
	Endpoint string // a URL without a path, "http://127.0.0.1:7070"
	http     *http.Client
}

// NewClient makes a client that keeps as many connections as are used at once.
func NewClient(endpoint string, connections int) *Client {
	return &Client{endpoint, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}}
}

// Close ends the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Call does one operation with in, a request struct or a pointer to one, and
// answers what the node does; Answer is the struct of the operation's answer.
// An error begins with the operation's name; one that the node answered goes
// on with its name in the protocol and its message.
func Call[Answer any](ctx context.Context, c *Client, op Operation, in Shaped) (Answer, error) {
	var out Answer
	r, err := NewRequest(ctx, c.Endpoint, op, in)
	if err != nil {
		return out, err
	}
	if err := c.Do(r, &out); err != nil {
		return out, fmt.Errorf("%s: %w", op.Name, err)
	}
	return out, nil
}

// Do sends a request and reads the JSON of a 200 into out; a body that is
// empty leaves out as it is. Every other status is an error.
func (c *Client) Do(r *http.Request, out any) error {
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
