package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/mqtt"
)

// queues is about the messages that wait for sessions.
func queues(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name  string
		limit int
		test  func(*house)
	}{
		{"a message comes out as it went in", 0, fullMessages},
		{"a client without a session is skipped", 0, skippedClients},
		{"a client named twice gets one", 0, namedTwice},
		{"each client gets its own of what many share", 0, shared},
		{"a thousand messages are kept by default", 0, defaultLimit},
		{"the oldest goes for the newest", 3, oldestDropped},
		{"what was sent stays until it is acknowledged", 3, sentStays},
		{"a lower limit holds from the next message on", 5, lowerLimit},
		{"messages for more clients than a batch takes", 0, manyClients},
		{"each publisher's order is kept among many", 0, manyPublishers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newBroker(t, fresh, c.limit)) })
	}
	t.Run("queues are as lists would be", func(t *testing.T) {
		h := newBroker(t, fresh, 4)
		rapid.Check(t, func(rt *rapid.T) {
			m := &mailbox{h: h, lists: map[string][]string{}, seqs: map[string][]int64{}}
			for _, client := range mailboxClients {
				h.must(h.DropSession(context.Background(), client))
			}
			rt.Repeat(map[string]func(*rapid.T){
				"enqueue": m.enqueue, "ack": m.ack, "save": m.save, "drop": m.drop, "reopen": m.reopen, "": m.check,
			})
		})
	})
}

// enqueue stores a message with that payload for clients.
func (h *house) enqueue(payload string, clients ...string) {
	h.Helper()
	h.must(h.Enqueue(context.Background(), mqtt.Message{Topic: "t", Payload: []byte(payload), QoS: 1}, clients))
}

// stored is the payloads that wait for a client, with their sequence numbers.
func (h *house) stored(client string) (payloads []string, seqs []int64) {
	h.Helper()
	for after := int64(0); ; {
		page, err := h.Stored(context.Background(), client, after, 3)
		h.must(err)
		for _, m := range page {
			payloads, seqs = append(payloads, string(m.Payload)), append(seqs, m.Seq)
			if m.Seq <= after {
				h.Fatalf("sequence %d follows %d", m.Seq, after)
			}
			after = m.Seq
		}
		if len(page) < 3 {
			return payloads, seqs
		}
	}
}

func (h *house) wantStored(client string, want ...string) {
	h.Helper()
	got, _ := h.stored(client)
	h.same(got, want)
}

func fullMessages(h *house) {
	h.session("c")
	h.session("d")
	retained := fullMessage
	retained.Retain, retained.Receipt = true, 7
	empty := mqtt.Message{Topic: "t", QoS: 1}
	for _, m := range []mqtt.Message{fullMessage, retained, empty} {
		h.must(h.Enqueue(context.Background(), m, []string{"c", "d"}))
	}
	retained.Receipt = 0 // it is not stored
	empty.Payload = []byte{}
	for round := range 2 { // as remembered, then as a store reads them that has just begun
		if round > 0 {
			h.again()
		}
		for _, client := range []string{"c", "d"} {
			got, err := h.Stored(context.Background(), client, 0, 9)
			h.must(err)
			got[2].Payload = append([]byte{}, got[2].Payload...) // nil or not
			for i, want := range []mqtt.Message{fullMessage, retained, empty} {
				h.same(got[i].Message, want)
			}
		}
	}
}

// shared is messages of which each client gets some.
func shared(h *house) {
	for _, client := range []string{"a", "b", "c"} {
		h.session(client)
	}
	h.enqueue("1", "a", "b")
	h.enqueue("2", "b")
	h.enqueue("3", "a", "b", "c")
	h.wantStored("a", "1", "3")
	h.wantStored("b", "1", "2", "3")
	h.wantStored("c", "3")
	h.enqueue(strings.Repeat("x", 3<<20), "a", "b")
	h.enqueue(strings.Repeat("y", 3<<20), "b", "c") // more than is remembered
	h.enqueue("6", "a", "b")
	for client, want := range map[string]string{"a": "13x6", "b": "123xy6", "c": "3y"} {
		got, _ := h.stored(client)
		for i := range got {
			got[i] = got[i][:1]
		}
		h.same(strings.Join(got, ""), want)
	}
}

func skippedClients(h *house) {
	h.session("c")
	h.enqueue("1", "a", "c", "z")
	h.enqueue("2", "a")
	h.enqueue("3")
	h.session("a")
	h.wantStored("a")
	h.wantStored("c", "1")
}

func namedTwice(h *house) {
	h.session("c")
	h.enqueue("1", "c", "c")
	h.wantStored("c", "1")
}

func defaultLimit(h *house) {
	h.session("c")
	for i := range 1001 {
		h.enqueue(fmt.Sprint(i), "c")
	}
	got, _ := h.stored("c")
	h.same([]any{len(got), got[0]}, []any{1000, "1"})
}

