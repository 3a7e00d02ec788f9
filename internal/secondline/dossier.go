package secondline

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

// A dossierPage is all that is known of one referred traveller.
type dossierPage struct {
	row
	Read       time.Time
	Verdict    station.Verdict
	Facts      []station.Fact
	Zone       [][]station.Stretch
	ZoneFaults []string
	ByHand     bool
	Plate      string
	Hits       []hit
	Gone       []goneHit
	Stay       station.Stay
	Basis      string
	History    []known
	Posts      []station.Age
	Lists      []station.Age
	Answers    []answer // newest first
	Open       bool     // an outcome can be given
	Form       form
	Trouble    []string
	Asked      bool // the page asks whether it is meant
	Outcomes   []choice
	AboutHit   []choice
	Queue      queuePage
}

// A choice is one outcome, as a button.
type choice struct {
	Code, Key string
	Level     web.Level
	Armed     bool
}

// A hit is an alert that fits now, with what an outcome can say of it.
type hit struct {
	station.Hit
	Key    string // digit that chooses it
	Chosen bool
	Grey   bool // two officers found that it is about another person
	Anew   bool // who is to be arrested or protected is looked at anew each time
}

// A goneHit is one of the time of the referral that fits no longer.
type goneHit struct{ ID, List, Action string }

// known is one sighting with why it may be about this traveller.
type known struct {
	At                     time.Time
	Direction              border.Direction
	Way, Kind, Post, Basis string
	Number                 string // of its record
	Booth                  string
	Document               string // that it was made with, where this node may read it
	Unread                 bool   // another post wrote it: only when, where and on what basis is known here
	ByPerson               bool
	Why                    string
	Standing               string
	Void                   bool
	ByNode                 bool
	This                   bool
}

func (f *Face) serveDossier(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	f.showDossier(w, r, s, index, http.StatusOK, form{Act: station.ActText(station.NewAct())}, nil, false)
}

// showDossier shows a dossier with a form as it was typed.
func (f *Face) showDossier(w http.ResponseWriter, r *http.Request, s *node.Shift, index uint64, status int, form form, trouble []string, asked bool) {
	words := f.Words(r)
	d, err := f.dossier(r, s, words, index, form)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	d.Trouble, d.Asked = trouble, asked
	for _, o := range outcomes {
		c := choice{string(o.code), o.key, o.level, asked && form.Outcome == o.code}
		if aboutHit(o.code) {
			d.AboutHit = append(d.AboutHit, c)
		} else {
			d.Outcomes = append(d.Outcomes, c)
		}
	}
	p := f.page(r, s, "second.dossier", f.dossierKeys(words, d)...)
	p.Status, p.Data = status, d
	f.Render(w, r, "second-dossier", p)
}

func (f *Face) dossierKeys(w station.Words, d dossierPage) (keys []web.Key) {
	if d.Open {
		for _, c := range d.Outcomes {
			keys = append(keys, web.Key{Keys: c.Key, Text: w.T("second.outcome." + c.Code)})
		}
		if len(d.Hits) > 0 {
			keys = append(keys, web.Key{Keys: "1", Text: w.T("second.key.hit")})
			for _, c := range d.AboutHit {
				keys = append(keys, web.Key{Keys: c.Key, Text: w.T("second.outcome." + c.Code)})
			}
		}
		keys = append(keys, web.Key{Keys: "F8", Text: w.T("second.notes")})
		if d.Holder == nil || !d.Holder.Mine {
			keys = append(keys, web.Key{Keys: "F9", Text: w.T("second.take")})
		}
	}
	if d.Holder != nil && d.Holder.Mine {
		return append(keys, web.Key{Keys: "Escape", Text: w.T("second.leave")})
	}
	return append(keys, web.Key{Keys: "Escape", Text: w.T("second.back")})
}

