package record

import (
	"tims/internal/border"
)

// ShiftBody is the body of a shift: from here on, what the booth key signs is this officer's act. A shift record that is
// about an earlier shift ends that one; it repeats officer and booth and names no key.
type ShiftBody struct {
	Officer  [16]byte `cbor:"1,keyasint"` // stable id of the roster
	Booth    string   `cbor:"2,keyasint"`
	BoothKey []byte   `cbor:"3,keyasint,omitempty"` // ECDSA P-256 public key, uncompressed point, 65 bytes
	Passkey  *Passkey `cbor:"4,keyasint,omitempty"` // absent in the record that ends a shift; without it the shift is the node's word alone
}

// Passkey is the WebAuthn assertion (level 3, section 7.2) by which the officer's passkey signed the booth key, as the
// authenticator gave it. Whoever has the roster verifies it again.
type Passkey struct {
	Credential    []byte `cbor:"1,keyasint"` // credential id
	Nonce         []byte `cbor:"2,keyasint"` // of the node; the challenge is made of it, booth and booth key
	ClientData    []byte `cbor:"3,keyasint"` // clientDataJSON
	Authenticator []byte `cbor:"4,keyasint"` // authenticatorData
	Signature     []byte `cbor:"5,keyasint"`
}

// SlipPart is what other posts need to count stays. Tags are made under the numbered stay key.
type SlipPart struct {
	Direction   border.Direction `cbor:"1,keyasint"`
	Happened    int64            `cbor:"2,keyasint"` // UTC ms
	Day         border.Date      `cbor:"3,keyasint"` // civil date at the crossing
	Basis       border.Basis     `cbor:"4,keyasint"`
	Nationality string           `cbor:"5,keyasint"`
	Until       border.Date      `cbor:"6,keyasint,omitempty"` // authorised until
	StayKey     uint16           `cbor:"7,keyasint"`
	DocumentTag [32]byte         `cbor:"8,keyasint"`
	PersonTag   []byte           `cbor:"9,keyasint,omitempty"` // 32 bytes; absent where the birth date has unknown parts
	VisaDays    int              `cbor:"10,keyasint,omitempty"`
	VisaEntries int              `cbor:"11,keyasint,omitempty"` // 0 is multiple
	VisaFrom    border.Date      `cbor:"12,keyasint,omitempty"`
}

// Document is a travel document inside a person part. Faults are not stored: they follow from the zone.
type Document struct {
	Code        string   `cbor:"1,keyasint,omitempty"`
	Issuer      string   `cbor:"2,keyasint,omitempty"`
	Number      string   `cbor:"3,keyasint,omitempty"`
	Nationality string   `cbor:"4,keyasint,omitempty"`
	Primary     string   `cbor:"5,keyasint,omitempty"`
	Secondary   string   `cbor:"6,keyasint,omitempty"`
	Birth       string   `cbor:"7,keyasint,omitempty"` // border.PartialDate as text
	Sex         string   `cbor:"8,keyasint,omitempty"`
	Expiry      string   `cbor:"9,keyasint,omitempty"`
	Zone        []string `cbor:"10,keyasint,omitempty"` // absent where entered by hand
}

// Known says up to when one post was known to the node that wrote, UTC ms; zero where nothing was.
type Known struct {
	_    struct{} `cbor:",toarray"`
	Node string
	To   int64
}

// ListAge says which release of a list was in force and when it was released, UTC ms.
type ListAge struct {
	_        struct{} `cbor:",toarray"`
	List     string
	Release  uint64
	Released int64
}

// PersonPart is the part of a check, crossing, refusal or referral that the traveller may be given.
type PersonPart struct {
	Direction    border.Direction `cbor:"1,keyasint"`
	Happened     int64            `cbor:"2,keyasint"` // UTC ms
	Day          border.Date      `cbor:"3,keyasint"`
	Document     Document         `cbor:"4,keyasint"`
	Decision     border.Decision  `cbor:"5,keyasint,omitempty"` // absent on a check
	Ground       border.Ground    `cbor:"6,keyasint,omitempty"` // of a refusal
	Basis        border.Basis     `cbor:"7,keyasint,omitempty"`
	Until        border.Date      `cbor:"8,keyasint,omitempty"`
	Plate        string           `cbor:"9,keyasint,omitempty"`
	PlateCountry string           `cbor:"10,keyasint,omitempty"`
	Occupants    int              `cbor:"11,keyasint,omitempty"`
	Booth        string           `cbor:"12,keyasint,omitempty"`
	Known        []Known          `cbor:"13,keyasint,omitempty"` // what this node knew of each other post
	Lists        []ListAge        `cbor:"14,keyasint,omitempty"`
	Opening      []byte           `cbor:"15,keyasint,omitempty"` // 16 bytes: opens the leaf's claim; stands on the receipt

	Party   []byte             `cbor:"16,keyasint,omitempty"` // 16 bytes: those of one vehicle or group have the same
	Vehicle border.VehicleKind `cbor:"17,keyasint,omitempty"` // absent: on foot
	Driver  bool               `cbor:"18,keyasint,omitempty"`
	Paper   string             `cbor:"19,keyasint,omitempty"` // number of the visa or permit that is the basis
	Visa    *border.VisaTerms  `cbor:"20,keyasint,omitempty"`
	Escort  border.Escort      `cbor:"21,keyasint,omitempty"` // of a minor
	With    string             `cbor:"22,keyasint,omitempty"` // who accompanies him, or whose family member he is
}

