// Package record is the plain type and the bytes of every logged fact: leaves, part contents, and who may read which part.
// It is pure. The formats are written down in docs/design/records.md and held by golden bytes.
package record

import "strconv"

// A Kind says what a record states. The numbers are fixed for ever; unknown ones are set aside by the projection and
// folded again after an upgrade.
type Kind uint16

const (
	Shift           Kind = 1  // binds officer, booth and booth key
	Check           Kind = 2  // a document was read; written before any decision
	Crossing        Kind = 3  // a completed passage
	Refusal         Kind = 4  // of entry or exit, with its ground
	Referral        Kind = 5  // sent to the second line
	ReferralOutcome Kind = 6  //
	Void            Kind = 7  // by the same officer within ten minutes, with a reason
	Correction      Kind = 8  // by two officers
	Late            Kind = 9  // a numbered paper sheet typed in afterwards
	Evidence        Kind = 10 // stamp or ticket added to a stay
	Regime          Kind = 11 // checks relaxed, or passages not recorded by law
	Alert           Kind = 12 // a single alert
	AlertChange     Kind = 13 //
	List            Kind = 14 // a release of an alert list, naming its chunks by hash
	Rulebook        Kind = 15 // an approved change of the rulebook
	Roster          Kind = 16 // an approved change of the roster or of the authority
	Keys            Kind = 17 // keys wrapped to readers
	Status          Kind = 18 // counts of a stretch of time
	Message         Kind = 19 //
	MessageReceipt  Kind = 20 //
	Search          Kind = 21 // written before its answer is shown
	Export          Kind = 22 //
	Erasure         Kind = 23 //
	Alarm           Kind = 24 //
	Isolation       Kind = 25 //
	Count           Kind = 26 // of a gate or camera
	DrillBegin      Kind = 27 //
	DrillEnd        Kind = 28 //
	Sheets          Kind = 29 // numbered paper forms, registered before they are needed
	Handover        Kind = 30 // from one shift supervisor to the next
	Enrolment       Kind = 31 // an officer's passkey, signed by the enrolment key that the roster names
)

var kindNames = map[Kind]string{
	Shift: "shift", Check: "check", Crossing: "crossing", Refusal: "refusal", Referral: "referral",
	ReferralOutcome: "referral-outcome", Void: "void", Correction: "correction", Late: "late", Evidence: "evidence",
	Regime: "regime", Alert: "alert", AlertChange: "alert-change", List: "list", Rulebook: "rulebook", Roster: "roster",
	Keys: "keys", Status: "status", Message: "message", MessageReceipt: "message-receipt", Search: "search",
	Export: "export", Erasure: "erasure", Alarm: "alarm", Isolation: "isolation", Count: "count",
	DrillBegin: "drill-begin", DrillEnd: "drill-end", Sheets: "sheets", Handover: "handover", Enrolment: "enrolment",
}

// String gives the kind's word of the design, or its number where this version does not know it.
func (k Kind) String() string {
	if s, ok := kindNames[k]; ok {
		return s
	}
	return "kind-" + strconv.Itoa(int(k))
}

// Known reports whether this version knows the kind.
func (k Kind) Known() bool { _, ok := kindNames[k]; return ok }

// A Part is the number of one of a record's parts. Fixed for ever.
type Part uint8

const (
	Slip   Part = 1 // what other posts need for stays
	Person Part = 2 // zone, document, decision
	Police Part = 3 // hits, referral, notes
	Media  Part = 4 // images
	Body   Part = 5 // the one sealed part of every other kind
	Open   Part = 6 // the one part of kinds that stand in clear
)

var partNames = [...]string{Slip: "slip", Person: "person", Police: "police", Media: "media", Body: "body", Open: "open"}

// String gives the part's word, or its number where this version does not know it.
func (p Part) String() string {
	if int(p) < len(partNames) && partNames[p] != "" {
		return partNames[p]
	}
	return "part-" + strconv.Itoa(int(p))
}
