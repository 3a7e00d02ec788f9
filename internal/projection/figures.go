package projection

import (
	"context"
	"fmt"

	"tims/internal/border"
	"tims/internal/record"
)

// A Figure counts crossings of one post, direction and nationality.
type Figure struct {
	Node      string
	Direction border.Direction
	Nation    string
	Count     int
}

// Figures counts the crossings of one day. The same act recorded on two nodes counts once.
func (d *DB) Figures(ctx context.Context, day border.Date) ([]Figure, error) {
	rows, err := d.query(ctx, `SELECT node, direction, nation, count(DISTINCT act) FROM passage p
		WHERE `+passed+` AND day = $1 GROUP BY node, direction, nation ORDER BY node, direction, nation`, int(day))
	if err != nil {
		return nil, fmt.Errorf("count the day's crossings: %w", err)
	}
	defer rows.Close()
	var out []Figure
	for rows.Next() {
		var f Figure
		if err := rows.Scan(&f.Node, &f.Direction, &f.Nation, &f.Count); err != nil {
			return nil, fmt.Errorf("count the day's crossings: %w", err)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// Vehicles counts the vehicles that crossed on one day by post and direction, no nationality: a party's vehicle once, as Counts
// does. A node that may not read the person parts of a post finds none there.
func (d *DB) Vehicles(ctx context.Context, day border.Date) ([]Figure, error) {
	rows, err := d.query(ctx, `SELECT p.node, p.direction, count(DISTINCT coalesce(n.party, n.plate))
		FROM passage p JOIN person n ON n.origin = p.origin AND n.idx = p.idx
		WHERE `+passed+` AND p.day = $1 AND (n.vehicle > 0 OR n.plate <> '') GROUP BY p.node, p.direction`, int(day))
	if err != nil {
		return nil, fmt.Errorf("count the day's vehicles: %w", err)
	}
	defer rows.Close()
	var out []Figure
	for rows.Next() {
		var f Figure
		if err := rows.Scan(&f.Node, &f.Direction, &f.Count); err != nil {
			return nil, fmt.Errorf("count the day's vehicles: %w", err)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// Series counts crossings by consecutive stretches of `step` ms from `from` (UTC ms), for each direction.
func (d *DB) Series(ctx context.Context, from, step int64, n int) (entries, exits []int, err error) {
	rows, err := d.query(ctx, `SELECT (happened - $1) / $2, direction, count(DISTINCT act) FROM passage p
		WHERE `+passed+` AND happened >= $1 AND happened < $3 GROUP BY 1, 2`, from, step, from+step*int64(n))
	if err != nil {
		return nil, nil, fmt.Errorf("count crossings by time: %w", err)
	}
	defer rows.Close()
	entries, exits = make([]int, n), make([]int, n)
	for rows.Next() {
		var slot, count int
		var dir border.Direction
		if err := rows.Scan(&slot, &dir, &count); err != nil {
			return nil, nil, fmt.Errorf("count crossings by time: %w", err)
		}
		if dir == border.Entry {
			entries[slot] = count
		} else {
			exits[slot] = count
		}
	}
	return entries, exits, rows.Err()
}

// Counted is what one node wrote in a stretch of time, for its status record. Persons are passages; a party's vehicle counts
// once in its direction, as the police publish it. A correction counts in the stretch of the passage that it corrects: an
// earlier one counted that already.
type Counted struct{ Entries, Exits, Refusals, VehiclesIn, VehiclesOut int }

// Counts counts what the node wrote from `from` until before `to` (UTC ms).
func (d *DB) Counts(ctx context.Context, node string, from, to int64) (Counted, error) {
	var c Counted
	err := d.queryRow(ctx, `SELECT
			count(CASE WHEN `+passed+` AND p.direction = 1 THEN 1 END), count(CASE WHEN `+passed+` AND p.direction = 2 THEN 1 END),
			count(CASE WHEN p.kind = 4 AND p.standing = 0 THEN 1 END),
			count(DISTINCT CASE WHEN `+passed+` AND p.direction = 1 AND (n.vehicle > 0 OR n.plate <> '') THEN coalesce(n.party, n.plate) END),
			count(DISTINCT CASE WHEN `+passed+` AND p.direction = 2 AND (n.vehicle > 0 OR n.plate <> '') THEN coalesce(n.party, n.plate) END)
		FROM passage p LEFT JOIN person n ON n.origin = p.origin AND n.idx = p.idx
		WHERE p.node = $1 AND (p.kind IN (3, 4, 9) OR p.kind = 8 AND p.happened >= $2) AND p.written >= $2 AND p.written < $3`,
		node, from, to).Scan(&c.Entries, &c.Exits, &c.Refusals, &c.VehiclesIn, &c.VehiclesOut)
	if err != nil {
		return c, fmt.Errorf("count for the status: %w", err)
	}
	return c, nil
}

// OpenChecks lists the checks of a node that no decision refers to, newest first.
func (d *DB) OpenChecks(ctx context.Context, node string, since int64) ([]Sighting, error) {
	rows, err := d.query(ctx, `SELECT `+sightingColumns+` FROM passage p
		WHERE p.kind = $1 AND p.decided = 0 AND p.node = $2 AND p.happened >= $3 ORDER BY p.happened DESC LIMIT `+
		fmt.Sprint(MaxFound), int(record.Check), node, since)
	if err != nil {
		return nil, fmt.Errorf("list open checks: %w", err)
	}
	defer rows.Close()
	var out []Sighting
	for rows.Next() {
		var s Sighting
		if err := s.scan(rows); err != nil {
			return nil, fmt.Errorf("list open checks: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
