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
	VIN                string // its identification number

	On       border.Date                  // alerts not in force on this day are passed over; zero asks for all
	Least    map[border.AlertKind]float64 // score from which on an alert of a kind is a hit; nil is DefaultLeast
	Most     int                          // hits to answer with, the best of all; zero is what a booth shows
	Canaries bool                         // invented alerts are wanted too
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
	var all []found
	spelt := forms(q.Primary, q.Secondary)
	number, plate, vin := border.NumberKey(q.Number), plateKey(q.Plate), bare(q.VIN)
	for i := range x.layers {
		p := &x.layers[i]
		m := &matching{layer: p, seg: p.seg, q: q, number: number, plate: plate, vin: vin, best: map[uint32]found{}}
		m.documents()
		m.vehicles()
		for _, f := range spelt {
			if m.looker = p.seg.look(f, q.Truncated); len(m.looker.words) > 0 {
				m.persons()
			}
		}
		all = slices.AppendSeq(all, maps.Values(m.best))
	}
	var hits []border.Hit
	for i := range x.papers {
		hits = x.papers[i].find(&q, number, hits)
	}
	return answer(all, hits, cmp.Or(q.Most, maxHits))
}

// A found is an alert above its least score, not yet decoded.
type found struct {
	seg   *segment
	alert uint32
	which int // of the alert's names; -1 where none matched
	score float64
	why   []border.HitReason

	action border.Action
}

func hit(a *border.Alert, f *found) border.Hit {
	shown := ""
	if at := max(f.which, 0); at < len(a.Names) {
		shown = show(a.Names[at])
	}
	for i := range f.why {
		if f.why[i].Part == "alias" {
			f.why[i].Listed = shown
		}
	}
	slices.SortStableFunc(f.why, func(a, b border.HitReason) int { return cmp.Compare(b.Weight, a.Weight) })
	return border.Hit{AlertID: a.ID, List: a.List, Kind: a.Kind, Action: a.Action, Issuer: a.Issuer, Name: shown,
		Reason: a.Reason, Score: f.score, Reasons: f.why, Alert: a}
}

// A matching is the work on one query in one segment.
type matching struct {
	layer              *layer
	seg                *segment
	q                  Query
	number, plate, vin string // bare
	looker             *looker
	best               map[uint32]found            // by alert
	papers             map[uint32]border.HitReason // persons found by document
	facts              facts                       // of the alert in hand
	of                 uint32                      // whose facts they are, plus one
	outside            float64                     // what they are worth
}

// load reads the facts of an alert; false where it is gone, not asked for, or damaged.
func (m *matching) load(alert uint32) bool {
	if m.of == alert+1 {
		return true
	}
	m.of = 0
	if m.layer.isGone(alert) || !m.seg.facts(alert, &m.facts) || m.facts.canary && !m.q.Canaries {
		return false
	}
	if on := m.q.On; on != 0 && (m.facts.from != 0 && on < m.facts.from || m.facts.until != 0 && on > m.facts.until) {
		return false
	}
	m.of = alert + 1
	w, _ := births(m.q.Birth, m.facts.births)
	n, _ := nationWeight(m.q.Nationality, m.facts.nations)
	m.outside = w + n + sexWeight(m.q.Sex, m.facts.sex) + m.papers[alert].Weight
	return true
}

// documents takes alerts found by number. A person found by document is scored with all other evidence, but never below
// the document itself: who carries the listed number is a hit whatever his name.
func (m *matching) documents() {
	if m.number == "" {
		return
	}
	take := func(i uint32) {
		if !m.load(i) || m.facts.kind == border.VehicleAlert {
			return
		}
		a, ok := m.seg.alert(i)
		why := m.document(a)
		if !ok || why.Weight == 0 {
			return
		}
		if a.Kind == border.PersonAlert {
			if m.papers == nil {
				m.papers = map[uint32]border.HitReason{}
			}
			m.papers[i], m.of = why, 0
		}
		m.keep(i, -1, []border.HitReason{why})
	}
	for from, to := m.seg.byNumber.bucket(hashOf(m.number)); from < to; from++ {
		take(m.seg.byNumber.items.at(from))
	}
	m.seg.ranges.holding(m.number, take)
}

