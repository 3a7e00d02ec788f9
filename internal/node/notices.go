package node

import (
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
	to := n.concerned(h)
	if len(to) == 0 {
		return 0, nil
	}
	act, err := n.noticeAct(h, "")
	if errors.Is(err, errUnread) {
		return noticeRetry, nil // a rebuilt node waits for its keys: without them it would tell once more what it has told
	}
	if err != nil {
		return 0, err
	}
	if told, err := n.hasTold(act); err != nil || !told {
		grey := false
		if err == nil {
			grey, err = n.isGrey(ctx, h)
		}
		if grey || err != nil {
			return 0, err // two officers have told the issuer that it is somebody else
		}
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
func (n *Node) concerned(h *projection.Hit) []string {
	action, single := border.Action(h.Action), strings.TrimPrefix(h.List, singlePrefix)
	notify, everybody := n.notified(h.List, h.PoliceHit.Alert, action)
	if action != border.ActDiscreet && action != border.ActInform && len(notify) == 0 && single == h.List {
		return nil
	}
	want := notify
	if action != border.ActDiscreet || everybody {
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
	return slices.Compact(out)
}

// isGrey says whether two officers found, before this hit was told, that every version of the alert that is matched is about another person
// than the holder of this document. Discreet alerts never are: nobody at a post is shown them.
func (n *Node) isGrey(ctx context.Context, h *projection.Hit) (bool, error) {
	var hits []border.Hit
	for _, a := range n.versionsInForce(h.List, h.PoliceHit.Alert) {
		if a.Action == border.ActDiscreet {
			return false, nil
		}
		hits = append(hits, border.Hit{Alert: a})
	}
	if len(hits) == 0 {
		return false, nil
	}
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
	err = n.markGrey(ctx, hits, documents, o.Person.Day)
	return !slices.ContainsFunc(hits, func(h border.Hit) bool { return !h.Grey }), err
}

// noticeAct names a notice by what it is about. The leaf of a message stands in clear and its act with it, so the name is made under
// the nation's stay key of what only the post and the centres can read: nobody else can try alerts until one fits.
func (n *Node) noticeAct(h *projection.Hit, of string) (act record.Act, err error) {
	o, err := n.Read(h.Ref)
	if err != nil {
		return act, err
	}
	if o.Person == nil || o.Police == nil {
		return act, errUnread
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

// hasTold says whether a notice stands in a log of this node.
func (n *Node) hasTold(act record.Act) (bool, error) {
	n.notices.mu.Lock()
	defer n.notices.mu.Unlock()
	return n.noticed(act)
}

// noticed is hasTold with n.notices.mu held.
func (n *Node) noticed(act record.Act) (bool, error) {
	if n.notices.told[act] {
		return true, nil
	}
	_, found, err := n.byAct(act)
	if err != nil {
		return false, fmt.Errorf("look for a notice: %w", err)
	}
	return found, nil
}

// tell writes one notice, unless the log has it.
func (n *Node) tell(ctx context.Context, act record.Act, to []string, letter record.HitLetter) error {
	n.notices.mu.Lock()
	defer n.notices.mu.Unlock()
	found, err := n.noticed(act)
	if err != nil {
		return err
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
