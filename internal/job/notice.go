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

// NextChanged tells whether the head differs, now that the list begins with
// head: then notify-next is due.
func (n Notice) NextChanged(head Head) bool {
	if n.Added != (Head{}) {
		return head == n.Added
	}
	return head != n.Before
}
