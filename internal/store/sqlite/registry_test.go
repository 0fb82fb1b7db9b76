package sqlite

import (
	"testing"

	"github.com/drover-iot/drover/internal/store/storetest"
)

func TestRegistry(t *testing.T) { storetest.Registry(t, fresh(Config{Volatile: true})) }

func TestLists(t *testing.T) { storetest.Lists(t, fresh(Config{Volatile: true})) }
