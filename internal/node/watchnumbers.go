package node

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/watchlist"
	"tims/internal/watchlist/numbers"
)

// A list of bare document numbers says of each no more than issuer and number; what is done with the bearers stands once, in the record
// of its release. Its numbers are in no row of the index: they stand in sets beside it, some six bytes each. A number that a release
// lacks is a version like any other: it is held until its loss is approved, as the alert that it stands for.

// paperMark begins the ids that the index gives to numbers of sets; no alert's id can.
const paperMark = "\x00"

var errManyLost = fmt.Errorf("it would withdraw more than %d numbers at once", maxLostNumbers)

// numberAlert is the alert for which a number of a list stands. Its bytes name the version, in losses too.
func numberAlert(list string, terms *record.NumbersTerms, e numbers.Entry) border.Alert {
	return border.Alert{ID: numberID(list, e), List: list, Kind: border.DocumentAlert, Action: terms.Action, Issuer: terms.Issuer,
		Documents: []border.AlertDocument{{Issuer: e.Issuer, Number: e.Number, To: e.To, Status: terms.Status}}}
}

func numberID(list string, e numbers.Entry) string {
	id := list + ":" + e.Issuer + ":" + e.Number
	if e.To != "" {
		id += "-" + e.To
	}
	return id
}

// numberOf says whether an alert is one for which a number stands, and for which.
func numberOf(a *border.Alert) (numbers.Entry, bool) {
	if a.Kind != border.DocumentAlert || len(a.Documents) != 1 || a.Reason != "" || len(a.Names)+len(a.Vehicles) > 0 || a.Canary ||
		a.From != 0 || a.Until != 0 {
		return numbers.Entry{}, false
	}
	d := a.Documents[0]
	e := numbers.Entry{Issuer: d.Issuer, Number: d.Number, To: d.To}
	return e, a.ID == numberID(a.List, e) && a.Documents[0].Number == border.NumberKey(d.Number)
}

