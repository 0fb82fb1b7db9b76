package storetest

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"sync"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// killClients is how many sessions a killed process had.
const killClients = 8

// KillQueue kills a process that runs [Publish] on the database that open
// opens, after acks lines, and looks for all messages that were acknowledged.
func KillQueue(t *testing.T, child *exec.Cmd, open Open, acks int) {
	t.Helper()
	told, h := killed(t, child, open, acks)
	if len(told) == 0 {
		t.Error("nothing was acknowledged")
	}
	for client, n := range told {
		got, _ := h.stored(client)
		want := numbers(int(n))
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("of the %d messages acknowledged for %s these are there: %v", n, client, got)
		}
	}
	h.must(h.Store.Close())
}

// numbers are 1 to n.
func numbers(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprint(i+1))
	}
	return list
}

// Publish stores messages until the process is killed, for many clients at
// once. It writes a line "CLIENT NUMBER." for each that it was told is durable.
func Publish(s store.Store, out io.Writer) error {
	errs := make(chan error, killClients)
	var mu sync.Mutex // guards out
	for i := range killClients {
		go func() {
			errs <- publish(s, fmt.Sprintf("c-%d", i), func(line string) { mu.Lock(); fmt.Fprint(out, line); mu.Unlock() })
		}()
	}
	return <-errs
}

func publish(s store.Store, client string, tell func(string)) error {
	ctx := context.Background()
	if err := s.SaveSession(ctx, mqtt.Session{Client: client, Version: mqtt.V5}); err != nil {
		return err
	}
	for n := 1; ; n++ {
		m := mqtt.Message{Topic: "t", Payload: fmt.Append(nil, n), QoS: 1}
		if err := s.Enqueue(ctx, m, []string{client}); err != nil {
			return err
		}
		tell(fmt.Sprintf("%s %d.\n", client, n))
	}
}
