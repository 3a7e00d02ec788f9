package projection

import (
	"context"
	"fmt"
)

// A Twice is one document that passed twice in one direction, in two logs, with no passage the other way between: one of the two
// is not what it seems, or a record between is missing.
type Twice struct{ First, Second Sighting }

// twiceWithin is how far apart such two may be, in milliseconds: what lies longer apart is judged by the stay.
const twiceWithin = 24 * 60 * 60 * 1000

// UsedTwice finds such pairs by their document tags, the newest first, at most limit. The second of each has happened since then.
// node names a writer of one of the two, "" all. Records of one act are one passage, wherever they stand.
func (d *DB) UsedTwice(ctx context.Context, node string, since int64, limit int) ([]Twice, error) {
	rows, err := d.query(ctx, `SELECT `+sightingColumns+`, q.origin, q.idx FROM passage p JOIN passage q
		ON q.document_tag = p.document_tag AND q.direction = p.direction AND q.origin <> p.origin AND q.act <> p.act
		AND q.kind IN (3, 8, 9) AND q.standing = 0 AND q.happened BETWEEN p.happened - $1 AND p.happened
		AND (q.happened < p.happened OR q.origin < p.origin)
		WHERE `+passed+` AND p.happened >= $2 AND ($3 = '' OR p.node = $3 OR q.node = $3)
		AND NOT EXISTS (SELECT 1 FROM passage r WHERE r.document_tag = p.document_tag AND r.direction <> p.direction
			AND r.kind IN (3, 8, 9) AND r.standing = 0 AND r.happened BETWEEN q.happened AND p.happened)
		ORDER BY p.happened DESC, p.origin, p.idx, q.origin, q.idx LIMIT `+fmt.Sprint(limit), twiceWithin, since, node)
	if err != nil {
		return nil, fmt.Errorf("ask for documents used twice: %w", err)
	}
	defer rows.Close()
	var out []Twice
	for rows.Next() {
		var t Twice
		if err := t.Second.scan(rows, &t.First.Ref.Origin, &t.First.Ref.Index); err != nil {
			return nil, fmt.Errorf("ask for documents used twice: %w", err)
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("ask for documents used twice: %w", err)
	}
	for i := range out {
		first := out[i].First.Ref
		got, err := d.sightings(ctx, `SELECT `+sightingColumns+`, 0 FROM passage p WHERE p.origin = $1 AND p.idx = $2`,
			[]any{first.Origin, int64(first.Index)})
		if err != nil {
			return nil, err
		}
		out[i].First = got[0] // a row that is never deleted
	}
	return out, nil
}
