package web

import (
	"net/http"
	"strings"
)

// Language, theme and the sounds' volume are the reader's, not the node's: the cookies are shared
// by all nodes of a host, unlike the session's.
const (
	langCookie  = "tims-lang"
	themeCookie = "tims-theme"
	soundCookie = "tims-sound"
)

// servePrefs sets language, theme or volume and goes back. It works without script.
func (p *Pages) servePrefs(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	lang, th := r.PostFormValue("lang"), r.PostFormValue("theme")
	if p.sets[lang] != nil {
		setPreference(w, r, langCookie, lang)
	}
	if validTheme(th) {
		setPreference(w, r, themeCookie, th)
	}
	if v := r.PostFormValue("volume"); validVolume(v) {
		setPreference(w, r, soundCookie, v)
	}
	http.Redirect(w, r, localPath(r.PostFormValue("back")), http.StatusSeeOther)
}

// localPath lets through a path of this site only: "//host" and "/\host" would
// be another site's.
func localPath(back string) string {
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		return "/"
	}
	return back
}

func validTheme(s string) bool { return s == "auto" || s == "light" || s == "dark" }

func theme(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil && validTheme(c.Value) {
		return c.Value
	}
	return "auto"
}

func validVolume(s string) bool { return s == "off" || s == "low" || s == "full" }

// volume is that of the sounds. They are on until someone switches them off:
// a hit that nobody hears is the worse mistake.
func volume(r *http.Request) string {
	if c, err := r.Cookie(soundCookie); err == nil && validVolume(c.Value) {
		return c.Value
	}
	return "full"
}

func setPreference(w http.ResponseWriter, r *http.Request, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(preferenceAge.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
}

// Lang is the reader's language: ?lang=, else the cookie, else the browser's
// wish (RFC 9110 section 12.5.4), else English.
func (p *Pages) Lang(r *http.Request) string {
	if q := r.URL.Query().Get("lang"); p.sets[q] != nil {
		return q
	}
	if c, err := r.Cookie(langCookie); err == nil && p.sets[c.Value] != nil {
		return c.Value
	}
	return p.wished(r.Header.Get("Accept-Language"))
}

// wished takes the first range of the highest weight that has a catalogue.
func (p *Pages) wished(header string) string {
	best, weight := fallback, 0.0
	for rng := range strings.SplitSeq(header[:min(len(header), maxAcceptLanguage)], ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(rng), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if q := quality(params); p.sets[primary] != nil && q > weight {
			best, weight = primary, q
		}
	}
	return best
}
