package secondline

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

const liveQueue = "second"

// A queuePage is the list, oldest first, with what was answered below it.
type queuePage struct {
	Waiting  []row
	More     int // not listed
	Answered []row
	Count    int
	Longest  int64 // ms
	Said     *answer
	SaidOf   string
}

// A row is one referred traveller in the list.
type row struct {
	Index                      uint64
	Key                        string
	Waited                     int64 // ms, of one who waits
	Level                      web.Level
	Name, Born, Nation, Number string
	Booth, Way                 string
	Direction                  border.Direction
	At                         time.Time
	Why                        []station.Reason
	MoreWhy                    int
	Notes                      string
	Holder                     *holder
	Answer                     *answer
	Decided                    bool   // the booth has decided since
	State                      string // changes with what an open dossier must show anew
}

// An answer is what the second line said, in words.
type answer struct {
	ID       string // for the sound: it is heard once
	Level    web.Level
	Word     string
	Alert    string
	Notes    string
	At       time.Time
	Who      string
	Pending  bool   // waits for a second officer
	Proposal uint64 // index of its record
	Final    bool
}

// clock writes how long somebody has waited: minutes and seconds, hours before them once there are any.
func clock(ms int64) string {
	s := max(ms, 0) / 1000
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Clock is how long he has waited, for the template.
func (r row) Clock() string { return clock(r.Waited) }

// LongestClock is that of the first in the list.
func (p queuePage) LongestClock() string { return clock(p.Longest) }

// waits says whether the second line still owes an answer with which the booth could end it.
func waits(r node.Referred) bool {
	a := r.Answer()
	return !r.Decided && (a == nil || !a.Final())
}

// referral gives one referral of the last day that stands.
func (f *Face) referral(ctx context.Context, s *node.Shift, index uint64) (node.Referred, error) {
	list, err := f.Node.Referrals(ctx, s)
	if err != nil {
		return node.Referred{}, err
	}
	i := slices.IndexFunc(list, func(r node.Referred) bool { return r.Ref.Index == index })
	if i < 0 {
		return node.Referred{}, node.ErrNotStanding
	}
	return list[i], nil
}

func (f *Face) countWaiting(ctx context.Context, s *node.Shift) (n int) {
	list, _ := f.Node.Referrals(ctx, s) // the page behind the entry says what is wrong
	for _, r := range list {
		if waits(r) {
			n++
		}
	}
	return n
}

func (f *Face) serveQueue(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	words := f.Words(r)
	d, err := f.queue(r.Context(), s, words)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	if said, err := strconv.ParseUint(r.URL.Query().Get("answered"), 10, 64); err == nil {
		if i := slices.IndexFunc(d.Answered, func(a row) bool { return a.Index == said }); i >= 0 {
			d.Said, d.SaidOf = d.Answered[i].Answer, d.Answered[i].Name
		}
	}
	p := f.page(r, s, "second.title", web.Key{Keys: "1", Text: words.T("second.key.take")})
	p.Refresh, p.Data = 30*time.Second, d
	f.Render(w, r, "second-queue", p)
}

// page is the frame of the second line's pages: one stream and one script, so that going from list to dossier loads nothing.
func (f *Face) page(r *http.Request, s *node.Shift, title string, help ...web.Key) web.Page {
	p := f.Page(r, s, title, help...)
	p.Stream, p.Scripts = station.LiveAddress(liveQueue), append(p.Scripts, "second.js")
	return p
}

// queueNow keeps the list true on open pages.
func (f *Face) queueNow(ctx context.Context, s *node.Shift, w station.Words) []web.Event {
	d, err := f.queue(ctx, s, w)
	if err != nil {
		return nil // the page goes on showing what it has, and the states above it say what is wrong
	}
	html, err := f.Pages.Text(w.Lang, "second-list", web.Page{Data: d})
	if err != nil {
		return nil
	}
	return []web.Event{web.Partial("#second-live", "innerMorph", html)}
}

func (f *Face) queue(ctx context.Context, s *node.Shift, w station.Words) (queuePage, error) {
	list, err := f.Node.Referrals(ctx, s)
	if err != nil {
		return queuePage{}, err
	}
	var d queuePage
	now := f.Node.Now()
	for _, r := range list {
		switch {
		case !waits(r):
			if a := r.Answer(); a == nil || a.At >= s.Began || !r.Decided {
				d.Answered = append(d.Answered, f.row(ctx, s, w, r, now))
			}
		case len(d.Waiting) == maxQueue:
			d.Count++
		default:
			d.Count++
			one := f.row(ctx, s, w, r, now)
			if len(d.Waiting) < maxKeys {
				one.Key = strconv.Itoa(len(d.Waiting) + 1)
			}
			d.Waiting = append(d.Waiting, one)
		}
	}
	if d.More = d.Count - len(d.Waiting); len(d.Waiting) > 0 {
		d.Longest = d.Waiting[0].Waited
	}
	slices.Reverse(d.Answered)
	d.Answered = d.Answered[:min(len(d.Answered), maxAnswered)]
	return d, nil
}

func (f *Face) row(ctx context.Context, s *node.Shift, w station.Words, r node.Referred, now int64) row {
	doc := r.Document
	one := row{Index: r.Ref.Index, Level: web.Grey, Name: station.FullName(doc.Primary, doc.Secondary), Nation: w.State(doc.Nationality),
		Number: doc.Number, Booth: r.Booth, Way: w.Way(r.Direction), Direction: r.Direction, At: time.UnixMilli(r.Written), Decided: r.Decided}
	if born, err := border.ParsePartialDate(doc.Birth); err == nil {
		one.Born = w.Date(born)
	}
	if a := r.Answer(); a != nil {
		said := answerOf(w, *a)
		one.Answer = &said
	}
	if one.State = fmt.Sprint(len(r.Answers), r.Decided); one.Answer != nil {
		one.State += " " + one.Answer.ID
	}
	if !waits(r) {
		return one
	}
	if one.Holder = f.holderOf(r.Ref.Index, s); one.Holder != nil {
		one.State += " " + one.Holder.Who
	}
	switch one.Waited = now - r.Written; {
	case one.Waited >= longAfter.Milliseconds():
		one.Level = web.Red
	case one.Waited >= slowAfter.Milliseconds():
		one.Level = web.Amber
	}
	why := f.why(ctx, r)
	one.Why, one.Notes = verdict(w, why.advice).Reasons, why.notes
	if len(one.Why) > maxWhy {
		one.Why, one.MoreWhy = one.Why[:maxWhy], len(one.Why)-maxWhy
	}
	return one
}

// ofNode are findings about what this node knows, not about the traveller; his dossier shows them beside the document.
var ofNode = []border.Code{border.PostsOld, border.NothingOfPosts, border.ListOld, border.NothingOfAlerts}

// verdict says what the rules found about a traveller.
func verdict(w station.Words, a border.Advice) station.Verdict {
	a.Findings = slices.DeleteFunc(slices.Clone(a.Findings), func(f border.Finding) bool { return slices.Contains(ofNode, f.Code) })
	return w.Verdict(a)
}

func answerOf(w station.Words, a node.Answer) answer {
	out := answer{ID: fmt.Sprintf("second-answer-%d-%t", a.Ref.Index, a.InForce), Word: w.T("second.outcome." + string(a.Outcome)), Alert: a.Alert,
		Notes: a.Notes, At: time.UnixMilli(a.At), Who: a.Officer, Proposal: a.Ref.Index, Final: a.Final(), Level: web.Grey,
		Pending: a.Outcome == record.OtherPerson && !a.InForce}
	if o := shownAs(a.Outcome); o != nil {
		out.Level = o.level
	}
	if out.Pending {
		out.Level = web.Amber
	}
	return out
}

// reasons remember why travellers were referred. What the rules advised stands in the record as codes; the sentence needs the
// check, which is read and matched again, and not every five seconds for each open page.
type reasons struct {
	mu    sync.Mutex
	known map[uint64]reason
}

type reason struct {
	advice border.Advice
	notes  string
}

// why gives the reasons of a referral as they were when it was first looked at here. What cannot be read is left out: the
// dossier says why.
func (f *Face) why(ctx context.Context, r node.Referred) reason {
	f.reasons.mu.Lock()
	known, ok := f.reasons.known[r.Ref.Index]
	f.reasons.mu.Unlock()
	if ok {
		return known
	}
	v, err := f.Node.View(ctx, r.Check, border.Terms{}, nil)
	if err != nil {
		return reason{}
	}
	known.advice = v.Advice
	if o, err := f.Node.ReadOwn(r.Ref.Index); err == nil && o.Police != nil {
		known.notes = o.Police.Notes
	}
	f.reasons.mu.Lock()
	defer f.reasons.mu.Unlock()
	if f.reasons.known == nil || len(f.reasons.known) >= maxReasons {
		f.reasons.known = map[uint64]reason{}
	}
	f.reasons.known[r.Ref.Index] = known
	return known
}
