// Package signin opens shifts from a browser: an officer's passkey signs a booth key that the browser makes and cannot give
// away, and a signature of that key brings a lost session back. A one-time code makes an officer's first passkey and opens
// nothing. Booth and centre share it.
//
// Trust: whoever signs in needs the officer's authenticator and what it verifies him by. After that the private key of the
// shift lies in one browser's IndexedDB, not extractable: copying the cookie, the node's memory or its disk opens the session
// at most, and signs no crossing.
package signin

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"tims/internal/node"
	"tims/internal/passkey"
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
	// Home gives the path at which an officer begins; nil begins everybody at "/".
	Home func(*node.Shift) string
}

// A Session is what a signed-in browser stands for.
type Session struct{ Shift *node.Shift }

// A SignIn serves /enter, /enrol, /resume and /leave and knows who works in which browser. It is safe for concurrent use.
type SignIn struct {
	node     *node.Node
	pages    *web.Pages
	opt      Options
	sessions *web.Sessions[Session]
}

// New makes the sign-in of a node. The pages must have been opened with Files.
func New(n *node.Node, pages *web.Pages, opt Options) *SignIn {
	if opt.Home == nil {
		opt.Home = func(*node.Shift) string { return "/" }
	}
	limits := web.SessionLimits{Idle: shiftFor, Absolute: shiftFor, Max: maxSessions}
	return &SignIn{node: n, pages: pages, opt: opt, sessions: web.NewSessions[Session](n.Name(), limits)}
}

// Mount registers the addresses of this package.
func (s *SignIn) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /enter", s.showEnter)
	mux.HandleFunc("POST /enter/nonce", s.nonce)
	mux.HandleFunc("POST /enter", s.enter)
	mux.HandleFunc("POST /enrol/options", s.enrolOptions)
	mux.HandleFunc("POST /enrol", s.enrol)
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

// leave ends the shift for every browser and for good.
func (s *SignIn) leave(w http.ResponseWriter, r *http.Request) {
	to := "/enter?left"
	if session, ok := s.sessions.Get(r); ok {
		if err := s.node.EndShift(r.Context(), session.Shift); err != nil {
			to = "/enter?left=unrecorded"
		}
		s.sessions.EndAll(func(other Session) bool { return other.Shift.Ref == session.Shift.Ref })
	}
	s.sessions.End(w, r)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// troubles are the errors that an officer can do something about, each with its sentence. What is none of them is the node's
// own: nothing, or nothing certain, was recorded.
var troubles = []struct {
	err    error
	status int
	words  string
}{
	{node.ErrOfficer, http.StatusForbidden, "signin.error.officer"},
	{node.ErrPasskey, http.StatusForbidden, "signin.error.passkey"},
	{node.ErrCode, http.StatusForbidden, "signin.error.code"},
	{node.ErrEnrolled, http.StatusForbidden, "signin.error.enrolled"},
	{node.ErrNonce, http.StatusForbidden, "signin.error.nonce"},
	{passkey.ErrOrigin, http.StatusForbidden, "signin.error.origin"},
	{passkey.ErrParty, http.StatusForbidden, "signin.error.origin"},
	{passkey.ErrUser, http.StatusForbidden, "signin.error.user"},
	{passkey.ErrChallenge, http.StatusForbidden, "signin.error.signature"},
	{passkey.ErrSignature, http.StatusForbidden, "signin.error.signature"},
	{passkey.ErrFormat, http.StatusBadRequest, "signin.error.format"},
	{node.ErrBoothKey, http.StatusBadRequest, "signin.error.key"},
}

func (s *SignIn) trouble(w http.ResponseWriter, r *http.Request, err error) {
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			s.refuse(w, r, t.status, t.words)
			return
		}
	}
	s.refuse(w, r, http.StatusServiceUnavailable, "signin.error.record")
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
