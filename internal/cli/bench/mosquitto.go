package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
)

// restOnMosquitto measures connections at rest on a broker that knows no jobs.
// Where it is not installed, or does not run, there is no figure, and that is
// said.
func (st *stand) restOnMosquitto(ctx context.Context, devices int) ([]figure, error) {
	path := findMosquitto()
	if path == "" {
		st.say("idle: mosquitto is not installed")
		return nil, nil
	}
	m, err := startMosquitto(ctx, path)
	if err == nil {
		defer m.stop()
		var idle resting
		if idle, err = st.rest(ctx, "idle-mosquitto", m.url, m.cmd.Process.Pid, devices); err == nil {
			idle.close()
			return idle.figures, nil
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	st.say("idle: mosquitto: %v", err)
	return nil, nil
}

// findMosquitto is where the broker lies; "" if it is not installed. Not
// everybody has the folder of what administrators run in his path.
func findMosquitto() string {
	for _, name := range []string{"mosquitto", "/usr/sbin/mosquitto"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// mosquitto is a broker of that name, in a process of its own.
type mosquitto struct {
	cmd   *exec.Cmd
	url   string
	said  bytes.Buffer  // to be read when it has ended
	ended chan struct{} // closed then
}

// startMosquitto starts a broker with as many files as the system allows, as
// nodes have, and waits until it listens.
func startMosquitto(ctx context.Context, path string) (*mosquitto, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := strings.Cut(address, ":")
	m := &mosquitto{url: "mqtt://" + address, ended: make(chan struct{})}
	m.cmd = exec.CommandContext(ctx, "sh", "-c", `ulimit -n "$(ulimit -Hn)" && exec "$0" -p "$1"`, path, port)
	m.cmd.Stdout, m.cmd.Stderr = &m.said, &m.said
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(m.ended)
		_ = m.cmd.Wait() // what it said tells more
	}()
	err = poll(ctx, pollEvery, func() (bool, error) { return listens(address), m.alive() })
	if err != nil {
		m.stop()
		return nil, fmt.Errorf("%w: %s", err, lastLines(m.said.String()))
	}
	return m, nil
}

var errEnded = errors.New("it has ended")

func (m *mosquitto) alive() error {
	select {
	case <-m.ended:
		return errEnded
	default:
		return nil
	}
}

// stop ends it; it keeps nothing.
func (m *mosquitto) stop() {
	_ = m.cmd.Process.Kill() // it has ended
	<-m.ended
}

// freeAddress is one of this machine on which nobody listens, for a process
// that cannot choose one itself.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func listens(address string) bool {
	nc, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	nc.Close()
	return true
}
