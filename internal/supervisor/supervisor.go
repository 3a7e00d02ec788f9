// Package supervisor is the face of who answers for a post: the books of a stretch of time, the regime of passage, counts of
// gates, cameras and people beside what was recorded, and the hand-over to the next shift.
//
// Trust: it is no way to leaf through travellers. Names stand with checks that nobody decided, for somebody may still wait at
// that booth. Everything else is figures, record numbers, booths and officers. The node asks for the power again at each deed.
//
// Devices reach one address, which Mount gives as a handler of its own: they have a token and no session, and it leads to
// nothing but node.CountByDevice.
package supervisor

import (
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strconv"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// Files are the pages and words of this package, for station.Open.
func Files() fs.FS { return files }

// Options say what the post has beside its officers.
type Options struct {
	// Devices are the gates and cameras that may post counts: name, of 1 to 16 characters, to the SHA-256 of its token in hex.
	Devices map[string]string
}

// A Face serves the supervisor's pages of one post.
type Face struct {
	*station.Station
	ledger ledger
}

// Mount puts the supervisor's pages on a station and gives the handler of POST /count, the one address for devices, which is
// mounted in front of the station: it needs no session. It fails where a device's name or hash is none.
func Mount(st *station.Station, opt Options) (http.Handler, error) {
	f := &Face{Station: st, ledger: ledger{node: st.Node}}
	d, err := newDevices(st.Node, opt.Devices)
	if err != nil {
		return nil, err
	}
	f.mount()
	return web.Guard{Pages: st.Pages}.Wrap(d), nil
}

func (f *Face) mount() {
	f.Nav(station.Entry{Href: "/books", Text: "supervisor.nav", Power: roster.ReadPost, Main: roster.Supervisor})
	f.AddStates(f.regimeState)
	f.Know(troubles...)
	for _, which := range stretches {
		f.Live(liveName(which), roster.ReadPost, f.live(which))
	}
	for pattern, serve := range map[string]station.Handler{
		"GET /books":                  f.serveBooks,
		"GET /books/regime":           f.serveRegime,
		"GET /books/count":            f.serveCount,
		"GET /books/handover":         f.serveHandover,
		"GET /books/handover/{index}": f.serveHandedOver,
	} {
		f.Handle(pattern, roster.ReadPost, serve)
	}
	f.deed("POST /books/regime", roster.RunPost, f.readRegime, f.showRegime, f.toBooks)
	f.deed("POST /books/count", roster.RunPost, f.readCount, f.showCount, f.toBooks)
	f.deed("POST /books/handover", roster.RunPost, f.readHandover, f.showHandover, f.toHandedOver)
	f.deed("POST /books/accept", roster.RunPost, f.readAccept, f.showAccept, f.toBooks)
}

var troubles = []station.Trouble{
	{Err: node.ErrRegime, Key: "supervisor.error.regime", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrNoRegime, Key: "supervisor.error.noregime", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrWhy, Key: "supervisor.error.why", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: node.ErrCount, Key: "supervisor.error.count", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: node.ErrStretch, Key: "supervisor.error.stretch", Status: http.StatusUnprocessableEntity, Mend: true},
	{Err: node.ErrSameOfficer, Key: "supervisor.error.same", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrAssented, Key: "supervisor.error.assented", Status: http.StatusConflict, Mend: true},
	{Err: node.ErrNotStanding, Key: "supervisor.error.standing", Status: http.StatusConflict, Mend: true},
}

// A shower shows a form: afresh, or with what was typed, its faults, and what went wrong ("" for nothing).
type shower func(w http.ResponseWriter, r *http.Request, s *node.Shift, form *station.Form, wrong string)

// faults are what an officer can mend in his form.
type faults struct{ *station.Form }

func (faults) Error() string { return "the form has faults" }

// deed registers a form of one deed: read makes it, show shows the form again, done leads on.
func (f *Face) deed(pattern string, p roster.Power, read func(*station.Form, record.Act, *node.Shift) (node.Deed, error), show shower,
	done func(w http.ResponseWriter, r *http.Request, receipts []node.Receipt)) {
	f.Deed(pattern, p, station.Deed{
		Read: func(r *http.Request, s *node.Shift) ([]node.Deed, error) {
			form := station.NewForm(r, f.Words(r))
			act, ok := station.ReadAct(r)
			if !ok {
				return nil, station.ErrDeeds
			}
			d, err := read(form, act, s)
			if err == nil && !form.OK() {
				err = faults{form}
			}
			return []node.Deed{d}, err
		},
		Done: func(w http.ResponseWriter, r *http.Request, _ *node.Shift, receipts []node.Receipt) {
			f.ledger.drop()
			f.Nudge()
			done(w, r, receipts)
		},
		Mend: func(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
			words, wrong := f.Words(r), ""
			form := station.NewForm(r, words)
			var bad faults
			if errors.As(err, &bad) {
				form = bad.Form
			} else {
				wrong = words.Error(err)
			}
			show(w, r, s, form, wrong)
		},
		What: func(r *http.Request, w station.Words) string { return w.T("supervisor.what." + path.Base(r.URL.Path)) },
		Back: func(*http.Request) string { return "/books" },
	})
}

func (f *Face) toBooks(w http.ResponseWriter, r *http.Request, _ []node.Receipt) {
	http.Redirect(w, r, "/books", http.StatusSeeOther)
}

func (f *Face) toHandedOver(w http.ResponseWriter, r *http.Request, receipts []node.Receipt) {
	http.Redirect(w, r, handoverAddress(receipts[0].Ref.Index), http.StatusSeeOther)
}

func handoverAddress(index uint64) string { return "/books/handover/" + strconv.FormatUint(index, 10) }

// A formPage is the data of a page with a form.
type formPage struct {
	Form  *station.Form
	Wrong string // what went wrong as a whole, "" for nothing
	Act   string
	At    int64 // UTC ms by which the form's times of day are read
	Now   int64 // UTC ms
	More  any
}

// A sheet says which page a form stands on. act is the key of what F2 does; empty where nothing is to be done.
type sheet struct {
	name, title, act string
	print            bool
}

// render answers with a page of a form. What was posted and is shown again was not recorded.
func (f *Face) render(w http.ResponseWriter, r *http.Request, s *node.Shift, on sheet, form *station.Form, wrong string, more any) {
	words := f.Words(r)
	var keys []web.Key
	if on.act != "" {
		keys = append(keys, web.Key{Keys: "F2", Text: words.T(on.act)})
	}
	if on.print {
		keys = append(keys, web.Key{Keys: "Ctrl+P", Text: words.T("supervisor.key.print")})
	}
	p := f.Page(r, s, on.title, append(keys, web.Key{Keys: "Escape", Text: words.T("supervisor.key.books")})...)
	if wrong != "" || !form.OK() {
		p.Status = http.StatusUnprocessableEntity
	}
	p.Data = formPage{form, wrong, station.ActText(station.NewAct()), f.base(form), f.Node.Now(), more}
	f.Render(w, r, on.name, p)
}
