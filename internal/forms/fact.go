package forms

import (
	"fmt"
	"io"
	"time"

	"tims/internal/border"
)

// An Event is one passage or refusal that is known of a person.
type Event struct {
	Direction border.Direction
	Day       border.Date
	At        time.Time // in the post's zone; zero where only the day is known
	Post      string
	Ground    border.Ground // of a refusal; empty is a passage
	Record    string        // its number
	Doubtful  bool          // late, corrected, or by an unsynchronised clock
	ByPerson  bool          // under another document, joined by the person tag alone
	Withdrawn bool
}

// FactSheet is what this system knows at exit of somebody who was refused or has overstayed. It states and judges nothing.
type FactSheet struct {
	Lang    string // "sq" or "en"
	State   string
	Post    string
	Booth   string
	Officer string
	Number  string
	At      time.Time // when it was made, in the post's zone

	Document border.Document
	Stay     border.Stay
	Events   []Event // oldest first; all are printed
	Horizons []border.Horizon
}

// WriteFactSheet writes the sheet. It fails with ErrForm where a table has more rows than a sheet can have.
func WriteFactSheet(w io.Writer, f FactSheet, l Look) error {
	if len(f.Events) > maxRows || len(f.Horizons) > maxRows || len(f.Stay.Doubts) > maxRows {
		return fmt.Errorf("%w: over %d rows", ErrForm, maxRows)
	}
	c := in(f.Lang)
	return write(w, "fact.html", view{Look: l, Lang: f.Lang, Dir: "ltr", Title: c["fact.title"], C: c, Data: factPage{f, c}})
}

type factPage struct {
	FactSheet
	c catalogue
}

// What says what an event is.
func (p factPage) What(e Event) (string, error) {
	key := "fact." + e.Direction.String()
	if e.Ground != "" {
		key = "fact.refusal." + e.Direction.String()
	}
	return p.c.T(key, "ground", e.Ground)
}

// Doubt says one doubt in a sentence.
func (p factPage) Doubt(d border.Doubt) (string, error) {
	key := "doubt." + string(d.Code)
	if d.Code == border.DoubtKnownTo && d.Day == 0 {
		key += ".never"
	}
	return p.c.T(key, "node", d.Node, "day", d.Day)
}

// Limit says how many days the person may stay.
func (p factPage) Limit() (string, error) {
	switch l := p.Stay.Limit; {
	case l.VisaDays > 0:
		return p.c.T("fact.limit.visa", "days", l.VisaDays)
	case l.Days > 0:
		return p.c.T("fact.limit.days", "days", l.Days, "window", l.Window)
	}
	return p.c.T("fact.limit.none")
}

// Known is up to when a post is known, in the zone of the sheet.
func (p factPage) Known(h border.Horizon) (string, error) {
	if h.KnownTo == 0 {
		return p.c.T("fact.never")
	}
	return show(time.UnixMilli(h.KnownTo).In(p.At.Location()), "2006-01-02 15:04"), nil
}

// Born and Expires are dates of the document, with its unknown parts.
func (p factPage) Born() string { return partial(p.Document.Birth) }

// Expires is the day after which the document is no longer valid.
func (p factPage) Expires() string { return partial(p.Document.Expiry) }
