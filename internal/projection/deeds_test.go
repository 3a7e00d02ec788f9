package projection

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
)

// deed makes a record that is no passage, about others, with a body.
func deed(origin string, index uint64, kind record.Kind, hour int, body any, others ...Record) Record {
	act := tag(origin, index)
	r := Record{Origin: origin, Node: origin[3:8], Index: index,
		Leaf: record.Leaf{Kind: kind, Act: record.Act(act[:16]), Written: firstMS + int64(hour)*hourMS, Shift: &record.Ref{Origin: origin}}}
	if body != nil {
		r.Deed = record.Marshal(body)
	}
	return about(r, others...)
}

// correcting is a proposal that turns a passage round, or its assent.
func correcting(origin string, index uint64, hour int, body record.CorrectionBody, others ...Record) Record {
	r := deed(origin, index, record.Correction, hour, body, others...)
	if !body.Assent && !body.Withdraw {
		p := passage(origin, index, record.Correction, border.Exit, int(index), hour)
		r.Slip, r.Person = p.Slip, p.Person
		r.Slip.Happened = others[0].Leaf.Written
	}
	return r
}

const alpha = "xk/alpha/1"

// day is a log with every deed that changes what counts: a void, a correction, one of that, one that nobody assented to, an
// outcome "other person", a sheet, and what lacks its body here.
func dayOfDeeds() []Record {
	e1, e2 := passage(alpha, 1, record.Crossing, border.Entry, 1, 8), passage(alpha, 2, record.Crossing, border.Entry, 2, 9)
	e3 := passage(alpha, 3, record.Crossing, border.Entry, 3, 9)
	p4 := correcting(alpha, 4, 10, record.CorrectionBody{Reason: "r"}, e2)
	a5 := correcting(alpha, 5, 10, record.CorrectionBody{Assent: true}, p4, e2)
	p6 := correcting(alpha, 6, 11, record.CorrectionBody{Reason: "r"}, p4)
	a7 := correcting(alpha, 7, 11, record.CorrectionBody{Assent: true}, p6, p4)
	outcome := deed(alpha, 10, record.ReferralOutcome, 12, record.OutcomePart{Outcome: record.OtherPerson}, e3)
	outcome.Grey = &record.GreyBody{Alert: tag("alert"), StayKey: 1, DocumentTag: tag("document", 3), Until: firstDay + 365}
	once := passage(alpha, 12, record.Late, border.Entry, 5, 7)
	once.Slip, once.Deed, once.Leaf.Written = nil, record.Marshal(record.LateBody{Sheet: "ALPHA-000001-X"}), firstMS+13*hourMS
	twice := about(passage(alpha, 13, record.Late, border.Entry, 5, 7), once)
	twice.Deed, twice.Leaf.Written = once.Deed, firstMS+13*hourMS
	return []Record{deed(alpha, 0, record.Shift, 7, record.ShiftBody{Booth: "1"}), e1, e2, e3, p4, a5, p6, a7,
		deed(alpha, 8, record.Void, 11, record.VoidBody{Reason: "r"}, e1),
		correcting(alpha, 9, 12, record.CorrectionBody{Reason: "r"}, e3), outcome,
		deed(alpha, 11, record.ReferralOutcome, 12, record.OutcomePart{Assent: true}, outcome, e3), once, twice,
		deed(alpha, 14, record.MessageReceipt, 14, nil, e1), deed(alpha, 15, record.Regime, 14, nil, outcome)}
}

func standing(t *testing.T, d *DB) string {
	t.Helper()
	out := ""
	found, err := d.found(ctx, `p.origin = $1 ORDER BY p.idx`, alpha)
	must(t, err)
	for _, f := range found {
		out += fmt.Sprintf("%d:%d ", f.Ref.Index, f.Standing)
	}
	return out
}

