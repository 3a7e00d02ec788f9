// Package watchlist is the index of alerts in memory: it matches a document, person or vehicle and says how sure it is
// and why. It is pure: a release is built into a new Index, or an Index with changes made from the one before, which the
// caller swaps in atomically; an Index never changes. It can be written and opened as bytes. docs/design/matching.md tells
// how a score comes about.
package watchlist

import (
	"slices"

	"tims/internal/border"
)

// A List is one release of alerts.
type List []border.Alert

// An Index finds alerts. It is safe for any number of goroutines.
type Index struct {
	layers []layer // the largest first
	papers []Papers
}

// A layer is a segment and which of its alerts are gone since it was built.
type layer struct {
	seg  *segment
	gone []uint64 // a bit an alert; nil where none is
	left int
}

func (p *layer) isGone(alert uint32) bool {
	return p.gone != nil && p.gone[alert/64]>>(alert%64)&1 != 0
}

// A Key names an alert among all lists.
type Key struct{ List, ID string }

// KeyOf is the key of an alert.
func KeyOf(a *border.Alert) Key { return Key{a.List, a.ID} }

func (k Key) hash() uint64 { return hashOf(k.List, k.ID) }

// Build indexes all alerts of the lists. The result depends on their order only where scores are equal. Alerts that
// InForce denies are indexed all the same: whether one stands is asked on the day of the check.
func Build(lists ...List) *Index {
	b := NewBuilder()
	for _, l := range lists {
		b.Add(l)
	}
	return b.Index()
}

// Index ends the building. The builder is used up.
func (b *Builder) Index() *Index {
	s := b.segment(nil)
	return &Index{layers: []layer{{seg: s, left: s.alertCount()}}}
}

// Len is the number of alerts.
func (x *Index) Len() (n int) {
	for i := range x.layers {
		n += x.layers[i].left
	}
	for _, p := range x.papers {
		n += p.Set.Len()
	}
	return n
}

// Size is the memory of the index in bytes.
func (x *Index) Size() (bytes int) {
	for i := range x.layers {
		bytes += x.layers[i].seg.size() + 8*len(x.layers[i].gone)
	}
	for _, p := range x.papers {
		bytes += p.Set.Size()
	}
	return bytes
}

// Names is how many spellings of names are searched.
func (x *Index) Names() (n int) {
	for i := range x.layers {
		n += x.layers[i].seg.nameCount()
	}
	return n
}

// Unnamed lists the ids of person alerts of which no name has a letter that a zone could hold, so that they are found
// by document alone. An editor must add a transliteration.
func (x *Index) Unnamed() (ids []string) {
	for i := range x.layers {
		p := &x.layers[i]
		for k := range p.seg.unnamed.len() {
			if alert := p.seg.unnamed.at(k); !p.isGone(alert) {
				ids = append(ids, p.seg.keyOf(alert).ID)
			}
		}
	}
	return ids
}

// All visits the alerts until it is told to stop, but for papers.
func (x *Index) All(yield func(*border.Alert) bool) {
	for i := range x.layers {
		p := &x.layers[i]
		for alert := range uint32(p.seg.alertCount()) {
			if p.isGone(alert) {
				continue
			}
			if a, ok := p.seg.alert(alert); ok && !yield(a) {
				return
			}
		}
	}
}

// With is the index with alerts changed or added, each once, and others gone: it costs what the changes cost, not what the index
// holds. Words are weighed as in the first layer. Small layers are put together on the way; when Layers grows or the
// changes add up to a good share of the whole, Merge makes it one again.
func (x *Index) With(changed []border.Alert, gone []Key) *Index {
	next := &Index{layers: slices.Clone(x.layers), papers: x.papers}
	gone = slices.Clone(gone)
	for i := range changed {
		gone = append(gone, KeyOf(&changed[i]))
	}
	for i := range next.layers {
		next.layers[i].remove(gone)
	}
	if len(changed) == 0 {
		return next
	}
	add := slices.Clone(changed)
	for n := len(next.layers); n > 1 && next.layers[n-1].left <= deltaFactor*len(add); n-- {
		small := &Index{layers: next.layers[n-1:]}
		for a := range small.All {
			add = append(add, *a)
		}
		next.layers = next.layers[:n-1]
	}
	b := NewBuilder()
	b.Add(add)
	s := b.segment(next.layers[0].seg)
	next.layers = append(next.layers, layer{seg: s, left: s.alertCount()})
	return next
}

// remove marks the alerts of the keys in a set of its own.
func (p *layer) remove(keys []Key) {
	own := false
	for _, k := range keys {
		p.seg.keyed(k, func(alert uint32) {
			if p.isGone(alert) {
				return
			}
			if !own {
				p.gone, own = append(make([]uint64, 0, (p.seg.alertCount()+63)/64), p.gone...), true
				p.gone = p.gone[:cap(p.gone)]
			}
			p.gone[alert/64] |= 1 << (alert % 64)
			p.left--
		})
	}
}

// Layers is how many segments a match searches.
func (x *Index) Layers() int { return len(x.layers) }

// Merge is the same index in one segment, built anew on half of the processors: officers need the other half.
func (x *Index) Merge() *Index {
	b := newBuilder(2)
	batch := make([]border.Alert, 0, mergeBatch)
	for a := range x.All {
		if batch = append(batch, *a); len(batch) == mergeBatch {
			b.Add(batch)
			batch = batch[:0]
		}
	}
	b.Add(batch)
	next := b.Index()
	next.papers = x.papers
	return next
}
