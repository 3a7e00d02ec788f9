package projection

import (
	"context"
	"fmt"
	"strings"

	"tims/internal/border"
	"tims/internal/record"
)

// A Deed is what an officer or node did besides a decision. Body is plain CBOR of the kind's body, empty where this node may
// not read it.
type Deed struct {
	Ref     record.Ref
	Node    string
	Kind    record.Kind
	Written int64       // UTC ms
	Shift   int64       // index of the shift in the same log; -1 for none
	About   *record.Ref // the first record that it is about
	ByNode  bool
	Body    []byte
}

const deedColumns = `SELECT origin, idx, node, kind, written, shift, about_origin, about_idx, by_node, body FROM deed `

// Deeds lists the deeds of some kinds from `from` until before `to` (UTC ms), oldest first; of one node where it is named. At
// most MaxWritten, the newest.
func (d *DB) Deeds(ctx context.Context, node string, from, to int64, kinds ...record.Kind) ([]Deed, error) {
	marks := make([]string, len(kinds))
	for i, k := range kinds {
		marks[i] = fmt.Sprint(int(k))
	}
	return d.deeds(ctx, `SELECT * FROM (`+deedColumns+`WHERE kind IN (`+strings.Join(marks, ", ")+`) AND written >= $1 AND written < $2
		AND ($3 = '' OR node = $3) ORDER BY written DESC, origin, idx DESC LIMIT `+fmt.Sprint(MaxWritten)+`) ORDER BY written, origin, idx`,
		from, to, node)
}

// Newest lists the newest deeds of a kind from `from` until before `to` (UTC ms), oldest first, at most `each` of one node: whoever
// writes many pushes nobody else's out.
func (d *DB) Newest(ctx context.Context, kind record.Kind, from, to int64, each int) ([]Deed, error) {
	return d.deeds(ctx, `SELECT origin, idx, node, kind, written, shift, about_origin, about_idx, by_node, body
		FROM (SELECT DISTINCT node AS name FROM folded) JOIN deed ON node = name
		WHERE kind = $1 AND (origin, idx) IN (SELECT n.origin, n.idx FROM deed n WHERE n.node = name AND n.kind = $1 AND n.written >= $2
			AND n.written < $3 ORDER BY n.written DESC, n.origin, n.idx DESC LIMIT $4)
		ORDER BY written, origin, idx`, int(kind), from, to, each)
}

// Keyings lists a node's late records of one paper sheet, by its number as printed, oldest first.
func (d *DB) Keyings(ctx context.Context, node, sheet string) ([]Deed, error) {
	return d.deeds(ctx, deedColumns+`WHERE sheet = $1 AND sheet <> '' AND node = $2 ORDER BY written, origin, idx LIMIT `+fmt.Sprint(MaxFound),
		sheet, node)
}

// DeedsAbout lists the deeds that are about a record, oldest first.
func (d *DB) DeedsAbout(ctx context.Context, ref record.Ref) ([]Deed, error) {
	return d.deeds(ctx, deedColumns+`WHERE about_origin = $1 AND about_idx = $2 ORDER BY written, origin, idx LIMIT `+fmt.Sprint(MaxWritten),
		ref.Origin, int64(ref.Index))
}

// Deed gives one deed, nil where the record is none or is not here.
func (d *DB) Deed(ctx context.Context, ref record.Ref) (*Deed, error) {
	found, err := d.deeds(ctx, deedColumns+`WHERE origin = $1 AND idx = $2`, ref.Origin, int64(ref.Index))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (d *DB) deeds(ctx context.Context, query string, args ...any) ([]Deed, error) {
	rows, err := d.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list deeds: %w", err)
	}
	defer rows.Close()
	var out []Deed
	for rows.Next() {
		var x Deed
		var idx, aboutIdx int64
		var about string
		if err := rows.Scan(&x.Ref.Origin, &idx, &x.Node, &x.Kind, &x.Written, &x.Shift, &about, &aboutIdx, &x.ByNode, &x.Body); err != nil {
			return nil, fmt.Errorf("list deeds: %w", err)
		}
		x.Ref.Index = uint64(idx)
		if about != "" {
			x.About = &record.Ref{Origin: about, Index: uint64(aboutIdx)}
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// Assented reports whether a second officer has assented to a proposal.
func (d *DB) Assented(ctx context.Context, proposal record.Ref) (bool, error) {
	var n int
	err := d.queryRow(ctx, `SELECT count(*) FROM assented WHERE origin = $1 AND idx = $2`, proposal.Origin,
		int64(proposal.Index)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("ask for an assent: %w", err)
	}
	return n > 0, nil
}

// StandingOf says whether a record counts; Counts where nothing else is known.
func (d *DB) StandingOf(ctx context.Context, ref record.Ref) (Standing, error) {
	var s Standing
	err := d.queryRow(ctx, `SELECT coalesce((SELECT state FROM standing WHERE origin = $1 AND idx = $2), 0)`, ref.Origin,
		int64(ref.Index)).Scan(&s)
	if err != nil {
		return 0, fmt.Errorf("ask whether a record counts: %w", err)
	}
	return s, nil
}

// Grey gives the alerts, by the hash of their content, that two officers found to be about another person than the holder of a
// document (one tag for each living stay key), as far as that holds on a day, with the nodes at which they did.
func (d *DB) Grey(ctx context.Context, documents [][]byte, on border.Date) (map[[32]byte][]string, error) {
	out := map[[32]byte][]string{}
	for _, tag := range documents {
		rows, err := d.query(ctx, `SELECT g.alert, f.node FROM grey g JOIN assented a ON a.origin = g.origin AND a.idx = g.idx
			JOIN folded f ON f.origin = g.origin
			WHERE g.document_tag = $1 AND g.until >= $2 AND g.until <= $3 LIMIT `+fmt.Sprint(MaxFound), tag, int(on), int(on.AddDays(maxGrey)))
		if err != nil {
			return nil, fmt.Errorf("ask for hits on other persons: %w", err)
		}
		for rows.Next() {
			var alert []byte
			var node string
			if err := rows.Scan(&alert, &node); err != nil {
				rows.Close()
				return nil, fmt.Errorf("ask for hits on other persons: %w", err)
			}
			if len(alert) == 32 {
				out[[32]byte(alert)] = append(out[[32]byte(alert)], node)
			}
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("ask for hits on other persons: %w", err)
		}
	}
	return out, nil
}
