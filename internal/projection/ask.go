package projection

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/record"
)

// A Sighting is one check, crossing, refusal or referral of a traveller.
type Sighting struct {
	border.Passage
	Kind    record.Kind
	Act     record.Act
	Written int64 // UTC ms
	ByNode  bool  // no booth signature stands behind it
	Decided bool  // of a check or referral
	// Standing says why it counts no longer, or not yet.
	Standing Standing
	About    int64 // of a decision: index of its check or referral in the same log; -1 for none
	Shift    int64 // index of its shift in the same log; -1 for none
}

// A Standing says whether a record counts.
type Standing uint8

const (
	Counts    Standing = 0
	Voided    Standing = voided    // by the same officer
	Corrected Standing = corrected // by two officers; another record counts in its place, or none
	Proposed  Standing = proposed  // a correction without its second officer
)

// Passed reports whether the sighting is a completed passage that counts.
func (s *Sighting) Passed() bool {
	return (s.Kind == record.Crossing || s.Kind == record.Late || s.Kind == record.Correction) && s.Standing == Counts
}

// passed is Passed in SQL.
const passed = `p.kind IN (3, 8, 9) AND p.standing = 0`

const sightingColumns = `p.origin, p.idx, p.node, p.kind, p.act, p.written, p.happened, p.day, p.direction, p.basis, p.nation,
	p.until, p.visa_days, p.visa_entries, p.visa_from, p.by_node, p.doubtful, p.decided, p.standing, p.about, p.shift`

