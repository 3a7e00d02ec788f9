package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
)

// maxBooks is the longest stretch that a supervisor's books are opened for: a shift and the one before, twice over.
const maxBooks = 48 * time.Hour

// ErrStretch: the books are not opened for so long.
var ErrStretch = fmt.Errorf("the stretch ends after it begins and lasts at most %d hours", int(maxBooks.Hours()))

// Books are the supervisor's account of a post's own log for a stretch of time. Passages count where they happened: one typed
// in from paper later, or corrected later, belongs to the stretch in which the traveller stood there.
type Books struct {
	From, To                  int64 // UTC ms
	Entries, Exits, Refusals  int   // that stand
	VehiclesIn, VehiclesOut   int
	Waiting                   int                // referrals without an answer
	Open                      []projection.Found // checks never decided, oldest first
	Voids, Corrections, Lates []Changed
	Booths                    []Booth
	Hours                     []Counted
	Outages                   []Outage
	Regimes                   []RegimeOf
	Handovers                 []HandoverOf
	ByNode                    int // decisions that no booth signed
}

// Changed is a void, correction or late record with its officers.
type Changed struct {
	Ref      record.Ref
	Kind     record.Kind
	At       int64 // UTC ms
	About    *record.Ref
	Officer  string
	Second   string // who assented; "" where nobody has yet, or none is needed
	Reason   string
	Withdraw bool
	Sheet    string // of a late record
}

// A Booth is one shift at a booth, open or ended.
type Booth struct {
	Shift      record.Ref
	Booth      string
	Officer    string
	Began      int64   // UTC ms
	Ended      int64   // UTC ms, 0 while it is open
	Left       int64   // UTC ms at which another shift began at its booth; 0 where none did, or this one worked on
	Last       int64   // UTC ms of its last record
	Travellers int     // decided here and not taken back
	Seconds    float64 // from check to decision, mean; 0 where nothing was decided
}

// Counted compares what was counted with what was recorded, at a booth ("" is the whole post) in one hour.
type Counted struct {
	Hour              int64 // UTC ms of its beginning
	Booth             string
	RecordedIn        int
	RecordedOut       int
	CountedIn         int
	CountedOut        int
	Device            string // or "" where an officer typed it
	HasCount          bool
	Waiting           int // seconds, as measured
	DifferIn, DiffOut int // counted less recorded
}

// An Outage is a stretch without an exchange with any centre, or in which this node did not run.
type Outage struct {
	From, To int64 // UTC ms
	Down     bool  // the node did not run; otherwise it was cut off
	Passed   int   // persons recorded meanwhile
	Officers []string
}

// HandoverOf is a hand-over with its officers.
type HandoverOf struct {
	record.HandoverBody
	Ref      record.Ref
	At       int64
	Officer  string
	Accepted string // who took over, "" while nobody has
}

// Books gathers the account of a stretch for the shift supervisor, from this node's own log.
func (n *Node) Books(ctx context.Context, s *Shift, from, to int64) (Books, error) {
	b := Books{From: from, To: to}
	if err := n.may(s, roster.ReadPost); err != nil {
		return b, err
	}
	if from < 0 || to <= from || to-from > maxBooks.Milliseconds()+1 {
		return b, ErrStretch
	}
	if err := n.caughtUp(ctx); err != nil {
		return b, err
	}
	written, err := n.shadow.Written(ctx, n.Name(), from, to)
	if err != nil {
		return b, err
	}
	deeds, err := n.shadow.Deeds(ctx, n.Name(), from, to, record.Void, record.Correction, record.Late, record.Handover)
	if err != nil {
		return b, err
	}
	counts, err := n.shadow.Deeds(ctx, n.Name(), from, n.Now()+1, record.Count) // written after what was counted
	if err != nil {
		return b, err
	}
	if b.Regimes, err = n.regimes(ctx, from-maxRegime.Milliseconds(), to); err != nil {
		return b, err
	}
	c := counting{n: n, b: &b, seconds: map[int64][]float64{}, checks: map[int64]int64{}, parties: map[string]bool{}, hours: map[hourOf]*Counted{}}
	for i := range written {
		c.record(&written[i])
	}
	if b.Waiting, err = c.waiting(ctx, written); err != nil {
		return b, err
	}
	for _, d := range append(deeds, counts...) {
		if err := c.deed(ctx, d); err != nil && !errors.Is(err, errUnread) {
			return b, err
		}
	}
	if err := c.booths(ctx, written); err != nil {
		return b, err
	}
	b.Outages, err = n.outages(ctx, from, to, written)
	c.finish()
	return b, err
}

