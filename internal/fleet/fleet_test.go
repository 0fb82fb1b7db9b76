package fleet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// attributes makes n attributes.
func attributes(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[fmt.Sprintf("a%d", i)] = "v"
	}
	return m
}

// want holds err to a kind and to what its message names; "" is no error.
func want(t *testing.T, err error, kind fault.Kind, names string) {
	t.Helper()
	switch {
	case names == "" && err != nil:
		t.Errorf("refused: %v", err)
	case names != "" && (!fault.Is(err, kind) || !strings.Contains(err.Error(), names)):
		t.Errorf("answered %v, want kind %d and a message with %q", err, kind, names)
	}
}
