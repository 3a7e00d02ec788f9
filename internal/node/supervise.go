package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// Regimes of passage. Both leave passages unchecked or unrecorded by law, so each begins with a reason and ends by itself.
const (
	Relaxed    = "relaxed"    // checks are relaxed (Schengen Borders Code, article 9)
	Unrecorded = "unrecorded" // passages are let through without a record, such as an evacuation
	maxRegime  = 24 * time.Hour
)

var (
	// ErrRegime: the regime is none of the two, too long, or one is in force.
	ErrRegime = errors.New("a regime is relaxed or unrecorded, lasts 24 hours at most, and begins when none is in force")
	// ErrNoRegime: there is nothing to end.
	ErrNoRegime = errors.New("no regime is in force")
	// ErrCount: the figures make no sense.
	ErrCount = errors.New("a count is of at most a day up to now, with figures from 0 to 100000")
)

// A Regime begins a regime of passage at this post, or ends the one in force.
type Regime struct {
	Act    record.Act
	Shift  *Shift
	Regime string
	Reason string // with the article of law
	Until  int64  // UTC ms
	End    bool   // ends the one in force
	Passed int    // at the end: persons who passed meanwhile
}

func (d Regime) head() head { return head{d.Act, d.Shift, roster.RunPost} }

func (d Regime) is(_ *Node, o *Opened) bool {
	b, err := bodyOf[record.RegimeBody](projection.Deed{Kind: o.Leaf.Kind, Body: o.Deed})
	if err != nil || o.Leaf.Kind != record.Regime || d.End != (len(o.Leaf.About) > 0) {
		return false
	}
	if d.End {
		return b.Passed == d.Passed
	}
	return b.Regime == d.Regime && b.Reason == strings.TrimSpace(d.Reason) && b.Until == d.Until
}

func (d Regime) prepare(ctx context.Context, n *Node) (prepared, error) {
	now, err := n.RegimeInForce(ctx)
	if err != nil {
		return prepared{}, err
	}
	if d.End {
		if now == nil {
			return prepared{}, ErrNoRegime
		}
		if d.Passed < 0 || d.Passed > maxDay {
			return prepared{}, ErrCount
		}
		body := now.RegimeBody
		body.Passed = d.Passed
		return n.simply(ctx, record.Regime, d.head(), []record.Ref{now.Ref}, content{record.Body, body})
	}
	if err := inWords(&d.Reason); err != nil {
		return prepared{}, err
	}
	if d.Regime != Relaxed && d.Regime != Unrecorded || now != nil || d.Until <= n.Now() || d.Until > n.Now()+maxRegime.Milliseconds() {
		return prepared{}, ErrRegime
	}
	body := record.RegimeBody{Regime: d.Regime, Reason: d.Reason, From: n.Now(), Until: d.Until}
	return n.simply(ctx, record.Regime, d.head(), nil, content{record.Body, body})
}

// A RegimeOf is a regime with its record.
type RegimeOf struct {
	record.RegimeBody
	Ref     record.Ref
	Officer string
	Ended   int64 // UTC ms; 0 where it ended by itself or is in force
}

// InForce reports whether the regime is in force at a time (UTC ms).
func (r *RegimeOf) InForce(at int64) bool { return r.Ended == 0 && at >= r.From && at < r.Until }

// RegimeInForce gives the regime in force at this post, nil where every passage is checked and recorded.
func (n *Node) RegimeInForce(ctx context.Context) (*RegimeOf, error) {
	all, err := n.regimes(ctx, n.Now()-maxRegime.Milliseconds(), n.Now()+1)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].InForce(n.Now()) {
			return &all[i], nil
		}
	}
	return nil, nil
}

