package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/quota"
	"github.com/drover-iot/drover/internal/store"
)

// NewWithin is New with quotas of a test: AWS's as lower leaves them, and with
// calls counted at now.
func NewWithin(ctx context.Context, cfg Config, log *slog.Logger, lower func(*quota.Numbers), now func() time.Time) (*Node, error) {
	q := quotasOf(cfg)
	q.now = now
	lower(&q.numbers)
	return newNode(ctx, cfg, log, q)
}

// Hold has everything that is to be written wait until release is called.
func (n *Node) Hold() (release func()) {
	held, gate, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		defer close(done)
		_ = n.store.Write(context.Background(), func(store.Tx) error {
			once.Do(func() { close(held) })
			<-gate
			return nil
		})
	}()
	<-held
	return sync.OnceFunc(func() { close(gate); <-done })
}
