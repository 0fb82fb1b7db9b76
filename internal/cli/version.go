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
	_, err := fmt.Fprintln(s.Out, build())
	return err
}

// build says which build of Drover this is.
func build() string {
	return fmt.Sprintf("drover %s %s %s/%s", Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
