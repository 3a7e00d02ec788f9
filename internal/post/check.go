package post

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/web"
)

// checkPage is all that the officer sees of one traveller.
type checkPage struct {
	Index, Shift uint64
	At           time.Time
	Direction    border.Direction
	Way          string
	Verdict      verdict
	Who          string
	WhoBorn      string
	WhoNation    string
	Form         form
	Hits         []hitRow
	Facts        []fact
	Zone         [][]stretch
	ZoneFaults   []string
	Notes        []string // of the reading
	ByHand       bool
	Seen         []seenRow
	More         int
	Last         string
	Before       uint64 // an earlier check of this booth that is still open
	Stay         stayView
	Bases        []choiceRow
	Grounds      []choiceRow
	Posts, Lists []ageRow
	Trouble      []string
	Decided      bool
	Receipt      uint64
	HasReceipt   bool
	Asked        bool // the page asks whether the admission is meant
	RefusalOpen  bool
}

type verdict struct {
	Level   web.Level
	Word    string
	Ground  string
	Reasons []reason
	Notes   []reason
	Grave   bool // an admission must be meant
}

type reason struct {
	Level web.Level
	Text  string
}

type choiceRow struct {
	Value, Text, Key string
	Chosen           bool
}

type ageRow struct {
	Name, Detail string
	Level        web.Level
	Word         string
	At           time.Time
}

