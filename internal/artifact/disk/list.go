package disk

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
)

// Query is a page of a bucket.
type Query struct {
	Prefix string
	// Delimiter makes one prefix of all keys that are the same up to it,
	// behind Prefix; "" does not.
	Delimiter string
	// After is where the page before ended: the next is behind this key, or
	// behind all keys that begin with it if it was a prefix.
	After    string
	Prefixed bool
	Max      int
}

// Page is objects and prefixes, together in the order of their bytes.
type Page struct {
	Objects  []Object
	Prefixes []string
	// Next is Query.After of the page behind this one, if there is More.
	Next     string
	Prefixed bool
	More     bool
}

// List is a page of a bucket.
func (s *Store) List(bucket string, q Query) (Page, error) {
	if err := s.HasBucket(bucket); err != nil {
		return Page{}, err
	}
	w := &walk{s: s, q: q, bucket: bucket, after: q.After, past: q.Prefixed}
	if _, err := w.folder(bucketPath(bucket), ""); err != nil {
		return Page{}, err
	}
	return w.page, nil
}

// walk goes through a bucket in the order of keys.
type walk struct {
	s      *Store
	q      Query
	bucket string
	after  string // keys up to this one were seen
	past   bool   // and all that begin with it
	page   Page
}

// child is a file or a folder in a folder: a key, or what all keys in it begin
// with.
type child struct {
	text   string
	file   string
	folder bool
}

// compare puts children in order. A key may be what the keys of a folder begin
// with: it comes first.
func (c child) compare(other child) int {
	if order := strings.Compare(c.text, other.text); order != 0 || c.folder == other.folder {
		return order
	}
	if c.folder {
		return 1
	}
	return -1
}

// mostChildren bounds what is held of one folder.
const mostChildren = 4096

// folder goes through a folder whose keys all begin with prefix; end says that
// the page is full.
func (w *walk) folder(dir, prefix string) (end bool, err error) {
	for from := (*child)(nil); ; {
		below, more, err := w.s.children(dir, prefix, from)
		if err != nil {
			return false, err
		}
		for _, c := range below {
			if end, err := w.child(dir, c); end || err != nil {
				return end, err
			}
		}
		if !more {
			return false, nil
		}
		from = &below[len(below)-1]
	}
}

func (w *walk) child(dir string, c child) (end bool, err error) {
	switch {
	case w.isBehind(c), !w.mayHold(c):
		return false, nil
	case !c.folder:
		return w.key(c.text)
	}
	rolled, ok := w.rolled(c.text)
	switch {
	case !ok, w.after != "" && strings.HasPrefix(w.after, c.text): // some of it was seen
		return w.folder(path.Join(dir, c.file), c.text)
	case w.s.holds(path.Join(dir, c.file)):
		return w.prefix(rolled)
	}
	return false, nil
}

// isBehind tells that all of c was seen.
func (w *walk) isBehind(c child) bool {
	if w.past && strings.HasPrefix(c.text, w.after) {
		return true
	}
	if c.folder && strings.HasPrefix(w.after, c.text) {
		return false
	}
	return w.after != "" && c.text <= w.after
}

// mayHold tells whether there may be keys in c that the query asks for.
func (w *walk) mayHold(c child) bool {
	return strings.HasPrefix(c.text, w.q.Prefix) || c.folder && strings.HasPrefix(w.q.Prefix, c.text)
}

// rolled is the prefix that stands for a key, or for all that begin with text.
func (w *walk) rolled(text string) (prefix string, ok bool) {
	if w.q.Delimiter == "" || !strings.HasPrefix(text, w.q.Prefix) {
		return "", false
	}
	at := strings.Index(text[len(w.q.Prefix):], w.q.Delimiter)
	if at < 0 {
		return "", false
	}
	return text[:len(w.q.Prefix)+at+len(w.q.Delimiter)], true
}

func (w *walk) key(key string) (end bool, err error) {
	if prefix, ok := w.rolled(key); ok {
		return w.prefix(prefix)
	}
	if w.isFull() {
		return true, nil
	}
	f, err := w.s.Get(w.bucket, key)
	if artifact.Is(err, artifact.NoSuchKey) {
		return false, nil // it was deleted meanwhile
	}
	if err != nil {
		return false, err
	}
	f.Close()
	w.page.Objects = append(w.page.Objects, f.Object)
	w.saw(key, false)
	return false, nil
}

func (w *walk) prefix(prefix string) (end bool, err error) {
	if w.isFull() {
		return true, nil
	}
	w.page.Prefixes = append(w.page.Prefixes, prefix)
	w.saw(prefix, true)
	return false, nil
}

func (w *walk) saw(text string, prefixed bool) {
	w.after, w.past = text, prefixed
	w.page.Next, w.page.Prefixed = text, prefixed
}

func (w *walk) isFull() bool {
	w.page.More = len(w.page.Objects)+len(w.page.Prefixes) >= w.q.Max
	return w.page.More
}

// children are the first of a folder behind from, or of all, in order; more says that
// there are others. The keys in the folder all begin with prefix. A folder that
// is gone has none.
func (s *Store) children(dir, prefix string, from *child) (below []child, more bool, err error) {
	f, err := s.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	for {
		names, err := f.Readdirnames(1024)
		for _, name := range names {
			if c, ok := childOf(prefix, name); ok && (from == nil || c.compare(*from) > 0) {
				below = append(below, c)
			}
		}
		if len(below) > 2*mostChildren {
			below, more = first(below), true
		}
		if errors.Is(err, io.EOF) {
			return first(below), more || len(below) > mostChildren, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// first are the first of many, in order.
func first(all []child) []child {
	slices.SortFunc(all, child.compare)
	return all[:min(len(all), mostChildren)]
}

// childOf reads a file's name; ok is false if it is not of an object.
func childOf(prefix, name string) (c child, ok bool) {
	if len(name) < 2 {
		return c, false
	}
	piece, ok := decode(name[2:])
	c = child{text: prefix + piece, file: name}
	switch name[:2] {
	case isObject:
		return c, ok
	case isFolder:
		c.text += "/"
	case isLong:
	default:
		return c, false
	}
	c.folder = true
	return c, ok
}
