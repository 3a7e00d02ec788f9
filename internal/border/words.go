package border

import "fmt"

// Decision is what the rules advise or the officer did, at entry and at exit alike. The numbers stand in records and never
// change.
type Decision uint8

const (
	Admit  Decision = 1 // let pass
	Refer  Decision = 2 // to the second line
	Refuse Decision = 3 // with a ground
)

// AlertKind says what an alert is about. The numbers stand in lists and never change.
type AlertKind uint8

const (
	PersonAlert   AlertKind = 1
	DocumentAlert AlertKind = 2 // stolen, lost, revoked
	VehicleAlert  AlertKind = 3
)

// Action is what an alert's issuer asks the officer to do. The numbers stand in lists and records and never change.
type Action uint8

const (
	ActRefuse   Action = 1
	ActArrest   Action = 2
	ActDiscreet Action = 3 // nothing may be shown at the booth; the issuer is told
	ActInform   Action = 4 // let pass and tell the issuer
	ActSeize    Action = 5 // take the document or vehicle
	ActProtect  Action = 6 // a missing or endangered person
)

// Level says how loud a finding is. The numbers never change.
type Level uint8

const (
	Note  Level = 1
	Warn  Level = 2
	Grave Level = 3
)

// A vocabulary holds the stable words of numbered kinds; the index is the number, and zero has no word.
type vocabulary struct {
	kind  string
	words []string
}

var (
	directionWords = vocabulary{"direction", []string{"", "entry", "exit"}}
	basisWords     = vocabulary{"basis", []string{
		"", "visa-free", "visa", "residence-permit", "long-stay-visa", "local-permit", "family-member", "crew", "citizen", "other",
		"diplomat",
	}}
	decisionWords = vocabulary{"decision", []string{"", "admit", "refer", "refuse"}}
	alertWords    = vocabulary{"kind of alert", []string{"", "person", "document", "vehicle"}}
	actionWords   = vocabulary{"action", []string{"", "refuse", "arrest", "discreet", "inform", "seize", "protect"}}
	levelWords    = vocabulary{"level", []string{"", "note", "warn", "grave"}}
)

// text never fails, for a page must show even a number of tomorrow.
func (v vocabulary) text(n uint8) string {
	if int(n) < len(v.words) {
		return v.words[n]
	}
	return fmt.Sprintf("%s %d", v.kind, n)
}

func (v vocabulary) knows(n uint8) bool { return n > 0 && int(n) < len(v.words) }

func (v vocabulary) parse(s string) (uint8, error) {
	for i, w := range v.words {
		if i > 0 && w == s {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("unknown %s", v.kind)
}

func (v vocabulary) marshal(n uint8) ([]byte, error) {
	if !v.knows(n) {
		return nil, fmt.Errorf("%s %d has no word", v.kind, n)
	}
	return []byte(v.words[n]), nil
}

// String is "entry" or "exit", and "" for zero.
func (d Direction) String() string { return directionWords.text(uint8(d)) }

// ParseDirection reads the words of String; zero and numbers have none.
func ParseDirection(s string) (Direction, error) {
	n, err := directionWords.parse(s)
	return Direction(n), err
}

// MarshalText is String for JSON, and an error for a number without a word.
func (d Direction) MarshalText() ([]byte, error) { return directionWords.marshal(uint8(d)) }

// UnmarshalText is ParseDirection.
func (d *Direction) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDirection(string(b))
	return err
}

// String is the stable word, such as "visa-free", and "" for zero.
func (b Basis) String() string { return basisWords.text(uint8(b)) }

// ParseBasis reads the words of String.
func ParseBasis(s string) (Basis, error) {
	n, err := basisWords.parse(s)
	return Basis(n), err
}

// MarshalText is String for JSON, and an error for a number without a word.
func (b Basis) MarshalText() ([]byte, error) { return basisWords.marshal(uint8(b)) }

// UnmarshalText is ParseBasis.
func (b *Basis) UnmarshalText(t []byte) (err error) {
	*b, err = ParseBasis(string(t))
	return err
}

// Bases lists every basis in the order of its numbers, for an officer's choice.
func Bases() []Basis {
	all := make([]Basis, 0, len(basisWords.words)-1)
	for n := range len(basisWords.words) - 1 {
		all = append(all, Basis(n+1))
	}
	return all
}

// String is "admit", "refer" or "refuse", and "" for zero.
func (d Decision) String() string { return decisionWords.text(uint8(d)) }

// ParseDecision reads the words of String.
func ParseDecision(s string) (Decision, error) {
	n, err := decisionWords.parse(s)
	return Decision(n), err
}

// String is "person", "document" or "vehicle", and "" for zero.
func (k AlertKind) String() string { return alertWords.text(uint8(k)) }

// ParseAlertKind reads the words of String.
func ParseAlertKind(s string) (AlertKind, error) {
	n, err := alertWords.parse(s)
	return AlertKind(n), err
}

// MarshalText is String for JSON, and an error for a number without a word.
func (k AlertKind) MarshalText() ([]byte, error) { return alertWords.marshal(uint8(k)) }

// UnmarshalText is ParseAlertKind.
func (k *AlertKind) UnmarshalText(b []byte) (err error) {
	*k, err = ParseAlertKind(string(b))
	return err
}

// String is "refuse", "arrest", "discreet", "inform", "seize" or "protect", and "" for zero.
func (a Action) String() string { return actionWords.text(uint8(a)) }

// ParseAction reads the words of String.
func ParseAction(s string) (Action, error) {
	n, err := actionWords.parse(s)
	return Action(n), err
}

// String is "note", "warn" or "grave", and "" for zero.
func (l Level) String() string { return levelWords.text(uint8(l)) }
