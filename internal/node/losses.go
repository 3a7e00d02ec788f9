package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

var (
	errNoRelease = errors.New("the release it names is not known here")

	// ErrNothingWaits: the list has no alert that waits for the authority.
	ErrNothingWaits = errors.New("no alert of this list waits to be let go")
	// ErrDraft: the file is no draft of a loss that this node could judge. The error that wraps it says why.
	ErrDraft = errors.New("not a draft of a loss of alerts")
	// ErrLossInForce, ErrLossReplaced and ErrLossAhead: the draft is one, and not of the state of this node.
	ErrLossInForce  = errors.New("this very loss is in force already; nothing is left to do")
	ErrLossReplaced = errors.New("another loss of alerts came into force since it was drafted; draft it again")
	ErrLossAhead    = errors.New("it follows a loss of alerts that is not here yet; wait until this node is in touch again")
)

// A WaitingAlert is a version of an alert that stays matched although the release in force lacks or weakens it.
type WaitingAlert struct {
	List    string
	Alert   border.Alert  // as it is still matched
	Now     *border.Alert // as the release in force has it, nil where it is absent
	Release uint64        // the last that had it
}

// Waiting gives what of a list waits for the authority, by id.
func (n *Node) Waiting(list string) []WaitingAlert {
	f := n.watch.of(list)
	if f == nil {
		return nil
	}
	held := map[[32]byte]bool{}
	for i := range f.held {
		held[alertHash(&f.held[i])] = true
	}
	var out []WaitingAlert
	for _, v := range f.gone {
		if held[v.hash] {
			out = append(out, v.waiting())
		}
	}
	return out
}

func (v version) waiting() WaitingAlert {
	return WaitingAlert{v.alert.List, v.alert, v.now, v.last.release}
}

