package projection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tims/internal/record"
)

// Differences lists the records of which this projection says something else than another one that was folded anew from the
// same logs, at most limit of them. It reads in short pieces and calls pause between two. What is folded meanwhile may be listed
// too: Mend looks again.
func (d *DB) Differences(ctx context.Context, anew *DB, below map[string]uint64, limit int, pause func(context.Context)) ([]record.Ref, error) {
	var out []record.Ref
	for _, table := range foldedTables {
		refs, err := d.differences(ctx, anew, table, below, limit-len(out), pause)
		if err != nil {
			return nil, fmt.Errorf("compare the projection: %w", err)
		}
		out = append(out, refs...)
	}
	slices.SortFunc(out, compareRefs)
	return slices.Compact(out), nil
}

func compareRefs(a, b record.Ref) int {
	return cmp.Or(strings.Compare(a.Origin, b.Origin), cmp.Compare(a.Index, b.Index))
}

func (d *DB) differences(ctx context.Context, anew *DB, table string, below map[string]uint64, limit int, pause func(context.Context)) (out []record.Ref, err error) {
	after := record.Ref{}
	for first := true; len(out) < limit; first = false {
		ours, err := d.piece(ctx, table, after, first)
		if err != nil {
			return nil, err
		}
		theirs, err := anew.piece(ctx, table, after, first)
		if err != nil {
			return nil, err
		}
		if len(ours) == 0 && len(theirs) == 0 {
			break
		}
		end := lastOf(ours, theirs)
		of := map[record.Ref]string{}
		for _, r := range theirs {
			if compareRefs(r.ref, end) <= 0 {
				of[r.ref] = r.text
			}
		}
		for _, r := range ours {
			if compareRefs(r.ref, end) > 0 {
				break
			}
			if of[r.ref] != r.text && r.ref.Index < below[r.ref.Origin] {
				out = append(out, r.ref)
			}
			delete(of, r.ref)
		}
		for ref := range of { // those that are not here at all
			out = append(out, ref)
		}
		after = end
		pause(ctx)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lastOf is up to where both pieces are complete.
func lastOf(a, b []row) record.Ref {
	switch {
	case len(a) < pieceRows && len(b) < pieceRows:
		if len(a) == 0 || len(b) > 0 && compareRefs(b[len(b)-1].ref, a[len(a)-1].ref) > 0 {
			return b[len(b)-1].ref
		}
		return a[len(a)-1].ref
	case len(a) < pieceRows:
		return b[len(b)-1].ref
	case len(b) < pieceRows || compareRefs(a[len(a)-1].ref, b[len(b)-1].ref) < 0:
		return a[len(a)-1].ref
	}
	return b[len(b)-1].ref
}

// A row of a folded table.
type row struct {
	ref    record.Ref
	text   string
	values []any
}

// piece reads rows behind one, in the order of the primary key.
func (d *DB) piece(ctx context.Context, table string, after record.Ref, first bool) ([]row, error) {
	if first {
		return d.rows(ctx, "SELECT * FROM "+table+" ORDER BY origin, idx LIMIT $1", pieceRows)
	}
	return d.rows(ctx, "SELECT * FROM "+table+" WHERE (origin, idx) > ($1, $2) ORDER BY origin, idx LIMIT $3", after.Origin, int64(after.Index), pieceRows)
}

func (d *DB) rows(ctx context.Context, text string, args ...any) ([]row, error) {
	rows, err := d.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out []row
	for rows.Next() {
		r := row{values: make([]any, len(columns))}
		into := make([]any, len(columns))
		for i := range into {
			into[i] = &r.values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, c := range columns {
			switch v := r.values[i]; c {
			case "origin":
				r.ref.Origin, _ = v.(string)
			case "idx":
				idx, _ := v.(int64)
				r.ref.Index = uint64(idx)
			}
		}
		r.text = fmt.Sprintf("%#v", r.values)
		out = append(out, r)
	}
	return out, rows.Err()
}

var errLooked = errors.New("only looked")

// Mend makes this projection say of some records, and of how far each log is folded, what another one says that was folded
// anew as far as this one, and gives the records of which it said something else. It is one transaction: a crash leaves the bad
// rows or the good ones. With look it changes nothing. Nothing may be folded into either meanwhile.
func (d *DB) Mend(ctx context.Context, anew *DB, refs []record.Ref, look bool) ([]record.Ref, error) {
	var out []record.Ref
	err := d.within(ctx, func(f *folder) {
		for _, table := range foldedTables {
			for _, ref := range refs {
				if f.mend(anew, table, "origin = $1 AND idx = $2", ref.Origin, int64(ref.Index)) {
					out = append(out, ref)
				}
			}
		}
		f.mendHeads(anew)
		if look && f.err == nil {
			f.err = errLooked // which takes it all back
		}
	})
	if err != nil && !(look && errors.Is(err, errLooked)) {
		return nil, fmt.Errorf("mend the projection: %w", err)
	}
	slices.SortFunc(out, compareRefs)
	return slices.Compact(out), nil
}

// mendHeads puts right how far logs are folded: a head that ran ahead would pass over records for ever.
func (f *folder) mendHeads(anew *DB) {
	heads, err := anew.Folded(f.ctx)
	if f.err == nil {
		f.err = err
	}
	for origin := range heads {
		f.mend(anew, "folded", "origin = $1", origin)
	}
}

// mend puts the rows of one table that meet a condition in place of those here, and says whether they differed.
func (f *folder) mend(anew *DB, table, where string, args ...any) bool {
	if f.err != nil {
		return false
	}
	text := "SELECT * FROM " + table + " WHERE " + where
	var ours, theirs []row
	if ours, f.err = f.db.rows(f.ctx, text, args...); f.err != nil {
		return false
	}
	if theirs, f.err = anew.rows(f.ctx, text, args...); f.err != nil {
		return false
	}
	if slices.EqualFunc(ours, theirs, func(a, b row) bool { return a.text == b.text }) {
		return false
	}
	f.exec("DELETE FROM "+table+" WHERE "+where, args...)
	for _, r := range theirs {
		marks := make([]string, len(r.values))
		for i := range marks {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		f.exec("INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", r.values...)
	}
	return true
}