type hourOf struct {
	hour  int64
	booth string
}

type counting struct {
	n       *Node
	b       *Books
	checks  map[int64]int64     // when each check was made, by index
	seconds map[int64][]float64 // from check to decision, by shift
	parties map[string]bool
	hours   map[hourOf]*Counted
}

func (c *counting) hour(at int64, booth string) *Counted {
	k := hourOf{at - at%time.Hour.Milliseconds(), booth}
	if c.hours[k] == nil {
		c.hours[k] = &Counted{Hour: k.hour, Booth: booth}
	}
	return c.hours[k]
}

func (c *counting) record(f *projection.Found) {
	b := c.b
	switch {
	case f.Kind == record.Check:
		c.checks[int64(f.Ref.Index)] = f.Happened
		if !f.Decided {
			b.Open = append(b.Open, *f)
		}
		return
	case f.Kind == record.Refusal && f.Standing == projection.Counts:
		b.Refusals++
	case f.Passed():
		c.passed(f)
	}
	if f.ByNode {
		b.ByNode++
	}
	if at, ok := c.checks[f.About]; ok && f.Shift >= 0 {
		c.seconds[f.Shift] = append(c.seconds[f.Shift], float64(f.Happened-at)/1000)
	}
}

func (c *counting) passed(f *projection.Found) {
	in := f.Direction == border.Entry
	booth, all := c.hour(f.Happened, boothName(f.Booth)), c.hour(f.Happened, "")
	if in {
		c.b.Entries++
		booth.RecordedIn++
		all.RecordedIn++
	} else {
		c.b.Exits++
		booth.RecordedOut++
		all.RecordedOut++
	}
	if f.Vehicle == 0 && f.Plate == "" {
		return
	}
	party := f.Direction.String() + cmp.Or(string(f.Party), f.Plate)
	if !c.parties[party] {
		c.parties[party] = true
		if in {
			c.b.VehiclesIn++
		} else {
			c.b.VehiclesOut++
		}
	}
}

func (c *counting) waiting(ctx context.Context, written []projection.Found) (waiting int, err error) {
	for i := range written {
		f := &written[i]
		if f.Kind != record.Referral || f.Standing != projection.Counts || f.Decided {
			continue
		}
		answers, err := c.n.outcomes(ctx, record.RefOf(f.Ref))
		if err != nil {
			return 0, err
		}
		if len(answers) == 0 || !answers[len(answers)-1].InForce {
			waiting++
		}
	}
	return waiting, nil
}

func (c *counting) deed(ctx context.Context, d projection.Deed) error {
	switch d.Kind {
	case record.Count:
		body, err := bodyOf[record.CountBody](d)
		if err != nil || body.From < c.b.From || body.From >= c.b.To {
			return err
		}
		h := c.hour(body.From, body.Booth)
		h.HasCount, h.Device = true, body.Device
		h.CountedIn, h.CountedOut = h.CountedIn+body.Entries, h.CountedOut+body.Exits
		if body.Waiting > 0 {
			h.Waiting = body.Waiting
		}
		return nil
	case record.Handover:
		body, err := bodyOf[record.HandoverBody](d)
		if err != nil || body.Assent {
			return err
		}
		second, err := c.n.secondOf(ctx, d)
		c.b.Handovers = append(c.b.Handovers, HandoverOf{body, d.Ref, d.Written, c.n.labelOf(d), second})
		return err
	}
	x, err := c.n.changedBy(ctx, d)
	if err != nil || x == nil {
		return err
	}
	switch d.Kind {
	case record.Void:
		c.b.Voids = append(c.b.Voids, *x)
	case record.Correction:
		c.b.Corrections = append(c.b.Corrections, *x)
	case record.Late:
		c.b.Lates = append(c.b.Lates, *x)
	}
	return nil
}

