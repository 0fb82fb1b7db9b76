package postgres

import (
	"os"
	"testing"

	"github.com/drover-iot/drover/internal/store/storetest"
)

func TestRegistry(t *testing.T) {
	dsn := os.Getenv("DROVER_TEST_DATABASE")
	if dsn == "" {
		t.Skip("DROVER_TEST_DATABASE names no PostgreSQL database")
	}
	t.Run("Registry", func(t *testing.T) { storetest.Registry(t, fresh(dsn)) })
	t.Run("Lists", func(t *testing.T) { storetest.Lists(t, fresh(dsn)) })
	t.Run("Sessions", func(t *testing.T) { storetest.Sessions(t, fresh(dsn)) })
}