// Known gives what is known of a traveller by his document's tags and his person tags (one of each living stay key):
// crossings, refusals and referrals in the order in which stays are counted (by index within a log; among logs by day and time),
// then the newest checks that nobody decided. The two have bounds of their own: reading a passport again and again hides no crossing.
// Sightings joined by the person tag alone are marked.
func (d *DB) Known(ctx context.Context, documents, persons [][]byte) ([]Sighting, error) {
	where, args := make([]string, 0, 2), []any{}
	in := func(column string, tags [][]byte) string {
		marks := make([]string, len(tags))
		for i, t := range tags {
			args = append(args, t)
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		return column + " IN (" + strings.Join(marks, ", ") + ")"
	}
	byDocument := "0"
	if len(documents) > 0 {
		byDocument = in("p.document_tag", documents)
		where = append(where, byDocument)
	}
	if len(persons) > 0 {
		where = append(where, in("p.person_tag", persons))
	}
	if len(where) == 0 {
		return nil, nil
	}
	// The plus keeps the planner to the tags: an index over kinds would read every check of the country.
	const order = ` ORDER BY p.day DESC, p.happened DESC, p.origin, p.idx DESC LIMIT `
	query := `SELECT ` + sightingColumns + `, NOT (` + byDocument + `) FROM passage p WHERE (` + strings.Join(where, " OR ") + `) AND `
	passages, err := d.sightings(ctx, query+fmt.Sprintf(`+p.kind <> %d`, record.Check)+order+fmt.Sprint(maxHistory), args)
	if err != nil {
		return nil, err
	}
	if !mutantClockOrder {
		orderByLog(passages)
	}
	checks, err := d.sightings(ctx, query+fmt.Sprintf(`+p.kind = %d AND p.decided = 0`, record.Check)+order+fmt.Sprint(maxChecks), args)
	return append(passages, checks...), err
}

// orderByLog puts what a log recorded at the moment it happened into the order of that log, within the places that its times
// gave it among the others: clocks err, indexes do not. What was recorded afterwards (late, corrected) stands at its day.
func orderByLog(all []Sighting) {
	places := map[string][]int{}
	for i, s := range all {
		if s.Kind != record.Late && s.Kind != record.Correction {
			places[s.Ref.Origin] = append(places[s.Ref.Origin], i)
		}
	}
	for _, at := range places {
		of := make([]Sighting, len(at))
		for i, place := range at {
			of[i] = all[place]
		}
		slices.SortFunc(of, func(a, b Sighting) int { return cmp.Compare(a.Ref.Index, b.Ref.Index) })
		for i, place := range at {
			all[place] = of[i]
		}
	}
}

// sightings runs a query that gives the newest first, and turns its answer round.
func (d *DB) sightings(ctx context.Context, query string, args []any) ([]Sighting, error) {
	rows, err := d.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("ask for a traveller's history: %w", err)
	}
	defer rows.Close()
	var out []Sighting
	for rows.Next() {
		var s Sighting
		if err := s.scan(rows, &s.ByPerson); err != nil {
			return nil, fmt.Errorf("ask for a traveller's history: %w", err)
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out, rows.Err()
}

func (s *Sighting) scan(rows *sql.Rows, more ...any) error {
	var idx, day, until, from int64
	var act []byte
	err := rows.Scan(append([]any{&s.Ref.Origin, &idx, &s.Node, &s.Kind, &act, &s.Written, &s.Happened, &day,
		&s.Direction, &s.Basis, &s.Nation, &until, &s.Visa.Days, &s.Visa.Entries, &from, &s.ByNode, &s.Doubtful, &s.Decided,
		&s.Standing, &s.About, &s.Shift},
		more...)...)
	s.Ref.Index, s.Day, s.Until = uint64(idx), border.Date(day), border.Date(until)
	s.Visa.From, s.Withdrawn = border.Date(from), s.Standing != Counts
	copy(s.Act[:], act)
	return err
}

// Horizons says up to when each node's passages are folded here, UTC ms, by node name. A record whose parts could not be
// opened ends what is known: the passage that it may hold is not counted.
func (d *DB) Horizons(ctx context.Context) (map[string]int64, error) {
	rows, err := d.query(ctx, `SELECT f.node,
			coalesce(min((SELECT min(a.written) FROM aside a WHERE a.origin = f.origin AND a.why <> 'kind')), max(f.written))
		FROM folded f GROUP BY f.node`)
	if err != nil {
		return nil, fmt.Errorf("ask how far each post is known: %w", err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var node string
		var written int64
		if err := rows.Scan(&node, &written); err != nil {
			return nil, fmt.Errorf("ask how far each post is known: %w", err)
		}
		out[node] = written
	}
	return out, rows.Err()
}

// A Found is a sighting with what its person part says, for those who may search.
type Found struct {
	Sighting
	Document  record.Document
	Decision  border.Decision
	Ground    border.Ground
	Plate     string
	Occupants int
	Booth     string
	Hits      int
	Party     []byte // 16 bytes, nil where it was alone and on foot
	Vehicle   border.VehicleKind
	Driver    bool
	Paper     string
}

const foundColumns = sightingColumns + `, n.code, n.issuer, n.number, n.nationality, n.surname, n.given, n.birth, n.sex, n.expiry,
	n.zone, n.decision, n.ground, n.plate, n.occupants, n.booth, n.hits, n.party, n.vehicle, n.driver, n.paper`

// A Query asks for a person by document number, or by the beginning of surname and given names in the zone's letters.
type Query struct {
	Number         string
	Surname, Given string
}

// Search finds the sightings of all documents that the query names, in the order in which they happened.
func (d *DB) Search(ctx context.Context, q Query) ([]Found, error) {
	cond, args := `n.number = $1`, []any{q.Number}
	if q.Number == "" {
		if q.Surname == "" {
			return nil, nil
		}
		cond = `n.surname >= $1 AND n.surname < $2 AND n.given >= $3 AND n.given < $4`
		args = []any{q.Surname, q.Surname + "\x7f", q.Given, q.Given + "\x7f"}
	}
	return d.found(ctx, cond+` ORDER BY p.day DESC, p.happened DESC, p.origin, p.idx DESC LIMIT `+fmt.Sprint(MaxFound), args...)
}

// Party lists what was done with those of one party, in the order of the log.
func (d *DB) Party(ctx context.Context, party []byte) ([]Found, error) {
	return d.found(ctx, `n.party = $1 ORDER BY p.origin, p.idx LIMIT `+fmt.Sprint(maxParty), party)
}

// Written lists what a node wrote from `from` until before `to` (UTC ms), checks too, in the order of the log; at most
// MaxWritten, the newest. Late passages and corrections are those that happened in the stretch, whenever they were written.
func (d *DB) Written(ctx context.Context, node string, from, to int64) ([]Found, error) {
	// Two questions, for no index serves both halves of one. SQLite numbers $1, $2 … by their first appearance.
	out, err := d.found(ctx, `p.node = $1 AND p.written >= $2 AND p.written < $3 AND +p.kind NOT IN (8, 9)
		ORDER BY p.written DESC, p.idx DESC LIMIT `+fmt.Sprint(MaxWritten), node, from, to)
	if err != nil {
		return nil, err
	}
	then, err := d.found(ctx, `+p.node = $1 AND p.kind IN (8, 9) AND p.happened >= $2 AND p.happened < $3
		ORDER BY p.written DESC, p.idx DESC LIMIT `+fmt.Sprint(MaxWritten), node, from, to)
	out = append(out, then...)
	slices.SortFunc(out, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Written, b.Written), cmp.Compare(a.Ref.Origin, b.Ref.Origin), cmp.Compare(a.Ref.Index, b.Ref.Index))
	})
	return out[max(0, len(out)-MaxWritten):], err
}