func oldestDropped(h *house) {
	h.session("c")
	h.session("d")
	for _, payload := range []string{"1", "2", "3", "4", "5"} {
		h.enqueue(payload, "c")
	}
	h.enqueue("6", "c", "d")
	h.wantStored("c", "4", "5", "6")
	h.wantStored("d", "6")
}

func sentStays(h *house) {
	h.session("c")
	h.enqueue("1", "c")
	h.enqueue("2", "c")
	_, seqs := h.stored("c")
	h.Sent("c", seqs[1])
	for _, payload := range []string{"3", "4", "5"} {
		h.enqueue(payload, "c")
	}
	h.wantStored("c", "1", "2", "5")
	h.Acked("c", seqs[0])
	h.enqueue("6", "c")
	h.wantStored("c", "2", "5", "6")
	h.must(h.DropSession(context.Background(), "c"))
	h.session("c")
	for _, payload := range []string{"7", "8", "9", "10"} {
		h.enqueue(payload, "c")
	}
	h.wantStored("c", "8", "9", "10")
}

func lowerLimit(h *house) {
	h.session("c")
	for _, payload := range []string{"1", "2", "3", "4", "5"} {
		h.enqueue(payload, "c")
	}
	h.limited(2)
	h.wantStored("c", "1", "2", "3", "4", "5")
	h.enqueue("6", "c")
	h.wantStored("c", "5", "6")
}

func manyClients(h *house) {
	var clients []string
	for i := range 2500 {
		clients = append(clients, fmt.Sprintf("c-%d", i))
		h.session(clients[i])
	}
	h.enqueue("1", clients...)
	h.enqueue("2", clients...)
	for _, client := range clients {
		h.wantStored(client, "1", "2")
		h.Acked(client, h.firstSeq(client))
	}
	h.must(h.Barrier(context.Background()))
	h.wantStored(clients[0], "2")
}

func (h *house) firstSeq(client string) int64 {
	_, seqs := h.stored(client)
	return seqs[0]
}

func manyPublishers(h *house) {
	h.session("c")
	h.session("d")
	var wg sync.WaitGroup
	for publisher := range 20 {
		wg.Go(func() {
			for n := range 20 {
				h.enqueue(fmt.Sprintf("%02d %02d", publisher, n), "c", "d")
			}
		})
	}
	wg.Wait()
	c, _ := h.stored("c")
	d, _ := h.stored("d")
	h.same(c, d)
	h.same(len(c), 400)
	slices.SortStableFunc(c, func(a, b string) int { return int(a[0])*10 + int(a[1]) - int(b[0])*10 - int(b[1]) })
	if !slices.IsSorted(c) {
		h.Errorf("a publisher's messages are not in order: %v", c)
	}
}

var mailboxClients = []string{"a", "b", "c"}

// mailbox is a model of queues: lists of payloads.
type mailbox struct {
	h     *house
	count int
	lists map[string][]string // of those with a session
	seqs  map[string][]int64  // of the messages in lists, as they were read
}

func (m *mailbox) client(t *rapid.T) string {
	return rapid.SampledFrom(mailboxClients).Draw(t, "client")
}

func (m *mailbox) enqueue(t *rapid.T) {
	clients := rapid.SliceOfDistinct(rapid.SampledFrom(mailboxClients), rapid.ID[string]).Draw(t, "clients")
	m.count++
	payload := fmt.Sprint(m.count)
	m.h.enqueue(payload, clients...)
	for _, client := range clients {
		if list, ok := m.lists[client]; ok {
			list = append(list, payload)
			m.lists[client] = list[max(0, len(list)-4):]
		}
	}
}

// ack acknowledges a message that is there, or was.
func (m *mailbox) ack(t *rapid.T) {
	client := m.client(t)
	seqs := m.seqs[client]
	if len(seqs) == 0 {
		m.h.Acked(client, 1)
		return
	}
	i := rapid.IntRange(0, len(seqs)-1).Draw(t, "message")
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		m.h.Acked(client, seqs[i])
	}
	m.lists[client] = slices.Delete(slices.Clone(m.lists[client]), i, i+1)
}

func (m *mailbox) save(t *rapid.T) {
	client := m.client(t)
	m.h.session(client, rapid.SampledFrom([]string{"x", "y"}).Draw(t, "filter"))
	if m.lists[client] == nil {
		m.lists[client] = []string{}
	}
}

func (m *mailbox) drop(t *rapid.T) {
	client := m.client(t)
	m.h.must(m.h.DropSession(context.Background(), client))
	delete(m.lists, client)
}

func (m *mailbox) reopen(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "reopen") == 0 {
		m.h.again()
	}
}

func (m *mailbox) check(t *rapid.T) {
	m.h.must(m.h.Barrier(context.Background()))
	for _, client := range mailboxClients {
		got, seqs := m.h.stored(client)
		if !slices.Equal(got, m.lists[client]) {
			t.Fatalf("%v wait for %s, want %v", got, client, m.lists[client])
		}
		m.seqs[client] = seqs
	}
}
