package secondline

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

// A proposal is an outcome "other person" that waits for a second officer.
type proposal struct {
	Index uint64 // of its record
	Key   string
	Row   row
	Said  answer
	Mine  bool // who proposed it does not agree to it himself
	check uint64
}

// A proposalPage is what the second officer compares before he agrees.
type proposalPage struct {
	proposal
	Act        string
	Facts      []station.Fact
	Zone       [][]station.Stretch
	ZoneFaults []string
	Hit        *station.Hit // nil where the alert fits no longer
	Until      string       // last day on which it holds
	Trouble    string
}

// proposals lists what waits for a second officer among the referrals that this officer may see, oldest first. Of several
// proposals about one alert the newest waits; none does once one was agreed to.
func (f *Face) proposals(ctx context.Context, s *node.Shift, w station.Words) ([]proposal, error) {
	list, err := f.Node.Referrals(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []proposal
	for _, r := range list {
		for i, a := range r.Answers {
			same := func(b node.Answer) bool {
				return b.Outcome == record.OtherPerson && b.Alert == a.Alert
			}
			if a.Outcome != record.OtherPerson || slices.ContainsFunc(r.Answers[i+1:], same) ||
				slices.ContainsFunc(r.Answers, func(b node.Answer) bool { return same(b) && b.InForce }) {
				continue
			}
			p := proposal{Index: a.Ref.Index, Row: f.row(ctx, s, w, r, f.Node.Now()), Said: answerOf(w, a),
				Mine: a.Officer == s.Officer.Label, check: r.Check}
			if len(out) < maxKeys {
				p.Key = strconv.Itoa(len(out) + 1)
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// countProposed counts for whoever sees the whole post. A booth is not asked at each of its pages: it has the proposals about
// its own travellers on the page.
func (f *Face) countProposed(ctx context.Context, s *node.Shift) (n int) {
	if !f.Node.Can(s, roster.DecideReferrals) && !f.Node.Can(s, roster.ReadPost) {
		return 0
	}
	list, _ := f.Node.Referrals(ctx, s) // the page behind the entry says what is wrong
	for _, r := range list {
		if a := r.Answer(); a != nil && a.Outcome == record.OtherPerson && !a.InForce && a.Officer != s.Officer.Label {
			n++
		}
	}
	return n
}

func (f *Face) serveProposals(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	words := f.Words(r)
	list, err := f.proposals(r.Context(), s, words)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	p := f.Page(r, s, "second.agree.title", web.Key{Keys: "1", Text: words.T("second.key.look")})
	p.Data = map[string]any{"List": list, "Done": r.URL.Query().Has("agreed")}
	f.Render(w, r, "second-officer", p)
}

func (f *Face) serveProposal(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	f.showProposal(w, r, s, http.StatusOK, station.ActText(station.NewAct()), "")
}

func (f *Face) showProposal(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, act, trouble string) {
	words := f.Words(r)
	index, ok := station.PathIndex(r)
	list, err := f.proposals(r.Context(), s, words)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	i := slices.IndexFunc(list, func(p proposal) bool { return p.Index == index })
	if !ok || i < 0 {
		f.Trouble(w, r, s, node.ErrAssented)
		return
	}
	d := proposalPage{proposal: list[i], Act: act, Trouble: trouble}
	if err := f.compare(r.Context(), words, &d); err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	keys := []web.Key{{Keys: "Escape", Text: words.T("second.back.proposals")}}
	if !d.Mine {
		keys = append([]web.Key{{Keys: "F2", Text: words.T("second.agree.do")}}, keys...)
	}
	p := f.Page(r, s, "second.agree.title", keys...)
	p.Status, p.Data = status, d
	f.Render(w, r, "second-proposal", p)
}

// compare puts the document beside the alert.
func (f *Face) compare(ctx context.Context, w station.Words, d *proposalPage) error {
	v, err := f.Node.View(ctx, d.check, border.Terms{}, nil)
	if err != nil {
		return err
	}
	doc := v.Check.Document
	d.Zone = station.Marked(doc.Zone, doc.Faults)
	d.Facts, d.ZoneFaults = w.Facts(doc, border.Advice{}, v.Check.Now)
	for _, h := range w.Hits(v.Hits, v.Check.Least) {
		if h.ID == d.Said.Alert {
			d.Hit = &h
		}
	}
	proposed, err := f.Node.ReadOwn(d.Index)
	if err != nil {
		return err
	}
	if proposed.Grey != nil {
		d.Until = w.Day(proposed.Grey.Until)
	}
	return nil
}

func (f *Face) readAssent(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	index, ok := station.PathIndex(r)
	act, ok2 := station.ReadAct(r)
	if !ok || !ok2 {
		return nil, node.ErrNotStanding
	}
	return []node.Deed{node.Assent{Act: act, Shift: s, Kind: record.ReferralOutcome, Of: index}}, nil
}

func (f *Face) doneAssent(w http.ResponseWriter, r *http.Request, _ *node.Shift, _ []node.Receipt) {
	f.Nudge()
	http.Redirect(w, r, "/second-officer?agreed", http.StatusSeeOther)
}

func (f *Face) mendAssent(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	words := f.Words(r)
	f.showProposal(w, r, s, words.Status(err), r.PostFormValue("act"), words.Error(err))
}

func whatAssent(_ *http.Request, w station.Words) string { return w.T("second.agree.do") }
