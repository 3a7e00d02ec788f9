package projection

import (
	"context"
	"fmt"
	"strings"

	"tims/internal/record"
)

// Fold takes consecutive records of one log, or records that stood aside, in one transaction. Folding a record twice
// changes nothing. next is the index after the last consecutive one; 0 leaves the head where it is.
func (d *DB) Fold(ctx context.Context, records []Record, next uint64) error {
	if len(records) == 0 {
		return nil
	}
	err := d.within(ctx, func(f *folder) {
		f.again = next == 0
		for i := range records {
			f.record(&records[i])
		}
		if last := records[len(records)-1]; next > 0 {
			f.exec(`INSERT INTO folded (origin, node, next, written) VALUES ($1, $2, $3, $4)
				ON CONFLICT (origin) DO UPDATE SET next = excluded.next, written = excluded.written
				WHERE excluded.next > folded.next`, last.Origin, last.Node, int64(next), last.Leaf.Written)
		}
	})
	if err != nil {
		return fmt.Errorf("fold: %w", err)
	}
	return d.carry(ctx, len(records))
}

func (f *folder) record(r *Record) {
	idx := int64(r.Index)
	if r.Why != "" {
		f.exec(`INSERT INTO aside (origin, idx, why, written) VALUES ($1, $2, $3, $4)
			ON CONFLICT (origin, idx) DO UPDATE SET why = excluded.why`, r.Origin, idx, r.Why, r.Leaf.Written)
	} else if f.again {
		f.exec(`DELETE FROM aside WHERE origin = $1 AND idx = $2`, r.Origin, idx)
	}
	switch r.Leaf.Kind {
	case record.Crossing, record.Refusal, record.Referral:
		f.decides(r)
		f.passage(r)
	case record.Void:
		f.stands(r, 0, voided)
		f.deed(r)
	case record.Correction, record.ReferralOutcome:
		f.ofTwo(r)
		f.passage(r)
		f.deed(r)
	case record.Late:
		f.passage(r)
		f.deed(r)
	case record.Regime, record.Count, record.Message, record.MessageReceipt, record.Sheets, record.Handover, record.Status:
		f.deed(r)
	case record.Check:
		f.decides(r) // a reading that replaces a misread one ends its check
		f.passage(r)
	case record.Keys, record.Roster, record.Rulebook, record.List, record.Shift, record.Alarm, record.Enrolment, record.Isolation,
		record.Alert, record.AlertChange:
		if r.Leaf.Kind == record.Shift || r.Leaf.Kind == record.Alarm {
			f.deed(r)
		}
		f.exec(`INSERT INTO notable (origin, idx, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			r.Origin, idx, int(r.Leaf.Kind))
	}
	if r.Person != nil {
		f.person(r)
	}
	f.hits(r)
}

// decides marks the records of the same log that the record refers to. A check has one decision, or one better reading, but an entry may be closed
// twice; the least act is kept, so that folding again gives the same.
func (f *folder) decides(r *Record) {
	for _, about := range r.Leaf.About {
		if about.Origin != r.Origin || about.Index >= r.Index {
			continue // nobody decides another node's check, or one that does not exist yet
		}
		f.exec(`INSERT INTO decided (origin, idx, act) VALUES ($1, $2, $3)
			ON CONFLICT (origin, idx) DO UPDATE SET act = excluded.act WHERE excluded.act < decided.act`,
			about.Origin, int64(about.Index), r.Leaf.Act[:])
		f.exec(`UPDATE passage SET decided = 1 WHERE origin = $1 AND idx = $2`, about.Origin, int64(about.Index))
	}
}

func (f *folder) passage(r *Record) {
	if r.Slip == nil {
		return
	}
	s, l := r.Slip, &r.Leaf
	doubtful := l.Clock.State != record.Synchronised || l.Kind == record.Late || l.Kind == record.Correction
	f.exec(`INSERT INTO passage (origin, idx, node, kind, act, written, happened, day, direction, basis, nation, until,
			visa_days, visa_entries, visa_from, document_tag, person_tag, by_node, doubtful, decided, standing, about, shift)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
			(SELECT count(*) FROM decided WHERE origin = $1 AND idx = $2), coalesce(
				(SELECT state FROM standing WHERE origin = $1 AND idx = $2),
				CASE WHEN $4 = 8 AND NOT EXISTS (SELECT 1 FROM assented WHERE origin = $1 AND idx = $2) THEN 3 ELSE 0 END), $20, $21)
		ON CONFLICT (origin, idx) DO NOTHING`,
		r.Origin, int64(r.Index), r.Node, int(l.Kind), l.Act[:], l.Written, s.Happened, int(s.Day), int(s.Direction),
		int(s.Basis), s.Nationality, int(s.Until), s.VisaDays, s.VisaEntries, int(s.VisaFrom),
		s.DocumentTag[:], s.PersonTag,
		bit(len(l.Booth) == 0), bit(doubtful), first(l.About, r.Origin), shiftOf(l, r.Origin))
}

// first is the index of the first record that a leaf of this log is about, -1 where that is none of the same log.
func first(about []record.Ref, origin string) int64 {
	if len(about) == 0 || about[0].Origin != origin {
		return -1
	}
	return int64(about[0].Index)
}

func shiftOf(l *record.Leaf, origin string) int64 {
	if l.Shift == nil || l.Shift.Origin != origin {
		return -1
	}
	return int64(l.Shift.Index)
}

// What a record counts for. The numbers stand in the schema.
const (
	voided    = 1
	corrected = 2
	proposed  = 3
)

// stands notes that a record which this one is about counts no longer. Only a node's own records, of this epoch of its log
// or an earlier one, are taken back by it; the higher state stays, so that the order of folding does not matter.
func (f *folder) stands(r *Record, which, state int) {
	if which >= len(r.Leaf.About) {
		return
	}
	about := r.Leaf.About[which]
	if !sameNode(about.Origin, r.Origin) || about.Origin == r.Origin && about.Index >= r.Index {
		return
	}
	f.exec(`INSERT INTO standing (origin, idx, state) VALUES ($1, $2, $3)
		ON CONFLICT (origin, idx) DO UPDATE SET state = excluded.state WHERE excluded.state > standing.state`,
		about.Origin, int64(about.Index), state)
	f.exec(`UPDATE passage SET standing = (SELECT state FROM standing WHERE origin = $1 AND idx = $2) WHERE origin = $1 AND idx = $2`,
		about.Origin, int64(about.Index))
}

// sameNode compares origins without their epochs.
func sameNode(a, b string) bool {
	i, j := strings.LastIndexByte(a, '/'), strings.LastIndexByte(b, '/')
	return i > 0 && j > 0 && a[:i] == b[:j]
}

// ofTwo folds an act of two officers: the assent is about its proposal and what that is about, and puts it in force.
func (f *folder) ofTwo(r *Record) {
	if g := r.Grey; g != nil {
		f.exec(`INSERT INTO grey (origin, idx, alert, document_tag, until) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			r.Origin, int64(r.Index), g.Alert[:], g.DocumentTag[:], int(g.Until))
	}
	if len(r.Leaf.About) != 2 {
		return
	}
	proposal := r.Leaf.About[0]
	if !sameNode(proposal.Origin, r.Origin) || proposal.Origin == r.Origin && proposal.Index >= r.Index {
		return
	}
	f.exec(`INSERT INTO assented (origin, idx) VALUES ($1, $2) ON CONFLICT DO NOTHING`, proposal.Origin, int64(proposal.Index))
	if r.Leaf.Kind == record.Correction {
		f.stands(r, 1, corrected)
		f.exec(`UPDATE passage SET standing = 0 WHERE origin = $1 AND idx = $2 AND standing = 3`, proposal.Origin, int64(proposal.Index))
	}
}

