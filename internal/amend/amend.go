// Package amend is what becomes of a decision afterwards: the officer takes it back, two officers correct it, a refusal is
// printed in the traveller's language, and the facts known of a traveller are printed at exit.
//
// Trust: a page shows a record to whoever decided it, to the supervisor, and to whoever has the traveller's receipt before him;
// the node judges that (node.Amendable), and tries.go bounds the guessing of codes. The second officer sees proposals that wait,
// and nothing else of others. A code travels in the body of a form and stands in no address. Printed pages are kept by no
// browser.
package amend

import (
	"embed"
	"io/fs"
	"net/http"

	"tims/internal/forms"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
)

//go:embed pages parts lang assets
var files embed.FS

// Files are to be opened by the station that Mount is given.
func Files() []fs.FS { return []fs.FS{files, forms.Files} }

// Options are what a printed form says of the country.
type Options struct {
	State  string    // name of the State, as on its letters
	Office string    // of the authority that refuses
	Law    forms.Law // national law on refusals and appeals; Albania's if nil
}

type face struct {
	*station.Station
	opt     Options
	tries   tries
	waiting waiting
}

// Mount registers the pages of this package:
//
//	GET  /void/{index}           take back one's own decision within ten minutes; POST does it
//	GET  /correct/{index}        propose a correction; POST does it. POST /correct opens one by number and code of the receipt
//	GET  /corrections[/{index}]  what waits for a second officer; POST agrees
//	GET  /refusal/{index}        choose the traveller's language of the form
//	GET  /print/refusal/{index}  the form, ?traveller=CODE; a whole page: links to it are data-plain
//	GET  /facts/{index}          the fact sheet of a check of the own shift at exit; as above
func Mount(st *station.Station, opt Options) {
	if opt.Law == nil {
		opt.Law = forms.Albania()
	}
	f := &face{Station: st, opt: opt}
	st.Nav(station.Entry{Href: "/corrections", Text: "amend.nav", Power: roster.AssentToActs, Count: f.countWaiting})
	for _, page := range []struct {
		pattern string
		power   roster.Power
		serve   station.Handler
	}{
		{"GET /void/{index}", roster.CheckTravellers, f.serveVoid},
		{"GET /correct", roster.CheckTravellers, f.serveFind},
		{"POST /correct", roster.CheckTravellers, f.openFound},
		{"GET /correct/{index}", roster.AssentToActs, f.serveCorrect}, // the supervisor looks; who proposes is the node's question
		{"GET /corrections", roster.AssentToActs, f.serveWaiting},
		{"GET /corrections/{index}", roster.AssentToActs, f.serveProposal},
		{"GET /amended/{index}", roster.AssentToActs, f.serveAmended},
		{"GET /refusal/{index}", roster.AssentToActs, f.serveRefusal},
		{"GET /print/refusal/{index}", roster.AssentToActs, f.printRefusal},
		{"GET /facts/{index}", roster.CheckTravellers, f.printFacts},
	} {
		st.Handle(page.pattern, page.power, page.serve)
	}
	st.Deed("POST /void/{index}", roster.CheckTravellers, station.Deed{Read: f.readVoid, Done: f.done, Mend: f.mendVoid,
		What: what("amend.void.do"), Back: back})
	st.Deed("POST /correct/{index}", proposes, station.Deed{Read: f.readCorrection, Done: f.done, Mend: f.mendCorrection,
		What: what("amend.correct.do"), Back: back})
	st.Deed("POST /corrections/{index}", roster.AssentToActs, station.Deed{Read: f.readAssent, Done: f.done, Mend: f.mendAssent,
		What: what("amend.assent.do"), Back: back})
	st.Know(troubles...)
}

// proposes is the power of the deed node.Correction.
const proposes = roster.CheckTravellers

var troubles = []station.Trouble{
	{Err: node.ErrWhy, Key: "amend.error.why", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: node.ErrVoidLate, Key: "amend.error.late", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrNotYours, Key: "amend.error.yours", Status: http.StatusForbidden, Mend: true},
	{Err: node.ErrAnswered, Key: "amend.error.answered", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrNotStanding, Key: "amend.error.standing", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrDay, Key: "amend.error.day", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: node.ErrSameOfficer, Key: "amend.error.same", Status: http.StatusForbidden, Mend: true},
	{Err: node.ErrAssented, Key: "amend.error.assented", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrNotShown, Key: "amend.error.shown", Status: http.StatusNotFound, Mend: true},
	{Err: errTries, Key: "amend.error.tries", Status: http.StatusTooManyRequests, Mend: true},
	{Err: errForm, Key: "amend.error.form", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: errNothing, Key: "amend.error.nothing", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: forms.ErrForm, Key: "amend.error.print", Status: http.StatusInternalServerError},
}

func what(key string) func(*http.Request, station.Words) string {
	return func(_ *http.Request, w station.Words) string { return w.T(key) }
}

// done leads to what stands now.
func (f *face) done(w http.ResponseWriter, r *http.Request, _ *node.Shift, receipts []node.Receipt) {
	f.waiting.forget()
	f.Nudge()
	http.Redirect(w, r, "/amended/"+itoa(receipts[0].Ref.Index), http.StatusSeeOther)
}

// back leaves a deed that is given up: to its page, or, where that opens by a code alone, to where the code is asked.
func back(r *http.Request) string {
	if r.PostFormValue("code") != "" {
		return "/correct"
	}
	return r.URL.Path
}
