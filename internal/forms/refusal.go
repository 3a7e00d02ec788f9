package forms

import (
	"errors"
	"fmt"
	"io"
	"time"

	"tims/internal/border"
)

// ErrForm is wrapped by every error about what a form was asked to say.
var ErrForm = errors.New("this form cannot be made")

// The days of ground F as the standard form words them (Regulation (EU) 2016/399 article 6(1)).
const (
	standardDays   = 90
	standardWindow = 180
)

// Visa is what the standard form asks of a visa. Dates are as they shall be printed.
type Visa struct {
	Number, Type, Issuer, From, Until string
	Days                              string
	Grounds                           string // "on the following grounds": the purpose that it was issued for
}

// Refusal is a filled form of refusal: of entry by the standard form of Regulation (EU) 2016/399 annex V part B, with the
// grounds as amended by Regulations (EU) 2017/2225 and 2018/1240; of exit by a form of the same make, with grounds of
// national law. The ground says which of the two. What is empty is printed as a place to be filled in by hand.
type Refusal struct {
	Officers   string // language of the officer
	Travellers string // language of the traveller; the same or empty prints one

	State  string // name of the State, as on its letters
	Office string // of the authority
	Number string // of the record, as post, epoch and index
	Post   string
	At     time.Time // of the decision, in the post's zone

	Document   border.Document
	BirthPlace string
	Residence  string
	IssuedOn   string
	Visa       Visa
	From       string // the country or place that he comes from
	Means      string // vehicle with plate, flight, ship

	Ground   border.Ground
	Missing  string // with ground E: the documents that could not be provided
	Register string // with ground H: where the alert stands
	Days     int    // with ground F: the rule's days; 90 where zero
	Window   int    // and its window; 180 where zero
	Comments string
	Law      Law
	Officer  string // by name or number, as the country wants it
}

// A field is one labelled place of the form; an empty value is a line to write on.
type field struct {
	Key   string
	Value string
	Span  int // of 12 columns
}

type column struct {
	Code, Dir string
	C         catalogue
	Law       LawText
}

type groundRow struct {
	Code   border.Ground
	Ticked bool
	More   string // key of the text before what is filled in
	Value  string
}

type refusalPage struct {
	Refusal
	Kind    string // "entry" or "exit"
	Columns []column
	Grounds []groundRow
}

// WriteRefusal writes the form as one page. It fails with ErrForm for an unknown ground or language.
func WriteRefusal(w io.Writer, r Refusal, l Look) error {
	p := refusalPage{Refusal: r, Kind: "entry"}
	dir := border.Entry
	if r.Ground.Fits(border.Exit) {
		p.Kind, dir = "exit", border.Exit
	} else if !r.Ground.Fits(border.Entry) {
		return fmt.Errorf("%w: the ground is unknown", ErrForm)
	}
	if p.Days == 0 {
		p.Days = standardDays
	}
	if p.Window == 0 {
		p.Window = standardWindow
	}
	for _, code := range []string{r.Officers, r.Travellers} {
		c, ok := refusals[code]
		switch {
		case code == "" && len(p.Columns) == 1, len(p.Columns) == 1 && p.Columns[0].Code == code:
		case !ok:
			return fmt.Errorf("%w: no such language", ErrForm)
		default:
			p.Columns = append(p.Columns, column{code, c["dir"], c, r.Law.in(code, r.Officers)})
		}
	}
	for _, g := range border.Grounds(dir) {
		row := groundRow{Code: g, Ticked: g == r.Ground}
		switch g {
		case border.NoPurpose:
			row.More, row.Value = "E.missing", r.Missing
		case border.AlertForRefusal:
			row.More, row.Value = "H.register", r.Register
		}
		p.Grounds = append(p.Grounds, row)
	}
	first := p.Columns[0]
	return write(w, "refusal.html", view{Look: l, Lang: first.Code, Dir: first.Dir, Title: first.C["title."+p.Kind], C: in(r.Officers), Data: p})
}

// Refused is the reference by which somebody is refused.
func (c column) Refused(kind string) string {
	if kind == "exit" {
		return c.Law.Exit
	}
	return c.Law.Entry
}

// Appeal is the country's sentence on the appeal.
func (c column) Appeal(kind string) string {
	if kind == "exit" {
		return c.Law.ExitAppeal
	}
	return c.Law.EntryAppeal
}

// Person are the fields of the form in its order.
func (p refusalPage) Person() []field {
	d, v := p.Document, p.Visa
	return []field{
		{"surname", d.Primary, 6}, {"given", d.Secondary, 6},
		{"born", partial(d.Birth), 4}, {"birthplace", p.BirthPlace, 5}, {"sex", d.Sex, 3},
		{"nationality", d.Nationality, 4}, {"resident", p.Residence, 8},
		{"doctype", d.Code, 5}, {"docnumber", d.Number, 7},
		{"issuedin", d.Issuer, 6}, {"issuedon", p.IssuedOn, 6},
		{"visa", v.Number, 5}, {"visatype", v.Type, 2}, {"visaissuer", v.Issuer, 5},
		{"validfrom", v.From, 3}, {"validuntil", v.Until, 2}, {"period", v.Days, 3}, {"stayground", v.Grounds, 4},
		{"from", p.From, 3}, {"means", p.Means, 9},
	}
}

func partial(d border.PartialDate) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
