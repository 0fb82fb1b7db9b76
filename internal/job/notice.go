package job

// Notice is what a thing's listeners have not yet been told of its pending
// list: the head before the first change, and whether an execution came or
// went. spec: device-api.md#72-when
//
// A release knows only what it added, not the head before: it gives Added
// instead of Before.
type Notice struct {
	Before  Head
	Added   Head // zero unless the notice began with a release
	Members bool
}

// Then is the notice for n followed by next.
func (n Notice) Then(next Notice) Notice {
	n.Members = n.Members || next.Members
	if n.Added != (Head{}) && next.Added == (Head{}) {
		// The list was empty before the release if what it added became the
		// head; else the head was what it is for the next change.
		if next.Before != n.Added {
			n.Before = next.Before
		}
		n.Added = Head{}
	}
	return n
}

// Owe is Then for a listener that acknowledges when it likes: it may have been
// told whatever was the head between n and next. If that was another than the
// head before n, nobody knows which of them it was told last, and Before.Job
// becomes -1, which no list has: the present head is due.
func (n Notice) Owe(next Notice) Notice {
	owed := n.Then(next)
	if next.Added == (Head{}) && next.Before != owed.Before {
		owed.Before.Job = -1
	}
	return owed
}

// NextChanged tells whether the head differs, now that the list begins with
// head: then notify-next is due.
func (n Notice) NextChanged(head Head) bool {
	if n.Added != (Head{}) {
		return head == n.Added
	}
	return head != n.Before
}
