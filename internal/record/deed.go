package record

import "tims/internal/border"

// An act of two officers is two records: the proposal, and the assent of another officer, of the same kind and about the
// proposal. Only with its assent is a proposal in force. So it outlives any restart, and both booths' signatures stand.

// VoidBody takes back a decision. The leaf is about the decision, of the same log; by the same officer within ten minutes.
type VoidBody struct {
	Reason string `cbor:"1,keyasint"`
}

// CorrectionBody changes a completed passage. The proposal is about the record to be corrected and carries slip and person
// part as they should have been, or neither where the passage never was (Withdraw).
type CorrectionBody struct {
	Reason   string `cbor:"1,keyasint,omitempty"`
	Withdraw bool   `cbor:"2,keyasint,omitempty"`
	Assent   bool   `cbor:"3,keyasint,omitempty"` // about[0] is the proposal; no slip, no person part
}

// LateBody says from which paper sheet a passage was typed. The first keying carries no slip and counts nowhere; the second,
// by another officer and about the first, carries all parts and is in force.
type LateBody struct {
	Sheet    string   `cbor:"1,keyasint"`           // number as printed, with its check character
	Officer  string   `cbor:"2,keyasint"`           // who filled it in, as written there
	Void     bool     `cbor:"3,keyasint,omitempty"` // the sheet was spoilt; no other part
	Differed []string `cbor:"4,keyasint,omitempty"` // fields in which the two keyings differed at first
}

// An Outcome is the code of what the second line found. Codes stand in records and never change.
type Outcome string

const (
	SamePerson  Outcome = "same"    // the hit is about this person
	OtherPerson Outcome = "other"   // it is not; needs a second officer
	Cleared     Outcome = "cleared" // no reason remains; the booth may admit
	Refused     Outcome = "refused" // the booth is to refuse
	HandedOver  Outcome = "handed"  // to the police or another authority
	Unsure      Outcome = "unsure"  // whether the hit is about this person cannot be told
)

// OutcomePart is the police part of a referral's outcome. The leaf is about the referral.
type OutcomePart struct {
	Outcome Outcome `cbor:"1,keyasint"`
	Alert   string  `cbor:"2,keyasint,omitempty"` // which hit it is about
	Notes   string  `cbor:"3,keyasint,omitempty"`
	Assent  bool    `cbor:"4,keyasint,omitempty"` // about[0] is the proposal of another officer
}

// GreyBody is the body of an outcome "other person", for every post: this version of the alert is not about the holder of
// this document, until a day. It takes effect with the assent of a second officer.
type GreyBody struct {
	Alert       [32]byte    `cbor:"1,keyasint"` // SHA-256 of the alert's content
	StayKey     uint16      `cbor:"2,keyasint"`
	DocumentTag [32]byte    `cbor:"3,keyasint"`
	Until       border.Date `cbor:"4,keyasint"` // twelve months at most
}

// RegimeBody begins a regime, or ends the one that the leaf is about.
type RegimeBody struct {
	Regime string `cbor:"1,keyasint"`           // "relaxed" (Schengen Borders Code, article 9) or "unrecorded"
	Reason string `cbor:"2,keyasint"`           // with the article of law
	From   int64  `cbor:"3,keyasint"`           // UTC ms
	Until  int64  `cbor:"4,keyasint"`           // UTC ms; it ends by itself
	Passed int    `cbor:"5,keyasint,omitempty"` // at its end: persons who passed meanwhile, as counted or estimated
}

// CountBody is what a gate, a camera or an officer counted.
type CountBody struct {
	Booth    string `cbor:"1,keyasint,omitempty"`
	From     int64  `cbor:"2,keyasint"` // UTC ms
	To       int64  `cbor:"3,keyasint"`
	Entries  int    `cbor:"4,keyasint"` // persons
	Exits    int    `cbor:"5,keyasint"`
	Vehicles int    `cbor:"6,keyasint,omitempty"`
	Waiting  int    `cbor:"7,keyasint,omitempty"` // seconds in the queue
	Device   string `cbor:"8,keyasint,omitempty"` // absent: typed by the officer of the shift
}

// SheetsBody registers numbered paper forms before they are needed: an invented sheet has no number of a registered range.
type SheetsBody struct {
	Series string `cbor:"1,keyasint"` // border.SheetSeries of the node
	First  uint32 `cbor:"2,keyasint"`
	Last   uint32 `cbor:"3,keyasint"`
}

// HandoverBody is the supervisor's account of a stretch of time. The assent of who takes over is about it.
type HandoverBody struct {
	From      int64  `cbor:"1,keyasint,omitempty"` // UTC ms
	To        int64  `cbor:"2,keyasint,omitempty"`
	Entries   int    `cbor:"3,keyasint,omitempty"` // persons
	Exits     int    `cbor:"4,keyasint,omitempty"`
	Refusals  int    `cbor:"5,keyasint,omitempty"`
	Referrals int    `cbor:"6,keyasint,omitempty"` // without an outcome
	Open      int    `cbor:"7,keyasint,omitempty"` // checks never decided
	Voids     int    `cbor:"8,keyasint,omitempty"`
	Notes     string `cbor:"9,keyasint,omitempty"`
	Assent    bool   `cbor:"10,keyasint,omitempty"`
}