func (n *Node) regimes(ctx context.Context, from, to int64) ([]RegimeOf, error) {
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	deeds, err := n.shadow.Deeds(ctx, n.Name(), from, n.Now()+1, record.Regime) // its end may have come after the stretch
	if err != nil {
		return nil, err
	}
	var out []RegimeOf
	at := map[record.Ref]int{}
	for _, d := range deeds {
		b, err := bodyOf[record.RegimeBody](d)
		if errors.Is(err, errUnread) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if d.About == nil {
			if b.From >= to {
				continue
			}
			at[d.Ref] = len(out)
			out = append(out, RegimeOf{RegimeBody: b, Ref: d.Ref, Officer: n.labelOf(d)})
		} else if i, ok := at[*d.About]; ok && out[i].Ended == 0 {
			out[i].Ended, out[i].Passed = d.Written, b.Passed
		}
	}
	return out, nil
}

// A Count is what a gate, a camera or an officer counted at a booth, or at the whole post where Booth is empty.
type Count struct {
	Act   record.Act
	Shift *Shift
	record.CountBody
}

func (d Count) head() head { return head{d.Act, d.Shift, roster.RunPost} }

func (d Count) is(_ *Node, o *Opened) bool {
	d.Device, d.Booth = "", boothName(d.Booth)
	return o.Leaf.Kind == record.Count && bytes.Equal(o.Deed, record.Marshal(d.CountBody))
}

