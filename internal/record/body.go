package record

import (
	"tims/internal/border"
)

// ShiftBody is the body of a shift: from here on, what the booth key signs is this officer's act.
type ShiftBody struct {
	Officer  [16]byte `cbor:"1,keyasint"` // stable id of the roster
	Booth    string   `cbor:"2,keyasint"`
	BoothKey []byte   `cbor:"3,keyasint"` // ECDSA P-256 public key, uncompressed point, 65 bytes
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
}

// ListBody names a release of an alert list. The chunks travel as blobs beside the log, sealed under Key.
type ListBody struct {
	List    string     `cbor:"1,keyasint"` // such as "ofac-sdn"
	Release uint64     `cbor:"2,keyasint"` // counts from 1
	Source  int64      `cbor:"3,keyasint"` // UTC ms: the issuer's own date, 0 where unknown
	Count   int        `cbor:"4,keyasint"`
	Key     [32]byte   `cbor:"5,keyasint"`
	Chunks  [][32]byte `cbor:"6,keyasint"` // SHA-256 of each sealed chunk, in order
}

// SearchBody tells the auditor who asked for what and why.
type SearchBody struct {
	By     string `cbor:"1,keyasint"`
	Reason string `cbor:"2,keyasint"`
	What   string `cbor:"3,keyasint"` // "document" or "name"
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