func (f *folder) deed(r *Record) {
	l := &r.Leaf
	if len(r.Deed) == 0 && l.Kind != record.MessageReceipt && len(l.About) == 0 {
		return // nothing that this node could say of it
	}
	if len(l.About) > 0 && l.Kind != record.MessageReceipt && !sameNode(l.About[0].Origin, r.Origin) {
		return // a message is read at other nodes; nothing else of a node is agreed to, answered or ended by another
	}
	about, idx := "", int64(-1)
	if len(l.About) > 0 {
		about, idx = l.About[0].Origin, int64(l.About[0].Index)
	}
	body := r.Deed
	if body == nil {
		body = []byte{}
	}
	var late record.LateBody
	if l.Kind == record.Late && record.Unmarshal(body, &late) != nil {
		late = record.LateBody{} // unread, or of a later version
	}
	f.exec(`INSERT INTO deed (origin, idx, node, kind, written, shift, about_origin, about_idx, by_node, body, sheet)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (origin, idx) DO UPDATE SET body = excluded.body, sheet = excluded.sheet WHERE length(deed.body) = 0`,
		r.Origin, int64(r.Index), r.Node, int(l.Kind), l.Written, shiftOf(l, r.Origin), about, idx, bit(len(l.Booth) == 0), body, late.Sheet)
}

// person keeps what person and police part say. The second may open later than the first.
func (f *folder) person(r *Record) {
	p, d := r.Person, &r.Person.Document
	hits := 0
	if r.Police != nil {
		hits = len(r.Police.Hits)
	}
	f.exec(`INSERT INTO person (origin, idx, code, issuer, number, nationality, surname, given, birth, sex, expiry, zone,
			decision, ground, plate, occupants, booth, hits, party, vehicle, driver, paper)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT (origin, idx) DO UPDATE SET hits = excluded.hits WHERE excluded.hits > person.hits`,
		r.Origin, int64(r.Index), d.Code, d.Issuer, d.Number, d.Nationality, d.Primary, d.Secondary, d.Birth, d.Sex,
		d.Expiry, strings.Join(d.Zone, "\n"), int(p.Decision), string(p.Ground), p.Plate, p.Occupants, p.Booth, hits,
		p.Party, int(p.Vehicle), bit(p.Driver), p.Paper)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
