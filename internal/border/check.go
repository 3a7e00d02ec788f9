package border

import (
	"time"
)

// A Check is all that is known at one booth at one moment.
type Check struct {
	Direction Direction
	Now       time.Time // in the country's location, which decides the civil date
	Node      string    // this post
	Document  Document
	// Terms are those the officer chose. A zero Basis asks for a proposal; an empty Nation is the document's.
	Terms     Terms
	Departure Date // intended, zero where not asked
	History   History
	Hits      []Hit
	MoreHits  int // alerts that fit too and are not among Hits
	// Least is the score from which on a hit of each kind counts, as the check was matched; where a kind has none the rulebook's
	// stands.
	Least   map[AlertKind]float64
	Open    *OpenCheck
	Refused *Passage // the last refusal of this document, nil where none is known
	Lists   []ListState
}

// Counts is the score from which on a hit of a kind counts in this check.
func (c *Check) Counts(k AlertKind, rb *Rulebook) float64 {
	if least, ok := c.Least[k]; ok {
		return least
	}
	return rb.HitScore[k]
}

// OpenCheck is an earlier check of this document that was never decided.
type OpenCheck struct {
	Ref   Ref
	Node  string
	Booth string
	At    int64 // UTC ms
}

// ListState says how fresh an alert list is here.
type ListState struct {
	List    string
	KnownTo int64 // UTC ms up to which the list is known to be the newest; 0 where there is none
}

// Advice is what the rules make of a check. The officer decides.
type Advice struct {
	Decision Decision
	Ground   Ground // proposed for a refusal, "" where none is obvious
	Terms    Terms  // the officer's, completed, or the proposed ones
	Stay     Stay
	Findings []Finding // gravest first
	// Silent are the findings that nobody at the booth may see: hits of discreet alerts. They belong into the police part
	// and to the issuer.
	Silent []Finding
}

// A Finding is one thing that the rules have to say. The words for people are made from Code and Params.
type Finding struct {
	Code   Code
	Level  Level
	Asks   Decision // what this alone would advise
	Ground Ground   // what a refusal for this would rest on in law, "" where none is obvious
	Field  string   // the field that the officer can mend or look at, "" for none
	Rests  Source   // what it rests on in fact
	Params []Param  // in a fixed order for each code
}

// Param is a named value: numbers in decimal, dates as 2006-01-02, times as UTC milliseconds.
type Param struct{ Name, Value string }

// Param gives the value of a name, "" where the finding has none of it.
func (f *Finding) Param(name string) string {
	for _, p := range f.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Source says what a finding rests on.
type Source string

const (
	FromZone     Source = "zone"
	FromOfficer  Source = "officer"
	FromRulebook Source = "rulebook"
	FromStay     Source = "stay"
	FromHistory  Source = "history"
	FromAlert    Source = "alert"
	FromList     Source = "list"
	FromPosts    Source = "posts"
)

// Code names a kind of finding. Codes stand in records and never change.
type Code string

const (
	// of the document
	ZoneFault          Code = "zone-fault"   // code, line, position
	ZoneWarning        Code = "zone-warning" // code, line, position
	EnteredByHand      Code = "by-hand"
	NumberMissing      Code = "number-missing"
	NoTravelDocument   Code = "no-document"         // identity by declaration or a national identity number
	NationalityUnknown Code = "nationality-unknown" // nationality
	DocumentExpired    Code = "document-expired"    // expiry
	ExpiryUnknown      Code = "expiry-unknown"
	ShortValidity      Code = "short-validity" // expiry, until, days
	HolderMinor        Code = "minor"          // age
	VisaZoneOnly       Code = "visa-zone-only"

	// of the basis
	VisaRequired     Code = "visa-required"     // nationality
	BasisUnfounded   Code = "basis-unfounded"   // basis, nationality
	UntilMissing     Code = "until-missing"     // basis
	PermitExpired    Code = "permit-expired"    // basis, until
	VisaNotYetValid  Code = "visa-not-yet"      // from
	VisaEntriesSpent Code = "visa-entries-used" // entries, used

	// of the stay
	NoDaysLeft      Code = "no-days-left"    // used, days, window
	FewDaysLeft     Code = "few-days-left"   // left, last
	StayExceeded    Code = "stay-exceeded"   // over, proven, since, entered
	DepartsTooLate  Code = "departs-late"    // departure, last
	StayUncertain   Code = "stay-uncertain"  // doubts
	OtherDocument   Code = "other-document"  // used, left, over
	NoEntryKnown    Code = "no-entry-known"  //
	AlreadyInside   Code = "already-inside"  // entered, node
	UsedElsewhere   Code = "used-elsewhere"  // node, direction, at
	RefusedBefore   Code = "refused-before"  // node, direction, day
	CheckUndecided  Code = "check-undecided" // node, booth, at
	AlertHit        Code = "hit"             // alert, list, kind, action, score
	AlertHitWeak    Code = "hit-weak"        // alert, list, kind, action, score
	HitsMany        Code = "hits-many"       // alerts: how many fit beside those shown
	AlertHitGrey    Code = "hit-grey"        // alert, list, kind, action, score: two officers found another person
	ListOld         Code = "list-old"        // list, to
	PostsOld        Code = "posts-old"       // posts, node, to
	NothingOfPosts  Code = "posts-unknown"   //
	NothingOfAlerts Code = "lists-unknown"   //
)
