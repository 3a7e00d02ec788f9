package node

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tims/internal/border"
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