// changedBy reads a void, correction or late record; nil for an assent.
func (n *Node) changedBy(ctx context.Context, d projection.Deed) (*Changed, error) {
	x := &Changed{Ref: d.Ref, Kind: d.Kind, At: d.Written, About: d.About, Officer: n.labelOf(d)}
	switch d.Kind {
	case record.Void:
		b, err := bodyOf[record.VoidBody](d)
		x.Reason = b.Reason
		return x, err
	case record.Correction:
		b, err := bodyOf[record.CorrectionBody](d)
		if err != nil || b.Assent {
			return nil, err
		}
		x.Reason, x.Withdraw = b.Reason, b.Withdraw
	case record.Late:
		b, err := bodyOf[record.LateBody](d)
		if err != nil {
			return nil, err
		}
		x.Sheet = b.Sheet
	}
	var err error
	x.Second, err = n.secondOf(ctx, d)
	return x, err
}

// secondOf gives the officer who assented to a proposal or keyed a sheet after the first, "" where nobody has.
func (n *Node) secondOf(ctx context.Context, first projection.Deed) (string, error) {
	about, err := n.shadow.DeedsAbout(ctx, first.Ref)
	if err != nil {
		return "", err
	}
	for _, d := range about {
		if d.Kind != first.Kind {
			continue // a correction of a sheet in force
		}
		if b, err := bodyOf[record.CorrectionBody](d); d.Kind == record.Correction && (err != nil || !b.Assent) {
			continue // a further correction
		}
		return n.labelOf(d), nil
	}
	return "", nil
}

// booths lists the shifts that worked in the stretch.
func (c *counting) booths(ctx context.Context, written []projection.Found) error {
	n := c.n
	shifts, err := n.shadow.Deeds(ctx, n.Name(), c.b.From-shiftLasts.Milliseconds(), c.b.To, record.Shift)
	if err != nil {
		return err
	}
	at := map[record.Ref]int{}
	for _, d := range shifts {
		body, err := bodyOf[record.ShiftBody](d)
		if errors.Is(err, errUnread) {
			continue
		}
		if err != nil {
			return err
		}
		if d.About != nil {
			if i, ok := at[*d.About]; ok && c.b.Booths[i].Ended == 0 {
				c.b.Booths[i].Ended = d.Written
			}
			continue
		}
		at[d.Ref] = len(c.b.Booths)
		c.b.Booths = append(c.b.Booths, Booth{Shift: d.Ref, Booth: body.Booth, Officer: n.label(body.Officer), Began: d.Written})
	}
	for i := range written {
		f := &written[i]
		j, ok := at[record.Ref{Origin: f.Ref.Origin, Index: uint64(max(f.Shift, 0))}]
		if !ok {
			continue
		}
		b := &c.b.Booths[j]
		b.Last = max(b.Last, f.Written)
		if (f.Kind == record.Crossing || f.Kind == record.Refusal) && f.Standing != projection.Voided {
			b.Travellers++
		}
		if all := c.seconds[f.Shift]; f.Ref.Origin == n.origin && len(all) > 0 {
			b.Seconds = mean(all)
		}
	}
	c.leave()
	c.b.Booths = slices.DeleteFunc(c.b.Booths, func(b Booth) bool { return b.Ended != 0 && b.Ended < c.b.From })
	return nil
}

// leave finds the shifts that nobody ended and nobody works in: a node that was started again, or a browser that lost its key,
// makes the officer open another at the same booth.
func (c *counting) leave() {
	next := map[string]int64{} // the booths come in the order in which their shifts began
	for i := len(c.b.Booths) - 1; i >= 0; i-- {
		b := &c.b.Booths[i]
		if at := next[b.Booth]; b.Ended == 0 && b.Last <= at {
			b.Left = at
		}
		next[b.Booth] = b.Began
	}
}

func mean(all []float64) (m float64) {
	for _, x := range all {
		m += x / float64(len(all))
	}
	return m
}

func (c *counting) finish() {
	for _, h := range c.hours {
		if h.HasCount {
			h.DifferIn, h.DiffOut = h.CountedIn-h.RecordedIn, h.CountedOut-h.RecordedOut
		}
		c.b.Hours = append(c.b.Hours, *h)
	}
	slices.SortFunc(c.b.Hours, func(a, b Counted) int { return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Booth, b.Booth)) })
	c.b.Regimes = slices.DeleteFunc(c.b.Regimes, func(r RegimeOf) bool { return cmp.Or(r.Ended, r.Until) < c.b.From })
}
