// Package mrz reads and checks the machine-readable zone of a travel document
// (ICAO Doc 9303, 8th edition 2021, parts 3 to 7): TD1, TD2, TD3, visas of size A
// and B, and the French identity card issued before 2021.
//
// A zone is what was read, not yet believed. Every fault is named beside its
// field and never hides another field: one wrong check digit, one unreadable
// letter or half a scan leaves all the rest to be seen.
//
// The package is pure: no file, network, clock or context.
package mrz

import "slices"

const filler = '<'

// Field names a field of the zone, in the words of the JSON report.
type Field string

// The fields that faults are named by. FieldZone is the zone as a whole.
const (
	FieldZone           Field = "zone"
	FieldDocumentCode   Field = "document_code"
	FieldIssuingState   Field = "issuing_state"
	FieldDocumentNumber Field = "document_number"
	FieldNationality    Field = "nationality"
	FieldBirthDate      Field = "birth_date"
	FieldSex            Field = "sex"
	FieldExpiryDate     Field = "expiry_date"
	FieldOptionalData   Field = "optional_data"
	FieldOptionalData2  Field = "optional_data_2"
	FieldName           Field = "name"
	FieldOffice         Field = "office"
	FieldComposite      Field = "composite"
)

// Codes of errors: a zone with one of them is not valid.
const (
	ErrLayout              = "layout"
	ErrCharset             = "charset"
	ErrDocumentCode        = "document_code"
	ErrIssuingState        = "issuing_state"
	ErrNationality         = "nationality"
	ErrDocumentNumber      = "document_number"
	ErrBirthDate           = "birth_date"
	ErrExpiryDate          = "expiry_date"
	ErrSex                 = "sex"
	ErrNameCharset         = "name_charset"
	ErrNameMissing         = "name_missing"
	ErrCheckDocumentNumber = "check_document_number"
	ErrCheckBirthDate      = "check_birth_date"
	ErrCheckExpiryDate     = "check_expiry_date"
	ErrCheckOptionalData   = "check_optional_data"
	ErrCheckComposite      = "check_composite"
)

// Codes of warnings: allowed, or allowed by practice, but worth an officer's look.
// The last two come from Read alone: they speak of the keyboard, not of the zone.
const (
	WarnNameTruncated     = "name_possibly_truncated"
	WarnBirthPartial      = "birth_date_partial"
	WarnBirthUnknown      = "birth_date_unknown"
	WarnExpiryUnknown     = "expiry_date_unknown"
	WarnNationality       = "nationality_unknown"
	WarnIssuingState      = "issuing_state_unknown"
	WarnNameSeparator     = "name_extra_separator"
	WarnNoPrimary         = "no_primary_identifier"
	WarnSexX              = "sex_x_in_mrz"
	WarnLongNumberFiller  = "long_number_check_counts_filler"
	WarnKeyboardRepaired  = "keyboard_repaired"
	WarnKeyboardUncertain = "keyboard_uncertain"
)

// Fault is one trouble with one field. Line and Position count from 1 as Doc 9303
// does; a Position of 0 is the whole line, a Line of 0 the whole zone.
type Fault struct {
	Field    Field  `json:"field"`
	Code     string `json:"code"`
	Line     int    `json:"line"`
	Position int    `json:"position"`
	Warning  bool   `json:"warning,omitempty"`
}

// Check numbers the check digits a zone can have.
type Check uint8

// The check digits, in the order of the report.
const (
	CheckDocumentNumber Check = iota
	CheckBirthDate
	CheckExpiryDate
	CheckOptionalData
	CheckComposite
	checks
)

// Checks says of each check digit whether it was there to be computed and whether
// it holds: two bits a digit.
type Checks uint16

// Done reports whether the format has the digit and its characters were readable.
func (c Checks) Done(k Check) bool { return c>>(2*k)&1 != 0 }

// Holds reports whether the digit was computed and agrees.
func (c Checks) Holds(k Check) bool { return c>>(2*k)&3 == 3 }

// Failed reports whether the digit was computed and disagrees.
func (c Checks) Failed(k Check) bool { return c>>(2*k)&3 == 1 }

func (c *Checks) set(k Check, holds bool) {
	*c |= 1 << (2 * k)
	if holds {
		*c |= 2 << (2 * k)
	}
}

// Zone is a zone as read. Values have their trailing fillers removed and inner
// fillers as blanks, except the dates, the sex and the check digit, which stand as
// in the zone. A field with an unreadable character is empty and has a fault.
type Zone struct {
	Format              Format
	DocumentCode        string
	IssuingState        string
	DocumentNumber      string // long numbers of TD1 and TD2 joined
	DocumentNumberCheck string
	NumberLong          bool
	Nationality         string
	BirthDate           string // YYMMDD with fillers for what is unknown
	Sex                 string
	ExpiryDate          string
	Primary             string
	Secondary           string
	NameTruncated       bool
	OptionalData        string
	OptionalData2       string // TD1
	Office              string // French card
	IssueYYMM           string // French card
	Checks              Checks
	Faults              []Fault
}

// Parse reads a zone that is already split into lines. It never repairs: lower
// case and blanks are faults here, and Split or Read is for what a keyboard
// delivered. Lines of a shape that no format has give the format None, and what
// check digits still vouch for is kept.
func Parse(lines []string) Zone {
	l, clean := layoutOf(lines)
	if l == nil {
		return salvage(lines)
	}
	r := reader{layout: l}
	r.z.Format = l.format
	copy(r.lines[:], lines)
	if !clean {
		r.blot()
	}
	if l.format == FRAID {
		r.french()
	} else {
		r.icao()
	}
	return r.z
}

// Valid reports whether the zone has no error; warnings are allowed.
func (z Zone) Valid() bool {
	for _, f := range z.Faults {
		if !f.Warning {
			return false
		}
	}
	return true
}

// Errors returns the distinct codes of errors, sorted; those of the French card in
// the order of its lines.
func (z Zone) Errors() []string { return z.codes(false) }

// Warnings returns the distinct codes of warnings, in the order of Errors.
func (z Zone) Warnings() []string { return z.codes(true) }

func (z Zone) codes(warning bool) []string {
	codes := []string{}
	for _, f := range z.Faults {
		if f.Warning == warning && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	if z.Format != FRAID {
		slices.Sort(codes)
	}
	return codes
}
