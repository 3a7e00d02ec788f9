package signin

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"tims/internal/node"
	"tims/internal/passkey"
	"tims/internal/record"
	"tims/internal/web"
)

type enterView struct {
	Code, Booth, Home string
	Ask               bool
	Forget            bool // the shift was ended: the browser throws its key away
	Unrecorded        bool // and its end may not stand in the log
	Shift             *node.Shift
	Officers          []officerView // those that the demonstration signs in with passkeys in software
}

type officerView struct {
	Label  string
	Chosen bool
}

func (s *SignIn) showEnter(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	code, booth := q.Get("code"), s.opt.Booth
	if booth == "" && len(q.Get("booth")) <= maxBooth {
		booth = q.Get("booth")
	}
	v := enterView{Code: code[:min(len(code), maxCode)], Booth: booth, Ask: s.opt.Booth == "", Forget: q.Has("left"),
		Unrecorded: q.Get("left") != "", Officers: s.officers(q.Get("officer"))}
	if shift, ok := s.Shift(r); ok {
		v.Shift, v.Home = shift, s.opt.Home(shift)
	}
	s.pages.Render(w, r, "enter", web.Page{Title: s.pages.T(s.pages.Lang(r), "signin.title"), Scripts: []string{"enter.js"}, Data: v})
}

func (s *SignIn) officers(chosen string) []officerView {
	var out []officerView
	for _, o := range s.node.State().Roster.Officers {
		if !o.Dropped {
			out = append(out, officerView{o.Label, o.Label == chosen})
		}
	}
	return out
}

// boothOf reads the booth's name as it is written on booths: k1 and K1 are one.
func (s *SignIn) boothOf(r *http.Request) (string, bool) {
	booth := strings.ToUpper(strings.TrimSpace(r.PostFormValue("booth")))
	if s.opt.Booth != "" {
		booth = s.opt.Booth
	}
	return booth, booth != "" && len(booth) <= maxBooth
}

// nonce begins a sign-in. The browser makes the challenge itself, of what it gets here and its own key.
func (s *SignIn) nonce(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	booth, ok := s.boothOf(r)
	if !ok {
		s.refuse(w, r, http.StatusBadRequest, "signin.error.booth")
		return
	}
	answer(w, http.StatusOK, map[string]string{"nonce": text(s.node.Nonce()), "booth": booth, "party": s.node.RelyingParty().Parent})
}

// enter opens a shift. The key is the browser's and the passkey the officer's, so there is no way here without script.
func (s *SignIn) enter(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	booth, ok := s.boothOf(r)
	if !ok {
		s.refuse(w, r, http.StatusBadRequest, "signin.error.booth")
		return
	}
	f := reader{r: r}
	body := record.ShiftBody{Booth: booth, BoothKey: f.bytes("key"), Passkey: &record.Passkey{Credential: f.bytes("credential"),
		Nonce: f.bytes("nonce"), ClientData: f.bytes("client"), Authenticator: f.bytes("authenticator"), Signature: f.bytes("signature")}}
	officer := f.bytes("officer")
	if f.err != nil || len(officer) != len(body.Officer) {
		s.refuse(w, r, http.StatusBadRequest, "signin.error.format")
		return
	}
	body.Officer = [16]byte(officer)
	shift, err := s.node.OpenShift(r.Context(), body)
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	s.sessions.Start(w, r, Session{shift})
	answer(w, http.StatusOK, map[string]any{"shift": strconv.FormatUint(shift.Ref.Index, 10), "home": s.opt.Home(shift)})
}

// enrolOptions says for whom a code makes a passkey.
func (s *SignIn) enrolOptions(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	o, err := s.node.OfficerOf(codeOf(r))
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"nonce": text(s.node.Nonce()), "party": s.node.RelyingParty().Parent, "officer": text(o.ID[:]),
		"label": o.Label, "algorithms": passkey.Algorithms})
}

// enrol records an officer's new passkey. He signs in with it afterwards, here or at any post that the record has reached.
func (s *SignIn) enrol(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	f := reader{r: r}
	made := passkey.Made{Credential: f.bytes("credential"), ClientData: f.bytes("client"), Attestation: f.bytes("attestation")}
	nonce := f.bytes("nonce")
	if f.err != nil {
		s.refuse(w, r, http.StatusBadRequest, "signin.error.format")
		return
	}
	o, err := s.node.Enrol(r.Context(), codeOf(r), nonce, made)
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"said": s.pages.T(s.pages.Lang(r), "signin.enrolled", "who", o.Label)})
}

// codeOf reads a one-time code as people type it.
func codeOf(r *http.Request) string {
	code := strings.ToUpper(strings.Join(strings.Fields(r.PostFormValue("code")), ""))
	return code[:min(len(code), maxCode)]
}

func (s *SignIn) showResume(w http.ResponseWriter, r *http.Request) {
	to := localPath(r.URL.Query().Get("to"), "/")
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
	answer(w, http.StatusOK, map[string]string{"challenge": text(s.node.Nonce())})
}

// resume opens the session of a shift again by its booth key.
func (s *SignIn) resume(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	f := reader{r: r}
	index, err := strconv.ParseUint(r.PostFormValue("shift"), 10, 64)
	challenge, signature := f.bytes("challenge"), f.bytes("signature")
	var shift *node.Shift
	if err = errors.Join(err, f.err); err == nil {
		shift, err = s.node.ResumeShift(index, challenge, signature)
	}
	if err != nil {
		s.refuse(w, r, http.StatusUnauthorized, "signin.error.resume")
		return
	}
	s.sessions.Start(w, r, Session{shift})
	answer(w, http.StatusOK, map[string]any{})
}

// A reader reads fields of bytes and keeps the first error.
type reader struct {
	r   *http.Request
	err error
}

func (f *reader) bytes(name string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(f.r.PostFormValue(name))
	if err == nil && len(b) == 0 {
		err = errors.New("a field is missing")
	}
	if f.err == nil {
		f.err = err
	}
	return b
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
