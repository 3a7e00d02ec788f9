package centre

import (
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/projection"
)

// A form is a search as it was typed, with a fault's key beside each field that the analyst can mend.
type form struct {
	Number, Surname, Given, Reason string
	Faults                         map[string]string
}

type searchView struct {
	Form   form
	Asked  *asked // nil before the first search
	Failed bool   // the search could not be recorded, so nothing was looked up
}

func (f *Face) showSearch(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	f.renderSearch(w, r, s, http.StatusOK, searchView{})
}

// search takes its terms from a posted form only: an address ends in histories, proxies and journals.
func (f *Face) search(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	v := searchView{Form: form{Number: r.PostFormValue("number"), Surname: r.PostFormValue("surname"),
		Given: r.PostFormValue("given"), Reason: r.PostFormValue("reason")}}
	q, ok := v.Form.query()
	if !ok {
		f.renderSearch(w, r, s, http.StatusBadRequest, v)
		return
	}
	found, err := f.Node.Search(r.Context(), s, v.Form.Reason, q)
	switch {
	case err == nil:
		v.Asked = results(f.Words(r), q, found)
		f.renderSearch(w, r, s, http.StatusOK, v)
	case errors.Is(err, node.ErrReason):
		v.Form.Faults["reason"] = "centre.search.reason.fault"
		f.renderSearch(w, r, s, http.StatusBadRequest, v)
	case errors.Is(err, node.ErrDuty), errors.Is(err, node.ErrOfficer):
		f.Fail(w, r, http.StatusForbidden)
	default:
		f.journal.Error("centre: a search failed", "error", err)
		v.Failed = true
		f.renderSearch(w, r, s, http.StatusServiceUnavailable, v)
	}
}

func (f *Face) renderSearch(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, v searchView) {
	p := f.page(r, s, "centre.search")
	p.Status, p.Data = status, v
	f.Render(w, r, "search", p)
}

// query reads the form into the letters of a zone, or leaves what is wrong beside its fields.
func (m *form) query() (projection.Query, bool) {
	m.Faults = map[string]string{}
	fault := func(field, key string) { m.Faults[field] = key }
	var q projection.Query
	switch hasNumber, hasName := strings.TrimSpace(m.Number) != "", strings.TrimSpace(m.Surname+m.Given) != ""; {
	case !hasNumber && !hasName:
		fault("number", "centre.search.empty")
	case hasNumber && hasName:
		fault("number", "centre.search.both")
	case hasNumber:
		var ok bool
		if q.Number, ok = zoneNumber(m.Number); !ok {
			fault("number", "centre.search.number.fault")
		}
	default:
		var ok bool
		if q.Surname, ok = zoneName(m.Surname); !ok || len(q.Surname) < minSurname {
			fault("surname", "centre.search.surname.fault")
		}
		if q.Given, ok = zoneName(m.Given); !ok {
			fault("given", "centre.search.given.fault")
		}
	}
	m.Reason = strings.TrimSpace(m.Reason)
	if n := len(m.Reason); n < minReason || n > maxReason {
		fault("reason", "centre.search.reason.fault")
	}
	return q, len(m.Faults) == 0
}

// zoneNumber gives a document number as a zone has it: blanks, hyphens and what else separates are how people write it down.
func zoneNumber(typed string) (string, bool) {
	if utf8.RuneCountInString(typed) > maxNumber {
		return "", false
	}
	var b strings.Builder
	for _, c := range strings.ToUpper(typed) {
		switch {
		case c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case c == '<' || c == '.' || c == '/' || unicode.IsSpace(c) || unicode.Is(unicode.Pd, c):
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

// zoneName gives a name in the zone's letters, words parted by single blanks as the projection holds them. It is false where
// letters were typed that Doc 9303 has no zone letters for: what would be looked up is then not what was asked.
func zoneName(typed string) (string, bool) {
	if utf8.RuneCountInString(typed) > maxName {
		return "", false
	}
	for _, c := range typed {
		if unicode.IsLetter(c) && mrz.Transliterate(string(c)) == "" || unicode.IsDigit(c) {
			return "", false
		}
	}
	return strings.ReplaceAll(mrz.Transliterate(typed), "<", " "), true
}
