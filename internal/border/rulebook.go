package border

import (
	"slices"
	"strings"
	"time"
)

// A Rulebook holds the entry rules in force. Its text is approved by the authority (a chain of states), so it is plain,
// strict and says each thing once. The rule of a stay follows the basis, then the nationality.
type Rulebook struct {
	Version  uint64              `json:"version"`   // number in its chain, from 1
	Country  string              `json:"country"`   // code in zones
	Citizens Nations             `json:"citizens"`  // nationalities that are never limited and never refused entry
	VisaFree []Group             `json:"visa_free"` // who may enter without a visa, and for how long
	Bases    map[Basis]BasisRule `json:"bases"`     // a rule for every basis

	DocumentDays   int `json:"document_days"`    // days that a foreigner's document must outlast the intended departure
	ExpiringDays   int `json:"expiring_days"`    // a stay with at most so many days left is pointed out
	MinorAge       int `json:"minor_age"`        // completed years at which one is of age
	DoubleUseHours int `json:"double_use_hours"` // a document seen elsewhere within this time is looked at

	Lists         Ages `json:"lists"` // of alert lists
	Posts         Ages `json:"posts"` // of what is known of other posts; up to amber a post counts as known to the present
	OldListsRefer bool `json:"old_lists_refer"`

	HitScore map[AlertKind]float64 `json:"hit_score"` // from which score on a hit counts, for every kind
	// HitBudget is how many of 1,000 ordinary travellers may hit an alert of a kind; the score is set from it at every node,
	// near HitScore (package watchlist bounds how far). A kind without a budget keeps its score.
	HitBudget map[AlertKind]float64 `json:"hit_budget,omitempty"`

	// Since is the first day on which each post records. A post that is not named has recorded since it was opened.
	Since map[string]Date `json:"since,omitempty"`
}

// A Group of nationalities enters without a visa under one limit. Days and Window are counted as in BasisRule.
type Group struct {
	Name    string  `json:"name"`
	Days    int     `json:"days"`
	Window  int     `json:"window"`
	Nations Nations `json:"nations"`
}

// A BasisRule limits a stay to Days in any Window days, both ends counted; zero Days is no limit. NeedsUntil asks for the
// day up to which the stay is authorised. A visa's own days and entries, and an authorised day, limit besides.
type BasisRule struct {
	Days       int  `json:"days,omitempty"`
	Window     int  `json:"window,omitempty"`
	NeedsUntil bool `json:"needs_until,omitempty"`
}

// Ages are the hours from which on a thing is shown amber or red.
type Ages struct {
	AmberHours int `json:"amber_hours"`
	RedHours   int `json:"red_hours"`
}

// Nations are codes of states as zones write them (Doc 9303 part 3, section 5; Germany is D), in alphabetical order. In
// text they are one line, parted by single blanks.
type Nations []string

// MarshalText joins the codes.
func (n Nations) MarshalText() ([]byte, error) { return []byte(strings.Join(n, " ")), nil }

// UnmarshalText splits at single blanks; Validate judges the codes.
func (n *Nations) UnmarshalText(b []byte) error {
	*n = nil
	if len(b) > 0 {
		*n = strings.Split(string(b), " ")
	}
	return nil
}

// Limit is what a rulebook and a traveller's papers allow. Zero Days is no limit by days in a window, zero VisaDays none by
// a visa's own days, zero Until none by a date; Entries 0 is multiple.
type Limit struct {
	Days, Window int
	VisaDays     int
	Entries      int
	Until        Date
}

// None reports whether nothing limits the stay.
func (l Limit) None() bool { return l == Limit{} }

// Terms are the conditions under which a traveller stays.
type Terms struct {
	Basis  Basis // zero where none is known: then the limit of the basis visa-free is shown
	Nation string
	Visa   VisaTerms
	Until  Date   // authorised until, zero where none is set
	Paper  string // number of the visa or permit, where it is not the document itself
}

// LimitOf gives the limit by basis, then nationality.
func (rb *Rulebook) LimitOf(t Terms) Limit {
	if t.Basis == Citizen || rb.IsCitizen(t.Nation) {
		return Limit{}
	}
	basis := t.Basis
	if basis == 0 {
		basis = VisaFree
	}
	rule := rb.Bases[basis]
	l := Limit{Days: rule.Days, Window: rule.Window, Until: t.Until}
	switch basis {
	case VisaFree:
		if g := rb.group(t.Nation); g != nil {
			l.Days, l.Window = g.Days, g.Window
		}
	case Visa:
		l.VisaDays = max(0, min(t.Visa.Days, maxWindow))
		l.Entries = max(0, t.Visa.Entries)
	}
	return l
}

// IsCitizen reports whether the nationality is the country's own.
func (rb *Rulebook) IsCitizen(nation string) bool { return slices.Contains(rb.Citizens, nation) }

// IsVisaFree reports whether the nationality needs no visa for a short stay; citizens are not meant.
func (rb *Rulebook) IsVisaFree(nation string) bool { return rb.group(nation) != nil }

func (rb *Rulebook) group(nation string) *Group {
	for i := range rb.VisaFree {
		if slices.Contains(rb.VisaFree[i].Nations, nation) {
			return &rb.VisaFree[i]
		}
	}
	return nil
}

// BasisFor proposes a basis from a document: its own citizen, a visa's or crew member's zone, a card that the country
// issued to a foreigner, then the visa-free nationalities. Zero is none: a visa is required.
func (rb *Rulebook) BasisFor(d Document) Basis {
	switch {
	case rb.IsCitizen(d.Nationality):
		return Citizen
	case d.isVisa():
		return Visa
	case d.Code == "AC": // crew member certificate, Doc 9303 part 5, 4.2.2
		return Crew
	case !strings.HasPrefix(d.Code, "P") && rb.IsCitizen(d.Issuer):
		return ResidencePermit
	case rb.IsVisaFree(d.Nationality):
		return VisaFree
	}
	return 0
}

// Horizons joins the rulebook's posts with what is known of each (UTC ms of the newest signed statement held), by name. A
// post of the rulebook that was never heard of is there and unknown, so that it cannot be forgotten.
func (rb *Rulebook) Horizons(knownTo map[string]int64) []Horizon {
	hs := make([]Horizon, 0, len(knownTo)+len(rb.Since))
	for node, ms := range knownTo {
		hs = append(hs, Horizon{Node: node, KnownTo: ms, Since: rb.Since[node]})
	}
	for node, since := range rb.Since {
		if _, heard := knownTo[node]; !heard {
			hs = append(hs, Horizon{Node: node, Since: since})
		}
	}
	slices.SortFunc(hs, func(a, b Horizon) int { return strings.Compare(a.Node, b.Node) })
	return hs
}

// through is the last civil day that a post is wholly known for, and false where nothing is known.
func (rb *Rulebook) through(h Horizon, now time.Time) (Date, bool) {
	if h.KnownTo <= 0 {
		return 0, false
	}
	age := now.UnixMilli() - h.KnownTo
	if age <= hours(rb.Posts.AmberHours) {
		return dayOf(now), true
	}
	return DayAt(h.KnownTo, now.Location()) - 1, true
}

func hours(n int) int64 { return (time.Duration(n) * time.Hour).Milliseconds() }

// Level is Warn from red on, Note from amber on, zero below. age is in milliseconds.
func (a Ages) Level(age int64) Level {
	switch {
	case age >= hours(a.RedHours):
		return Warn
	case age >= hours(a.AmberHours):
		return Note
	}
	return 0
}
