// Package python drives a node through the two faces of botocore: the AWS CLI
// and boto3. It takes those of PATH if boto3 loads there, else Debian's.
//
// The tests of boto3 are the Python files beside it; harness.py runs them.
package python

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/test/node"
)

func TestMain(m *testing.M) { node.Main(m) }

// tools are an AWS CLI and a Python with boto3, as commands.
type tools struct{ aws, python string }

func find(t *testing.T) tools {
	t.Helper()
	for _, found := range []tools{{"aws", "python3"}, {"/usr/bin/aws", "/usr/bin/python3"}} {
		if exec.Command(found.python, "-c", "import boto3").Run() == nil {
			return found
		}
	}
	t.Skip("no Python with boto3, neither in PATH nor in /usr/bin")
	return tools{}
}

// environment is that of a client of the node, without anything of AWS that is
// configured on the machine.
func environment(n *node.Node) []string {
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	return append(own, "DROVER_URL="+n.URL, "DROVER_CREDENTIALS="+n.Credentials(), "PYTHONDONTWRITEBYTECODE=1",
		"AWS_ACCESS_KEY_ID=drover", "AWS_SECRET_ACCESS_KEY=drover", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_PAGER=", "AWS_MAX_ATTEMPTS=1")
}