// vehicles takes alerts found by plate or identification number.
func (m *matching) vehicles() {
	take := func(i uint32) {
		if !m.load(i) || m.facts.kind != border.VehicleAlert {
			return
		}
		if a, ok := m.seg.alert(i); ok {
			if why := m.vehicle(a); why.Weight != 0 {
				m.keep(i, -1, []border.HitReason{why})
			}
		}
	}
	if m.plate != "" {
		for from, to := m.seg.byPlate.bucket(hashOf(m.plate)); from < to; from++ {
			take(m.seg.byPlate.items.at(from))
		}
	}
	if m.vin != "" {
		for from, to := m.seg.byVIN.bucket(hashOf(m.vin)); from < to; from++ {
			take(m.seg.byVIN.items.at(from))
		}
	}
}

// keep stores a hit on the alert whose facts are loaded if it reaches the least score and is better than what is known.
func (m *matching) keep(i uint32, which int, why []border.HitReason) {
	score := 0.0
	for _, r := range why {
		score += r.Weight
	}
	least, ok := m.q.Least[m.facts.kind]
	if old, known := m.best[i]; !ok || score < least || known && old.score >= score {
		return
	}
	m.best[i] = found{m.seg, i, which, score, why, m.facts.action}
}

func show(n border.AlertName) string {
	if n.Secondary == "" {
		return n.Primary
	}
	return n.Primary + ", " + n.Secondary
}

// document is the reason for the alert's document that agrees best, with weight zero where none does.
func (m *matching) document(a *border.Alert) (best border.HitReason) {
	for _, d := range a.Documents {
		if !names(d, m.number) {
			continue
		}
		if w := numberWeight(m.q.Issuer, d.Issuer); w > best.Weight {
			listed := join(d.Issuer, d.Number)
			if d.To != "" && d.To != d.Number {
				listed += " to " + d.To
			}
			best = border.HitReason{Part: "document", Seen: join(m.q.Issuer, m.q.Number), Listed: listed, Weight: w}
		}
	}
	return best
}

// vehicle is the reason for the alert's vehicle that agrees best. A number that identifies the vehicle belongs to no
// state, so it weighs as a plate of the same one.
func (m *matching) vehicle(a *border.Alert) (best border.HitReason) {
	for _, v := range a.Vehicles {
		if m.vin != "" && bare(v.VIN) == m.vin && numberSame > best.Weight {
			best = border.HitReason{Part: "vin", Seen: m.q.VIN, Listed: v.VIN, Weight: numberSame}
		}
		if m.plate == "" || plateKey(v.Plate) != m.plate {
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

// evidence is everything about the loaded person but the name.
func (m *matching) evidence(alert uint32) (why []border.HitReason) {
	add := func(part, seen, listed string, weight float64) {
		if weight != 0 {
			why = append(why, border.HitReason{Part: part, Seen: seen, Listed: listed, Weight: weight})
		}
	}
	w, day := births(m.q.Birth, m.facts.births)
	add("birth", m.q.Birth.String(), day.String(), w)
	w, state := nationWeight(m.q.Nationality, m.facts.nations)
	add("nationality", m.q.Nationality, state, w)
	add("sex", m.q.Sex, m.facts.sex, sexWeight(m.q.Sex, m.facts.sex))
	if d, ok := m.papers[alert]; ok {
		why = append(why, d)
	}
	return why
}

// person aligns one name of the alert whose facts are loaded and keeps the hit if it is one.
func (m *matching) person(n uint32) {
	name := m.seg.name(n)
	birth, _ := births(m.q.Birth, m.facts.births)
	why := m.looker.align(name, birth >= birthSwapped)
	score := m.outside + aliasWeight(name.meta)
	for _, r := range why {
		score += r.Weight
	}
	if score < m.q.Least[border.PersonAlert]-1e-6 {
		return // before the reasons are written down; keep adds them up in their order
	}
	why = append(m.evidence(name.alert), why...)
	if w := aliasWeight(name.meta); w != 0 {
		why = append(why, border.HitReason{Part: "alias", Weight: w})
	}
	m.keep(name.alert, name.meta.which(), why)
}

func aliasWeight(n meta) float64 {
	switch {
	case n&metaWeak != 0:
		return weakName
	case n&metaAlias != 0:
		return aliasName
	}
	return 0
}
