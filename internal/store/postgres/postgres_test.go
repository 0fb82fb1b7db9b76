package postgres

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/storetest"
)

func TestStore(t *testing.T) {
	dsn := os.Getenv("DROVER_TEST_DATABASE")
	if dsn == "" {
		t.Skip("DROVER_TEST_DATABASE names no PostgreSQL database")
	}
	storetest.Run(t, fresh(dsn))
}

// fresh makes schemas of their own in the database.
func fresh(dsn string) storetest.Fresh {
	return func(t testing.TB) storetest.Open {
		cfg, err := pgx.ParseConfig(dsn)
		must(t, err)
		admin := stdlib.OpenDB(*cfg)
		schema := fmt.Sprintf("test_%d", rand.Uint64())
		exec(t, admin, "CREATE SCHEMA "+schema)
		t.Cleanup(func() {
			exec(t, admin, "DROP SCHEMA "+schema+" CASCADE")
			must(t, admin.Close())
		})
		return func(o store.Options) (store.Store, error) {
			return Open(t.Context(), Config{Options: o, DSN: with(dsn, "search_path="+schema, "synchronous_commit=off")})
		}
	}
}

// with adds parameters to a URL or to keywords.
func with(dsn string, params ...string) string {
	switch {
	case !strings.Contains(dsn, "://"):
		return dsn + " " + strings.Join(params, " ")
	case strings.Contains(dsn, "?"):
		return dsn + "&" + strings.Join(params, "&")
	default:
		return dsn + "?" + strings.Join(params, "&")
	}
}

func exec(t testing.TB, db *sql.DB, text string) {
	t.Helper()
	_, err := db.Exec(text)
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
