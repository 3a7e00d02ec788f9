package forms

import (
	"fmt"
	"io"
	"time"

	"tims/internal/record"
)

// A Booth is one officer's time at one booth in the stretch that is handed over.
type Booth struct {
	Booth, Officer                                          string
	From, To                                                time.Time // in the post's zone; zero To: still open
	Entries, Exits, Refusals, Referrals, Voids, Corrections int
	Seconds                                                 int // a traveller, median; 0 where nobody passed
}

// An Outage is one outage window: a stretch in which the post could not record and worked on paper.
type Outage struct {
	From, To time.Time // in the post's zone; zero To: it lasts
	Officers string    // who worked
	Passed   int       // persons
	Sheets   int
}

// SheetFigures count paper sheets. Missing are those that are neither used nor void nor still in the drawer.
type SheetFigures struct{ Issued, Used, Void, Missing int }

// Handover is the supervisor's page for the next shift.
type Handover struct {
	Lang   string // "sq" or "en"
	State  string
	Post   string
	Number string    // of the record
	At     time.Time // when it was made, in the post's zone

	Body    record.HandoverBody
	Booths  []Booth
	Outages []Outage
	Sheets  SheetFigures
	Gives   string // officer's label
	Takes   string // empty: not known yet
}

// WriteHandover writes the page. It fails with ErrForm where a table has more rows than a page can have.
func WriteHandover(w io.Writer, h Handover, l Look) error {
	if len(h.Booths) > maxRows || len(h.Outages) > maxRows {
		return fmt.Errorf("%w: over %d rows", ErrForm, maxRows)
	}
	c := in(h.Lang)
	return write(w, "handover.html", view{Look: l, Lang: h.Lang, Dir: "ltr", Title: c["hand.title"], C: c, Data: handoverPage{h}})
}

type handoverPage struct{ Handover }

// Begin is the start of the stretch, in the zone of the page.
func (p handoverPage) Begin() time.Time { return time.UnixMilli(p.Body.From).In(p.At.Location()) }

// End is the end of the stretch.
func (p handoverPage) End() time.Time { return time.UnixMilli(p.Body.To).In(p.At.Location()) }
