package node_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// A keying is what one clerk types from a sheet.
type keying struct{ node.Late }

// sheet is one that was filled in: a traveller of the drills entered.
func sheet(series string, number uint32, serial int, happened int64) keying {
	return keying{node.Late{Series: series, Number: number, Sheet: border.SheetNumber(series, number), Officer: "A. Hoxha", Booth: "K1",
		Direction: border.Entry, Happened: happened, Document: passport(serial), Decision: border.Admit}}
}

// by gives the keying an act of its own and a clerk.
func (k keying) by(d *desk) node.Late {
	k.Act, k.Shift = act(), d.shift
	return k.Late
}

func (k keying) with(change func(*node.Late)) keying {
	change(&k.Late)
	return k
}

func TestPaper(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx := context.Background()
		k1, k2, l1 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2"), c.desk("kakavija", "L-01", "L")
		account := func() string {
			p, err := k1.Paper(ctx)
			c.must(err)
			return fmt.Sprintf("%d issued, %d used, %d void, %d once, %d left", p.Issued, p.Used, p.Void, len(p.Once), p.Left)
		}
		k1.refused(node.Sheets{Act: act(), Shift: k1.shift, Count: 5}, node.ErrDuty)
		for _, count := range []int{0, -1, 10_001} {
			if _, err := l1.try(node.Sheets{Act: act(), Shift: l1.shift, Count: count}); err == nil {
				t.Errorf("%d sheets are registered", count)
			}
		}
		before := c.nodes["kakavija"].Now() - 1
		l1.do(node.Sheets{Act: act(), Shift: l1.shift, Count: 5})
		second, err := l1.RegisterSheets(ctx, act(), 3)
		c.must(err)
		c.equal("the second range", second, record.SheetsBody{Series: "KAKAVIJA", First: 6, Last: 8})
		c.equal("printed", account(), "8 issued, 0 used, 0 void, 0 once, 8 left")
		time.Sleep(time.Hour)
		at := k1.Now() - ms(30*time.Minute)
		one := sheet("KAKAVIJA", 1, 1, at)

		for name, x := range map[string]struct {
			keying
			want error
		}{
			"number 9":        {sheet("KAKAVIJA", 9, 1, at), node.ErrSheet},
			"number 0":        {sheet("KAKAVIJA", 0, 1, at), node.ErrSheet},
			"another series":  {sheet("DURRES", 1, 1, at), node.ErrSheet},
			"another number":  {one.with(func(l *node.Late) { l.Sheet = border.SheetNumber("KAKAVIJA", 2) }), node.ErrSheet},
			"check character": {one.with(func(l *node.Late) { l.Sheet = "KAKAVIJA-000001-9" }), node.ErrSheet},
			"before printing": {sheet("KAKAVIJA", 1, 1, before), node.ErrMoment},
			"the future":      {sheet("KAKAVIJA", 1, 1, k1.Now()+1000), node.ErrMoment},
			"no ground":       {one.with(func(l *node.Late) { l.Decision = border.Refuse }), node.ErrGround},
			"a ground":        {one.with(func(l *node.Late) { l.Ground = border.NoVisa }), node.ErrGround},
			"no number":       {one.with(func(l *node.Late) { l.Document.Number = "" }), node.ErrNumber},
		} {
			if _, err := k1.try(x.by(k1)); !errors.Is(err, x.want) {
				t.Errorf("%s: %v, want %v", name, err, x.want)
			}
		}
		for name, bad := range map[string]func(*node.Late){
			"direction": func(l *node.Late) { l.Direction = 0 }, "referral": func(l *node.Late) { l.Decision = border.Refer },
			"officer": func(l *node.Late) { l.Officer = "\xff" }, "notes": func(l *node.Late) { l.Notes = "\xff" },
		} {
			if _, err := k1.try(one.with(bad).by(k1)); err == nil {
				t.Errorf("%s: taken", name)
			}
		}

		k1.do(one.by(k1))
		c.equal("typed once", account(), "8 issued, 0 used, 0 void, 1 once, 7 left")
		c.equal("counts nowhere", k2.stay(1), "out, 0 used")
		k1.refused(one.by(k1), node.ErrSameOfficer)
		k1.refused(one.with(func(l *node.Late) { l.Void = true }).by(k1), node.ErrSheetUsed)

		// The second clerk reads another number, birth date and officer. He is told where, and keys these again.
		wrong := one.with(func(l *node.Late) {
			l.Document.Number, l.Document.Birth, l.Officer, l.Terms.Paper = "X9999999", border.PartialDate{Year: 1980}, "B. Hoxha", "V1"
		})
		var differ *node.DifferError
		if _, err := k2.try(wrong.by(k2)); !errors.As(err, &differ) || !errors.Is(err, node.ErrKeyings) {
			t.Fatalf("keyings that differ: %v", err)
		}
		c.equal("fields", differ.Fields, "[number birth paper officer]")
		c.equal("still once", account(), "8 issued, 0 used, 0 void, 1 once, 7 left")
		if _, err := k2.try(wrong.with(func(l *node.Late) { l.Again = []string{"number", "birth"} }).by(k2)); !errors.As(err, &differ) {
			t.Errorf("two of four fields keyed again: %v", err)
		}
		wrong.Again = differ.Fields
		r := k2.do(wrong.by(k2))
		c.equal("typed twice", account(), "8 issued, 1 used, 0 void, 0 once, 7 left")
		l1.refused(one.by(l1), node.ErrSheetUsed)
		o, err := k1.ReadOwn(r.Ref.Index)
		c.must(err)
		c.equal("in force", o.Person.Document.Number, "X9999999")
		c.equal("both times", []int64{o.Slip.Happened, o.Leaf.Written}, []int64{at, r.Written})
		var body record.LateBody
		c.must(record.Unmarshal(o.Deed, &body))
		c.equal("differed", body.Differed, "[number birth paper officer]")

		k1.do(sheet("KAKAVIJA", 2, 2, at).with(func(l *node.Late) { l.Void = true }).by(k1))
		k2.refused(sheet("KAKAVIJA", 2, 2, at).by(k2), node.ErrSheetUsed)
		refused := sheet("KAKAVIJA", 3, 3, at).with(func(l *node.Late) { l.Decision, l.Ground = border.Refuse, border.NoVisa })
		k1.do(refused.by(k1))
		k2.do(refused.by(k2))
		c.equal("a refusal is no passage", k1.stay(3), "out, 0 used")
		c.equal("account", account(), "8 issued, 2 used, 1 void, 0 once, 5 left")

		// What the node makes of a sheet changes between two keyings; what the clerks typed does not. The exit is keyed first.
		exit := sheet("KAKAVIJA", 4, 4, at+1000).with(func(l *node.Late) { l.Direction = border.Exit })
		entry := sheet("KAKAVIJA", 5, 4, at).with(func(l *node.Late) {
			l.Terms = border.Terms{Basis: border.Visa, Until: 20900, Paper: "V2", Visa: border.VisaTerms{Days: 10}}
		})
		k1.do(exit.by(k1))
		k1.do(entry.by(k1))
		k2.do(entry.by(k2))
		k2.do(exit.by(k2))

		// A passage from paper can be corrected, and never makes an overstayer by itself.
		late := k2.do(sheet("KAKAVIJA", 6, 6, at).by(k2)).Ref.Index
		k1.refused(correction(k1, late, 6), node.ErrNotStanding)
		late = k1.do(sheet("KAKAVIJA", 6, 6, at).by(k1)).Ref.Index
		v := k1.scan(border.Exit, passport(6))
		if len(v.Seen) != 1 || !v.Seen[0].Doubtful || v.Seen[0].Kind != record.Late {
			t.Errorf("from paper is seen: %+v", v.Seen)
		}
		moved := correction(k1, late, 6)
		moved.Direction = border.Exit
		k2.do(node.Assent{Act: act(), Shift: k2.shift, Kind: record.Correction, Of: k1.do(moved).Ref.Index})
		c.equal("corrected", k1.stay(6), "out, 1 used")

		c.settle()
		c.equal("elsewhere", c.desk("durres", "K-01", "K").stay(6), "out, 1 used")
		l1 = c.desk("kakavija", "L-01", "L")
		b, err := l1.Books(ctx, l1.shift, firstDay.UnixMilli(), l1.Now()+1)
		c.must(err)
		var seconds []string
		for _, x := range b.Lates {
			seconds = append(seconds, x.Officer+"/"+x.Second)
		}
		c.equal("clerks", seconds, "[K-01/K-02 K-02/ K-01/ K-01/K-02 K-02/ K-01/K-02 K-01/K-02 K-02/ K-02/ K-02/K-01 K-01/]")
	})
}

