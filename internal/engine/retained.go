package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/store"
)

// RetainedMessage is the message that is retained on a topic. Errors: NotFound.
func (e *Engine) RetainedMessage(ctx context.Context, topic string) (store.Retained, error) {
	return e.store.RetainedMessage(ctx, topic)
}

// RetainedMessages lists what is retained, by topic, without the payloads.
func (e *Engine) RetainedMessages(ctx context.Context, p store.Page) ([]store.Retained, store.Cursor, error) {
	return e.store.RetainedMessages(ctx, p)
}
