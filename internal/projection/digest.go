package projection

import (
	"context"
	"crypto/sha256"
	"fmt"
)

// Digest hashes all that is folded, in an order of its own: two projections of the same records are equal.
func (d *DB) Digest(ctx context.Context) ([32]byte, error) {
	h := sha256.New()
	for _, q := range []string{
		`SELECT * FROM passage ORDER BY origin, idx`, `SELECT * FROM person ORDER BY origin, idx`,
		`SELECT * FROM aside ORDER BY origin, idx`, `SELECT * FROM decided ORDER BY origin, idx`,
		`SELECT * FROM notable ORDER BY origin, idx`, `SELECT * FROM deed ORDER BY origin, idx`,
		`SELECT * FROM standing ORDER BY origin, idx`, `SELECT * FROM assented ORDER BY origin, idx`,
		`SELECT * FROM grey ORDER BY origin, idx`,
	} {
		rows, err := d.query(ctx, q)
		if err != nil {
			return [32]byte{}, fmt.Errorf("hash the projection: %w", err)
		}
		columns, err := rows.Columns()
		if err != nil {
			rows.Close()
			return [32]byte{}, fmt.Errorf("hash the projection: %w", err)
		}
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				rows.Close()
				return [32]byte{}, fmt.Errorf("hash the projection: %w", err)
			}
			fmt.Fprintf(h, "%q\n", row)
		}
		if err := rows.Close(); err != nil {
			return [32]byte{}, fmt.Errorf("hash the projection: %w", err)
		}
		fmt.Fprintln(h, "--")
	}
	return [32]byte(h.Sum(nil)), nil
}
