package projection

import (
	"context"
	"fmt"

	"tims/internal/record"
)

// A Hit is a record with an alert that matched its traveller or vehicle, where this node may read it.
type Hit struct {
	record.PoliceHit
	Ref     record.Ref
	Node    string
	Kind    record.Kind
	Written int64       // UTC ms
	About   *record.Ref // of a decision: the check or referral that it is about
	Decided record.Kind // what the booth did with this check, 0 while it is open
}

// A HitQuery asks for hits; zero values ask for all.
type HitQuery struct {
	Node     string
	List     string
	From, To int64 // UTC ms
	Most     int   // hits to answer with
}

// hits keeps the hits of a record. A record without any has no row, so that the table stays small.
func (f *folder) hits(r *Record) {
	if r.Police == nil || len(r.Police.Hits) == 0 {
		return
	}
	f.exec(`INSERT INTO hit (origin, idx, node, kind, written, about, hits) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		r.Origin, int64(r.Index), r.Node, int(r.Leaf.Kind), r.Leaf.Written, first(r.Leaf.About, r.Origin), record.Marshal(r.Police.Hits))
}

// Hits lists hits, newest first, each alert of one traveller once: the decision repeats what its check says.
func (d *DB) Hits(ctx context.Context, q HitQuery) (out []Hit, more bool, err error) {
	most := q.Most
	if most <= 0 || most > MaxHits {
		most = MaxHits
	}
	rows, err := d.query(ctx, `SELECT h.origin, h.idx, h.node, h.kind, h.written, h.about, h.hits,
			coalesce((SELECT hits FROM hit f WHERE f.origin = h.origin AND f.idx = h.about), x''),
			coalesce((SELECT p.kind FROM decided e JOIN passage p ON p.act = e.act AND p.origin = e.origin WHERE e.origin = h.origin AND e.idx = h.idx LIMIT 1), 0)
		FROM hit h WHERE h.written >= $1 AND h.written < $2 AND ($3 = '' OR h.node = $3)
		ORDER BY h.written DESC, h.origin, h.idx DESC LIMIT `+fmt.Sprint(maxHitRows), q.From, q.To, q.Node)
	if err != nil {
		return nil, false, fmt.Errorf("list hits: %w", err)
	}
	defer rows.Close()
	read := 0
	for rows.Next() {
		var h Hit
		var idx, about int64
		var said, before []byte
		if err := rows.Scan(&h.Ref.Origin, &idx, &h.Node, &h.Kind, &h.Written, &about, &said, &before, &h.Decided); err != nil {
			return nil, false, fmt.Errorf("list hits: %w", err)
		}
		if h.Ref.Index = uint64(idx); about >= 0 {
			h.About = &record.Ref{Origin: h.Ref.Origin, Index: uint64(about)}
		}
		read++
		for _, p := range newHits(said, before) {
			if q.List != "" && p.List != q.List {
				continue
			}
			if h.PoliceHit = p; len(out) == most {
				return out, true, rows.Err()
			}
			out = append(out, h)
		}
	}
	return out, read == maxHitRows, rows.Err()
}

// newHits gives the hits of a record that the record which it is about has not.
func newHits(said, before []byte) (out []record.PoliceHit) {
	var all, known []record.PoliceHit
	if record.Unmarshal(said, &all) != nil { // of a later version
		return nil
	}
	if len(before) > 0 && record.Unmarshal(before, &known) != nil {
		return nil
	}
	seen := map[[2]string]bool{}
	for _, h := range known {
		seen[[2]string{h.List, h.Alert}] = true
	}
	for _, h := range all {
		if key := [2]string{h.List, h.Alert}; !seen[key] {
			seen[key] = true // of two versions of one alert that match, the heavier speaks
			out = append(out, h)
		}
	}
	return out
}

// ReferralsOf lists the referrals of one log that are about a record and say a hit of the alert.
func (d *DB) ReferralsOf(ctx context.Context, of record.Ref, list, alert string) ([]record.Ref, error) {
	rows, err := d.query(ctx, `SELECT idx, hits FROM hit WHERE origin = $1 AND kind = $2 AND (about = $3 OR idx = $3) ORDER BY idx LIMIT `+fmt.Sprint(MaxFound),
		of.Origin, int(record.Referral), int64(of.Index))
	if err != nil {
		return nil, fmt.Errorf("list referrals of a hit: %w", err)
	}
	defer rows.Close()
	var out []record.Ref
	for rows.Next() {
		var idx int64
		var said []byte
		if err := rows.Scan(&idx, &said); err != nil {
			return nil, fmt.Errorf("list referrals of a hit: %w", err)
		}
		for _, h := range newHits(said, nil) {
			if h.List == list && h.Alert == alert {
				out = append(out, record.Ref{Origin: of.Origin, Index: uint64(idx)})
			}
		}
	}
	return out, rows.Err()
}
