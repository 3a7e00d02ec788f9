package node

import (
	"context"
	"errors"
	"fmt"
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

// ReleaseNumbers writes a new release of a list of bare document numbers: Release for lists by the hundred million. The set, whose entries
// have no tags, and that in force are nearly all that it holds. bound is the share of the numbers in force that it may lack, from 0 to 1;
// over it, ErrShrinks comes with the counts.
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
	var edition lists.Edition
	f := before
	if f == nil {
		f = n.watch.of(list)
	}
	if f != nil {
		if f.numbers == nil {
			return out, errors.New("the list in force is one of alerts: give the numbers another name")
		}
		if weakerTerms(&announcement{body: record.ListBody{Numbers: &terms}}, f.of) {
			return out, errors.New("action or status would match less than the release in force: give the list another name")
		}
		out.Before, out.Withdrawn = f.numbers.Len(), goneFrom(f.numbers, set, &edition)
	}
	out.Added = set.Len() - out.Before + out.Withdrawn
	if float64(out.Withdrawn) > bound*float64(out.Before) {
		return out, ErrShrinks
	}
	if out.Withdrawn > maxLostNumbers {
		return out, errManyLost
	}
	if roomOfSet(set) > n.roomFor(list) {
		return out, errRoom
	}
	body := record.ListBody{List: list, Release: n.watch.highest(list) + 1, Source: source, Count: set.Len(), Form: record.ListKept,
		Numbers: &terms}
	if err := n.listKey(&body, before); err != nil {
		return out, err
	}
	made, err := n.placeNumbers(ctx, &body, before, set, edition)
	if err != nil {
		return out, err
	}
	n.watch.made.Store(made)
	defer n.watch.made.Store(nil)
	out.ListInForce, err = n.announceRelease(ctx, body)
	return out, err
}

// goneFrom notes what of the numbers in force the next release lacks, and counts it. Of more than may go it notes no more.
func goneFrom(in, next *numbers.Set, e *lists.Edition) (count int) {
	for key := range in.KeysWithout(next) {
		if count++; count <= maxLostNumbers {
			e.Gone = append(e.Gone, key)
		}
	}
	e.PapersGone = papersOf(in.PapersWithout(next))
	return count + len(e.PapersGone)
}

// madeNumbers is what a release that this node makes comes to: it need not open again what it has just sealed. Another start reads it from
// the chunks.
type madeNumbers struct {
	chunks  [32]byte // hash of their names
	set     *numbers.Set
	strikes []uint32
}

// placeNumbers places the chunks of a release of numbers one after another.
func (n *Node) placeNumbers(ctx context.Context, body *record.ListBody, before *inForce, set *numbers.Set, e lists.Edition) (*madeNumbers, error) {
	made := &madeNumbers{set: set}
	if set.Changes() > 0 {
		made.set = set.Merge()
	}
	if before == nil {
		e = lists.Edition{Come: set.Keys, PapersCome: papersOf(slices.Collect(set.Papers))}
	} else {
		e.Before, e.Come, e.PapersCome = len(before.of.chunks), set.KeysWithout(before.numbers), papersOf(set.PapersWithout(before.numbers))
		e.Open = func(i int) (lists.NumbersChunk, error) { return n.numbersAt(before.of, i) }
		for _, i := range before.strikes {
			e.Strikes = append(e.Strikes, int(i))
		}
	}
	err := lists.ReworkNumbers(e, func(c lists.Next) error {
		hash, err := n.placeChunk(body, before, c)
		if c.Before >= 0 && slices.Contains(e.Strikes, c.Before) || lists.IsStrikes(c.Packed) {
			made.strikes = append(made.strikes, uint32(len(body.Chunks)))
		}
		body.Chunks = append(body.Chunks, hash)
		return errors.Join(err, ctx.Err())
	})
	if err != nil {
		return nil, err
	}
	made.chunks = namesHash(body.Chunks)
	return made, n.placeIndex(body)
}

// papersOf gives entries that fit no key, in order.
func papersOf(entries []numbers.Entry) (out []lists.Paper) {
	for _, e := range entries {
		out = append(out, lists.Paper{Issuer: e.Issuer, Number: e.Number, To: e.To})
	}
	slices.SortFunc(out, lists.Paper.Compare)
	return out
}
