package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/drover-iot/drover/internal/quota"
)

// NewWithin is New with quotas of a test: AWS's as lower leaves them, and with
// calls counted at now.
func NewWithin(ctx context.Context, cfg Config, log *slog.Logger, lower func(*quota.Numbers), now func() time.Time) (*Node, error) {
	q := quotasOf(cfg)
	q.now = now
	lower(&q.numbers)
	return newNode(ctx, cfg, log, q)
}