func boothName(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

func (d Count) prepare(ctx context.Context, n *Node) (prepared, error) {
	d.Device = ""
	if err := n.validCount(&d.CountBody); err != nil {
		return prepared{}, err
	}
	return n.simply(ctx, record.Count, d.head(), nil, content{record.Body, d.CountBody})
}

func (n *Node) validCount(c *record.CountBody) error {
	c.Booth = boothName(c.Booth)
	for _, v := range []int{c.Entries, c.Exits, c.Vehicles, c.Waiting} {
		if v < 0 || v > maxDay {
			return ErrCount
		}
	}
	if !text(maxPlate, c.Booth) || c.To < 0 || c.From >= c.To || c.From < c.To-24*time.Hour.Milliseconds() || c.To > n.Now()+clockTolerance.Milliseconds() {
		return ErrCount
	}
	return nil
}

// CountByDevice records what a device counted. The caller has made sure which device it is. The same act again is harmless.
func (n *Node) CountByDevice(ctx context.Context, device string, act record.Act, c record.CountBody) error {
	if device == "" || !text(maxPlate, device) {
		return fmt.Errorf("a device's name has 1 to %d characters", maxPlate)
	}
	if err := n.validCount(&c); err != nil {
		return err
	}
	c.Device = device
	at, found, err := n.byAct(act)
	if err != nil {
		return fmt.Errorf("look for the act: %w", err)
	}
	if !found {
		_, err = n.append(ctx, draft{kind: record.Count, act: act, contents: []content{{record.Body, c}}})
		var known *tlog.KnownActError
		if !errors.As(err, &known) {
			return err
		}
		at = record.Ref{Origin: n.origin, Index: known.Index}
	}
	o, err := n.Read(at)
	if err == nil && (o.Leaf.Kind != record.Count || !bytes.Equal(o.Deed, record.Marshal(c))) {
		err = ErrOtherContent
	}
	return err
}

// A Handover is the outgoing supervisor's account. Who takes over assents to it.
type Handover struct {
	Act   record.Act
	Shift *Shift
	From  int64 // UTC ms; the account goes to now
	Notes string
}

func (d Handover) head() head { return head{d.Act, d.Shift, roster.RunPost} }

// is leaves the figures out: they go on while the officer signs.
func (d Handover) is(_ *Node, o *Opened) bool {
	var was record.HandoverBody
	return o.Leaf.Kind == record.Handover && record.Unmarshal(o.Deed, &was) == nil && was.From == d.From && was.Notes == d.Notes && !was.Assent
}

func (d Handover) prepare(ctx context.Context, n *Node) (prepared, error) {
	if !text(maxNotes, d.Notes) {
		return prepared{}, errNotes
	}
	if d.From >= n.Now() || d.From < n.Now()-maxBooks.Milliseconds() {
		return prepared{}, ErrStretch
	}
	b, err := n.Books(ctx, d.Shift, d.From, n.Now()+1)
	if err != nil {
		return prepared{}, err
	}
	body := record.HandoverBody{From: d.From, To: n.Now(), Entries: b.Entries, Exits: b.Exits, Refusals: b.Refusals,
		Referrals: b.Waiting, Open: len(b.Open), Voids: len(b.Voids), Notes: d.Notes}
	return n.simply(ctx, record.Handover, d.head(), nil, content{record.Body, body})
}

// Sheets registers paper forms before they are printed. Numbers go on where the last registered range ended.
type Sheets struct {
	Act   record.Act
	Shift *Shift
	Count int
}

func (d Sheets) head() head { return head{d.Act, d.Shift, roster.RunPost} }

func (d Sheets) is(_ *Node, o *Opened) bool {
	was, ok := sheetsOf(o)
	return ok && int(was.Last-was.First)+1 == d.Count
}

// sheetsOf reads a registration of paper forms.
func sheetsOf(o *Opened) (b record.SheetsBody, ok bool) {
	ok = o.Leaf.Kind == record.Sheets && record.Unmarshal(o.Deed, &b) == nil
	return b, ok
}

func (d Sheets) prepare(ctx context.Context, n *Node) (prepared, error) {
	body, err := n.nextSheets(ctx, d.Count)
	if err != nil {
		return prepared{}, err
	}
	p, err := n.simply(ctx, record.Sheets, d.head(), nil, content{record.Body, body})
	p.numbers = body
	return p, err
}

func (n *Node) nextSheets(ctx context.Context, count int) (record.SheetsBody, error) {
	if count < 1 || count > maxSheets {
		return record.SheetsBody{}, fmt.Errorf("1 to %d sheets are registered at once", maxSheets)
	}
	if err := n.caughtUp(ctx); err != nil {
		return record.SheetsBody{}, err
	}
	ranges, err := n.sheetRanges(ctx)
	last := uint32(0)
	for _, r := range ranges {
		last = max(last, r.Last)
	}
	body := record.SheetsBody{Series: border.SheetSeries(n.Name()), First: last + 1, Last: last + uint32(count)}
	if err == nil && border.SheetNumber(body.Series, body.Last) == "" {
		err = errors.New("the numbers of this post's sheets are used up")
	}
	return body, err
}

// RegisterSheets registers forms for whoever administers the node, without an officer's shift: they are worth nothing until
// two officers type them in.
func (n *Node) RegisterSheets(ctx context.Context, act record.Act, count int) (record.SheetsBody, error) {
	n.deeds.Lock()
	defer n.deeds.Unlock()
	if at, found, err := n.byAct(act); err != nil {
		return record.SheetsBody{}, fmt.Errorf("look for the act: %w", err)
	} else if found {
		o, err := n.Read(at)
		was, ok := sheetsOf(&o)
		if err == nil && (!ok || int(was.Last-was.First)+1 != count) {
			err = ErrOtherContent
		}
		return was, err
	}
	body, err := n.nextSheets(ctx, count)
	if err != nil {
		return body, err
	}
	_, err = n.append(ctx, draft{kind: record.Sheets, act: act, contents: []content{{record.Body, body}}})
	return body, err
}

func (n *Node) sheetRanges(ctx context.Context) ([]record.SheetsBody, error) {
	deeds, err := n.shadow.Deeds(ctx, n.Name(), 0, n.Now()+1, record.Sheets)
	if err != nil {
		return nil, err
	}
	var out []record.SheetsBody
	for _, d := range deeds {
		b, err := bodyOf[record.SheetsBody](d)
		if err != nil {
			return nil, err // numbers are not given again for want of a key
		}
		out = append(out, b)
	}
	return out, nil
}
