// Package signin opens shifts from a browser: by a one-time link, with a booth key that the browser makes and cannot give
// away, and again by a signature of that key when the session is lost. Booth and centre share it.
//
// Trust: the one-time code proves the officer until sign-in with passkeys takes its place; whoever has the code first has the
// shift. After that the private key of the shift lies in one browser's IndexedDB, not extractable: copying the cookie, the
// node's memory or its disk opens the session at most, and signs no crossing.
package signin

import (
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/web"
)

//go:embed assets pages parts lang
var files embed.FS

// Files are the pages, words and scripts of this package, to be given to web.Open beside those of the face. The script
// signin.js is an ES module; from a face's deferred script, `await import("./signin.js")` gives boothKey, sign and resume.
func Files() fs.FS { return files }

// Options say what kind of place this is.
type Options struct {
	// Booth is the name of the booth in the shift's record. Empty asks the officer for it.
	Booth string
	// Home is the path that an officer comes to; "/" if empty.
	Home string
}

// A Session is what a signed-in browser stands for.
type Session struct{ Shift *node.Shift }

// A SignIn serves /enter, /resume and /leave and knows who works in which browser. It is safe for concurrent use.
type SignIn struct {
	node       *node.Node
	pages      *web.Pages
	opt        Options
	sessions   *web.Sessions[Session]
	challenges *challenges

	mu    sync.Mutex
	ended map[uint64]time.Time // shifts of this node's log that their officers ended, until shiftFor is over
}

// New makes the sign-in of a node. The pages must have been opened with Files.
func New(n *node.Node, pages *web.Pages, opt Options) *SignIn {
	if opt.Home == "" {
		opt.Home = "/"
	}
	limits := web.SessionLimits{Idle: shiftFor, Absolute: shiftFor, Max: maxSessions}
	return &SignIn{node: n, pages: pages, opt: opt, sessions: web.NewSessions[Session](n.Name(), limits),
		challenges: newChallenges(), ended: map[uint64]time.Time{}}
}

// Mount registers the addresses of this package.
func (s *SignIn) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /enter", s.showEnter)
	mux.HandleFunc("POST /enter", s.enter)
	mux.HandleFunc("GET /resume", s.showResume)
	mux.HandleFunc("POST /resume", s.resume)
	mux.HandleFunc("POST /resume/challenge", s.challenge)
	mux.HandleFunc("POST /leave", s.leave)
}

// Require lets signed-in officers through and hands their shift to next. Others are sent to /resume, which brings a lost
// session back by itself and leads to /enter where it cannot; a request that is not for a page is answered 401. An officer
// who was dropped from the roster is out at once.
func (s *SignIn) Require(next func(http.ResponseWriter, *http.Request, *node.Shift)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		shift, ok := s.Shift(r)
		switch {
		case ok:
			next(w, r, shift)
		case s.sessions.Alive(r):
			s.sessions.End(w, r)
			s.pages.Fail(w, r, http.StatusForbidden)
		case forPage(r):
			http.Redirect(w, r, "/resume?to="+url.QueryEscape(r.URL.Path), http.StatusSeeOther)
		default:
			s.pages.Fail(w, r, http.StatusUnauthorized)
		}
	}
}

func forPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("HX-Request") == "" &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

// Shift is the shift of the request's browser, if its officer still stands in the roster.
func (s *SignIn) Shift(r *http.Request) (*node.Shift, bool) {
	session, ok := s.sessions.Get(r)
	if !ok {
		return nil, false
	}
	_, living := s.node.State().Roster.Officer(session.Shift.Officer.ID)
	return session.Shift, living
}

// Alive is Shift without counting as use, for the Alive of a stream.
func (s *SignIn) Alive(r *http.Request) bool { return s.sessions.Alive(r) }

type enterView struct {
	Code, Booth, Home string
	Ask               bool
	Forget            bool // the shift was ended: the browser throws its key away
	Shift             *node.Shift
}

func (s *SignIn) showEnter(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	code := q.Get("code")
	v := enterView{Code: code[:min(len(code), maxCode)], Booth: s.opt.Booth, Ask: s.opt.Booth == "", Home: s.opt.Home, Forget: q.Has("left")}
	if shift, ok := s.Shift(r); ok {
		v.Shift = shift
	}
	s.pages.Render(w, r, "enter", web.Page{Title: s.pages.T(s.pages.Lang(r), "signin.title"), Scripts: []string{"enter.js"}, Data: v})
}

