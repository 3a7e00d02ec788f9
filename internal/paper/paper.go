// Package paper is the face for the worst day: the account of a post's numbered paper sheets, the form in which they are typed
// in afterwards, and the printing of new ones.
//
// A sheet counts when two officers have typed it. The second is told in which fields his keying differs from the first and
// keys those again; what the first typed is never shown to him, for he would copy it. A keying that somebody on the watchlist
// passed on paper is a page of its own that has to be answered.
//
// Trust: what was typed is shown to whoever typed it in the same shift, and to nobody else by this face. Addresses carry the
// index of a record or the number of a sheet, neither of which says who crossed.
package paper

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
)

//go:embed pages parts lang assets
var files embed.FS

// Files are the pages and words of this face, for station.Open.
func Files() fs.FS { return files }

// Options say what stands on printed sheets. Zero values are the node's own.
type Options struct {
	State string // "Republika e Shqipërisë"; the country's code in capitals if empty
	Post  string // as people write it: "Kakavijë"
}

type face struct {
	*station.Station
	opt     Options
	differs differs
}

// Mount adds the pages to a post's station.
func Mount(st *station.Station, opt Options) {
	if opt.State == "" {
		opt.State = strings.ToUpper(st.Node.State().Founding.Country)
	}
	if opt.Post == "" {
		opt.Post = st.Label(st.Node.Name())
	}
	f := &face{Station: st, opt: opt}
	st.Nav(station.Entry{Href: "/paper", Text: "paper.nav", Power: roster.TypePaper})
	mend := func(err error, key string, status int) station.Trouble {
		return station.Trouble{Err: err, Key: key, Status: status, Mend: true}
	}
	st.Know(mend(node.ErrSheet, "paper.error.sheet", http.StatusUnprocessableEntity),
		mend(node.ErrSheetUsed, "paper.error.used", http.StatusConflict),
		mend(node.ErrKeyings, "paper.error.differ", http.StatusConflict),
		mend(node.ErrMoment, "paper.error.moment", http.StatusUnprocessableEntity),
		mend(node.ErrSameOfficer, "paper.error.same", http.StatusConflict))
	st.Handle("GET /paper", roster.TypePaper, f.serveAccount)
	st.Handle("GET /paper/type", roster.TypePaper, f.serveForm)
	st.Handle("POST /paper/zone", roster.TypePaper, f.serveZone)
	st.Handle("GET /paper/sheet/{index}", roster.TypePaper, f.serveSheet)
	st.Handle("GET /paper/print", roster.RunPost, f.servePrint)
	back := func(to string) func(*http.Request) string { return func(*http.Request) string { return to } }
	st.Deed("POST /paper/type", roster.TypePaper, station.Deed{Read: f.readKeying, Done: f.doneKeying, Mend: f.mendKeying,
		What: what("paper.what.keying"), Back: back("/paper/type")})
	st.Deed("POST /paper/void", roster.TypePaper, station.Deed{Read: f.readVoid, Done: f.doneVoid, Mend: f.mendAccount("void"),
		What: what("paper.what.void"), Back: back("/paper")})
	st.Deed("POST /paper/sheets", roster.RunPost, station.Deed{Read: f.readSheets, Done: f.doneSheets, Mend: f.mendAccount("count"),
		What: what("paper.what.sheets"), Back: back("/paper")})
}

func what(key string) func(*http.Request, station.Words) string {
	return func(_ *http.Request, w station.Words) string { return w.T(key) }
}