// A Priority says how loud a message is. The numbers stand in records and never change.
type Priority uint8

const (
	Flash   Priority = 1 // shown at once, with a sound
	Urgent  Priority = 2
	Routine Priority = 3
)

// MessageBody is a short message of a centre or post. Its envelope is read by all nodes, so that each knows what it is to
// acknowledge; the letter of a message to some is sealed to their readers' keys and the sender's.
type MessageBody struct {
	Priority Priority `cbor:"1,keyasint"`
	To       []string `cbor:"2,keyasint,omitempty"` // names of nodes; none: all posts and centres
	Letter   *Letter  `cbor:"3,keyasint,omitempty"` // of a message to all
	Sealed   []byte   `cbor:"4,keyasint,omitempty"` // of a message to some
	Wraps    [][]byte `cbor:"5,keyasint,omitempty"` // of the key of Sealed, one for each reader
}

// A Letter is what people read. One about a hit has no words and no officer.
type Letter struct {
	From string     `cbor:"1,keyasint"` // the officer's label
	Text string     `cbor:"2,keyasint"`
	Hit  *HitLetter `cbor:"3,keyasint,omitempty"`
}

// A HitLetter is what a node tells by itself to whom an alert concerns: that it was hit, and later what came of it. It names no
// traveller beyond what the alert says.
type HitLetter struct {
	Alert   string  `cbor:"1,keyasint"`
	List    string  `cbor:"2,keyasint"`
	Action  uint8   `cbor:"3,keyasint"`
	Of      Ref     `cbor:"4,keyasint"`           // the record with the hit
	At      int64   `cbor:"5,keyasint"`           // UTC ms of that record
	Outcome Outcome `cbor:"6,keyasint,omitempty"` // absent: the hit itself
	Said    int64   `cbor:"7,keyasint,omitempty"` // UTC ms of the outcome
}

// AlarmBody states an outage once it is over, so that nobody can say later that there was none, or that it was longer.
type AlarmBody struct {
	What string `cbor:"1,keyasint"` // "down": the node did not run; "cut-off": it reached no centre; "canary": it did not find one
	From int64  `cbor:"2,keyasint"` // UTC ms; of a canary when it was found last, 0 for never
	To   int64  `cbor:"3,keyasint"`

	List  string `cbor:"4,keyasint,omitempty"` // of a canary
	Alert string `cbor:"5,keyasint,omitempty"`
}

// AlarmOpen is the open part of an alarm about a log: what every node, and whoever audits, must see to believe it. It names no
// traveller. Evidence convicts by itself; a node believes nothing else of an alarm that another node wrote.
type AlarmOpen struct {
	What     LogAlarm `cbor:"1,keyasint"`
	Origin   string   `cbor:"2,keyasint"`           // of the log that it is about
	Index    uint64   `cbor:"3,keyasint,omitempty"` // record or size that it is about
	From     int64    `cbor:"4,keyasint,omitempty"` // UTC ms: since when it is so, as far as known here
	Evidence []byte   `cbor:"5,keyasint,omitempty"` // of a split view: both signed checkpoints and the proof (tlog.Evidence); of two epochs: both statements (roster.TwoEpochs)
	Detail   string   `cbor:"6,keyasint,omitempty"` // words for the journal and the page, no personal data
	Kept     uint64   `cbor:"7,keyasint,omitempty"` // of a log that came back shorter: records that it still had. Index is how many it had had
}

// A LogAlarm is the code of an alarm about a log. Codes stand in records and never change.
type LogAlarm string

const (
	SplitView  LogAlarm = "split-view"  // the log's key signed two trees of which neither continues the other
	RolledBack LogAlarm = "rolled-back" // the log came back shorter than it had been; a new epoch began
	Damaged    LogAlarm = "damaged"     // bytes of a copy or of the projection were not what was signed
	Repaired   LogAlarm = "repaired"    // they are again
	TwoEpochs  LogAlarm = "two-epochs"  // the node's identity key signed two statements for one epoch
	ClockMoved LogAlarm = "clock"       // the node's clock jumped
)

// IsolationOpen says that a node isolates itself on purpose, or that it has rejoined and what it proved before.
type IsolationOpen struct {
	Ends   bool     `cbor:"1,keyasint,omitempty"`
	Scope  string   `cbor:"2,keyasint"` // "centre": a post no longer speaks with centres; "all": a centre has stopped everything
	By     string   `cbor:"3,keyasint"` // name, as its officer's label or as given at the command line
	Reason string   `cbor:"4,keyasint"`
	Since  int64    `cbor:"5,keyasint,omitempty"` // UTC ms, of an end
	Proven []string `cbor:"6,keyasint,omitempty"` // of an end: nodes whose copies of this log were proven to agree with it
}

// DrillOpen stands at the begin and at the end of an exercise, in the exercise's own logs.
type DrillOpen struct {
	Acts []string `cbor:"1,keyasint"` // ids of the hostile acts
	Seed uint64   `cbor:"2,keyasint,omitempty"`
	By   string   `cbor:"3,keyasint,omitempty"`
}
