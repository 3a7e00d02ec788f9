package forms

import (
	"fmt"
	"io"

	"tims/internal/border"
)

// SheetsOptions says which sheets to print. They must have been registered before (record.SheetsBody).
type SheetsOptions struct {
	State   string
	Post    string // as people call it
	Series  string // of border.SheetSeries
	First   uint32
	Last    uint32
	PerPage int // 2, the default, or 4, which is smaller to write on and saves paper
}

type sheetsPage struct {
	SheetsOptions
	Pages  [][]string // numbers
	Bases  []border.Basis
	SQ, EN catalogue
}

// WriteSheets writes numbered paper forms for an outage, in Albanian and English, as one self-contained HTML file; its last page has
// the grounds of refusal by code. It fails
// with ErrForm for a series or range that has no numbers.
func WriteSheets(w io.Writer, o SheetsOptions) error {
	if o.PerPage == 0 {
		o.PerPage = 2
	}
	switch {
	case o.PerPage != 2 && o.PerPage != 4:
		return fmt.Errorf("%w: 2 or 4 sheets a page", ErrForm)
	case o.First > o.Last || border.SheetNumber(o.Series, o.First) == "" || border.SheetNumber(o.Series, o.Last) == "":
		return fmt.Errorf("%w: no such numbers", ErrForm)
	case o.Last-o.First >= maxSheets:
		return fmt.Errorf("%w: at most %d sheets at once", ErrForm, maxSheets)
	}
	p := sheetsPage{SheetsOptions: o, Bases: border.Bases(), SQ: languages["sq"], EN: languages["en"]}
	for n := o.First; n <= o.Last; n++ {
		if int(n-o.First)%o.PerPage == 0 {
			p.Pages = append(p.Pages, nil)
		}
		last := len(p.Pages) - 1
		p.Pages[last] = append(p.Pages[last], border.SheetNumber(o.Series, n))
	}
	return write(w, "sheets.html", view{Lang: "sq", Dir: "ltr", Title: p.SQ["sheet.title"], C: p.SQ, Data: p})
}

// Grounds are those of entry and of exit, for the last page: a sheet has room for the code alone.
func (p sheetsPage) Grounds() []border.Ground {
	return append(border.Grounds(border.Entry), border.Grounds(border.Exit)...)
}

// Ground gives the words of a ground as the form of refusal has them.
func (p sheetsPage) Ground(lang string, g border.Ground) (string, error) {
	return refusals[lang].T(string(g), "days", standardDays, "window", standardWindow)
}

// Two gives a text in both languages, for a label.
func (p sheetsPage) Two(key string) (map[string]string, error) {
	sq, err := p.SQ.T(key)
	if err != nil {
		return nil, err
	}
	en, err := p.EN.T(key)
	return map[string]string{"SQ": sq, "EN": en}, err
}
