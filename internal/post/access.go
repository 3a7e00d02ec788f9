package post

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/tlog"
)

// own says whether a record of this node's log was written in the shift. A log that cannot be read is an error, not a no.
func (f *Face) own(index uint64, s *node.Shift) (bool, error) {
	o, err := f.Node.ReadOwn(index)
	switch {
	case errors.Is(err, tlog.ErrNotHere):
		return false, nil
	case err != nil:
		return false, err
	}
	return o.Leaf.Shift != nil && o.Leaf.Shift.Origin == s.Ref.Origin && o.Leaf.Shift.Index == s.Ref.Index, nil
}

// officers says whether a check, or what decided it, was written in any shift of this officer. It is asked where an act is asked
// for again: its shift may have ended with the node, and another booth may have begun what this one finished.
func (f *Face) officers(ctx context.Context, check uint64, s *node.Shift) (bool, error) {
	o, err := f.Node.ReadOwn(check)
	if errors.Is(err, tlog.ErrNotHere) || err == nil && o.Leaf.Kind != record.Check {
		return false, nil
	}
	if err != nil || f.wrote(o, s) {
		return err == nil, err
	}
	v, err := f.Node.View(ctx, check, border.Terms{}, nil)
	if err != nil || v.Decided == nil {
		return false, err
	}
	o, err = f.Node.Read(*v.Decided)
	return err == nil && f.wrote(o, s), err
}

// wrote says whether a record was written in a shift of this officer.
func (f *Face) wrote(o node.Opened, s *node.Shift) bool {
	if o.Leaf.Shift == nil {
		return false
	}
	shift, err := f.Node.Read(*o.Leaf.Shift)
	return err == nil && shift.Shift != nil && shift.Shift.Officer == s.Officer.ID
}

// mayShow lets a booth see the checks of its own shift, and those of the post that nobody decided.
func (f *Face) mayShow(ctx context.Context, index uint64, s *node.Shift) (bool, error) {
	if own, err := f.own(index, s); own || err != nil {
		return own, err
	}
	return f.isOpen(ctx, index)
}

func (f *Face) isOpen(ctx context.Context, index uint64) (bool, error) {
	if f.settled.has(index) {
		return false, nil
	}
	open, err := f.Node.OpenChecks(ctx)
	return slices.ContainsFunc(open, func(o projection.Sighting) bool { return o.Ref.Index == index }), err
}

// refuse answers where a check may not be shown, or cannot.
func (f *Face) refuse(w http.ResponseWriter, r *http.Request, b booth, err error) {
	if err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	f.Fail(w, r, http.StatusNotFound)
}
