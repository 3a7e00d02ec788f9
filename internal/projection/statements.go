package projection

import (
	"context"
	"database/sql"
	"sync"
)

// statements are the questions that have been asked, prepared once: parsing one costs a booth more than answering it. Texts are
// those of this package's code, with marks for what varies, so there are few; one beyond the bound is prepared for itself.
type statements struct {
	mu   sync.Mutex
	held map[string]*sql.Stmt
}

func (d *DB) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	d.asked.mu.Lock()
	defer d.asked.mu.Unlock()
	if s := d.asked.held[text]; s != nil {
		return s, nil
	}
	if len(d.asked.held) >= maxPrepared {
		return nil, nil
	}
	s, err := d.read.PrepareContext(ctx, text)
	if err == nil {
		d.asked.held[text] = s
	}
	return s, err
}

func (d *DB) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := d.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return d.read.QueryContext(ctx, text, args...)
	}
	return s.QueryContext(ctx, args...)
}

func (d *DB) queryRow(ctx context.Context, text string, args ...any) *sql.Row {
	s, err := d.prepared(ctx, text)
	if err != nil || s == nil {
		return d.read.QueryRowContext(ctx, text, args...) // which tells the error
	}
	return s.QueryRowContext(ctx, args...)
}
