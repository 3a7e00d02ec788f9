package projection

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
)

// foldedTables are the tables of records, in the order in which they are hashed.
var foldedTables = []string{"passage", "person", "aside", "decided", "notable", "deed", "standing", "assented", "grey"}

// Digest hashes all that is folded, in an order of its own: two projections of the same records are equal.
func (d *DB) Digest(ctx context.Context) ([32]byte, error) {
	return d.digest(ctx, "")
}

// DigestOf hashes what is folded about the first records of one log. Two nodes that may read the same and have
// folded the same logs agree in it, whatever the way and the order in which the records came.
func (d *DB) DigestOf(ctx context.Context, origin string, below uint64) ([32]byte, error) {
	return d.digest(ctx, " WHERE origin = $1 AND idx < $2", origin, int64(below))
}

func (d *DB) digest(ctx context.Context, where string, args ...any) ([32]byte, error) {
	h := sha256.New()
	for _, table := range foldedTables {
		if err := d.digestRows(ctx, h, "SELECT * FROM "+table+where+" ORDER BY origin, idx", args...); err != nil {
			return [32]byte{}, fmt.Errorf("hash the projection: %w", err)
		}
		fmt.Fprintln(h, "--")
	}
	return [32]byte(h.Sum(nil)), nil
}

func (d *DB) digestRows(ctx context.Context, h io.Writer, q string, args ...any) error {
	rows, err := d.query(ctx, q, args...)
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
		fmt.Fprintf(h, "%q\n", row)
	}
	return rows.Err()
}
