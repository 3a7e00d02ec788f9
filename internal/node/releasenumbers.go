package node

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/watchlist/numbers"
)

// ErrShrinks: an edition of numbers loses more of the one in force than was allowed.
var ErrShrinks = errors.New("more of the numbers in force would be lost than the bound allows")

// NumbersReleased says what a release of numbers did. Nothing was released where List is empty.
type NumbersReleased struct {
	ListInForce
	Before, Added, Withdrawn int
}

// ReleaseNumbers writes a new release of a list of bare document numbers: Release for lists by the hundred million. The set and that in
// force are all that it holds. bound is the share of the numbers in force that it may lack, from 0 to 1; over it, ErrShrinks comes with
// the counts.
func (n *Node) ReleaseNumbers(ctx context.Context, list string, source int64, terms record.NumbersTerms, set *numbers.Set,
	bound float64) (NumbersReleased, error) {
	if n.Self().Role != roster.Centre {
		return NumbersReleased{}, errors.New("lists are released at a centre")
	}
	if set.Len() == 0 || set.Len() > maxNumbers || list == "" || strings.ContainsAny(list, " \n") || isSingle(list) {
		return NumbersReleased{}, fmt.Errorf("a release needs a list name without blanks, not that of single alerts, and 1 to %d numbers", maxNumbers)
	}
	sample := numberAlert(list, &terms, numbers.Entry{Number: "0"})
	if err := sample.Validate(); err != nil {
		return NumbersReleased{}, err
	}
	if set.Changes() > 0 { // its numbers would not be in order
		var err error
		if set, err = set.Merge(); err != nil {
			return NumbersReleased{}, err
		}
	}
	n.watch.releasing.Lock()
	defer n.watch.releasing.Unlock()
	out, err := n.releaseNumbers(ctx, list, source, terms, set, bound)
	if err != nil {
		return out, fmt.Errorf("release list %s: %w", list, err)
	}
	return out, nil
}

func (n *Node) releaseNumbers(ctx context.Context, list string, source int64, terms record.NumbersTerms, set *numbers.Set,
	bound float64) (out NumbersReleased, err error) {
	before, err := n.before(ctx, list)
	if err != nil {
		return out, err
	}
	if f := n.watch.of(list); f != nil {
		if f.numbers == nil {
			return out, errors.New("the list in force is one of alerts: give the numbers another name")
		}
		if weakerTerms(&announcement{body: record.ListBody{Numbers: &terms}}, f.of) {
			return out, errors.New("action or status would match less than the release in force: give the list another name")
		}
		out.Before = f.numbers.Len()
		for e := range f.numbers.All {
			if !set.Has(e) {
				out.Withdrawn++
			}
		}
	}
	out.Added = set.Len() - out.Before + out.Withdrawn
	if float64(out.Withdrawn) > bound*float64(out.Before) {
		return out, ErrShrinks
	}
	if out.Withdrawn > maxLostNumbers {
		return out, errManyLost
	}
	body := record.ListBody{List: list, Release: n.watch.highest(list) + 1, Source: source, Count: set.Len(), Form: record.ListKept,
		Numbers: &terms}
	if err := n.listKey(&body, before); err != nil {
		return out, err
	}
	if err := n.placeNumbers(ctx, &body, before, set); err != nil {
		return out, err
	}
	out.ListInForce, err = n.announceRelease(ctx, body)
	return out, err
}

// placeNumbers places the chunks of a release of numbers one after another.
func (n *Node) placeNumbers(ctx context.Context, body *record.ListBody, before *inForce, set *numbers.Set) error {
	place := func(c lists.Next) error {
		hash, err := n.placeChunk(body, before, c)
		body.Chunks = append(body.Chunks, hash)
		return errors.Join(err, ctx.Err())
	}
	count, had := 0, func(numbers.Entry) bool { return false }
	if before != nil {
		count = len(before.of.chunks)
		if before.numbers != nil {
			had = before.numbers.Has
		}
	}
	open := func(i int) ([]uint64, []lists.Paper, error) {
		plain, err := n.openChunk(before.of, i)
		if err != nil || !lists.HasNumbers(plain) {
			return nil, nil, err
		}
		return lists.FromNumbers(plain)
	}
	keyed := func(ask func(numbers.Entry) bool) func(uint64) bool {
		return func(key uint64) bool { e, ok := numbers.OfKey(key); return ok && ask(e) }
	}
	err := lists.ReworkNumbers(lists.Edition[uint64]{Before: count, Had: keyed(had), Has: keyed(set.Has), All: keysOf(set),
		Open: func(i int) ([]uint64, bool, error) { keys, _, err := open(i); return keys, keys != nil, err }}, place)
	if err != nil {
		return err
	}
	entry := func(ask func(numbers.Entry) bool) func(lists.Paper) bool {
		return func(p lists.Paper) bool { return ask(numbers.Entry{Issuer: p.Issuer, Number: p.Number, To: p.To}) }
	}
	err = lists.ReworkPapers(lists.Edition[lists.Paper]{Before: count, Had: entry(had), Has: entry(set.Has), All: slices.Values(papersOf(set)),
		Open: func(i int) ([]lists.Paper, bool, error) { _, papers, err := open(i); return papers, papers != nil, err }}, place)
	if err != nil {
		return err
	}
	return n.placeIndex(body)
}

// keysOf gives the keys of a set without changes, which ascend.
func keysOf(set *numbers.Set) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for e := range set.All {
			if key, ok := numbers.Key(e); ok && !yield(key) {
				return
			}
		}
	}
}

// papersOf gives what of a set fits no key, in order.
func papersOf(set *numbers.Set) (out []lists.Paper) {
	for e := range set.All {
		if _, ok := numbers.Key(e); !ok {
			out = append(out, lists.Paper{Issuer: e.Issuer, Number: e.Number, To: e.To})
		}
	}
	slices.SortFunc(out, lists.Paper.Compare)
	return out
}
