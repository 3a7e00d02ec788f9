package station

import (
	"errors"
	"net/http"
	"strings"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/web"
)

// isolationPath is the page by which a node is cut off on purpose and brought back.
const isolationPath = "/isolation"

func (st *Station) mountIsolation() {
	st.Handle("GET "+isolationPath, roster.IsolateNode, st.showIsolation)
	st.Handle("POST "+isolationPath, roster.IsolateNode, st.isolate)
	st.Know(Trouble{Err: node.ErrIsolation, Key: "station.isolation.error", Status: http.StatusConflict, Mend: true},
		Trouble{Err: node.ErrNotIsolated, Key: "station.isolation.error.not", Status: http.StatusConflict, Mend: true})
}

// whileSilent keeps every page of a centre that has stopped everything, but for sign-in and the page by which it comes back.
func (st *Station) whileSilent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := st.Node.Isolated()
		open := r.URL.Path == isolationPath || r.URL.Path == stateAddress || r.URL.Path == "/prefs"
		for _, way := range []string{"/enter", "/enrol", "/resume", "/leave", "/assets/"} {
			open = open || strings.HasPrefix(r.URL.Path, way)
		}
		switch {
		case i == nil || i.Scope != node.StoppedAll || open:
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet:
			http.Redirect(w, r, isolationPath, http.StatusSeeOther)
		default:
			st.Fail(w, r, http.StatusServiceUnavailable)
		}
	})
}

// An isolationPage is what is so now, and what was typed.
type isolationPage struct {
	Now    *node.Isolation
	Centre bool
	Form   *Form
	Wrong  string
}

func (st *Station) showIsolation(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	st.renderIsolation(w, r, s, NewForm(r, st.Words(r)), "", 0)
}

func (st *Station) renderIsolation(w http.ResponseWriter, r *http.Request, s *node.Shift, f *Form, wrong string, status int) {
	words := st.Words(r)
	key, home := words.T("station.isolation.do"), words.T("station.key.home")
	now := st.Node.Isolated()
	if now != nil {
		key = words.T("station.isolation.end")
	}
	p := st.Page(r, s, "station.isolation.title", web.Key{Keys: "F2", Text: key}, web.Key{Keys: "Escape", Text: home})
	p.Status, p.Data = status, isolationPage{Now: now, Centre: st.Node.Self().Role == roster.Centre, Form: f, Wrong: wrong}
	st.Render(w, r, "station-isolation", p)
}

// isolate begins or ends an isolation under the officer's name.
func (st *Station) isolate(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !st.Pages.ReadForm(w, r) {
		return
	}
	words := st.Words(r)
	f := NewForm(r, words)
	reason := f.Text("reason", 3, maxIsolationReason)
	if !f.OK() {
		st.renderIsolation(w, r, s, f, "", http.StatusUnprocessableEntity)
		return
	}
	var err error
	if f.Get("end") == "1" {
		err = st.Node.RejoinSoon(s.Officer.Label, reason)
	} else if err = st.Node.Isolate(r.Context(), s.Officer.Label, reason); err != nil && st.Node.Isolated() != nil && !errors.Is(err, node.ErrIsolation) {
		st.journal.Error("station: an isolation without its record", "error", err) // it is alone, and writes the record at the next start
		err = nil
	}
	if err != nil {
		st.renderIsolation(w, r, s, f, words.Error(err), words.Status(err))
		return
	}
	http.Redirect(w, r, isolationPath, http.StatusSeeOther)
}