func (f *Face) dossier(r *http.Request, s *node.Shift, w station.Words, index uint64, form form) (dossierPage, error) {
	v, err := f.Node.Dossier(r.Context(), s, index)
	if err != nil {
		return dossierPage{}, err
	}
	doc, now := v.View.Check.Document, f.Node.Now()
	d := dossierPage{row: f.row(r.Context(), s, w, v.Referred, now), Read: time.UnixMilli(v.View.At), Verdict: verdict(w, v.Advice),
		ByHand: doc.ByHand, Zone: station.Marked(doc.Zone, doc.Faults), Stay: w.Stay(v.Advice, v.View.Check.Direction),
		Basis: w.Basis(v.Advice.Terms.Basis), Plate: v.Vehicle.Plate, Open: waits(v.Referred), Form: form}
	d.Facts, d.ZoneFaults = w.Facts(doc, v.Advice, v.View.Check.Now)
	d.Posts, d.Lists = f.Ages(w, v.View)
	for i := range v.Answers {
		d.Answers = append([]answer{answerOf(w, v.Answers[i])}, d.Answers...)
	}
	d.Hits = hitsOf(w, v.View, form.Alert)
	for i := range d.Hits {
		d.Hits[i].Faces = dossierAddress(index) + "/face/"
	}
	if o, err := f.Node.ReadOwn(index); err == nil && o.Police != nil {
		d.Gone, d.Notes = goneHits(w, o.Police.Hits, d.Hits), o.Police.Notes
	}
	for i := len(v.History) - 1; i >= 0; i-- {
		d.History = append(d.History, knownOf(w, v.History[i], v.Referred))
	}
	d.Queue, err = f.queue(r.Context(), s, w)
	return d, err
}

// serveFace shows the image of an alert that fits the referred traveller now, and no other.
func (f *Face) serveFace(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	index, ok := station.PathIndex(r)
	v, err := f.Node.Dossier(r.Context(), s, index)
	if !ok || err != nil {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	f.ServeFace(w, r, v.View.Hits, r.PathValue("name"))
}

// hitsOf shows the hits as they are now: those that count, then the grey and the weak ones. Of one alone the form takes for
// granted that it is meant.
func hitsOf(w station.Words, v node.View, chosen string) (out []hit) {
	for _, h := range w.Hits(v.Hits, v.Check.Least) {
		one := hit{Hit: h, Chosen: h.ID == chosen || len(v.Hits) == 1}
		i := slices.IndexFunc(v.Hits, func(b border.Hit) bool { return b.AlertID == h.ID && b.List == h.List })
		if i >= 0 {
			one.Anew = anew(v.Hits[i].Action)
			one.Grey = v.Hits[i].Grey && !one.Anew
		}
		if one.Grey {
			one.Level = web.Grey
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b hit) int { return a.rank() - b.rank() })
	for i := range out[:min(len(out), maxKeys)] {
		out[i].Key = strconv.Itoa(i + 1)
	}
	return out
}

func (h hit) rank() int {
	switch {
	case h.Weak:
		return 2
	case h.Grey:
		return 1
	}
	return 0
}

// anew says of alerts whose "other person" is never remembered.
func anew(a border.Action) bool { return a == border.ActArrest || a == border.ActProtect }

// goneHits are those of the referral that no longer fit; the discreet ones are shown to nobody at a post.
func goneHits(w station.Words, then []record.PoliceHit, now []hit) (out []goneHit) {
	for _, h := range then {
		a := border.Action(h.Action)
		if a == border.ActDiscreet || slices.ContainsFunc(now, func(n hit) bool { return n.ID == h.Alert && n.List == h.List }) {
			continue
		}
		out = append(out, goneHit{h.Alert, h.List, w.T("action." + a.String())})
	}
	return out
}

var standings = map[projection.Standing]string{projection.Voided: "second.standing.voided",
	projection.Corrected: "second.standing.corrected", projection.Proposed: "second.standing.proposed"}

func knownOf(w station.Words, k node.Known, of node.Referred) known {
	out := known{At: time.UnixMilli(k.Happened), Direction: k.Direction, Way: w.Way(k.Direction), Kind: w.T("record." + k.Kind.String()),
		Post: w.Label(k.Node), Number: strconv.FormatUint(k.Ref.Index, 10), ByPerson: k.ByPerson, Why: w.T("second.why." + k.Why),
		ByNode: k.ByNode, This: k.Ref == of.Ref, Unread: k.Details == nil, Void: k.Standing == projection.Voided || k.Standing == projection.Corrected}
	if k.Basis != 0 {
		out.Basis = w.Basis(k.Basis)
	}
	if key := standings[k.Standing]; key != "" {
		out.Standing = w.T(key)
	}
	if k.Details != nil {
		out.Booth = k.Details.Booth
		out.Document = k.Details.Document.Issuer + " " + k.Details.Document.Number
	}
	return out
}