// The order in which records open, and how they are cut into batches, changes nothing: not of voids, corrections of corrections,
// nor of what two officers found.
func TestDeedsFoldInAnyOrder(t *testing.T) {
	records := dayOfDeeds()
	want := [32]byte{}
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 2))
		d := open(t)
		must(t, d.Fold(ctx, records[:1], uint64(len(records)))) // the rest stood aside, and its keys come one by one
		order := random.Perm(len(records))
		if seed == 0 {
			slices.Sort(order)
		}
		for _, i := range order {
			must(t, d.Fold(ctx, records[i:i+1], 0))
			if random.IntN(3) == 0 {
				must(t, d.Fold(ctx, records[i:min(i+3, len(records))], 0))
			}
		}
		if got := standing(t, d); got != "1:1 2:2 3:0 4:2 6:0 9:3 13:0 " {
			t.Fatalf("order %v: %s", order, got)
		}
		got := digest(t, d)
		if seed == 0 {
			want = got
		}
		if got != want {
			t.Fatalf("order %v gives another projection", order)
		}
	}
}

// A node takes back what it wrote itself, in this epoch or an earlier one, and before: nobody else's, and nothing yet to come.
func TestNobodyTakesBackAnothersRecord(t *testing.T) {
	entry := passage(alpha, 1, record.Crossing, border.Entry, 1, 8)
	for name, c := range map[string]struct {
		r    Record
		want Standing
	}{
		"itself":        {deed(alpha, 2, record.Void, 9, record.VoidBody{Reason: "r"}, entry), Voided},
		"its successor": {deed("xk/alpha/2", 0, record.Void, 9, record.VoidBody{Reason: "r"}, entry), Voided},
		"another":       {deed("xk/bravo/1", 2, record.Void, 9, record.VoidBody{Reason: "r"}, entry), Counts},
		"a like name":   {deed("xk/alpha2/1", 2, record.Void, 9, record.VoidBody{Reason: "r"}, entry), Counts},
		"before":        {deed(alpha, 0, record.Void, 7, record.VoidBody{Reason: "r"}, entry), Counts},
	} {
		for _, first := range []bool{true, false} {
			d := open(t)
			if first {
				must(t, d.Fold(ctx, []Record{entry}, 2))
			}
			must(t, d.Fold(ctx, []Record{c.r}, c.r.Index+1))
			if !first {
				must(t, d.Fold(ctx, []Record{entry}, 2))
			}
			s, err := d.StandingOf(ctx, record.RefOf(border.Ref{Origin: alpha, Index: 1}))
			must(t, err)
			known, err := d.Known(ctx, [][]byte{entry.Slip.DocumentTag[:]}, nil)
			must(t, err)
			if s != c.want || len(known) != 1 || known[0].Standing != c.want || known[0].Withdrawn != (c.want != Counts) {
				t.Errorf("by %s, known before %t: %v, %+v", name, first, s, known)
			}
		}
	}
}

// Another node's record about ours is no answer, assent or end of it; a receipt of a message is.
func TestNobodyAgreesForAnother(t *testing.T) {
	ours := deed(alpha, 1, record.Handover, 8, record.HandoverBody{From: 1, To: 2})
	d := open(t)
	must(t, d.Fold(ctx, []Record{ours}, 2))
	for i, kind := range []record.Kind{record.Handover, record.Late, record.ReferralOutcome, record.Regime, record.Shift, record.MessageReceipt} {
		r := deed("xk/bravo/1", uint64(i), kind, 9, record.HandoverBody{Assent: true}, ours)
		must(t, d.Fold(ctx, []Record{r}, r.Index+1))
	}
	about, err := d.DeedsAbout(ctx, record.Ref{Origin: alpha, Index: 1})
	must(t, err)
	if len(about) != 1 || about[0].Kind != record.MessageReceipt {
		t.Errorf("about our hand-over: %+v", about)
	}
}

