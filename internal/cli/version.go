package cli

import (
	"fmt"
	"runtime"
)

// Version is the version of this build; a release sets it at link time.
var Version = "0.1.0-dev"

type version struct{}

// Run prints the version.
func (version) Run(s Streams) error {
	fmt.Fprintf(s.Out, "drover %s %s %s/%s\n", Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