// enter redeems the code. The key is the browser's, so there is no way here without script.
func (s *SignIn) enter(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	code, booth := strings.TrimSpace(r.PostFormValue("code")), strings.TrimSpace(r.PostFormValue("booth"))
	booth = strings.ToUpper(booth) // as it is written on booths: k1 and K1 are one
	if s.opt.Booth != "" {
		booth = s.opt.Booth
	}
	if booth == "" || len(booth) > maxBooth {
		s.refuse(w, r, http.StatusBadRequest, "signin.error.booth")
		return
	}
	key, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("key"))
	if err != nil || len(code) > maxCode {
		s.refuse(w, r, http.StatusBadRequest, "signin.error.key")
		return
	}
	shift, err := s.node.OpenShift(r.Context(), code, booth, key)
	if err != nil {
		s.refuse(w, r, statusOf(err), wordsOf(err))
		return
	}
	s.sessions.Start(w, r, Session{shift})
	answer(w, http.StatusOK, map[string]any{"shift": strconv.FormatUint(shift.Ref.Index, 10), "home": s.opt.Home})
}

func (s *SignIn) showResume(w http.ResponseWriter, r *http.Request) {
	to := localPath(r.URL.Query().Get("to"), s.opt.Home)
	if _, ok := s.Shift(r); ok {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	s.pages.Render(w, r, "resume", web.Page{Title: s.pages.T(s.pages.Lang(r), "signin.resume.title"),
		Scripts: []string{"enter.js"}, Data: map[string]any{"To": to, "Ask": s.opt.Booth == ""}})
}

// localPath lets through a path of this site only: "//host" and "/\host" would be another site's.
func localPath(to, home string) string {
	if len(to) > maxPath || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return home
	}
	return to
}

func (s *SignIn) challenge(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]string{"challenge": base64.RawURLEncoding.EncodeToString(s.challenges.issue(time.Now()))})
}

func (s *SignIn) resume(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	index, err := strconv.ParseUint(r.PostFormValue("shift"), 10, 64)
	challenge, err2 := base64.RawURLEncoding.DecodeString(r.PostFormValue("challenge"))
	signature, err3 := base64.RawURLEncoding.DecodeString(r.PostFormValue("signature"))
	if errors.Join(err, err2, err3) != nil || !s.challenges.fresh(challenge, time.Now()) || s.isEnded(index) {
		s.refuse(w, r, http.StatusUnauthorized, "signin.error.resume")
		return
	}
	shift, err := s.node.ResumeShift(index, challenge, signature)
	if err != nil || !s.challenges.take(challenge, time.Now()) {
		s.refuse(w, r, http.StatusUnauthorized, "signin.error.resume")
		return
	}
	s.sessions.Start(w, r, Session{shift})
	answer(w, http.StatusOK, map[string]any{})
}

// leave ends the shift for this browser. Its key signs nothing here any more, even where the browser keeps it.
func (s *SignIn) leave(w http.ResponseWriter, r *http.Request) {
	if session, ok := s.sessions.Get(r); ok {
		s.end(session.Shift.Ref.Index, time.Now())
		s.sessions.EndAll(func(other Session) bool { return other.Shift.Ref == session.Shift.Ref })
	}
	s.sessions.End(w, r)
	http.Redirect(w, r, "/enter?left", http.StatusSeeOther)
}

func (s *SignIn) end(index uint64, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, at := range s.ended {
		if now.Sub(at) >= shiftFor || len(s.ended) >= maxEnded {
			delete(s.ended, old)
		}
	}
	s.ended[index] = now
}

func (s *SignIn) isEnded(index uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ended := s.ended[index]
	return ended
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, node.ErrInvite), errors.Is(err, node.ErrOfficer):
		return http.StatusForbidden
	case errors.Is(err, node.ErrBoothKey):
		return http.StatusBadRequest
	}
	return http.StatusServiceUnavailable
}

func wordsOf(err error) string {
	switch {
	case errors.Is(err, node.ErrInvite):
		return "signin.error.invite"
	case errors.Is(err, node.ErrOfficer):
		return "signin.error.officer"
	case errors.Is(err, node.ErrBoothKey):
		return "signin.error.key"
	}
	return "signin.error.record"
}

// refuse answers the script with a sentence for the officer.
func (s *SignIn) refuse(w http.ResponseWriter, r *http.Request, status int, key string) {
	answer(w, status, map[string]string{"error": s.pages.T(s.pages.Lang(r), key)})
}

func answer(w http.ResponseWriter, status int, v any) {
	b, _ := json.Marshal(v) // maps of strings always encode
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(b) // an error here is a browser that went away
}
