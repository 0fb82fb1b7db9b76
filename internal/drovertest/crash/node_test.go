package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/drovertest"
)

// How long anything may take that must come, and the start of a node.
const (
	patience = 20 * time.Second
	startsIn = 10 * time.Second
)

// node is one life of the node, from its start to its end.
type node struct {
	*drovertest.Process
	log    *bytes.Buffer // may be read when the node has ended
	client *http.Client
}

// prepare is a process over a data folder that is not started yet.
func prepare(dir string) (*node, error) {
	p, err := drovertest.NewProcess(dir, "--clock", "virtual", "--max-rollout-rate", "60000000")
	if err != nil {
		return nil, err
	}
	n := &node{
		Process: p, log: new(bytes.Buffer),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience},
	}
	n.Cmd.Stderr = n.log
	return n, nil
}

// launch begins a process over a data folder and does not wait for it.
func launch(dir string) (*node, error) {
	n, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	return n, n.Start()
}

// start launches a node and waits until it answers.
func start(dir string) (*node, error) {
	n, err := launch(dir)
	if err != nil {
		return nil, err
	}
	late := time.AfterFunc(startsIn, func() { n.Cmd.Process.Kill() })
	defer late.Stop()
	if err := n.Greeting(); err != nil {
		return nil, errors.Join(err, n.end(os.Kill), errors.New(n.log.String()))
	}
	return n, nil
}

// end ends the process by a signal. What it logged as an error is an error: a
// node that is killed never sees it coming.
func (n *node) end(by os.Signal) error {
	if err := n.Cmd.Process.Signal(by); err != nil && by != os.Kill {
		return err
	}
	n.client.CloseIdleConnections()
	err := n.Wait()
	var ended *exec.ExitError
	if by == os.Kill && errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		err = nil
	}
	if text := n.log.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "panic") {
		err = errors.Join(err, fmt.Errorf("the node complained:\n%s", text))
	}
	return err
}

// refusal is an answer that is not 200; one below 500 is a definite no: the
// operation was not done.
type refusal struct {
	status  int
	kind    string // as the header x-amzn-ErrorType says
	message string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.kind, r.message) }

// refused tells whether an operation is known not to have been done. Any other
// error leaves open whether it was.
func refused(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.status < http.StatusInternalServerError
}

// call sends a request and reads the answer into out, unless it is nil.
func (n *node) call(op awsapi.Operation, in awsapi.Shaped, out any) error {
	_, err := n.callAt(op, in, "", out)
	return err
}

// callAt is call for a version of what is changed, "" for any; it answers the
// version that it has come to.
func (n *node) callAt(op awsapi.Operation, in awsapi.Shaped, at string, out any) (tag string, err error) {
	r, err := awsapi.NewRequest(context.Background(), "http://"+n.HTTP, op, in)
	if err != nil {
		return "", err
	}
	// Some paths are of two services; the scope of a signature tells which.
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+signer+"/20260101/us-east-1/"+op.Service.String()+
		"/aws4_request, SignedHeaders=host, Signature=00")
	if at != "" {
		r.Header.Set("If-Match", at)
	}
	h, err := n.send(r, out)
	return h.Get("ETag"), err
}

func (n *node) do(r *http.Request, out any) error {
	_, err := n.send(r, out)
	return err
}

func (n *node) send(r *http.Request, out any) (http.Header, error) {
	resp, err := n.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode != http.StatusOK:
		return nil, &refusal{resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), string(body)}
	case out == nil:
		return resp.Header, nil
	}
	return resp.Header, json.Unmarshal(body, out)
}

// advance moves the clock and answers where it stands; by a nanosecond, it
// waits until all that is due is done.
func (n *node) advance(by time.Duration) (time.Time, error) {
	body := strings.NewReader(fmt.Sprintf(`{"by":"%s"}`, by))
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+n.HTTP+"/drover/v1/clock/advance", body)
	if err != nil {
		return time.Time{}, err
	}
	var at struct{ Now time.Time }
	return at.Now, errors.Join(n.do(r, &at))
}
