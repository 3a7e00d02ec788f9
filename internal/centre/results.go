package centre

import (
	"cmp"
	"slices"
	"strconv"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/web"
)

// asked is an answered search.
type asked struct {
	Terms   string // as they were looked up, in zone letters
	Number  bool   // else it was a name
	Holders []holder
	Count   int  // sightings shown
	Cut     bool // there are more than were given
}

// A holder is one document with all that is known of it, in the order of time.
type holder struct {
	Document    record.Document
	Nationality string
	Birth       civil
	Expiry      civil
	Sightings   []sighting
	Checks      []sighting // those that a decision followed: it stands among the sightings
	Crossings   int
}

// A civil date of a document as stored; not Whole where parts of it are unknown.
type civil struct {
	Text  string
	Whole bool
}

func civilOf(text string) civil {
	_, err := border.ParseDate(text)
	return civil{text, err == nil}
}

// A sighting is one line of a holder's history.
type sighting struct {
	projection.Found
	Level    web.Level // of its row; OK has no colour
	Kind     string    // key of its word
	Decision string    // key, "" on a check
	Ground   string    // key
	Basis    string    // key
	Post     string
	Record   string // post/epoch/index
	Way      string // icon
	WayWord  string // key
	Double   bool   // the same act stands above it, from another node: shown, not counted
}

// results groups what was found by document, the one seen last first.
func results(lang string, q projection.Query, found []projection.Found) *asked {
	a := &asked{Terms: q.Number, Number: q.Number != "", Cut: len(found) >= projection.MaxFound}
	if !a.Number {
		a.Terms = q.Surname
		if q.Given != "" {
			a.Terms += ", " + q.Given
		}
	}
	found = slices.Clone(found[:min(len(found), projection.MaxFound)])
	a.Count = len(found)
	slices.SortFunc(found, inTime)
	at := map[string]int{}
	for _, s := range found {
		d := s.Document
		key := d.Issuer + "/" + d.Number + "/" + d.Nationality + "/" + d.Birth + "/" + d.Primary + "/" + d.Secondary
		i, ok := at[key]
		if !ok {
			i = len(a.Holders)
			at[key] = i
			a.Holders = append(a.Holders, holder{Document: d, Nationality: nation(lang, d.Nationality),
				Birth: civilOf(d.Birth), Expiry: civilOf(d.Expiry)})
		}
		a.Holders[i].take(s)
	}
	slices.SortStableFunc(a.Holders, func(x, y holder) int { return cmp.Compare(y.last(), x.last()) })
	return a
}

func inTime(a, b projection.Found) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Happened, b.Happened), cmp.Compare(a.Ref.Origin, b.Ref.Origin),
		cmp.Compare(a.Ref.Index, b.Ref.Index))
}

func (h *holder) last() (ms int64) {
	for _, s := range append(h.Sightings[:len(h.Sightings):len(h.Sightings)], h.Checks...) {
		ms = max(ms, s.Happened)
	}
	return ms
}

func (h *holder) take(found projection.Found) {
	s := lineOf(found)
	if s.Found.Kind == record.Check && s.Decided {
		h.Checks = append(h.Checks, s)
		return
	}
	for _, other := range h.Sightings {
		s.Double = s.Double || other.Act == s.Act && other.Found.Kind == s.Found.Kind
	}
	if s.Found.Kind == record.Crossing && !s.Double {
		h.Crossings++
	}
	h.Sightings = append(h.Sightings, s)
}

func lineOf(f projection.Found) sighting {
	s := sighting{Found: f, Level: web.OK, Kind: "centre.kind." + f.Kind.String(), Post: label(f.Node), Record: number(f.Ref), Way: "entry", WayWord: "centre.entry"}
	if f.Direction == border.Exit {
		s.Way, s.WayWord = "exit", "centre.exit"
	}
	switch f.Kind {
	case record.Check:
		if !f.Decided {
			s.Level = web.Amber
		}
	case record.Refusal:
		s.Level = web.Red
	case record.Referral:
		s.Level = web.Amber
	}
	if _, err := border.ParseDecision(f.Decision.String()); err == nil {
		s.Decision = "centre.decision." + f.Decision.String()
	}
	if f.Ground != "" {
		s.Ground = "centre.ground." + string(f.Ground)
	}
	if slices.Contains(border.Bases(), f.Basis) {
		s.Basis = "centre.basis." + f.Basis.String()
	}
	return s
}

// number is a record's name for people: post, epoch, index.
func number(r border.Ref) string {
	_, post, epoch, err := roster.ParseOrigin(r.Origin)
	if err != nil {
		return r.Origin + "/" + strconv.FormatUint(r.Index, 10)
	}
	return post + "/" + strconv.FormatUint(uint64(epoch), 10) + "/" + strconv.FormatUint(r.Index, 10)
}
