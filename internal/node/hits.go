package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/watchlist"
)

// A HitState says how far a hit has come.
type HitState string

const (
	HitOpen    HitState = "open"    // nobody at the post has said whether it is this person
	HitSame    HitState = "same"    //
	HitOther   HitState = "other"   // by two officers
	HitPending HitState = "pending" // "other person" waits for its second officer
	HitUnsure  HitState = "unsure"  // cannot be told
	HitEnded   HitState = "ended"   // cleared, refused or handed over without a word about the alert
)

// HitStates are all of them, in the order in which pages offer them.
var HitStates = []HitState{HitOpen, HitSame, HitOther, HitPending, HitUnsure, HitEnded}

// Settled says that nobody is waited for: it was found out, or the traveller is cleared, refused or handed over.
func (s HitState) Settled() bool { return s == HitSame || s == HitOther || s == HitEnded }

// A HitQuery asks for hits. Zero values ask for all.
type HitQuery struct {
	List     string
	Discreet bool
	State    HitState
	From     int64 // UTC ms; no earlier than hitsFor ago
	Most     int
	// Away says that the answer leaves the system as a file: each such look is a record, not one an hour.
	Away bool
}

// A HitRow is one hit as the issuer of its alert is told of it. Of the traveller it says nothing: what the alert says stands in Alert,
// and whoever must know more searches with a reason.
type HitRow struct {
	Ref      record.Ref
	Node     string
	At       int64 // UTC ms
	List, ID string
	Action   border.Action
	Score    float64
	Reasons  []string      // parts that agree or do not
	Alert    *border.Alert // as it is in force; nil where it no longer is
	State    HitState
	Said     int64       // UTC ms of the outcome, 0 where there is none
	Decided  record.Kind // what the booth did, 0 while the check is open
}

// hitLooks remembers who looked at what within the hour, so that a page that keeps itself true is one record.
type hitLooks struct {
	mu   sync.Mutex
	seen map[hitLook]int64
}

type hitLook struct {
	shift record.Ref
	asked string
}

// Hits lists hits, newest first, discreet ones too. Who looks is recorded for the auditor before the answer is looked up: once an
// hour for a page, each time for a file. more says that older ones were left out.
func (n *Node) Hits(ctx context.Context, s *Shift, q HitQuery) (rows []HitRow, more bool, err error) {
	if err := n.may(s, roster.ReadHits); err != nil {
		return nil, false, err
	}
	if q.State != "" && !slices.Contains(HitStates, q.State) || len(q.List) > maxField {
		return nil, false, errors.New("no such filter of hits")
	}
	if err := n.recordLook(ctx, s, q); err != nil {
		return nil, false, fmt.Errorf("record the look at hits: %w", err)
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, false, err
	}
	from := max(q.From, n.Now()-hitsFor.Milliseconds())
	found, more, err := n.shadow.Hits(ctx, projection.HitQuery{List: q.List, From: from, To: n.Now() + clockTolerance.Milliseconds()})
	if err != nil {
		return nil, false, err
	}
	most := q.Most
	if most <= 0 {
		most = projection.MaxHits
	}
	for i := range found {
		h := &found[i]
		if q.Discreet && border.Action(h.Action) != border.ActDiscreet {
			continue
		}
		row := HitRow{Ref: h.Ref, Node: h.Node, At: h.Written, List: h.List, ID: h.PoliceHit.Alert, Action: border.Action(h.Action),
			Score: h.Score, Reasons: h.Reasons, Decided: h.Decided}
		if row.State, row.Said, err = n.hitState(ctx, h); err != nil {
			return nil, false, err
		}
		if q.State != "" && row.State != q.State {
			continue
		}
		if len(rows) == most {
			return rows, true, nil
		}
		row.Alert = n.alertInForce(h.List, h.PoliceHit.Alert)
		rows = append(rows, row)
	}
	return rows, more, nil
}

func (n *Node) recordLook(ctx context.Context, s *Shift, q HitQuery) error {
	what, asked := "hits", strings.Join([]string{q.List, fmt.Sprint(q.Discreet), string(q.State)}, " ")
	look := hitLook{s.Ref, asked}
	n.looks.mu.Lock()
	defer n.looks.mu.Unlock()
	if q.Away {
		what = "hits-file"
	} else if at, known := n.looks.seen[look]; known && n.Now()-at < lookFor.Milliseconds() {
		return nil
	}
	body := record.SearchBody{By: hex.EncodeToString(s.Officer.ID[:]), Reason: "hits that concern the issuer", What: what, Asked: asked}
	if _, err := n.append(ctx, draft{kind: record.Search, act: newAct(), shift: &s.Ref, contents: []content{{record.Body, body}}}); err != nil {
		return err
	}
	if n.looks.seen == nil || len(n.looks.seen) >= maxPending {
		n.looks.seen = map[hitLook]int64{}
	}
	if !q.Away {
		n.looks.seen[look] = n.Now()
	}
	return nil
}

// hitState gives what came of a hit, and when that was said.
func (n *Node) hitState(ctx context.Context, h *projection.Hit) (HitState, int64, error) {
	state, said := HitOpen, int64(0)
	err := n.answersTo(ctx, h, func(a Answer) {
		switch {
		case a.Alert == h.PoliceHit.Alert && a.Outcome == record.SamePerson:
			state, said = HitSame, a.At
		case a.Alert == h.PoliceHit.Alert && a.Outcome == record.OtherPerson && a.InForce:
			state, said = HitOther, a.At
		case a.Alert == h.PoliceHit.Alert && a.Outcome == record.OtherPerson:
			state, said = HitPending, a.At
		case a.Alert == h.PoliceHit.Alert && a.Outcome == record.Unsure:
			state, said = HitUnsure, a.At
		case a.Final() && state == HitOpen:
			state, said = HitEnded, a.At
		}
	})
	return state, said, err
}

// answersTo visits what the second line said about the traveller of a hit, oldest first. An assent puts its proposal in force and is
// no answer of its own.
func (n *Node) answersTo(ctx context.Context, h *projection.Hit, visit func(Answer)) error {
	referrals, err := n.shadow.ReferralsOf(ctx, h.Ref, h.List, h.PoliceHit.Alert)
	if err != nil {
		return err
	}
	for _, r := range referrals {
		all, err := n.outcomes(ctx, r)
		if err != nil {
			return err
		}
		for _, a := range all {
			visit(a)
		}
	}
	return nil
}

// versionsInForce gives all versions of an alert that are matched.
func (n *Node) versionsInForce(list, id string) []*border.Alert {
	in := n.watch.now.Load()
	if in == nil || in.index == nil {
		return nil
	}
	return in.index.Versions(watchlist.Key{List: list, ID: id})
}

// alertInForce gives an alert as it is matched, nil where it is not.
func (n *Node) alertInForce(list, id string) *border.Alert {
	if all := n.versionsInForce(list, id); len(all) > 0 {
		return all[0]
	}
	return nil
}
