package projection

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
)

// foldedTables are the tables of records, in the order in which they are hashed.
var foldedTables = []string{"passage", "person", "aside", "decided", "notable", "deed", "standing", "assented", "grey", "hit"}

// Digest hashes all that is folded, in an order of its own: two projections of the same records are equal.
func (d *DB) Digest(ctx context.Context) ([32]byte, error) {
	return hashTables(ctx, d.query, "")
}

// DigestNow gives the heads and the digest of one moment, also while another connection folds on.
func (d *DB) DigestNow(ctx context.Context) (heads map[string]Head, sum [32]byte, err error) {
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, sum, fmt.Errorf("hash the projection: %w", err)
	}
	defer tx.Rollback()
	if heads, err = folded(ctx, tx.QueryContext); err != nil {
		return nil, sum, err
	}
	sum, err = hashTables(ctx, tx.QueryContext, "")
	return heads, sum, err
}

// asker asks by a connection of its own or in a transaction.
type asker func(ctx context.Context, text string, args ...any) (*sql.Rows, error)

// DigestOf hashes what is folded about the first records of one log. Two nodes that may read the same and have
// folded the same logs agree in it, whatever the way and the order in which the records came.
func (d *DB) DigestOf(ctx context.Context, origin string, below uint64) ([32]byte, error) {
	return hashTables(ctx, d.query, " WHERE origin = $1 AND idx < $2", origin, int64(below))
}

func hashTables(ctx context.Context, ask asker, where string, args ...any) ([32]byte, error) {
	h := sha256.New()
	for _, table := range foldedTables {
		if err := digestRows(ctx, ask, h, "SELECT * FROM "+table+where+" ORDER BY origin, idx", args...); err != nil {
			return [32]byte{}, fmt.Errorf("hash the projection: %w", err)
		}
		fmt.Fprintln(h, "--")
	}
	return [32]byte(h.Sum(nil)), nil
}

func digestRows(ctx context.Context, ask asker, h io.Writer, q string, args ...any) error {
	rows, err := ask(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	row, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		fmt.Fprintf(h, "%#v\n", row) // %q would make one sign of all large numbers
	}
	return rows.Err()
}
