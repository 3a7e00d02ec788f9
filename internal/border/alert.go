package border

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// An Alert is one item of a watchlist. It is written into list releases with the numbered fields, which never change.
// Texts are as the issuer wrote them, in any script; the watchlist makes them comparable.
type Alert struct {
	ID        string          `cbor:"1,keyasint"` // list and the issuer's own number: "ofac:36", "un:6908555"
	List      string          `cbor:"2,keyasint"` // "ofac-sdn"
	Kind      AlertKind       `cbor:"3,keyasint"`
	Action    Action          `cbor:"4,keyasint"`
	Issuer    string          `cbor:"5,keyasint,omitempty"` // authority or state that asks
	Reason    string          `cbor:"6,keyasint,omitempty"`
	Names     []AlertName     `cbor:"7,keyasint,omitempty"`
	Births    []PartialDate   `cbor:"8,keyasint,omitempty"` // several where the issuer is not sure
	Nations   []string        `cbor:"9,keyasint,omitempty"` // codes as in a zone
	Sex       string          `cbor:"10,keyasint,omitempty"`
	Documents []AlertDocument `cbor:"11,keyasint,omitempty"` // of the person, or the one an alert of its kind is about
	Vehicles  []AlertVehicle  `cbor:"12,keyasint,omitempty"`
	From      Date            `cbor:"13,keyasint,omitempty"` // first day in force, zero where open
	Until     Date            `cbor:"14,keyasint,omitempty"` // last day in force, zero where open
	Caveats   string          `cbor:"15,keyasint,omitempty"` // what an officer must mind: "armed", "do not question alone"
	Face      []byte          `cbor:"16,keyasint,omitempty"` // JPEG or PNG
	Notify    []string        `cbor:"17,keyasint,omitempty"` // nodes that hear of a hit beside the issuer's; of a discreet one they alone
	Canary    bool            `cbor:"18,keyasint,omitempty"` // invented: every node must find it daily, no traveller ever does
}

// AlertName is one name of a person.
type AlertName struct {
	Primary   string `cbor:"1,keyasint"`           // surname, or the whole where the issuer does not divide
	Secondary string `cbor:"2,keyasint,omitempty"` // given names
	Alias     bool   `cbor:"3,keyasint,omitempty"`
	Weak      bool   `cbor:"4,keyasint,omitempty"` // the issuer calls it unreliable
}

// AlertDocument is a travel document by issuer and number, or a range of blank ones; Issuer may be unknown.
type AlertDocument struct {
	Issuer string `cbor:"1,keyasint,omitempty"`
	Number string `cbor:"2,keyasint"`
	To     string `cbor:"3,keyasint,omitempty"` // last of a range from Number on: of one length, alike but for digits at the end
	Status string `cbor:"4,keyasint,omitempty"` // "stolen", "lost", "revoked", "stolen blank", "invalid", or unknown
}

// AlertVehicle is a vehicle by its plate, its identification number (ISO 3779) or both; Country may be unknown.
type AlertVehicle struct {
	Country string `cbor:"1,keyasint,omitempty"`
	Plate   string `cbor:"2,keyasint,omitempty"`
	VIN     string `cbor:"3,keyasint,omitempty"`
}

// InForce reports whether the alert stands on the day.
func (a *Alert) InForce(on Date) bool {
	return (a.From == 0 || on >= a.From) && (a.Until == 0 || on <= a.Until)
}

// Validate says whether a booth could use the alert: named, of a known kind and action, with something of its kind to
// match, within bounds. Errors name the field, never its value.
func (a *Alert) Validate() error {
	switch {
	case a.ID == "" || len(a.ID) > maxAlertID:
		return errors.New("alert: no id, or one too long")
	case a.List == "" || len(a.List) > maxAlertID:
		return errors.New("alert: no list, or one too long")
	case !alertWords.knows(uint8(a.Kind)):
		return fmt.Errorf("alert: unknown kind %d", a.Kind)
	case !actionWords.knows(uint8(a.Action)):
		return fmt.Errorf("alert: unknown action %d", a.Action)
	case a.From != 0 && a.Until != 0 && a.Until < a.From:
		return errors.New("alert: ends before it begins")
	case len(a.Issuer) > maxAlertText || len(a.Reason) > maxAlertText || len(a.Sex) > 1:
		return errors.New("alert: issuer, reason or sex too long")
	}
	if len(a.Names)+len(a.Births)+len(a.Nations)+len(a.Documents)+len(a.Vehicles)+len(a.Notify) > maxAlertParts {
		return errors.New("alert: too many parts")
	}
	if len(a.Names) > MaxAlertNames {
		return errors.New("alert: too many names")
	}
	if len(a.Caveats) > maxAlertText || len(a.Face) > maxAlertFace {
		return errors.New("alert: caveats or face too long")
	}
	return a.validateParts()
}

