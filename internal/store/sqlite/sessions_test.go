package sqlite

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/storetest"
)

// publishingFolder tells a child process where to publish until it is killed.
const publishingFolder = "DROVER_TEST_PUBLISHING_FOLDER"

func TestAKillLosesNoMessageThatWasAcknowledged(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestPublishUntilKilled$")
	child.Env = append(os.Environ(), publishingFolder+"="+dir)
	child.Stderr = os.Stderr
	storetest.KillQueue(t, child, opener(t, Config{Dir: dir}), 1000)
}

func TestPublishUntilKilled(t *testing.T) {
	dir := os.Getenv(publishingFolder)
	if dir == "" {
		t.Skip("it is the child process of another test")
	}
	s, err := Open(context.Background(), Config{Dir: dir, Options: store.Options{Clock: clock.NewReal()}})
	must(t, err)
	must(t, storetest.Publish(s, os.Stdout))
}

func TestAMessageForManyIsStoredOnceAndGoesWithTheLast(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s, err := openIn(dir)
	must(t, err)
	defer s.Close()
	clients := []string{"a", "b", "c", "d"}
	for _, client := range clients {
		must(t, s.SaveSession(ctx, mqtt.Session{Client: client}))
	}
	must(t, s.Enqueue(ctx, mqtt.Message{Topic: "t", Payload: []byte("1")}, clients))
	must(t, s.Enqueue(ctx, mqtt.Message{Topic: "t", Payload: []byte("2")}, clients[:1]))
	stored := func() (n int) {
		db, err := openRaw(filepath.Join(dir, fileName), true)
		must(t, err)
		defer db.Close()
		must(t, db.QueryRow("SELECT count(*) FROM messages").Scan(&n))
		return n
	}
	for _, c := range []struct {
		after string
		do    func()
		want  int
	}{
		{"both", func() {}, 2},
		{"an ack of one", func() { ackFirst(t, s, "a") }, 2},
		{"the only ack of the second", func() { ackFirst(t, s, "a") }, 1},
		{"a drop", func() { must(t, s.DropSession(ctx, "b")) }, 1},
		{"another ack", func() { ackFirst(t, s, "c") }, 1},
		{"a drop of the last", func() { must(t, s.DropSession(ctx, "d")) }, 0},
	} {
		if c.do(); stored() != c.want {
			t.Errorf("after %s %d messages are stored, want %d", c.after, stored(), c.want)
		}
	}
}

// ackFirst acknowledges the first message of a client.
func ackFirst(t *testing.T, s *Store, client string) {
	t.Helper()
	list, err := s.Stored(t.Context(), client, 0, 1)
	must(t, err)
	s.Acked(client, list[0].Seq)
	must(t, s.Barrier(t.Context()))
}