// Of two first keyings, two second keyings, and two ranges that are prepared side by side, one each is recorded.
func TestPaperAtOnce(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx := context.Background()
		k1, k2, l1, l2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2"), c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "L-02", "L")
		both := func(a, b *desk, x, y node.Deed, want error) {
			t.Helper()
			p, err1 := a.Prepare(ctx, x)
			q, err2 := b.Prepare(ctx, y)
			c.must(errors.Join(err1, err2))
			_, err1 = a.Commit(ctx, p.Act, a.sign(p.Message))
			if _, err2 = b.Commit(ctx, q.Act, b.sign(q.Message)); err1 != nil || !errors.Is(err2, want) {
				t.Errorf("%T: %v, %v, want %v", x, err1, err2, want)
			}
		}
		again := node.Sheets{Act: act(), Shift: l2.shift, Count: 4}
		both(l1, l2, node.Sheets{Act: act(), Shift: l1.shift, Count: 4}, again, node.ErrForgotten)
		l2.do(again) // prepared once more, it gets the next numbers
		p, err := l1.Paper(ctx)
		c.must(err)
		c.equal("ranges", []uint32{p.Ranges[0].First, p.Ranges[0].Last, p.Ranges[1].First, p.Ranges[1].Last}, "[1 4 5 8]")
		time.Sleep(time.Minute)
		one := sheet("KAKAVIJA", 1, 1, k1.Now())
		x, y := one.by(k1), one.by(k1)
		both(k1, k1, x, y, node.ErrSameOfficer)
		both(k2, l1, one.by(k2), one.by(l1), node.ErrSheetUsed)
	})
}

