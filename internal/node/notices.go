package node

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// noticing is what the node knows of hits that it told.
type noticing struct {
	wake chan struct{}

	mu   sync.Mutex
	told map[record.Act]bool // acts of notices that stand in the log; guarded by mu
	full bool                // the whole of noticesFor was looked through since the start
}

// nudge wakes the loop; it never blocks.
func (t *noticing) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// noted wakes the loop where a record of this node may be something to tell.
func (n *Node) noted(o *Opened) {
	if o.Node == n.Name() && (o.Police != nil && len(o.Police.Hits) > 0 || o.Leaf.Kind == record.ReferralOutcome) {
		n.notices.nudge()
	}
}

// noticeLoop tells whom an alert concerns that it was hit, and what came of it. A notice is a message with an act of its own that
// follows from the hit, so that one is in the log once, however often the node is killed before, amid or after.
func (n *Node) noticeLoop(ctx context.Context) {
	for {
		again, err := n.tellHits(ctx)
		if err != nil && ctx.Err() == nil {
			n.opt.Journal.Error("a hit is not told yet and will be tried again", "node", n.Name(), "error", err)
			again = noticeRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-n.notices.wake:
		case <-time.After(again):
		}
	}
}

// tellHits writes the notices that are due, and says when to look again.
func (n *Node) tellHits(ctx context.Context) (again time.Duration, err error) {
	again = noticeRest
	if n.Self().Role != roster.Post && n.Self().Role != roster.Centre {
		return again, nil
	}
	if err := n.caughtUp(ctx); err != nil {
		return again, err
	}
	since := noticesLate
	n.notices.mu.Lock()
	if !n.notices.full {
		since = noticesFor
	}
	n.notices.mu.Unlock()
	hits, more, err := n.shadow.Hits(ctx, projection.HitQuery{Node: n.Name(), From: n.Now() - since.Milliseconds(), To: n.Now() + 1})
	if err != nil {
		return again, err
	}
	if more {
		n.opt.Journal.Warn("more hits than are told at once: the oldest are not", "node", n.Name())
	}
	var errs []error
	for _, h := range slices.Backward(hits) { // as they happened
		wait, err := n.tellHit(ctx, &h)
		errs = append(errs, err)
		if wait > 0 {
			again = min(again, wait)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return again, err
	}
	n.notices.mu.Lock()
	n.notices.full = true
	n.notices.mu.Unlock()
	return again, nil
}

// tellHit tells one hit and what came of it. wait says for how long it is not due yet.
func (n *Node) tellHit(ctx context.Context, h *projection.Hit) (wait time.Duration, err error) {
	to, err := n.concerned(ctx, h)
	if err != nil || len(to) == 0 {
		return 0, err
	}
	act, err := n.noticeAct(h, "")
	if err != nil {
		return 0, err
	}
	if due := n.dueAt(h, act); due > n.Now() {
		return time.Duration(due-n.Now()) * time.Millisecond, nil
	}
	letter := record.HitLetter{Alert: h.PoliceHit.Alert, List: h.List, Action: h.Action, Of: h.Ref, At: h.Written}
	if err := n.tell(ctx, act, to, letter); err != nil {
		return 0, err
	}
	return 0, n.tellOutcomes(ctx, h, to, letter)
}

// tellOutcomes lets each answer of the second line go where the hit went: the outcome goes back to the issuer of the alert. What waits
// for a second officer is told once he has agreed.
func (n *Node) tellOutcomes(ctx context.Context, h *projection.Hit, to []string, letter record.HitLetter) error {
	var errs []error
	err := n.answersTo(ctx, h, func(a Answer) {
		if !a.InForce || a.Alert != "" && a.Alert != h.PoliceHit.Alert {
			return
		}
		act, err := n.noticeAct(h, fmt.Sprintf("%s %s %d", a.Outcome, a.Ref.Origin, a.Ref.Index))
		if err == nil {
			letter.Outcome, letter.Said = a.Outcome, a.At
			err = n.tell(ctx, act, to, letter)
		}
		errs = append(errs, err)
	})
	return errors.Join(append(errs, err)...)
}

// dueAt is when a hit is told. A discreet one is not told at once: between the numbers of a check and of its decision, which stand on
// paper and screens of the booth, there must be no gap that only travellers under such an alert have.
func (n *Node) dueAt(h *projection.Hit, act record.Act) int64 {
	if border.Action(h.Action) != border.ActDiscreet {
		return h.Written
	}
	return h.Written + (discreetAfter + time.Duration(act[0])*discreetAfter/256).Milliseconds()
}

// concerned names the nodes that are told of a hit; none where nobody is.
func (n *Node) concerned(ctx context.Context, h *projection.Hit) ([]string, error) {
	a := n.alertInForce(h.List, h.PoliceHit.Alert)
	action, single := border.Action(h.Action), strings.TrimPrefix(h.List, singlePrefix)
	var notify []string
	if a != nil {
		notify = a.Notify
	}
	if action != border.ActDiscreet && action != border.ActInform && len(notify) == 0 && single == h.List {
		return nil, nil
	}
	if a != nil && action != border.ActDiscreet {
		if grey, err := n.isGrey(ctx, h, a); grey || err != nil {
			return nil, err // two officers have told the issuer that it is somebody else
		}
	}
	want := slices.Clone(notify)
	if action != border.ActDiscreet || len(notify) == 0 {
		for _, c := range n.State().Roster.Living(roster.Centre) {
			want = append(want, c.Name)
		}
	}
	if single != h.List {
		want = append(want, single)
	}
	var out []string
	for _, name := range want {
		to, ok := n.State().Roster.Node(name)
		if ok && !to.Dropped && len(to.Reader) > 0 && (to.Role == roster.Post || to.Role == roster.Centre) && name != n.Name() {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// isGrey says whether two officers found that this version of the alert is about another person than the holder of this document.
func (n *Node) isGrey(ctx context.Context, h *projection.Hit, a *border.Alert) (bool, error) {
	o, err := n.Read(h.Ref)
	if err != nil || o.Person == nil {
		return false, err
	}
	doc, err := borderDocument(o.Person.Document, o.Person.Day)
	if err != nil {
		return false, nil // a document that is none joins nothing
	}
	tags, err := n.tags(doc)
	if err != nil {
		return false, nil
	}
	documents := make([][]byte, len(tags))
	for i := range tags {
		documents[i] = tags[i].document[:]
	}
	hits := []border.Hit{{Alert: a}}
	err = n.markGrey(ctx, hits, documents, o.Person.Day)
	return hits[0].Grey, err
}

// noticeAct names a notice by what it is about. The leaf of a message stands in clear and its act with it, so the name is made under
// the nation's stay key of what only the post and the centres can read: nobody else can try alerts until one fits.
func (n *Node) noticeAct(h *projection.Hit, of string) (act record.Act, err error) {
	o, err := n.Read(h.Ref)
	if err != nil {
		return act, err
	}
	for _, name := range n.ring.Stays() {
		if _, number, ok := name.Stay(); !ok || number != 1 {
			continue
		}
		key, _ := n.ring.Key(name)
		mac := hmac.New(sha256.New, key[:])
		fmt.Fprintf(mac, "tims/notice/1\n%s\n%d\n%q\n%q\n%q\n", h.Ref.Origin, h.Ref.Index, h.List, h.PoliceHit.Alert, of)
		mac.Write(record.Marshal(o.Person))
		mac.Write(record.Marshal(o.Police))
		return record.Act(mac.Sum(nil)[:len(act)]), nil
	}
	return act, errors.New("no stay key has reached this node yet")
}

// tell writes one notice, unless the log has it.
func (n *Node) tell(ctx context.Context, act record.Act, to []string, letter record.HitLetter) error {
	n.notices.mu.Lock()
	defer n.notices.mu.Unlock()
	if n.notices.told[act] {
		return nil
	}
	_, found, err := n.byAct(act)
	if err != nil {
		return fmt.Errorf("look for a notice: %w", err)
	}
	if !found {
		body := record.MessageBody{Priority: record.Urgent, To: to}
		if err := n.sealLetter(&body, act, record.Letter{Hit: &letter}); err != nil {
			return fmt.Errorf("seal a notice: %w", err)
		}
		_, err := n.append(ctx, draft{kind: record.Message, act: act, contents: []content{{record.Body, body}}})
		if known := (*tlog.KnownActError)(nil); err != nil && !errors.As(err, &known) {
			return fmt.Errorf("record a notice: %w", err)
		}
	}
	if n.notices.told == nil || len(n.notices.told) >= maxTold {
		n.notices.told = map[record.Act]bool{}
	}
	n.notices.told[act] = true
	return nil
}

// A Notice is a hit that another node tells this one of, with the newest outcome that it told.
type Notice struct {
	record.HitLetter
	From string        // the node that wrote it
	Name string        // of the alert as it is in force here, empty where it is not
	Info *border.Alert // the alert, nil where it is not in force here
}

// Notices lists the hits of the last MessageFor that this node was told of, newest first. They are for those who work on alerts, lead
// the post or take referrals; no strip shows them.
func (n *Node) Notices(ctx context.Context, s *Shift) ([]Notice, error) {
	if !n.Can(s, roster.ReadHits) && !n.Can(s, roster.DecideReferrals) {
		if err := n.may(s, roster.RunPost); err != nil {
			return nil, err
		}
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	deeds, err := n.shadow.Newest(ctx, record.Message, n.Now()-MessageFor.Milliseconds(), n.Now()+clockTolerance.Milliseconds(), maxLetters+maxNotices)
	if err != nil {
		return nil, err
	}
	type of struct {
		ref   record.Ref
		alert [2]string
	}
	at, out := map[of]int{}, []Notice(nil)
	for _, d := range deeds {
		b, err := bodyOf[record.MessageBody](d)
		if err != nil || !n.addressed(d.Node, b) && d.Node != n.Name() || len(b.To) > maxMirrors {
			continue
		}
		l := n.letterOf(d.Ref, b)
		if l == nil || l.Hit == nil || !n.maySay(d.Node, l.Hit) {
			continue
		}
		key := of{l.Hit.Of, [2]string{l.Hit.List, l.Hit.Alert}}
		i, known := at[key]
		if !known {
			i, at[key], out = len(out), len(out), append(out, Notice{HitLetter: *l.Hit, From: d.Node})
		}
		if x := &out[i]; l.Hit.Said >= x.Said {
			x.HitLetter = *l.Hit
		}
		if out[i].Info = n.alertInForce(l.Hit.List, l.Hit.Alert); out[i].Info != nil && len(out[i].Info.Names) > 0 {
			out[i].Name = out[i].Info.Names[0].Primary + " " + out[i].Info.Names[0].Secondary
		}
	}
	slices.SortStableFunc(out, func(a, b Notice) int { return cmp.Compare(b.At, a.At) })
	return out, nil
}

// maySay: a node speaks of its own records. Of what this node told others it shows what is about its own officers' alerts.
func (n *Node) maySay(from string, l *record.HitLetter) bool {
	_, by, _, err := roster.ParseOrigin(l.Of.Origin)
	return err == nil && by == from && (from != n.Name() || l.List == SingleList(n.Name()))
}

// letterOf opens a message once; what is opened is kept, for HPKE costs a millisecond and pages are drawn often. Nil where it is not
// for this node's keys or cannot be shown.
func (n *Node) letterOf(ref record.Ref, b record.MessageBody) *record.Letter {
	n.letters.Lock()
	defer n.letters.Unlock()
	l, known := n.opened[ref]
	if known {
		return l
	}
	o, err := n.Read(ref)
	if err != nil {
		return nil
	}
	l = n.openLetter(b, o.Leaf.Act)
	switch {
	case l == nil:
	case l.Hit != nil && text(maxField, l.Hit.Alert, l.Hit.List, string(l.Hit.Outcome)) && b.Letter == nil:
	case l.Hit == nil && l.Text != "" && text(maxLetter, l.Text, l.From):
	default:
		l = nil
	}
	if n.opened == nil || len(n.opened) > maxPending {
		n.opened = map[record.Ref]*record.Letter{}
	}
	n.opened[ref] = l
	return l
}
