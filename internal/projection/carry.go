package projection

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// carrying is how the WAL gets into the file. SQLite would do it within some commit, and the check of a traveller that folds
// just then would wait for sixteen megabytes.
type carrying struct {
	waiting atomic.Int64 // records folded since the last time
	busy    sync.Mutex
	under   sync.WaitGroup
}

// carry has the WAL carried into the file beside the booths' work. Only a long fold, at which nobody waits at a booth, waits for
// it when the WAL has become too long: beside a backlog that is written without a pause the WAL would never be carried to its end,
// and grow as long as the backlog. Crash story: a WAL that was not carried is read at the next opening.
func (d *DB) carry(ctx context.Context, records int) error {
	waiting := d.wal.waiting.Add(int64(records))
	if waiting < carryEach || records > carryEach && waiting < carryMost {
		return nil
	}
	if waiting >= carryMost {
		d.wal.busy.Lock()
		defer d.wal.busy.Unlock()
		return d.carryNow(ctx)
	}
	if d.wal.busy.TryLock() {
		d.wal.under.Go(func() {
			defer d.wal.busy.Unlock()
			_ = d.carryNow(context.WithoutCancel(ctx)) // the next time tells it, if it is not well by then
		})
	}
	return nil
}

func (d *DB) carryNow(ctx context.Context) error {
	d.wal.waiting.Store(0)
	if _, err := d.read.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		return fmt.Errorf("carry the projection's WAL into its file: %w", err)
	}
	return nil
}
