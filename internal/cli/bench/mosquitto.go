package bench

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"
)

// restOnMosquitto measures connections at rest on a broker that knows no jobs.
// Where it is not installed, or does not run, there is no figure, and that is
// said.
func (st *stand) restOnMosquitto(ctx context.Context, devices int) ([]Figure, error) {
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
	cmd  *exec.Cmd
	url  string
	said bytes.Buffer
}

// startup is how long it may take until it listens.
const startup = 5 * time.Second

// startMosquitto starts a broker with as many files as the system allows, as
// nodes have, and waits until it listens.
func startMosquitto(ctx context.Context, path string) (*mosquitto, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := strings.Cut(address, ":")
	m := &mosquitto{url: "mqtt://" + address}
	m.cmd = exec.CommandContext(ctx, "sh", "-c", `ulimit -n "$(ulimit -Hn)" && exec "$0" -p "$1"`, path, port)
	m.cmd.Stdout, m.cmd.Stderr = &m.said, &m.said
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startup)
	defer cancel()
	err = poll(ctx, pollEvery, func() (bool, error) { return listens(address), nil })
	if err != nil {
		m.stop()
		return nil, fmt.Errorf("it does not listen: %w: %s", err, lastLines(m.said.String()))
	}
	return m, nil
}

// stop ends it; it keeps nothing.
func (m *mosquitto) stop() {
	_ = m.cmd.Process.Kill() // it has ended
	_ = m.cmd.Wait()         // it was killed
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
