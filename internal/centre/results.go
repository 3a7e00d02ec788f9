package centre

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
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

// A sighting is one line of a holder's history, in the reader's words. A word is "" where there is nothing to say.
type sighting struct {
	projection.Found
	Level    web.Level // of its row; OK has no colour
	Kind     string
	Decision string // "" on a check
	Ground   string
	Basis    string
	Post     string
	Record   string // post/epoch/index
	Way      string // icon
	WayWord  string
	Vehicle  string
	Group    string // the same on all records of one party
	Standing string // why it counts no longer, or not yet
	Typed    string // of a late record or correction: what its second time is
	Double   bool   // the same act stands above it, from another node: shown, not counted
}

// Gone says that the record counts no longer.
func (s sighting) Gone() bool {
	return s.Found.Standing == projection.Voided || s.Found.Standing == projection.Corrected
}

// Clock says that the day of a record made at the moment itself proves nothing: its clock was not synchronised.
func (s sighting) Clock() bool { return s.Doubtful && s.Typed == "" }

// passed leaves out what is the same act once more.
func (s *sighting) passed() bool { return s.Found.Passed() && !s.Double }

// results groups what was found by document, the one seen last first.
func results(w station.Words, q projection.Query, found []projection.Found) *asked {
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
			a.Holders = append(a.Holders, holder{Document: d, Nationality: nation(w, d.Nationality),
				Birth: civilOf(d.Birth), Expiry: civilOf(d.Expiry)})
		}
		a.Holders[i].take(lineOf(w, s))
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

func (h *holder) take(s sighting) {
	if s.Found.Kind == record.Check && s.Decided {
		h.Checks = append(h.Checks, s)
		return
	}
	for _, other := range h.Sightings {
		s.Double = s.Double || other.Act == s.Act && other.Found.Kind == s.Found.Kind
	}
	if s.passed() {
		h.Crossings++
	}
	h.Sightings = append(h.Sightings, s)
}

// standings are the keys of why a record counts no longer, or not yet.
var standings = map[projection.Standing]string{projection.Voided: "centre.standing.voided",
	projection.Corrected: "centre.standing.corrected", projection.Proposed: "centre.standing.proposed"}

func lineOf(w station.Words, f projection.Found) sighting {
	s := sighting{Found: f, Level: levelOf(f), Kind: w.T("centre.kind." + f.Kind.String()), Post: w.Label(f.Node), Record: number(f.Ref),
		Way: f.Direction.String(), WayWord: w.Way(f.Direction)}
	if _, err := border.ParseDecision(f.Decision.String()); err == nil {
		s.Decision = w.T("centre.decision." + f.Decision.String())
	}
	if f.Ground != "" {
		s.Ground = string(f.Ground) + ", " + w.T("ground."+string(f.Ground))
	}
	if slices.Contains(border.Bases(), f.Basis) {
		s.Basis = w.Basis(f.Basis)
	}
	if f.Vehicle != 0 {
		s.Vehicle = w.T("centre.vehicle." + f.Vehicle.String())
	}
	if len(f.Party) > 0 {
		s.Group = hex.EncodeToString(f.Party[:min(len(f.Party), groupBytes)])
	}
	if key := standings[f.Standing]; key != "" {
		s.Standing = w.T(key)
	}
	switch {
	case f.Standing == projection.Proposed:
		s.Typed = w.T("centre.typed.proposed")
	case f.Kind == record.Late:
		s.Typed = w.T("centre.typed.late")
	case f.Kind == record.Correction:
		s.Typed = w.T("centre.typed.correction")
	}
	return s
}

// levelOf is the colour of a row. What counts no longer has none: it is struck out.
func levelOf(f projection.Found) web.Level {
	switch {
	case f.Standing == projection.Proposed:
		return web.Amber
	case f.Standing != projection.Counts:
		return web.OK
	case f.Decision == border.Refuse, f.Kind == record.Refusal:
		return web.Red
	case f.Kind == record.Referral, f.Kind == record.Check && !f.Decided:
		return web.Amber
	}
	return web.OK
}

// number is a record's name for people: post, epoch, index.
func number(r border.Ref) string {
	_, post, epoch, err := roster.ParseOrigin(r.Origin)
	if err != nil {
		return r.Origin + "/" + strconv.FormatUint(r.Index, 10)
	}
	return post + "/" + strconv.FormatUint(uint64(epoch), 10) + "/" + strconv.FormatUint(r.Index, 10)
}