// DraftLoss drafts the loss of the alerts with the given ids, or with none of all that waits of a list. The change is void a day
// after now.
func (n *Node) DraftLoss(list string, ids []string, now time.Time) (LossDraft, error) {
	f := n.watch.of(list)
	if f == nil {
		return LossDraft{}, fmt.Errorf("list %s: %w", list, ErrNothingWaits)
	}
	var hashes [][32]byte
	for _, v := range f.gone {
		if len(ids) == 0 || slices.Contains(ids, v.alert.ID) {
			hashes = append(hashes, v.hash)
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(f.gone, func(v version) bool { return v.alert.ID == id }) {
			return LossDraft{}, fmt.Errorf("list %s: %w", list, ErrNothingWaits)
		}
	}
	r := f.of.rank()
	settles := len(hashes) == len(f.gone) && n.unread(list, r) == 0
	if len(hashes) == 0 && (isSingle(list) || !settles || settled(n.State().Losses, list) == r) {
		return LossDraft{}, fmt.Errorf("list %s: %w", list, ErrNothingWaits)
	}
	l := roster.Loss{List: list, Origin: r.origin, Release: r.release, Count: len(hashes), Settled: settles}
	var d LossDraft
	if isSingle(list) { // of records up to the newest; nothing of an earlier release is kept for them
		l.Release, l.Settled, l.Versions, hashes = r.release+1, false, hashes, nil
	}
	for _, plain := range lists.PackLosses(hashes) {
		sealed, err := seal.SealKept(f.of.body.Key, list, plain)
		if err != nil {
			return LossDraft{}, fmt.Errorf("draft a loss of list %s: %w", list, err)
		}
		d.Sets, l.Sets = append(d.Sets, sealed), append(l.Sets, sha256.Sum256(sealed))
	}
	d.Change = n.State().Next(roster.ChainAlertLosses, record.Marshal(l), now.Add(changeFor).UnixMilli())
	return d, nil
}

// A LossView is a draft as this node's own copy of the logs explains it.
type LossView struct {
	Loss      roster.Loss
	Alerts    []WaitingAlert // what would no longer be matched, by id
	Unknown   int            // versions of which this node has never had a release, or that it matches no longer
	Left      int            // alerts that would still wait, and releases that are not here, though the draft says that it settles the list
	Approvals []string       // approvers whose signatures hold
	Needed    int            // approvals
}

// JudgeLoss decodes a draft and explains it from what this node holds, so that an approver signs what a copy of his own says, not
// what whoever made the draft says.
func (n *Node) JudgeLoss(d LossDraft) (LossView, error) {
	l, f, hashes, err := n.openLoss(d)
	if err != nil {
		return LossView{}, err
	}
	s := n.State()
	v := LossView{Loss: l, Needed: s.Authority.Threshold, Approvals: s.Authority.Signers(d.Change, d.Approvals)}
	lost := map[[32]byte]rank{}
	for _, h := range hashes {
		lost[h] = rank{l.Release, l.Origin}
	}
	known := 0
	for _, x := range f.gone {
		if _, named := lost[x.hash]; named && x.last.compare(lost[x.hash]) < 0 {
			v.Alerts, known = append(v.Alerts, x.waiting()), known+1
		} else if l.Settled && x.last.compare(rank{l.Release, l.Origin}) < 0 {
			v.Left++
		}
	}
	v.Unknown = len(lost) - known
	if l.Settled {
		v.Left += n.unread(l.List, rank{l.Release, l.Origin})
	}
	return v, nil
}

// unread counts the releases of a list before one that are not settled and not wholly here. What they had is not known here: who
// keeps one back from an approver's node must not get his word that nothing of it waits.
func (n *Node) unread(list string, before rank) (count int) {
	base := settled(n.State().Losses, list)
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	for _, a := range n.watch.reachable(list) {
		if r := a.rank(); !a.whole && !a.broken && !a.left && r.compare(before) < 0 && r.compare(base) >= 0 {
			count++
		}
	}
	return count
}

// standing says how a loss that does not follow this node's state stands to it.
func standing(s *roster.State, c roster.Change) error {
	if c.Chain != roster.ChainAlertLosses {
		return ErrDraft
	}
	_, err := s.Apply(roster.Approved{Change: c}, 0)
	switch {
	case errors.Is(err, roster.ErrKnown):
		return ErrLossInForce
	case errors.Is(err, roster.ErrBase):
		return ErrLossAhead
	}
	return ErrLossReplaced
}

// openLoss checks that a draft is one, that it builds on this node's state, and opens its sets.
func (n *Node) openLoss(d LossDraft) (l roster.Loss, f *inForce, hashes [][32]byte, err error) {
	s := n.State()
	next := s.Next(roster.ChainAlertLosses, d.Change.State, d.Change.NotAfter)
	if err := record.Unmarshal(d.Change.State, &l); err != nil {
		return l, nil, nil, fmt.Errorf("%w: %w", ErrDraft, err)
	}
	if err := l.Valid(); err != nil {
		return l, nil, nil, fmt.Errorf("%w: %w", ErrDraft, err)
	}
	if d.Change.Challenge() != next.Challenge() {
		return l, nil, nil, fmt.Errorf("list %s: %w", l.List, standing(s, d.Change))
	}
	a, f := n.watch.announcement(l.List, rank{l.Release, l.Origin}), n.watch.of(l.List)
	if isSingle(l.List) && f != nil && len(l.Sets) == 0 && l.Release <= f.of.body.Release+1 {
		a = f.of
	}
	if a == nil || f == nil || f.of.rank().compare(a.rank()) < 0 {
		return l, nil, nil, fmt.Errorf("%w: %w", ErrDraft, errNoRelease)
	}
	if len(d.Sets) != len(l.Sets) {
		return l, nil, nil, fmt.Errorf("%w: it lacks a set", ErrDraft)
	}
	hashes = l.Versions
	for i, sealed := range d.Sets {
		if sha256.Sum256(sealed) != l.Sets[i] {
			return l, nil, nil, fmt.Errorf("%w: a set is not the one that it names", ErrDraft)
		}
		set, err := openSet(a, sealed)
		if err != nil {
			return l, nil, nil, fmt.Errorf("%w: %w", ErrDraft, err)
		}
		for h := range set {
			hashes = append(hashes, h)
		}
	}
	if len(hashes) != l.Count {
		return l, nil, nil, fmt.Errorf("%w: it names %d versions and holds %d", ErrDraft, l.Count, len(hashes))
	}
	return l, f, hashes, nil
}

// Withdraw brings an approved loss into force: the sets are stored with the release that they name, the change is learned as
// every change, and from here both reach every node.
func (n *Node) Withdraw(ctx context.Context, d LossDraft) error {
	l, _, _, err := n.openLoss(d)
	if err != nil {
		return err
	}
	a := roster.Approved{Change: d.Change, Approvals: d.Approvals}
	if _, err := n.State().Apply(a, n.Now()); err != nil { // before anything is stored
		return err
	}
	to, err := n.blobsOf(l.Origin)
	if err != nil {
		return err
	}
	for i, sealed := range d.Sets {
		if err := to.AddBlob(l.Sets[i], sealed); err != nil {
			return fmt.Errorf("store a set of losses: %w", err)
		}
	}
	if _, err := n.Learn(ctx, []roster.Approved{a}); err != nil {
		return err
	}
	return n.loadLists()
}

// Weaker names in what the release in force says less than, or something else than, the version that waits; nothing where the
// release has no such alert.
func (w WaitingAlert) Weaker() []string {
	if w.Now == nil {
		return nil
	}
	was, now := &w.Alert, w.Now
	var out []string
	for _, part := range []struct {
		name string
		same bool
	}{
		{"kind", was.Kind == now.Kind},
		{"action", was.Action == now.Action},
		{"days in force", was.From == now.From && was.Until == now.Until},
		{"names", slices.Equal(was.Names, now.Names)},
		{"birth dates", slices.Equal(was.Births, now.Births)},
		{"nationalities", slices.Equal(was.Nations, now.Nations)},
		{"sex", was.Sex == now.Sex},
		{"documents", slices.Equal(was.Documents, now.Documents)},
		{"vehicles", slices.Equal(was.Vehicles, now.Vehicles)},
		{"who is told", slices.Equal(was.Notify, now.Notify)},
		{"canary", was.Canary == now.Canary},
	} {
		if !part.same {
			out = append(out, part.name)
		}
	}
	return out
}