// ofChunk reads the numbers of a chunk, strictly: each in its one form. None is no error: a chunk may be of alerts.
func ofChunk(plain []byte, visit func(numbers.Entry) error) error {
	if !lists.HasNumbers(plain) {
		return nil
	}
	keys, papers, err := lists.FromNumbers(plain)
	if err != nil {
		return err
	}
	for _, key := range keys {
		e, ok := numbers.OfKey(key)
		if !ok {
			return lists.ErrChunk
		}
		if err := visit(e); err != nil {
			return err
		}
	}
	for _, p := range papers {
		e := numbers.Entry{Issuer: p.Issuer, Number: p.Number, To: p.To}
		_, fits := numbers.Key(e)
		if fits || p.Number != border.NumberKey(p.Number) || p.To != border.NumberKey(p.To) || p.To == p.Number {
			return lists.ErrChunk
		}
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

// eachNumber opens a chunk of a release and visits its numbers.
func (n *Node) eachNumber(a *announcement, chunk int, visit func(numbers.Entry) error) error {
	plain, err := n.openChunk(a, chunk)
	if err != nil {
		return err
	}
	if lists.HasNumbers(plain) && a.body.Numbers == nil {
		return n.breaks(a, errors.New("it has numbers and does not say what is done with them"))
	}
	if err := ofChunk(plain, visit); err != nil {
		return n.breaks(a, err)
	}
	return nil
}

// readNumbers gives the set of a release's numbers. Where few chunks are others than those in force, the set in force is changed.
func (n *Node) readNumbers(a *announcement, was *inForce, kept map[uint32]uint32, stays []bool) (*numbers.Set, error) {
	if a.body.Numbers == nil {
		return nil, nil
	}
	if was != nil && was.numbers != nil && len(kept) >= len(a.chunks)*3/4 {
		return n.changeNumbers(a, was, kept, stays)
	}
	b, count := new(numbers.Builder), 0
	for i := range a.chunks {
		err := n.eachNumber(a, i, func(e numbers.Entry) error {
			count++
			return b.Add(e)
		})
		if err != nil {
			return nil, err
		}
	}
	set := b.Set()
	if set.Len() != count {
		return nil, n.breaks(a, errors.New("it has a number twice"))
	}
	return set, nil
}

func (n *Node) changeNumbers(a *announcement, was *inForce, kept map[uint32]uint32, stays []bool) (*numbers.Set, error) {
	var come, gone []numbers.Entry
	for i := range a.chunks {
		if stays[i] {
			continue
		}
		if err := n.eachNumber(a, i, func(e numbers.Entry) error { come = append(come, e); return nil }); err != nil {
			return nil, err
		}
	}
	for i := range was.of.chunks {
		if _, ok := kept[uint32(i)]; ok {
			continue
		}
		if err := n.eachNumber(was.of, i, func(e numbers.Entry) error { gone = append(gone, e); return nil }); err != nil {
			return nil, err
		}
	}
	set, err := was.numbers.With(come, gone)
	if err != nil {
		return nil, n.breaks(a, err)
	}
	if set.Len() != was.numbers.Len()+len(come)-len(gone) {
		return nil, n.breaks(a, errors.New("it has a number twice"))
	}
	if set.Changes() > set.Len()/8 {
		return set.Merge()
	}
	return set, nil
}

// numbersGone adds to versions the numbers of an earlier release's chunk that the release in force lacks or weakens, but for
// those lost.
func (n *Node) numbersGone(seen []version, f *inForce, p chunkPlace, last rank, lost map[[32]byte]rank) ([]version, error) {
	list, terms := f.of.body.List, p.of.body.Numbers
	err := n.eachNumber(p.of, p.at, func(e numbers.Entry) error {
		v := version{alert: numberAlert(list, terms, e), last: last}
		if f.numbers != nil && f.numbers.Has(e) {
			now := numberAlert(list, f.of.body.Numbers, e)
			if !now.Weakens(&v.alert) {
				return nil
			}
			v.now = &now
		}
		if v.hash = alertHash(&v.alert); lost[v.hash].compare(last) > 0 {
			return nil
		}
		seen = append(seen, v)
		return nil
	})
	if len(seen) > maxLostNumbers {
		err = errors.Join(err, errManyLost)
	}
	return seen, err
}

// weakerTerms says whether numbers that stand in both releases are matched less by the later one.
func weakerTerms(now, was *announcement) bool {
	if now.body.Numbers == nil || was.body.Numbers == nil {
		return false
	}
	e := numbers.Entry{Number: "0"}
	a, b := numberAlert("", now.body.Numbers, e), numberAlert("", was.body.Numbers, e)
	return a.Weakens(&b)
}

// withPapers puts the sets of all lists beside the index: the numbers of the releases in force, and those held.
func (w *watch) withPapers() error {
	var papers []watchlist.Papers
	for _, name := range slices.Sorted(maps.Keys(w.lists)) {
		f := w.lists[name]
		if f.numbers != nil {
			papers = append(papers, watchlist.Papers{Set: f.numbers, Groups: []border.Alert{groupOf(name, f.of.body.Numbers)}})
		}
		held, err := heldPapers(f.held)
		if err != nil {
			return fmt.Errorf("list %s: %w", name, err)
		}
		if held.Set != nil {
			papers = append(papers, held)
		}
	}
	w.index = w.index.WithPapers(papers...)
	return nil
}

func groupOf(list string, terms *record.NumbersTerms) border.Alert {
	a := numberAlert(list, terms, numbers.Entry{})
	a.ID = paperMark
	return a
}

// heldPapers puts the numbers among held versions into a set, each with the terms that it had.
func heldPapers(held watchlist.List) (p watchlist.Papers, err error) {
	var b numbers.Builder
	for i := range held {
		e, ok := numberOf(&held[i])
		if !ok {
			continue
		}
		d := held[i].Documents[0]
		group := groupOf(held[i].List, &record.NumbersTerms{Action: held[i].Action, Issuer: held[i].Issuer, Status: d.Status})
		at := slices.IndexFunc(p.Groups, func(g border.Alert) bool {
			return g.Action == group.Action && g.Issuer == group.Issuer && g.Documents[0].Status == d.Status
		})
		if at < 0 {
			at, p.Groups = len(p.Groups), append(p.Groups, group)
		}
		e.Tag = numbers.Tag(min(at, numbers.MaxTag))
		if err := b.Add(e); err != nil {
			return p, err
		}
	}
	if len(p.Groups) > 0 {
		p.Set = b.Set()
	}
	return p, nil
}

// rows are the held versions that stand in the index itself.
func rows(held watchlist.List) watchlist.List {
	return slices.DeleteFunc(slices.Clone(held), func(a border.Alert) bool { _, ok := numberOf(&a); return ok })
}

// match asks the index, and gives numbers of sets the ids of the alerts for which they stand.
func (w *watch) match(q watchlist.Query) []border.Hit {
	hits := w.index.Match(q)
	for i := range hits {
		if h := &hits[i]; strings.HasPrefix(h.AlertID, paperMark) {
			d := h.Alert.Documents[0]
			a := *h.Alert
			a.ID = numberID(a.List, numbers.Entry{Issuer: d.Issuer, Number: d.Number, To: d.To})
			h.AlertID, h.Alert = a.ID, &a
		}
	}
	slices.SortStableFunc(hits, func(a, b border.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.AlertID, b.AlertID), cmp.Compare(a.List, b.List))
	})
	return slices.CompactFunc(hits, func(a, b border.Hit) bool { // held, and with weaker terms in force
		return a.AlertID == b.AlertID && a.List == b.List && a.Action == b.Action && a.Alert.Caveats == b.Alert.Caveats && bytes.Equal(a.Alert.Face, b.Alert.Face)
	})
}

// NumberAlerts gives the alerts for which a list's number of this id stands: that of the release in force, and that held.
func (n *Node) NumberAlerts(list, id string) (now, held []border.Alert) {
	f := n.watch.of(list)
	if f == nil || f.numbers == nil {
		return nil, nil
	}
	parts := strings.SplitN(strings.TrimPrefix(id, list+":"), ":", 2)
	if len(parts) == 2 {
		number, _, _ := strings.Cut(parts[1], "-")
		f.numbers.Find(number, func(e numbers.Entry) {
			if a := numberAlert(list, f.of.body.Numbers, e); a.ID == id {
				now = append(now, a)
			}
		})
	}
	for i := range f.held {
		if f.held[i].ID == id {
			held = append(held, f.held[i])
		}
	}
	return now, held
}