func (a *Alert) validateParts() error {
	long := 0
	for _, n := range a.Names {
		long = max(long, len(n.Primary)+len(n.Secondary))
		if n.Primary == "" {
			return errors.New("alert: a name without a primary part")
		}
	}
	for _, d := range a.Documents {
		long = max(long, len(d.Issuer)+len(d.Number))
		if d.Number == "" {
			return errors.New("alert: a document without a number")
		}
		if _, ok := d.Range(); !ok {
			return errors.New("alert: a range of documents that is none")
		}
		long = max(long, len(d.To)+len(d.Status))
	}
	for _, v := range a.Vehicles {
		long = max(long, len(v.Country)+len(v.Plate)+len(v.VIN))
		if v.Plate == "" && v.VIN == "" {
			return errors.New("alert: a vehicle without plate and identification number")
		}
	}
	for _, n := range slices.Concat(a.Nations, a.Notify) {
		long = max(long, len(n))
	}
	for _, b := range a.Births {
		if _, err := NewPartialDate(b.Year, b.Month, b.Day); err != nil || b.IsZero() {
			return errors.New("alert: a birth date that is none")
		}
	}
	if long > maxAlertText {
		return errors.New("alert: a part too long")
	}
	if a.Kind == PersonAlert && len(a.Names)+len(a.Documents) == 0 ||
		a.Kind == DocumentAlert && len(a.Documents) == 0 ||
		a.Kind == VehicleAlert && len(a.Vehicles) == 0 {
		return fmt.Errorf("alert: nothing of kind %q to match", a.Kind)
	}
	return nil
}

// Range gives how many documents the item names: 1, or those from Number to To. False where To does not end a range that
// begins with Number: other length, other letters before the digits that count, or backwards.
func (d AlertDocument) Range() (uint64, bool) {
	if d.To == "" {
		return 1, true
	}
	if len(d.To) != len(d.Number) || d.To < d.Number {
		return 0, false
	}
	digits := len(d.Number)
	for digits > 0 && isDigit(d.Number[digits-1]) && isDigit(d.To[digits-1]) {
		digits--
	}
	if d.Number[:digits] != d.To[:digits] || len(d.Number)-digits > maxRangeDigits {
		return 0, false
	}
	from, errFrom := strconv.ParseUint("0"+d.Number[digits:], 10, 64)
	to, errTo := strconv.ParseUint("0"+d.To[digits:], 10, 64)
	return to - from + 1, errFrom == nil && errTo == nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// A Hit is an alert that the watchlist found to match a check. Scores are sums of log-likelihood ratios: they have no upper
// end and compare only within one kind; the rulebook's HitScore says from where on a hit counts.
type Hit struct {
	AlertID string
	List    string
	Kind    AlertKind
	Action  Action
	Issuer  string
	Name    string // as the list writes it, for the page
	Reason  string // the alert's
	Score   float64
	Reasons []HitReason // why it matched, heaviest first
	Alert   *Alert      // as listed; not to be changed
	// Grey: two officers found that this version of the alert is about another person than the holder of this document.
	Grey bool
	// Before is what the alert said in an earlier release that the authority has not settled; nil where it reads now as it did.
	Before *Earlier
}

// Earlier is how an alert read before.
type Earlier struct {
	Release                 uint64   // 0 of an alert written by hand
	At                      int64    // UTC ms of that release
	Parts                   []string // that read otherwise now: Alert.Retold
	Issuer, Reason, Caveats string
}

// HitReason is one piece of a score.
type HitReason struct {
	Part   string  // "primary", "secondary", "birth", "nationality", "sex", "document", "plate"
	Seen   string  // at the booth
	Listed string  // in the alert
	Weight float64 // its share of the score
}
