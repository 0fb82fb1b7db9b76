package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// stand is what the scenarios of a run share.
type stand struct {
	quick  bool
	fixed  int    // things, as the user wants it; 0: as the scenario does
	dir    string // temporary; everything of the run lies below
	out    io.Writer
	began  time.Time
	loaded map[fleet]string // folders that were loaded, to be copied
	copies int
	found  map[string]figure // what others of the run are measured against
}

func newStand(c Config) (*stand, error) {
	dir, err := os.MkdirTemp("", "drover-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	return &stand{quick: c.Quick, fixed: c.Things, dir: dir, out: c.Err, began: clock.Wall(), loaded: map[fleet]string{}, found: map[string]figure{}}, nil
}

func (st *stand) close() error { return os.RemoveAll(st.dir) }

// note keeps a figure for others of the run.
func (st *stand) note(f figure) figure {
	st.found[f.Name] = f
	return f
}

// say tells how the run goes on.
func (st *stand) say(format string, args ...any) {
	at := clock.Wall().Sub(st.began).Truncate(time.Second)
	fmt.Fprintf(st.out, "%5s  %s\n", at, fmt.Sprintf(format, args...))
}

// things is the size of a fleet that may have any, or that for a quick run,
// unless the user has said it.
func (st *stand) things(full, quick int) int {
	return cmp.Or(st.fixed, st.num(full, quick))
}

// num is another number of a scenario, or that of a quick run.
func (st *stand) num(full, quick int) int {
	if st.quick {
		return quick
	}
	return full
}

// seconds is a time of a scenario, or that of a quick run.
func (st *stand) seconds(full, quick float64) time.Duration {
	if st.quick {
		full = quick
	}
	return time.Duration(full * float64(time.Second))
}

// folder is a data folder with a fleet, for one node. Each fleet is loaded once
// a run, and copied.
func (st *stand) folder(ctx context.Context, f fleet) (string, error) {
	from, ok := st.loaded[f]
	if !ok {
		st.say("loading %s", f)
		var err error
		if from, err = st.load(ctx, f); err != nil {
			return "", fmt.Errorf("load %s: %w", f, err)
		}
		st.loaded[f] = from
	}
	return st.copied(from)
}

// empty is a new folder.
func (st *stand) empty() (string, error) {
	st.copies++
	dir := filepath.Join(st.dir, strconv.Itoa(st.copies))
	return dir, os.Mkdir(dir, 0o700)
}

// copied is a new folder with the files of another.
func (st *stand) copied(from string) (string, error) {
	dir, err := st.empty()
	if err != nil {
		return "", err
	}
	return dir, os.CopyFS(dir, os.DirFS(from))
}

// size is how large a file is, in bytes; 0 if there is none.
func size(path string) (float64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}
