package post

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/tlog"
	"tims/internal/web"
)

// trouble answers an error of the node that belongs to no field, in words that say what to do.
func (f *Face) trouble(w http.ResponseWriter, r *http.Request, b booth, err error) {
	words := f.words(r)
	p := f.page(r, b, "post.trouble.title", web.Key{Keys: "Escape", Text: words.t("post.key.booth")})
	p.Status, p.Data = statusOf(err), words.error(err)
	f.pages.Render(w, r, "trouble", p)
}

// own says whether a record of this node's log was written in the shift. A log that cannot be read is an error, not a no.
func (f *Face) own(index uint64, s *node.Shift) (bool, error) {
	o, err := f.n.ReadOwn(index)
	switch {
	case errors.Is(err, tlog.ErrNotHere):
		return false, nil
	case err != nil:
		return false, err
	}
	return o.Leaf.Shift != nil && o.Leaf.Shift.Origin == s.Ref.Origin && o.Leaf.Shift.Index == s.Ref.Index, nil
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
	open, err := f.n.OpenChecks(ctx)
	return slices.ContainsFunc(open, func(o projection.Sighting) bool { return o.Ref.Index == index }), err
}

// refuse answers where a check may not be shown, or cannot.
func (f *Face) refuse(w http.ResponseWriter, r *http.Request, b booth, err error) {
	if err != nil {
		f.trouble(w, r, b, err)
		return
	}
	f.pages.Fail(w, r, http.StatusNotFound)
}

func indexOf(r *http.Request) (uint64, bool) {
	index, err := strconv.ParseUint(r.PathValue("index"), 10, 64)
	return index, err == nil
}
