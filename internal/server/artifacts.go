package server

import (
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/s3"
)

// artifactDir is the folder of artifacts within that of the node.
const artifactDir = "artifacts"

// How many bodies of artifacts may come or go at once: half of the connections,
// and no more than this.
const mostStreams = 256

// documents is the store of artifacts as jobs need it: the node's own, or one
// elsewhere.
func (n *Node) documents(now clock.Clock) (*artifact.Documents, error) {
	if n.cfg.S3Endpoint != "" {
		signer := artifact.NewSigner(artifact.Endpoint{
			URL: n.cfg.S3Endpoint, Region: n.cfg.s3Region(), AccessKey: n.cfg.S3AccessKey, SecretKey: n.cfg.S3SecretKey,
		})
		// The other store knows no virtual clock.
		return &artifact.Documents{Signer: signer, From: artifact.NewOutside(signer), Most: int64(n.cfg.S3Document), Clock: clock.Wall}, nil
	}
	store, err := disk.Open(disk.Config{Dir: filepath.Join(n.cfg.Data, artifactDir), Clock: now, Volatile: n.cfg.Volatile})
	if err != nil {
		return nil, err
	}
	n.onStop("artifacts", store.Close)
	access, secret, err := store.Credentials()
	if err != nil {
		return nil, err
	}
	signer := artifact.NewSigner(artifact.Endpoint{URL: n.artifactURL(), Region: n.cfg.s3Region(), AccessKey: access, SecretKey: secret})
	n.artifacts = s3.New(s3.Config{
		Store: store, Signer: signer, Clock: now, Ahead: n.aheadOfClock(),
		Admit: n.admit, Streams: min(max(n.connections.limit/2, 1), mostStreams), Moving: n.connections.moving, Served: n.servedOverS3,
	})
	return &artifact.Documents{Signer: signer, From: store, Most: int64(n.cfg.S3Document), Clock: now.Now}, nil
}

// artifactURL is what URLs of artifacts begin with.
func (n *Node) artifactURL() string {
	if n.cfg.S3URL != "" {
		return n.cfg.S3URL
	}
	return "http://" + Callable(n.HTTPAddr()) + s3.Prefix
}

// aheadOfClock is how far what a client signs may be ahead of the node's clock:
// a virtual one stands still.
func (n *Node) aheadOfClock() time.Duration {
	if n.cfg.Clock == "virtual" {
		return 100 * 365 * 24 * time.Hour
	}
	return 15 * time.Minute
}

// besideArtifacts serves artifacts, and h. Their paths are no operations of the
// other services, and hold what those would refuse.
func (n *Node) besideArtifacts(h http.Handler) http.Handler {
	if n.artifacts == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), s3.Prefix); ok && (rest == "" || rest[0] == '/') {
			n.artifacts.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
