package sqlstore

import (
	"context"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// registry is what a transaction remembers of its changes to the registry.
type registry struct {
	sequence int64 // that its membership changes bear; 0 before the first
}

// membership is that of a thing in a group, as it lasts.
type membership struct {
	joined int64
	direct bool
}

func (t *tx) membership(group, thing int64) (m membership, ok bool, err error) {
	return one(t, func(r row) (m membership, err error) {
		err = r.Scan(&m.joined, &m.direct)
		return m, err
	}, "membership", group, thing)
}

// Join implements store.Registry. A membership that lasts stays, but for
// direct; one that this transaction ended goes on.
func (t *tx) Join(group, thing int64, direct bool) error {
	m, held, err := t.membership(group, thing)
	if err != nil || held && m.direct == direct {
		return err
	}
	if held {
		_, err := t.exec("turn", group, thing, flag(direct))
		return err
	}
	if t.sequence != 0 {
		n, err := t.exec("rejoin", group, thing, t.sequence, flag(direct))
		if err != nil || n > 0 {
			return err
		}
	}
	seq, err := t.nextSequence()
	if err != nil {
		return err
	}
	_, err = t.exec("join", group, thing, seq, flag(direct))
	return err
}

// Leave implements store.Registry. Of a membership that this transaction began
// nothing stays.
func (t *tx) Leave(group, thing int64) error {
	m, held, err := t.membership(group, thing)
	if err != nil || !held {
		return err
	}
	if m.joined == t.sequence {
		_, err := t.exec("unjoin", group, thing)
		return err
	}
	seq, err := t.nextSequence()
	if err != nil {
		return err
	}
	_, err = t.exec("leave", group, thing, seq)
	return err
}

// nextSequence is the number of this transaction's membership changes.
func (t *tx) nextSequence() (int64, error) {
	if t.sequence != 0 {
		return t.sequence, nil
	}
	seq, _, err := t.insert("next_member_sequence")
	if err == nil {
		t.sequence = seq
	}
	return seq, err
}

// MemberSequence implements store.Registry.
func (t *tx) MemberSequence() (int64, error) {
	seq, _, err := one(t, scanNumber, "meta", "members")
	return seq, err
}

// SweepMembers implements store.Registry.
func (t *tx) SweepMembers(n int) (int, error) {
	swept, err := t.exec("sweep_members", n)
	return int(swept), err
}

// GroupsOf implements store.Registry.
func (t *tx) GroupsOf(thing int64) (map[int64]bool, error) {
	list, err := all(t, func(r row) (m fleet.Member, err error) {
		err = r.Scan(&m.Group, &m.Direct)
		return m, err
	}, "groups_of", thing)
	if err != nil {
		return nil, err
	}
	held := make(map[int64]bool, len(list))
	for _, m := range list {
		held[m.Group] = m.Direct
	}
	return held, nil
}

// MembersOf implements store.Registry.
func (t *tx) MembersOf(group, after int64, n int) ([]fleet.Thing, error) {
	return all(t, scanThing, "members", after, n, group)
}

// Members implements store.Reader.
func (s *Store) Members(ctx context.Context, group int64, recursive bool, p store.Page) ([]fleet.Thing, store.Cursor, error) {
	query := "members"
	if recursive {
		query = "members_below"
	}
	l := list[fleet.Thing, int64]{
		name: "members",
		key:  func(t fleet.Thing) int64 { return t.ID },
		read: func(after int64, n int) ([]fleet.Thing, error) {
			return all(s.reads(ctx), scanThing, query, after, n, group)
		},
	}
	return l.page(p)
}