// PoliceHit is one hit as the officer saw it.
type PoliceHit struct {
	Alert   string   `cbor:"1,keyasint"`
	List    string   `cbor:"2,keyasint"`
	Action  uint8    `cbor:"3,keyasint"`
	Score   float64  `cbor:"4,keyasint"`
	Reasons []string `cbor:"5,keyasint,omitempty"`
}

// PolicePart is what the traveller is never given: hits, what the rules advised, notes.
type PolicePart struct {
	Hits     []PoliceHit `cbor:"1,keyasint,omitempty"`
	Findings []string    `cbor:"2,keyasint,omitempty"` // codes of border.Advise
	Notes    string      `cbor:"3,keyasint,omitempty"`
}

// StatusOpen counts what a node's log holds for a stretch of time; hourly unless configured shorter.
type StatusOpen struct {
	From     int64  `cbor:"1,keyasint"` // UTC ms, first record counted
	To       int64  `cbor:"2,keyasint"`
	Entries  int    `cbor:"3,keyasint"`
	Exits    int    `cbor:"4,keyasint"`
	Refusals int    `cbor:"5,keyasint"`
	Vehicles int    `cbor:"6,keyasint"`
	Version  string `cbor:"7,keyasint"` // of the program

	VehiclesIn  int    `cbor:"8,keyasint,omitempty"`
	VehiclesOut int    `cbor:"9,keyasint,omitempty"`
	Waiting     int    `cbor:"10,keyasint,omitempty"` // seconds in the queue, as last measured
	WaitingAt   int64  `cbor:"11,keyasint,omitempty"` // UTC ms of that measurement; absent where there is none
	Regime      string `cbor:"12,keyasint,omitempty"` // of RegimeBody; absent while every passage is checked and recorded

	Canaries       int   `cbor:"13,keyasint,omitempty"` // that the node must find, by the logs
	CanariesMissed int   `cbor:"14,keyasint,omitempty"` // that it did not
	CanariesAt     int64 `cbor:"15,keyasint,omitempty"` // UTC ms at which it looked last; absent where it has none or has not looked
}

// ListBody names a release of an alert list. The content travels as blobs beside the log.
type ListBody struct {
	List    string     `cbor:"1,keyasint"` // such as "ofac-sdn"
	Release uint64     `cbor:"2,keyasint"` // counts from 1
	Source  int64      `cbor:"3,keyasint"` // UTC ms: the issuer's own date, 0 where unknown
	Count   int        `cbor:"4,keyasint"`
	Key     [32]byte   `cbor:"5,keyasint"` // under which new chunks are sealed
	Chunks  [][32]byte `cbor:"6,keyasint"` // SHA-256 of each sealed chunk, in order; empty where Index names them

	Form     ListForm   `cbor:"7,keyasint,omitempty"`
	Earlier  [][32]byte `cbor:"8,keyasint,omitempty"`  // keys of chunks that were kept from before Key
	KeySince uint64     `cbor:"9,keyasint,omitempty"`  // number of the roster to whose readers Key was first given
	Index    [][32]byte `cbor:"10,keyasint,omitempty"` // SHA-256 of each blob of hashes, one after another, of chunks in order

	Numbers *NumbersTerms `cbor:"11,keyasint,omitempty"` // a list of bare document numbers
}

// A ListForm says how a release is made up.
type ListForm uint8

const (
	ListWhole ListForm = 0 // each chunk is bound to this record's act, to its place and to the total
	ListKept  ListForm = 1 // chunks are bound to list and key, and stay in the next release where nothing in them changed
)

// NumbersTerms says what all numbers of a list are and what is done with their bearers.
type NumbersTerms struct {
	Action border.Action `cbor:"1,keyasint"`
	Issuer string        `cbor:"2,keyasint,omitempty"` // authority that asks
	Status string        `cbor:"3,keyasint,omitempty"` // of border.AlertDocument
}

// SearchBody tells the auditor who asked for what and why.
type SearchBody struct {
	By     string `cbor:"1,keyasint"`
	Reason string `cbor:"2,keyasint"`
	What   string `cbor:"3,keyasint"` // "document", "name", "alert"
	Asked  string `cbor:"4,keyasint"`
}

// KeysOpen carries keys wrapped to readers. Names and wraps are of package seal; nothing in it opens without a reader's key.
type KeysOpen struct {
	Keys []WrappedKey `cbor:"1,keyasint"`
}

// WrappedKey is one named key with a wrap for each reader.
type WrappedKey struct {
	_     struct{} `cbor:",toarray"`
	Name  []byte
	Wraps [][]byte
}
