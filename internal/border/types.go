// Package border is the domain of TIMS: documents, checks, crossings, refusals, stays and the rulebook. It advises on a
// check and computes stays. It is pure: no file, network, clock or context; every time and every known passage is handed in.
//
// Words are those of the Schengen Borders Code, Regulation (EU) 2016/399, and of the Entry/Exit System, Regulation (EU)
// 2017/2226.
package border

import "tims/internal/mrz"

// Direction says which way a traveller crosses. The numbers stand in records and never change.
type Direction uint8

const (
	Entry Direction = 1 // into the country
	Exit  Direction = 2 // out of the country
)

// Basis is the legal ground on which a traveller stays. The numbers stand in records and never change.
type Basis uint8

const (
	VisaFree        Basis = 1  // 90 days in any 180, by nationality
	Visa            Basis = 2  // short-stay visa with its own days and number of entries
	ResidencePermit Basis = 3  // not limited by days, until the permit ends
	LongStayVisa    Basis = 4  // type D, until it ends
	LocalPermit     Basis = 5  // local border traffic, days of its own
	FamilyMember    Basis = 6  // of a citizen: a right of residence of its own
	Crew            Basis = 7  // of ships, aircraft, trains
	Citizen         Basis = 8  // never limited
	OtherBasis      Basis = 9  // an officer says why in the notes
	Diplomat        Basis = 10 // accredited, or in transit to the post of accreditation
)

// A Ref names a record: the origin of its log and its index there.
type Ref struct {
	Origin string
	Index  uint64
}

// A Document is a travel document as the domain sees it, from a zone or entered by hand. Texts are in the zone's alphabet.
type Document struct {
	Code        string      // document code of the zone: "P", "ID", "V" …
	Issuer      string      // issuing state, as in the zone
	Number      string      // without fillers
	Nationality string      // of the holder, as in the zone
	Primary     string      // primary identifier (surname), fillers as single blanks
	Secondary   string      // secondary identifiers (given names)
	Birth       PartialDate // unknown parts are zero
	Sex         string      // "F", "M", "X" or "" where unspecified
	Expiry      PartialDate
	Zone        []string    // the lines as read; nil where entered by hand
	Faults      []mrz.Fault // faults found in the zone, beside their fields
	ByHand      bool        // no zone was read: shown and stored as such
}

// A Passage is one completed crossing as far as it matters to a stay: what a slip tells.
type Passage struct {
	Ref       Ref
	Direction Direction
	Happened  int64 // UTC milliseconds
	Day       Date  // civil date at the crossing; stays count this
	Basis     Basis
	Visa      VisaTerms // of the visa at this entry, zero unless Basis is Visa
	Nation    string    // nationality
	Until     Date      // authorised until, zero where none was set
	Node      string    // the post's name
	ByPerson  bool      // joined by the person tag alone: only a proposal
	Doubtful  bool      // late, corrected, or written while the clock was unsynchronised
	Withdrawn bool      // voided: ignored. A refusal is no passage and never stands in such a list
}

// VisaTerms are the limits of a visa. The keys stand in records and never change.
type VisaTerms struct {
	Days    int  `cbor:"1,keyasint,omitempty"` // authorised days of stay, 0 where not stated
	Entries int  `cbor:"2,keyasint,omitempty"` // 0 is multiple
	From    Date `cbor:"3,keyasint,omitempty"` // first day of validity, zero where unknown: then stays on an earlier visa cannot be told from this one's
}

// A Horizon says up to when one post's passages are known at this node and since when that post records at all.
type Horizon struct {
	Node    string
	KnownTo int64 // UTC milliseconds of the newest signed statement of that post held here; 0 where nothing is known
	Since   Date  // first day on which this post records, from the rulebook
}