// The power was gone for a day. Four clerks type 500 sheets in, each sheet twice, all at once and in another order, with errors.
func TestPaperDay(t *testing.T) {
	t.Parallel()
	const count, clerks = 500, 4
	ctx := context.Background()
	n, open := lonePost(t, time.Now)
	l := open("L-01")
	range_, err := n.RegisterSheets(ctx, act(), count+20)
	l.c.must(err)
	time.Sleep(10 * time.Millisecond)
	now := n.Now()
	labels := []string{"K-01", "K-02", "S-01", "L-02"}
	var wg sync.WaitGroup
	var mu sync.Mutex
	told := map[record.Act]record.Ref{}
	var first sync.WaitGroup
	first.Add(clerks)
	for w := range clerks {
		d := open(labels[w])
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 1))
			key := func(i int) {
				x := sheet("KAKAVIJA", uint32(i+1), i+1, now)
				x.Void = i%50 == 49
				wrong := x
				if random.IntN(5) == 0 {
					wrong.Document.Number = fmt.Sprintf("Z%07d", i)
				}
				late := wrong.by(d)
				r, err := d.try(late)
				var differ *node.DifferError
				if errors.As(err, &differ) {
					late = x.by(d) // reads it again
					late.Again = differ.Fields
					r, err = d.try(late)
				}
				if x.Void && errors.Is(err, node.ErrSheetUsed) {
					return // the first clerk has voided it
				}
				if err != nil {
					t.Errorf("sheet %d: %v", i+1, err)
					return
				}
				again, err := d.try(late) // the browser lost the answer
				if err != nil || again.Ref != r.Ref {
					t.Errorf("sheet %d asked again: %v", i+1, err)
				}
				mu.Lock()
				defer mu.Unlock()
				told[late.Act] = r.Ref
			}
			for _, i := range random.Perm(count) {
				if i%clerks == w {
					key(i)
				}
			}
			first.Done()
			first.Wait()
			for _, i := range random.Perm(count) {
				if (i+1)%clerks == w {
					key(i)
				}
			}
		})
	}
	wg.Wait()
	p, err := n.Paper(ctx)
	l.c.must(err)
	l.c.equal("account", fmt.Sprintf("%d issued, %d used, %d void, %d once, %d left", p.Issued, p.Used, p.Void, len(p.Once), p.Left),
		"520 issued, 490 used, 10 void, 0 once, 20 left")
	l.c.equal("range", range_, record.SheetsBody{Series: "KAKAVIJA", First: 1, Last: 520})
	l.c.equal("receipts", len(told), 2*490+10)
	b, err := n.Books(ctx, l.shift, now-1000, n.Now()+1)
	l.c.must(err)
	l.c.equal("entries", b.Entries, 490)
	refs := map[record.Ref]bool{}
	for _, r := range told {
		refs[r] = true
	}
	l.c.equal("records", len(refs), len(told))
	for i := range count {
		if i%50 == 49 {
			continue
		}
		v := l.c.desk("kakavija", "K-01", "K").scan(border.Exit, passport(i+1))
		if i%100 == 0 && (!v.Advice.Stay.Inside || slices.ContainsFunc(v.Advice.Findings, func(f border.Finding) bool { return f.Code == border.StayExceeded })) {
			t.Errorf("traveller %d is not inside", i+1)
		}
		if i > 20 {
			break
		}
	}
}
