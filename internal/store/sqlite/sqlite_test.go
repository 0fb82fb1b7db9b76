package sqlite

import (
	"testing"

	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/storetest"
)

func TestStore(t *testing.T) { storetest.Run(t, fresh(Config{})) }

func TestStoreThatPrefetches(t *testing.T) { storetest.Batch(t, fresh(Config{Prefetch: true})) }

// fresh makes databases in folders of their own.
func fresh(cfg Config) storetest.Fresh {
	return func(t testing.TB) storetest.Open {
		cfg := cfg
		cfg.Dir, cfg.Volatile = t.TempDir(), true
		return func(o store.Options) (store.Store, error) {
			cfg.Options = o
			return Open(t.Context(), cfg)
		}
	}
}
