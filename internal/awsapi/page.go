package awsapi

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// defaultPageSize is how many entries a page has if the client says nothing.
// spec: wire-protocol.md#7-paging
const defaultPageSize = 25

// A token is, in base32 without padding, which needs no escaping anywhere:
// the version, the listing's print, the parts of the cursor with their
// lengths, and a checksum over all that.
const (
	tokenVersion  = 1
	printLen      = 8
	checksumLen   = 4
	maxTokenLen   = 4096
	maxCursorPart = 1024
)

var tokenText = base32.StdEncoding.WithPadding(base32.NoPadding)

// Listing is what a paging token belongs to: an operation and the filters of
// the request, all but the page size and the token. A token is worth nothing
// with any other.
type Listing struct {
	Operation Operation
	Filters   []string // values in a fixed order, "" for those not given
}

// Page is one page of a listing, as a request asks for it.
type Page struct {
	// After is the cursor, the key of the last entry of the page before;
	// empty on the first page.
	After []string
	// Size is how many entries the page may have.
	Size    int
	listing Listing
}

// Open reads a request's token and maxResults, "" and 0 if absent. A token
// that this listing did not give is an invalid request.
func (l Listing) Open(token string, maxResults int) (Page, error) {
	p := Page{Size: maxResults, listing: l}
	if p.Size == 0 {
		p.Size = defaultPageSize
	}
	if token == "" {
		return p, nil
	}
	var ok bool
	if p.After, ok = l.read(token); !ok {
		return Page{}, fault.New(fault.InvalidRequest, "Value at 'nextToken' is not a token of this listing")
	}
	return p, nil
}

// Next is the token for the page behind the entry with the key cursor. It
// fails if the cursor has not moved since this page began: a client would
// go round for ever.
func (p Page) Next(cursor ...string) (token string, err error) {
	if len(cursor) == 0 || slices.Equal(cursor, p.After) {
		return "", fmt.Errorf("page %s: the cursor %q does not move", p.listing.Operation.Name, cursor)
	}
	return p.listing.write(cursor), nil
}

// Cursor is the cursor where it has one part: "" on the first page.
func (p Page) Cursor() string {
	if len(p.After) == 0 {
		return ""
	}
	return p.After[0]
}

// NextAt is Next for a cursor of one part, where "" is the end and has no token.
func (p Page) NextAt(cursor string) (token string, err error) {
	if cursor == "" {
		return "", nil
	}
	return p.Next(cursor)
}

// print is what binds a token to its listing.
func (l Listing) print() []byte {
	h := sha256.New()
	for _, s := range append([]string{l.Operation.Service.String(), l.Operation.Name}, l.Filters...) {
		_, _ = fmt.Fprintf(h, "%d:%s", len(s), s) // a hash takes everything
	}
	return h.Sum(nil)[:printLen]
}

func (l Listing) write(cursor []string) string {
	b := append([]byte{tokenVersion}, l.print()...)
	for _, part := range cursor {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	return tokenText.EncodeToString(append(b, sum[:checksumLen]...))
}

// read is the cursor of a token that write made for l, letter for letter.
func (l Listing) read(token string) (cursor []string, ok bool) {
	if len(token) > maxTokenLen {
		return nil, false
	}
	b, err := tokenText.DecodeString(token)
	if err != nil || len(b) < 1+printLen+checksumLen {
		return nil, false
	}
	rest := b[1+printLen : len(b)-checksumLen]
	for len(rest) > 0 {
		n, used := binary.Uvarint(rest)
		if used <= 0 || n > maxCursorPart || int(n) > len(rest)-used {
			return nil, false
		}
		cursor = append(cursor, string(rest[used:used+int(n)]))
		rest = rest[used+int(n):]
	}
	return cursor, len(cursor) > 0 && l.write(cursor) == token
}