// Whoever writes many messages keeps his newest ones and takes nobody's place.
func TestNewestOfEachNode(t *testing.T) {
	d := open(t)
	body := record.MessageBody{Priority: record.Flash, Letter: &record.Letter{From: "x", Text: "y"}}
	must(t, d.Fold(ctx, []Record{deed(alpha, 0, record.Message, 1, body), deed(alpha, 1, record.Message, 9, body)}, 2))
	for i := range 5 {
		must(t, d.Fold(ctx, []Record{deed("xk/bravo/1", uint64(i), record.Message, 2+i, body)}, uint64(i+1)))
	}
	got := ""
	found, err := d.Newest(ctx, record.Message, firstMS, firstMS+9*hourMS, 2)
	must(t, err)
	for _, f := range found {
		got += fmt.Sprintf("%s %d;", f.Ref.Origin, f.Ref.Index)
	}
	if want := "xk/alpha/1 0;xk/bravo/1 3;xk/bravo/1 4;"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestQuestionsAboutDeeds(t *testing.T) {
	d, records := open(t), dayOfDeeds()
	must(t, d.Fold(ctx, records, uint64(len(records))))
	must(t, d.Fold(ctx, sample()["xk/bravo/1"], 2))
	at := func(h int) int64 { return firstMS + int64(h)*hourMS }
	indices := func(from, to int) (out []uint64) {
		found, err := d.Written(ctx, "alpha", at(from), at(to))
		must(t, err)
		for _, f := range found {
			out = append(out, f.Ref.Index)
		}
		return out
	}
	equal := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	equal("written at 7: what happened then on paper", indices(7, 8), "[13]")
	equal("written at 8 and 9, with what corrects it", indices(8, 10), "[1 2 3 4 9]")
	equal("written at 10: the correction of a correction happened then", indices(10, 12), "[6]")
	equal("of another node", indices(13, 20), "[]")

	c, err := d.Counts(ctx, "alpha", at(8), at(10))
	must(t, err)
	equal("counted at 8 and 9", c, Counted{Entries: 1})
	c, err = d.Counts(ctx, "alpha", at(10), at(24))
	must(t, err)
	equal("counted later: the correction of what happened then, and the sheet", c, Counted{Entries: 1, Exits: 1})

	tags := [][]byte{records[3].Slip.DocumentTag[:], records[1].Slip.DocumentTag[:]}
	for day, want := range map[border.Date]int{firstDay: 1, firstDay + 365: 1, firstDay + 366: 0} {
		grey, err := d.Grey(ctx, tags, day)
		must(t, err)
		if len(grey) != want || want == 1 && fmt.Sprint(grey[tag("alert")]) != "[alpha]" {
			t.Errorf("on day %d: %v", day-firstDay, grey)
		}
	}
	for sheet, want := range map[string]int{"ALPHA-000001-X": 2, "ALPHA-000002-X": 0, "": 0} {
		keyings, err := d.Keyings(ctx, "alpha", sheet)
		must(t, err)
		equal("keyings of "+sheet, len(keyings), want)
	}
	deeds, err := d.Deeds(ctx, "", at(0), at(24), record.Void, record.Regime, record.MessageReceipt)
	must(t, err)
	equal("deeds", len(deeds), 3)
	if deeds[2].Kind != record.Regime || len(deeds[2].Body) != 0 || deeds[0].About == nil || deeds[0].About.Index != 1 {
		t.Errorf("deeds: %+v", deeds)
	}
}

// A grey hit takes its second officer, whichever of the two records comes first.
func TestGreyNeedsItsAssent(t *testing.T) {
	records := dayOfDeeds()
	proposal, assent := records[10], records[11]
	for _, order := range [][]Record{{proposal}, {assent}, {proposal, assent}, {assent, proposal}} {
		d := open(t)
		must(t, d.Fold(ctx, records[:1], 1))
		for _, r := range order {
			must(t, d.Fold(ctx, []Record{r}, 0))
		}
		grey, err := d.Grey(ctx, [][]byte{proposal.Grey.DocumentTag[:]}, firstDay)
		must(t, err)
		if len(grey) != len(order)/2 {
			t.Errorf("%d records: %v", len(order), grey)
		}
		for _, on := range []border.Date{firstDay - 2, firstDay + 366} { // longer than a year before its end, and after it
			if grey, err := d.Grey(ctx, [][]byte{proposal.Grey.DocumentTag[:]}, on); err != nil || len(grey) != 0 {
				t.Errorf("%d records, on day %d: %v, %v", len(order), on-firstDay, grey, err)
			}
		}
	}
}
