// Package js drives a node through the AWS clients for JavaScript: the control
// plane and the device plane over HTTPS by the AWS SDK, and MQTT by both jobs
// and both shadow clients of the AWS IoT device SDK.
//
// The tests are the *.test.mjs files beside it, run by Node.js with the
// packages of package-lock.json.
package js

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/drover-iot/drover/test/node"
)

func TestMain(m *testing.M) { node.Main(m) }

// forceExit ends Node.js with the last test. Left to itself it waits for the
// native part of the device SDK to be collected, or is aborted by it.
const forceExit = "--test-force-exit"

func TestClientsForJavaScript(t *testing.T) {
	needPackages(t)
	files, err := filepath.Glob("*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			run(t, file)
		})
	}
}

// needPackages skips a test where Node.js or the packages are missing.
func needPackages(t *testing.T) {
	t.Helper()
	if err := exec.Command("node", forceExit, "--eval", "").Run(); err != nil {
		t.Skipf("no Node.js of version 20.14 or newer: %v", err)
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Skip("the packages are not installed: run npm ci --ignore-scripts in test/js")
	}
}

// run runs a test file against a node of its own.
func run(t *testing.T, file string) {
	t.Helper()
	n := node.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", forceExit, file)
	cmd.Env = append(os.Environ(), "DROVER_URL="+n.URL, "DROVER_MQTT="+n.MQTT)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", file, err, out)
	}
}
