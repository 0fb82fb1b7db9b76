package artifact

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// TestAnotherStoreIsReadByItsKey: a document is asked for as any client of S3
// would, and what the store says is told.
func TestAnotherStoreIsReadByItsKey(t *testing.T) {
	var there *Signer
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch err := there.Verify(r, clock.Wall(), time.Minute); {
		case err != nil:
			http.Error(w, err.Error(), http.StatusForbidden)
		case r.URL.Path == "/documents/reboot":
			_, _ = io.WriteString(w, `{"op":"reboot"}`)
		case r.URL.Path == "/documents/elsewhere":
			http.Redirect(w, r, "/documents/reboot", http.StatusTemporaryRedirect)
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code><Message>It is not there.</Message></Error>`)
		}
	}))
	defer store.Close()
	there = NewSigner(Endpoint{URL: store.URL, Region: "us-east-1", AccessKey: "K", SecretKey: "s"})
	d := Documents{Signer: there, From: NewOutside(there), Most: 15}
	stranger := NewSigner(Endpoint{URL: store.URL, Region: "us-east-1", AccessKey: "K", SecretKey: "guessed"})
	gone := NewSigner(Endpoint{URL: "http://127.0.0.1:1", Region: "us-east-1", AccessKey: "K", SecretKey: "s"})
	for _, c := range []struct {
		name string
		from Documents
		url  string
		want string
		code Code
	}{
		{"a document", d, "https://documents.s3.amazonaws.com/reboot", `{"op":"reboot"}`, ""},
		{"by the store's own URL", d, store.URL + "/documents/reboot", `{"op":"reboot"}`, ""},
		{"one that is too large", Documents{Signer: there, From: NewOutside(there), Most: 14}, "https://s3.amazonaws.com/documents/reboot", "", EntityTooLarge},
		{"one that is not there", d, "https://s3.amazonaws.com/documents/halt", "", NoSuchKey},
		{"a bucket alone", d, "https://s3.amazonaws.com/documents", "", InvalidURI},
		{"a redirect is not followed", d, "https://s3.amazonaws.com/documents/elsewhere", "", Unavailable},
		{"by another key", Documents{Signer: stranger, From: NewOutside(stranger), Most: 15}, "https://s3.amazonaws.com/documents/reboot", "", Unavailable},
		{"a store that is not there", Documents{Signer: gone, From: NewOutside(gone), Most: 15}, "https://s3.amazonaws.com/documents/reboot", "", Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.from.Document(t.Context(), c.url)
			if string(got) != c.want || c.code != "" && !Is(err, c.code) || c.code == "" && err != nil {
				t.Errorf("got %q, %v; want %q, %q", got, err, c.want, strings.TrimSpace(string(c.code)))
			}
		})
	}
}