// WrittenOf is Written for one kind.
func (d *DB) WrittenOf(ctx context.Context, node string, from, to int64, kind record.Kind) ([]Found, error) {
	return d.found(ctx, `p.node = $1 AND p.written >= $2 AND p.written < $3 AND +p.kind = $4 ORDER BY p.written, p.idx LIMIT `+
		fmt.Sprint(MaxWritten), node, from, to, int(kind))
}

// Details gives what this node may read of sightings, by record; of others' travellers it reads nothing.
func (d *DB) Details(ctx context.Context, of []record.Ref) (map[record.Ref]Found, error) {
	out := make(map[record.Ref]Found, len(of))
	for _, ref := range of {
		found, err := d.found(ctx, `p.origin = $1 AND p.idx = $2`, ref.Origin, int64(ref.Index))
		if err != nil {
			return nil, err
		}
		if len(found) == 1 {
			out[ref] = found[0]
		}
	}
	return out, nil
}

func (d *DB) found(ctx context.Context, where string, args ...any) ([]Found, error) {
	rows, err := d.query(ctx, `SELECT `+foundColumns+` FROM person n JOIN passage p ON p.origin = n.origin AND p.idx = n.idx
		WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer rows.Close()
	var out []Found
	for rows.Next() {
		var f Found
		var zone string
		doc := &f.Document
		if err := f.scan(rows, &doc.Code, &doc.Issuer, &doc.Number, &doc.Nationality, &doc.Primary, &doc.Secondary,
			&doc.Birth, &doc.Sex, &doc.Expiry, &zone, &f.Decision, &f.Ground, &f.Plate, &f.Occupants, &f.Booth,
			&f.Hits, &f.Party, &f.Vehicle, &f.Driver, &f.Paper); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		if zone != "" {
			doc.Zone = strings.Split(zone, "\n")
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// ByAct gives every record of a kind made for the act, on whatever node: more than one is a duplicate, shown, not counted.
func (d *DB) ByAct(ctx context.Context, act record.Act) ([]Sighting, error) {
	rows, err := d.query(ctx, `SELECT `+sightingColumns+` FROM passage p WHERE p.act = $1 ORDER BY p.origin, p.idx`, act[:])
	if err != nil {
		return nil, fmt.Errorf("ask for an act: %w", err)
	}
	defer rows.Close()
	var out []Sighting
	for rows.Next() {
		var s Sighting
		if err := s.scan(rows); err != nil {
			return nil, fmt.Errorf("ask for an act: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// DecidedBy gives the act that decided a check, nil while it is open.
func (d *DB) DecidedBy(ctx context.Context, check record.Ref) (*record.Act, error) {
	var act []byte
	err := d.queryRow(ctx, `SELECT act FROM decided WHERE origin = $1 AND idx = $2`, check.Origin,
		int64(check.Index)).Scan(&act)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil || len(act) != len(record.Act{}) {
		return nil, fmt.Errorf("ask who decided a check: %w", err)
	}
	return (*record.Act)(act), nil
}
