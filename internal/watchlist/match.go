package watchlist

import (
	"cmp"
	"maps"
	"slices"

	"tims/internal/border"
)

// A Query is what a booth knows of a traveller and vehicle. Every field may be empty.
type Query struct {
	Primary, Secondary string // identifiers as in the zone, words parted by blanks; any Latin letters
	Truncated          bool   // the name field is full: words may be cut and given names missing
	Birth              border.PartialDate
	Nationality        string // code as in the zone
	Sex                string // "F", "M", or anything else for unknown
	Issuer, Number     string // of the document
	Plate, Country     string // of the vehicle

	On    border.Date                  // alerts not in force on this day are passed over; zero asks for all
	Least map[border.AlertKind]float64 // score from which on an alert of a kind is a hit; nil is DefaultLeast
}

// DefaultLeast gives the scores from which on an alert is a hit where the rulebook does not say. docs/design/matching.md
// has the measurement behind the person's.
func DefaultLeast() map[border.AlertKind]float64 {
	return map[border.AlertKind]float64{border.PersonAlert: 10, border.DocumentAlert: 10, border.VehicleAlert: 10}
}

// QueryOf asks for the holder of a document and the document itself. A name counts as cut where it fills the name field
// of the zone it was read from (Doc 9303 part 4, 4.2.3).
func QueryOf(d border.Document) Query {
	room := 39 // of a passport; also taken where there was no zone
	switch {
	case len(d.Zone) == 3:
		room = 30
	case len(d.Zone) == 2:
		room = len(d.Zone[0]) - 5
	}
	return Query{
		Primary: d.Primary, Secondary: d.Secondary, Truncated: len(d.Primary)+2+len(d.Secondary) >= room,
		Birth: d.Birth, Nationality: d.Nationality, Sex: d.Sex, Issuer: d.Issuer, Number: d.Number,
	}
}

// Match returns the alerts that reach the least score of their kind, best first, each with the pieces of its score,
// which add up to it. There is one hit for an alert, by its best name.
func (x *Index) Match(q Query) []border.Hit {
	if q.Least == nil {
		q.Least = DefaultLeast()
	}
	m := &matching{x: x, q: q, best: map[int32]border.Hit{}}
	m.exact(border.PersonAlert, x.byNumber[bare(q.Number)])
	m.exact(border.DocumentAlert, x.byNumber[bare(q.Number)])
	m.exact(border.VehicleAlert, x.byPlate[plateKey(q.Plate)])
	if l := x.look(q.Primary, q.Secondary, q.Truncated); len(l.words) > 0 {
		m.looker = l
		m.persons()
	}
	hits := slices.SortedFunc(maps.Values(m.best), func(a, b border.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.AlertID, b.AlertID), cmp.Compare(a.List, b.List))
	})
	return hits[:min(len(hits), maxHits)]
}

// A matching is the work on one query.
type matching struct {
	x      *Index
	q      Query
	looker *looker
	best   map[int32]border.Hit
}

// exact takes alerts found by number or plate. A person found by document is scored with all other evidence, but never
// below the document itself: who carries the listed number is a hit whatever his name.
func (m *matching) exact(kind border.AlertKind, found []int32) {
	for _, i := range found {
		a := &m.x.alerts[i]
		if a.Kind != kind {
			continue
		}
		var why border.HitReason
		if kind == border.VehicleAlert {
			why = m.plate(a)
		} else {
			why = m.document(a)
		}
		m.keep(i, "", []border.HitReason{why})
	}
}

// keep stores a hit if it reaches the least score and is better than what is known of the alert.
func (m *matching) keep(i int32, name string, why []border.HitReason) {
	a := &m.x.alerts[i]
	score := 0.0
	for _, r := range why {
		score += r.Weight
	}
	least, ok := m.q.Least[a.Kind]
	if old, known := m.best[i]; !ok || score < least || known && old.Score >= score || m.q.On != 0 && !a.InForce(m.q.On) {
		return
	}
	if name == "" && len(a.Names) > 0 {
		name = show(a.Names[0])
	}
	slices.SortStableFunc(why, func(a, b border.HitReason) int { return cmp.Compare(b.Weight, a.Weight) })
	m.best[i] = border.Hit{AlertID: a.ID, List: a.List, Kind: a.Kind, Action: a.Action, Issuer: a.Issuer, Name: name,
		Reason: a.Reason, Score: score, Reasons: why, Alert: a}
}

func show(n border.AlertName) string {
	if n.Secondary == "" {
		return n.Primary
	}
	return n.Primary + ", " + n.Secondary
}

// document is the reason for the alert's document that agrees best, with weight zero where none does.
func (m *matching) document(a *border.Alert) (best border.HitReason) {
	k := bare(m.q.Number)
	if k == "" {
		return best
	}
	for _, d := range a.Documents {
		if bare(d.Number) != k {
			continue
		}
		if w := numberWeight(m.q.Issuer, d.Issuer); w > best.Weight {
			best = border.HitReason{Part: "document", Seen: join(m.q.Issuer, m.q.Number), Listed: join(d.Issuer, d.Number), Weight: w}
		}
	}
	return best
}

func (m *matching) plate(a *border.Alert) (best border.HitReason) {
	k := plateKey(m.q.Plate)
	for _, v := range a.Vehicles {
		if plateKey(v.Plate) != k {
			continue
		}
		w := numberWeight(m.q.Country, v.Country)
		if bare(v.Plate) != bare(m.q.Plate) {
			w += lookAlike
		}
		if w > best.Weight {
			best = border.HitReason{Part: "plate", Seen: join(m.q.Country, m.q.Plate), Listed: join(v.Country, v.Plate), Weight: w}
		}
	}
	return best
}

func join(state, number string) string {
	if state == "" {
		return number
	}
	return state + " " + number
}

// evidence is everything about a person but the name.
func (m *matching) evidence(a *border.Alert) (why []border.HitReason) {
	add := func(part, seen, listed string, weight float64) {
		if weight != 0 {
			why = append(why, border.HitReason{Part: part, Seen: seen, Listed: listed, Weight: weight})
		}
	}
	w, day := births(m.q.Birth, a.Births)
	add("birth", m.q.Birth.String(), day.String(), w)
	w, state := nationWeight(m.q.Nationality, a.Nations)
	add("nationality", m.q.Nationality, state, w)
	add("sex", m.q.Sex, a.Sex, sexWeight(m.q.Sex, a.Sex))
	if d := m.document(a); d.Weight != 0 {
		why = append(why, d)
	}
	return why
}

// outside is the sum of evidence without its reasons, for the bound that decides whether a name is aligned at all.
func (m *matching) outside(a *border.Alert) float64 {
	w, _ := births(m.q.Birth, a.Births)
	n, _ := nationWeight(m.q.Nationality, a.Nations)
	return w + n + sexWeight(m.q.Sex, a.Sex) + m.document(a).Weight
}

// person aligns one name of an alert and keeps the hit if it is one.
func (m *matching) person(n int32) {
	x := m.x
	name := &x.names[n]
	a := &x.alerts[name.alert]
	why := m.evidence(a)
	birth, _ := births(m.q.Birth, a.Births)
	why = append(why, m.looker.align(name, birth >= birthSwapped)...)
	an := a.Names[name.which]
	switch {
	case an.Weak:
		why = append(why, border.HitReason{Part: "alias", Listed: show(an), Weight: weakName})
	case an.Alias:
		why = append(why, border.HitReason{Part: "alias", Listed: show(an), Weight: aliasName})
	}
	m.keep(name.alert, show(an), why)
}
