// Command drover is the server, and the tools around it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // maintenance windows name time zones, also where the system has none

	"github.com/drover-iot/drover/internal/cli"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a reader that has left is an error of a write, and things are put away
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, restore) // a second signal ends the process at once
	os.Exit(cli.Main(ctx, os.Args[1:], cli.Streams{Out: os.Stdout, Err: os.Stderr}))
}
