package paper

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/forms"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

type accountPage struct {
	node.Paper
	Issue   []issue
	Waiting []waiting
	Act     string // of the form for a spoilt sheet
	Form    *station.Form
	Run     bool // may register and print
	RunAct  string
	Most    int
	Trouble string
	Voided  string // number of the sheet voided a moment ago
	Printed bool   // sheets were registered a moment ago
	Void    bool   // the cursor goes to the spoilt sheet
}

// issue is one registered range.
type issue struct {
	First, Last string // as printed
	Count       int
	At          time.Time
	Print       string // address
}

// waiting is a sheet that somebody typed once. Nothing of what he typed is here.
type waiting struct {
	Sheet, Officer string
	At             time.Time
	Mine           bool
}

func (f *face) serveAccount(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	form := station.NewForm(r, f.Words(r))
	form.Values = url.Values{}
	q := r.URL.Query()
	d := accountPage{Form: form, Void: q.Has("void"), Printed: q.Has("registered")}
	if index, err := strconv.ParseUint(q.Get("voided"), 10, 64); err == nil {
		if _, late, ok := f.own(s, index); ok && late.Void {
			d.Voided = late.Sheet
		}
	}
	f.showAccount(w, r, s, http.StatusOK, d)
}

func (f *face) showAccount(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d accountPage) {
	var err error
	if d.Paper, err = f.Node.Paper(r.Context()); err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	words, series := f.Words(r), border.SheetSeries(f.Node.Name())
	for _, g := range slices.Backward(d.Ranges) {
		q := url.Values{"first": {strconv.FormatUint(uint64(g.First), 10)}, "last": {strconv.FormatUint(uint64(g.Last), 10)}}
		d.Issue = append(d.Issue, issue{border.SheetNumber(series, g.First), border.SheetNumber(series, g.Last), int(g.Last-g.First) + 1,
			time.UnixMilli(g.At), "/paper/print?" + q.Encode()})
	}
	for _, k := range d.Once {
		d.Waiting = append(d.Waiting, waiting{k.Sheet, k.Officer, time.UnixMilli(k.At), k.Officer == s.Officer.Label})
	}
	d.Act, d.RunAct, d.Most = station.ActText(station.NewAct()), station.ActText(station.NewAct()), maxRegister
	d.Run = f.Node.Can(s, roster.RunPost)
	keys := []web.Key{{Keys: "F2", Text: words.T("paper.key.type")}, {Keys: "F8", Text: words.T("paper.key.void")}}
	if d.Run {
		keys = append(keys, web.Key{Keys: "F9", Text: words.T("paper.key.print")})
	}
	p := f.Page(r, s, "paper.title", keys...)
	p.Status, p.Data = status, d
	f.Render(w, r, "paper", p)
}

func (f *face) readVoid(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	k := keying{Form: station.NewForm(r, f.Words(r))}
	act, ok := station.ReadAct(r)
	if !ok {
		act = station.NewAct()
	}
	k.late = node.Late{Act: act, Shift: s, Void: true}
	f.readSheet(&k)
	if !k.OK() {
		return nil, voidFault{k.Faults["sheet"]}
	}
	return []node.Deed{k.late}, nil
}

// A voidFault is what is wrong with a typed number, in words.
type voidFault struct{ said string }

func (v voidFault) Error() string { return "the number of the sheet cannot be read" }

func (f *face) doneVoid(w http.ResponseWriter, r *http.Request, _ *node.Shift, receipts []node.Receipt) {
	http.Redirect(w, r, "/paper?voided="+strconv.FormatUint(receipts[0].Ref.Index, 10), http.StatusSeeOther)
}

var errCount = errors.New("the number of sheets is out of bounds")

func (f *face) readSheets(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	form := station.NewForm(r, f.Words(r))
	act, ok := station.ReadAct(r)
	count := form.Number("count", 1, maxRegister)
	if !ok || !form.OK() {
		return nil, errCount
	}
	return []node.Deed{node.Sheets{Act: act, Shift: s, Count: count}}, nil
}

func (f *face) doneSheets(w http.ResponseWriter, r *http.Request, _ *node.Shift, _ []node.Receipt) {
	http.Redirect(w, r, "/paper?registered", http.StatusSeeOther)
}

// mendAccount shows the account again with what is wrong in one of its two forms.
func (f *face) mendAccount(field string) func(http.ResponseWriter, *http.Request, *node.Shift, []node.Receipt, error) {
	return func(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
		form, words := station.NewForm(r, f.Words(r)), f.Words(r)
		var fault voidFault
		switch {
		case errors.As(err, &fault):
			form.Faults[field] = fault.said
		case errors.Is(err, errCount):
			form.Fault(field, "station.number.bad", "least", 1, "most", maxRegister)
		default:
			form.Faults[field] = words.Error(err)
		}
		f.showAccount(w, r, s, http.StatusUnprocessableEntity, accountPage{Form: form, Void: field == "void"})
	}
}

// servePrint is the printable page of registered sheets, of a range of its own or a piece of one. It is whole before the first
// byte goes out.
func (f *face) servePrint(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	first, err1 := strconv.ParseUint(r.URL.Query().Get("first"), 10, 32)
	last, err2 := strconv.ParseUint(r.URL.Query().Get("last"), 10, 32)
	p, err := f.Node.Paper(r.Context())
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	registered := func(g node.SheetRange) bool {
		return uint64(g.First) <= first && last <= uint64(g.Last) && first <= last
	}
	if err1 != nil || err2 != nil || !slices.ContainsFunc(p.Ranges, registered) {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	var b bytes.Buffer
	o := forms.SheetsOptions{State: f.opt.State, Post: f.opt.Post, Series: border.SheetSeries(f.Node.Name()), First: uint32(first), Last: uint32(last)}
	if err := forms.WriteSheets(&b, o); err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="tims-sheets.html"`)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.Write(b.Bytes()) // an error here is a browser that went away
}
