// Package traveller invents the people of the demonstration: an endless, seeded stream of parties that cross Albania's
// borders at four posts, with documents, families, vehicles, returns, and a past.
//
// Nobody in it exists. Names are drawn from public lists of common forenames and surnames (names/README.md), numbers are
// counted up, dates are thrown. Shares of nationalities follow what is commonly seen at each post and are no statistics.
//
// The package is pure: the caller hands in every time. The same seed and the same calls give the same parties.
package traveller

import (
	"time"

	"tims/internal/border"
)

// Names of the four posts.
const (
	Kakavija = "kakavija" // road, to Greece
	Durres   = "durres"   // sea port, ferries to Italy
	Rinas    = "rinas"    // Tirana airport
	Morina   = "morina"   // road, to Kosovo
)

// A Party is one arrival at a booth: the people of one vehicle, or those who walk up together.
type Party struct {
	Trip       uint64 // the journey; the same at its entry and its exit, never used again for other people
	Post       string
	Direction  border.Direction
	Vehicle    *Vehicle // nil for those on foot, from a ferry or an aeroplane
	Travellers []Traveller
}

// Kind of a vehicle.
type Kind string

// The kinds of vehicle.
const (
	Car   Kind = "car"
	Lorry Kind = "lorry"
	Bus   Kind = "bus"
)

// A Vehicle is known by its plate, in capitals and digits without separators, and by the code of its country as a zone
// writes it.
type Vehicle struct {
	Plate   string
	Country string
	Kind    Kind
}

// A Traveller is one person with the document that he puts on the reader.
type Traveller struct {
	Zone     []string        // as it will be read, with the deliberate fault if there is one; not to be changed
	Document border.Document // as issued, without the fault; Zone and Faults are empty
	Basis    border.Basis    // that a careful officer would find
	Visa     border.VisaTerms
	Until    border.Date // authorised until; zero unless Basis is a visa, a residence permit or a local permit
	Truth    Truth
}

// Truth is what the source knows of a traveller and the booth has to find out.
type Truth struct {
	Overstayer bool   // leaves now and has stayed longer than 90 days in 180
	Used       int    // days used in the 180 that end today, today counted; zero unless Basis is VisaFree
	Fault      Fault  // put into the zone on purpose
	Listed     string // ID of the listed person whose name and birth date these are
	Misspelt   bool   // Listed, and the name differs by a letter or two
}

// Fault names what was put into a zone on purpose.
type Fault string

// The faults. All but the expired document are seen by mrz.Parse.
const (
	NoFault    Fault = ""
	CheckDigit Fault = "check_digit"     // one check digit of a field is wrong
	Expired    Fault = "expired"         // correct in itself, out of date
	BadDate    Fault = "impossible_date" // a birth date that no calendar has, under right check digits
	BadState   Fault = "unknown_state"   // a nationality that Doc 9303 part 3, section 5 does not list
)

// A Past is a crossing before the demonstration began.
type Past struct {
	At    time.Time
	Party Party
}
