package messages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

type page struct {
	List    []row
	Told    []told // hits of which this node was told
	Alerts  bool   // the officer may see them
	Send    bool   // the officer may
	Form    *station.Form
	Act     string
	Nodes   []choice
	All     bool
	Chosen  string // priority
	Most    int
	Typed   int
	Trouble string
	Sent    bool
}

// Priorities are the names of the priorities, the loudest first.
func (page) Priorities() []string { return []string{"flash", "urgent", "routine"} }

type choice struct {
	Name, Label, Place string
	Chosen             bool
}

// A row is one message of the list.
type row struct {
	notice
	Own, Mine, Done bool
	To              []string // labels; none: all
	Read            []reader
	Unread          []string
}

type reader struct{ Node, Officer, At string }

var errFaults = errors.New("the form has faults")

func (f *face) servePage(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	form := station.NewForm(r, f.Words(r))
	form.Values = url.Values{}
	f.show(w, r, s, http.StatusOK, page{Form: form, All: true, Chosen: priorityNames[record.Routine],
		Act: station.ActText(station.NewAct()), Sent: r.URL.Query().Has("sent")})
}

func (f *face) show(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d page) {
	words := f.Words(r)
	var err error
	if d.List, err = f.rows(r.Context(), s, words); err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	if d.Told, d.Alerts, err = f.told(r.Context(), s, words); err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	d.Most, d.Typed, d.Send = maxText, utf8.RuneCountInString(d.Form.Get("text")), f.Node.Can(s, roster.SendMessages)
	for _, n := range f.addressees() {
		d.Nodes = append(d.Nodes, choice{n.Name, f.Label(n.Name), n.Place, slices.Contains(d.Form.Values["to"], n.Name)})
	}
	keys := []web.Key{{Keys: "Alt+M", Text: words.T("messages.key.read")}}
	if d.Send {
		keys = append(keys, web.Key{Keys: "F2", Text: words.T("messages.key.send")}, web.Key{Keys: "F6", Text: words.T("messages.key.text")})
	}
	p := f.Page(r, s, "messages.title", keys...)
	p.Status, p.Data, p.Stream = status, d, station.LiveAddress("messages")
	f.Render(w, r, "messages", p)
}

// live keeps the list of an open page true: who has read what.
func (f *face) live(ctx context.Context, s *node.Shift, w station.Words) []web.Event {
	rows, err := f.rows(ctx, s, w)
	if err != nil {
		return nil // the strip says so
	}
	html, err := f.Pages.Text(w.Lang, "messages-list", web.Page{Data: rows})
	if err != nil {
		return nil
	}
	out := []web.Event{web.Partial("#messages", "innerMorph", html)}
	if told, may, err := f.told(ctx, s, w); may && err == nil {
		if html, err := f.Pages.Text(w.Lang, "messages-told", web.Page{Data: told}); err == nil {
			out = append(out, web.Partial("#messages-told", "innerMorph", html))
		}
	}
	return out
}

// addressees are the nodes to which this one may send.
func (f *face) addressees() []roster.Node {
	return slices.DeleteFunc(slices.Clone(f.Node.State().Roster.Nodes), func(n roster.Node) bool {
		return n.Dropped || n.Role == roster.Portal || n.Name == f.Node.Name()
	})
}

func (f *face) rows(ctx context.Context, s *node.Shift, w station.Words) (rows []row, err error) {
	all, err := f.news.of(ctx, f.Node, s)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		one := row{notice: f.notice(p, s, w), Own: p.From == f.Node.Name(), Mine: p.Mine,
			Done: hasRead(p, f.Node.Name(), s.Officer.Label), To: f.labels(p.To), Unread: f.labels(p.Unread)}
		for _, r := range p.Read {
			officer := r.Officer
			if officer == "" {
				officer = w.T("messages.officer")
			}
			one.Read = append(one.Read, reader{f.Label(r.Node), officer, w.At(r.At)})
		}
		rows = append(rows, one)
	}
	return rows, nil
}

func (f *face) labels(names []string) (out []string) {
	for _, n := range names {
		out = append(out, f.Label(n))
	}
	return out
}

// message reads the form; the faults stand in it.
func (f *face) message(r *http.Request, s *node.Shift) (*station.Form, node.Message, error) {
	form := station.NewForm(r, f.Words(r))
	m := node.Message{Shift: s, Text: strings.ReplaceAll(form.Text("text", 1, maxText), "\r\n", "\n")}
	var ok bool
	if m.Act, ok = station.ReadAct(r); !ok {
		m.Act = station.NewAct()
	}
	for p, name := range priorityNames {
		if form.Get("priority") == name {
			m.Priority = p
		}
	}
	if m.Priority == 0 {
		form.Fault("priority", "messages.priority.missing")
	}
	if form.Get("whom") != "all" {
		m.To = form.Values["to"]
		if len(m.To) == 0 || len(m.To) > maxTo {
			form.Fault("to", "messages.to.missing")
		}
	}
	if !form.OK() {
		return form, m, errFaults
	}
	return form, m, nil
}

func (f *face) readMessage(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	_, m, err := f.message(r, s)
	return []node.Deed{m}, err
}

func (f *face) sent(w http.ResponseWriter, r *http.Request, _ *node.Shift, _ []node.Receipt) {
	f.changed()
	http.Redirect(w, r, "/messages?sent", http.StatusSeeOther)
}

func (f *face) mendMessage(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	form, m, _ := f.message(r, s)
	d := page{Form: form, All: form.Get("whom") == "all", Chosen: form.Get("priority"), Act: station.ActText(m.Act)}
	if !errors.Is(err, errFaults) {
		d.Trouble = f.Words(r).Error(err)
	}
	f.show(w, r, s, http.StatusUnprocessableEntity, d)
}

func (f *face) readAcknowledge(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	form := station.NewForm(r, f.Words(r))
	of := record.Ref{Origin: form.Get("origin"), Index: form.Index("index")}
	if !form.OK() {
		return nil, errFaults
	}
	return []node.Deed{node.Acknowledge{Act: actOf(of, s.Ref), Shift: s, Of: of}}, nil
}

// acknowledged answers messages.js with the strip as it is now, so that a page with a traveller stays as it is. Without script
// the officer comes back to the page where he was.
func (f *face) acknowledged(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt) {
	f.changed()
	if r.Header.Get("Tims-Strip") != "" {
		f.Pages.Fragment(w, r, "messages-strip", web.Page{Data: f.strip(r.Context(), s, f.Words(r))})
		return
	}
	http.Redirect(w, r, cameFrom(r), http.StatusSeeOther)
}

// mendAcknowledge: there is nothing to mend in one button. The list says what there is.
func (f *face) mendAcknowledge(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	if errors.Is(err, errFaults) {
		f.Fail(w, r, http.StatusBadRequest)
		return
	}
	f.Trouble(w, r, s, err)
}

// cameFrom is the page of this site on which the button stood.
func cameFrom(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return "/messages"
	}
	u.Scheme, u.Host, u.Fragment = "", "", ""
	return u.String()
}

// Number is the message's number in the log of its sender, as people name it.
func (n notice) Number() string { return n.Origin + " " + strconv.FormatUint(n.Index, 10) }
