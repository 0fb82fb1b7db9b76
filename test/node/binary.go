package node

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// binary in the environment is the path of the binary to test.
const binary = "DROVER_TEST_BINARY"

// Main runs a package's tests against a binary built from this checkout, or
// against the one that DROVER_TEST_BINARY names, and exits.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if os.Getenv(binary) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "drover-test-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	built := filepath.Join(dir, "drover")
	if err := build(built); err != nil {
		return failed(err)
	}
	if err := os.Setenv(binary, built); err != nil {
		return failed(err)
	}
	return m.Run()
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "build the node:", err)
	return 1
}

// build builds the command in the product's own module, which is not the one
// of the suites.
func build(path string) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/drover-iot/drover").Output()
	if err != nil {
		return fmt.Errorf("find the product: %w", err)
	}
	cmd := exec.Command("go", "build", "-o", path, "./cmd/drover")
	cmd.Dir = strings.TrimSpace(string(root))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