func (f *Face) serveCheck(w http.ResponseWriter, r *http.Request, b booth) {
	index, ok := indexOf(r)
	if !ok {
		f.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	if ok, err := f.mayShow(r.Context(), index, b.shift); !ok {
		f.refuse(w, r, b, err)
		return
	}
	v, err := f.n.View(r.Context(), index, border.Terms{}, nil)
	if err != nil {
		f.trouble(w, r, b, err)
		return
	}
	form := form{Act: newAct(), Check: index, Plate: v.Vehicle.Plate, Country: v.Vehicle.Country, Faults: map[string]string{}}
	if v.Vehicle.Occupants > 0 {
		form.Occupants = strconv.Itoa(v.Vehicle.Occupants)
	}
	f.showCheck(w, r, b, http.StatusOK, v, form, checkPage{})
}

// serveTerms shows the check again under the terms of stay that the officer chose.
func (f *Face) serveTerms(w http.ResponseWriter, r *http.Request, b booth) {
	if !f.pages.ReadForm(w, r) {
		return
	}
	index, ok := indexOf(r)
	if !ok {
		f.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	form := readForm(r, f.words(r))
	form.Check = index
	f.again(w, r, b, http.StatusOK, form, checkPage{})
}

// again shows the check of a form, with what was typed.
func (f *Face) again(w http.ResponseWriter, r *http.Request, b booth, status int, form form, d checkPage) {
	if ok, err := f.mayShow(r.Context(), form.Check, b.shift); !ok {
		f.refuse(w, r, b, err)
		return
	}
	v, err := f.n.View(r.Context(), form.Check, form.terms, form.asked())
	if err != nil {
		f.trouble(w, r, b, err)
		return
	}
	f.showCheck(w, r, b, status, v, form, d)
}

func (f *Face) showCheck(w http.ResponseWriter, r *http.Request, b booth, status int, v node.View, form form, d checkPage) {
	words := f.words(r)
	form.fill(v)
	d.Index, d.Shift, d.At, d.Form = v.Ref.Index, b.shift.Ref.Index, time.UnixMilli(v.At), form
	d.Direction, d.Way = v.Check.Direction, words.t("post.way."+v.Check.Direction.String())
	d.Verdict = words.verdict(v.Advice)
	d.Hits = words.hits(v.Hits, f.n.Rules())
	doc := v.Check.Document
	d.ByHand, d.Zone = doc.ByHand, marked(doc.Zone, doc.Faults)
	d.Who, d.WhoBorn, d.WhoNation = fullName(doc), words.date(doc.Birth), state(doc.Nationality)
	d.Facts, d.ZoneFaults = words.facts(doc, v.Advice, v.Check.Now)
	if b.last.read && b.last.index == v.Ref.Index {
		d.Notes = words.notes(b.last.notes)
	}
	d.Seen, d.More = words.seen(v.Seen)
	d.Last = words.last(v, f.n.Now())
	d.Stay = words.stay(v.Advice, v.Check.Direction)
	d.Bases, d.Grounds = words.bases(v.Advice.Terms.Basis), words.grounds(v, form.Ground)
	d.Posts, d.Lists = f.ages(words, v)
	d.Decided = v.Decided != nil
	d.Receipt, d.HasReceipt = f.receiptOf(v, b.shift)
	d.Before = f.before(r, b, v.Ref.Index)
	for _, field := range []string{"vehicle", "notes"} {
		if text, ok := form.Faults[field]; ok {
			d.Trouble = append(d.Trouble, text)
		}
	}
	p := f.page(r, b, "post.check.title", f.checkKeys(words, d.Decided)...)
	p.Status, p.Data = status, d
	f.pages.Render(w, r, "check", p)
}

// receiptOf gives the record that decided the check, if the shift wrote it: only then its receipt may be shown.
func (f *Face) receiptOf(v node.View, s *node.Shift) (uint64, bool) {
	if v.Decided == nil {
		return 0, false
	}
	own, err := f.own(v.Decided.Index, s)
	return v.Decided.Index, own && err == nil
}

func (f *Face) checkKeys(w words, decided bool) []web.Key {
	next := web.Key{Keys: "Escape", Text: w.t("post.key.leave")}
	if decided {
		return []web.Key{{Keys: "Escape", Text: w.t("post.key.booth")}}
	}
	return []web.Key{{Keys: "F2", Text: w.t("do.admit")}, {Keys: "F3", Text: w.t("do.refer")}, {Keys: "F4", Text: w.t("do.refuse")},
		{Keys: "F6", Text: w.t("post.key.vehicle")}, {Keys: "F7", Text: w.t("post.key.basis")},
		{Keys: "F8", Text: w.t("post.key.notes")}, next}
}

// before gives the check that this booth left open when it read the next document.
func (f *Face) before(r *http.Request, b booth, index uint64) uint64 {
	before, err := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64)
	if err != nil || before == index {
		return 0
	}
	if own, err := f.own(before, b.shift); !own || err != nil {
		return 0
	}
	if open, err := f.isOpen(r.Context(), before); !open || err != nil {
		return 0
	}
	return before
}

// ages says up to when each other post and each list is known, the worst first.
func (f *Face) ages(w words, v node.View) (posts, lists []ageRow) {
	rules, now := f.n.Rules(), v.Check.Now.UnixMilli()
	row := func(name, detail string, ages border.Ages, then int64) ageRow {
		level := ageLevel(ages, now, then)
		a := ageRow{Name: name, Detail: detail, Level: pillOf(level), Word: w.t("post.age." + string(pillOf(level)))}
		if then > 0 {
			a.At = time.UnixMilli(then)
		}
		return a
	}
	for _, h := range v.Horizons {
		if h.Node != f.n.Name() {
			posts = append(posts, row(capital(h.Node), "", rules.Posts, h.KnownTo))
		}
	}
	for _, l := range v.Lists {
		detail := w.t("post.list.release", "release", l.Release, "count", l.Count)
		if l.Newer > 0 {
			detail += " " + w.t("post.list.newer", "release", l.Newer)
		}
		lists = append(lists, row(l.List, detail, rules.Lists, l.KnownTo))
	}
	worst := func(a, b ageRow) int { return a.At.Compare(b.At) }
	slices.SortStableFunc(posts, worst)
	slices.SortStableFunc(lists, worst)
	return posts, lists
}

func (w words) notes(faults []mrz.Fault) (out []string) {
	for _, f := range faults {
		out = append(out, w.fault(f))
	}
	return out
}

// number is how people name a record: node, epoch, index.
func number(node string, epoch uint32, ref record.Ref) string {
	return node + " / " + strconv.FormatUint(uint64(epoch), 10) + " / " + strconv.FormatUint(ref.Index, 10)
}
