package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

const (
	checkpointEvery = 200 * time.Millisecond
	// Beyond so many bytes of log the writer is held, so that the log can
	// begin anew: beside a busy writer a checkpoint never catches up.
	logLimit = 128 << 20
	// The writer is held when a pass beside it takes less than this.
	shortPass = 40 * time.Millisecond
	// So many passes are tried for that, then the writer is held anyway.
	mostPasses = 20
)

// checkpointer copies the log into the database.
type checkpointer struct {
	db    *sql.DB
	gate  sync.Locker // held by the writer from begin until its commit waits for the syncer
	dirty *atomic.Bool
	file  *logFile
	log   *slog.Logger
	limit int64            // bytes of log
	page  int64            // size, in bytes
	told  func(Checkpoint) // of each pass; nil: nobody asks

	stop  context.CancelFunc
	ended chan struct{}
}

func newCheckpointer(db *sql.DB, gate sync.Locker, dirty *atomic.Bool, file *logFile, cfg Config) *checkpointer {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{
		db: db, gate: gate, dirty: dirty, file: file, log: log, limit: logLimit, told: cfg.Checkpointed,
		stop: stop, ended: make(chan struct{}),
	}
	go c.run(ctx)
	return c
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.ended)
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !c.dirty.Swap(false) {
			continue
		}
		err := c.step()
		if err != nil && !failing {
			c.log.Error("checkpoint", "err", err)
		}
		failing = err != nil
	}
}

// step makes one pass, and if the log has grown too long, brings it to its
// beginning.
func (c *checkpointer) step() error {
	size, err := c.pass(false)
	if err != nil || size < c.limit {
		return err
	}
	for range mostPasses {
		begin := clock.Wall()
		if _, err := c.pass(false); err != nil {
			return err
		}
		if clock.Wall().Sub(begin) < shortPass {
			break
		}
	}
	c.gate.Lock()
	defer c.gate.Unlock()
	_, err = c.pass(true)
	return err
}

// pass copies what no reader needs in the log, and answers how long the log
// is, in bytes; held tells whether the writer waits.
func (c *checkpointer) pass(held bool) (int64, error) {
	if c.file.broken.Load() {
		return 0, nil
	}
	if c.page == 0 {
		if err := c.db.QueryRow("PRAGMA page_size").Scan(&c.page); err != nil {
			return 0, fmt.Errorf("read the page size: %w", err)
		}
	}
	begin := clock.Wall()
	var busy, pages, copied int64
	err := c.db.QueryRow("PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied)
	if err != nil {
		return 0, fmt.Errorf("copy the log: %w", err)
	}
	if c.told != nil {
		c.told(Checkpoint{Took: clock.Wall().Sub(begin), Log: pages * c.page, Held: held})
	}
	return pages * c.page, nil
}

// close ends the goroutine and empties the log.
func (c *checkpointer) close() error {
	c.stop()
	<-c.ended
	if c.file.broken.Load() {
		return nil
	}
	return emptyLog(c.db)
}

// emptyLog copies all of the log into the database.
func emptyLog(db *sql.DB) error {
	if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("empty the log: %w", err)
	}
	return nil
}
