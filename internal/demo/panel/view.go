package panel

import (
	"cmp"
	"html/template"
	"net"
	"slices"
	"time"

	"tims/internal/demo"
	"tims/internal/web"
)

// view is the page in one language.
type view struct {
	States   []web.State
	Centre   nodeView
	Posts    []nodeView
	Verdicts []verdict
	Measures []measureRow
	Attacked bool // there is a "before"
	Chart    template.HTML
	Rows     []actRow
	Busy     string // what is being done, or nothing
	BusyFor  time.Duration
	Edit     *editView
	Checked  []checkedView
	Journal  []entryView
	Dir      string
	Public   []link
	Portal   string // the public portal
}

// nodeView is one node of the diagram.
type nodeView struct {
	place
	Up       bool
	Level    web.Level
	Word     string // key of its state
	Line     string // class of the line from the centre to it
	X, Mid   int    // of the line's end and of its middle, per cent of the width
	Accepted int
	Waiting  int
	Rate     float64
	Records  int // crossings, at the centre
	Expected int
}

// A verdict is one of the three questions and its answer.
type verdict struct {
	ID, Question, Answer, Text string
	Level                      web.Level
}

// measureRow is one measure, before the attack and now, as text.
type measureRow struct{ Name, Before, Now string }

// actRow is one line of attacks.
type actRow struct {
	ID, Title, Text string
	Buttons         []button
}

type button struct {
	ID, Act, Node, Icon, Text string
	Class                     string
	Why                       string // why it is not to be pressed now; empty if it is
}

type editView struct {
	Found               bool
	Node, Log, Origin   string
	Index               uint64
	Was, Became         int64
	NodeName            string // for forms
	AtCentre            bool
	Restore, Verify, Co button
}

// checkedView is the outcome of a node's last verification.
type checkedView struct {
	Label   string
	Level   web.Level
	At      time.Time
	Took    float64 // s
	Logs    int
	Records uint64
	Tables  string // key of what was said of the tables
	Found   []foundView
	More    int
}

type foundView struct {
	Log, Origin string
	Index       uint64
	What, Raw   string
}

type entryView struct {
	At    time.Time
	Level web.Level
	Icon  string
	Text  string
	Raw   string
}

type link struct{ Label, Href string }

// view takes the state and says it in a language.
func (p *Panel) view(lang string) view {
	p.mu.Lock()
	s := p.s
	s.journal, s.samples, s.periods = slices.Clone(s.journal), slices.Clone(s.samples), slices.Clone(s.periods)
	why := map[string]string{}
	for _, b := range buttons(p.places) {
		why[b.ID] = p.senseless(b.Act, b.Node)
	}
	p.mu.Unlock()
	s.centre = cmp.Or(s.centre, centreOK)
	w := words{p, lang}
	v := view{Centre: p.centreView(&s), Attacked: s.base != nil, Chart: chart(w, &s), Dir: p.country.Dir()}
	v.Posts = p.postViews(&s)
	v.Verdicts = []verdict{w.booths(&s), w.losses(&s), w.changes(&s)}
	v.Measures = w.measures(&s)
	v.Rows = w.rows(p.places, why)
	if b := s.busy; b != nil {
		v.Busy, v.BusyFor = w.busy(b), time.Since(b.since)
	}
	v.Edit = w.edit(s.edit, why)
	v.Checked = w.checked(&s)
	for _, e := range s.journal {
		v.Journal = append(v.Journal, entryView{e.at, e.level, e.icon, w.say(e.key, e.args...), e.raw})
	}
	v.States = w.strip(&s, v.Centre)
	v.Public = p.public()
	v.Portal = "http://" + p.country.PortalAddress() + "/"
	return v
}

var levels = map[string]web.Level{centreOK: web.OK, centreCut: web.Amber, centreOff: web.Grey, centreWiped: web.Red, centreBack: web.Amber}

func (p *Panel) centreView(s *state) nodeView {
	return nodeView{place: p.places[0], Up: s.running[demo.CentreName], Level: levels[s.centre], Word: "demo.centre." + s.centre,
		Records: s.figures.AtCentre, Expected: s.figures.Accepted}
}

func (p *Panel) postViews(s *state) []nodeView {
	var out []nodeView
	posts := p.places[1:]
	for i, pl := range posts {
		f := s.figures.Posts[pl.Node]
		x := (200*i + 100) / (2 * len(posts))
		n := nodeView{place: pl, Up: s.running[pl.Node], Level: web.OK, Word: "demo.post.works", X: x, Mid: (x + 50) / 2,
			Accepted: f.Accepted, Waiting: f.Accepted - f.AtCentre, Rate: s.rates[pl.Node]}
		if n.Line = s.centre; s.cut {
			n.Line = centreCut
		}
		if !n.Up {
			n.Level, n.Word = web.Red, "demo.post.off"
		}
		out = append(out, n)
	}
	return out
}

// public are the doors for outsiders: each node's checkpoints and hash tiles.
func (p *Panel) public() []link {
	var out []link
	for _, pl := range p.places {
		if host, port, err := net.SplitHostPort(p.country.PublicAddress(pl.Node)); err == nil {
			out = append(out, link{pl.Label, "http://" + net.JoinHostPort(host, port) + "/"})
		}
	}
	return out
}

// buttons are all that there can be, with their ids.
func buttons(places []place) []button {
	var out []button
	for _, kind := range []string{actCut, actMend, actOff, actOn, actWipe, actRebuild, actRestore} {
		out = append(out, button{ID: kind, Act: kind})
	}
	for _, kind := range []string{actEdit, actVerify} {
		for _, pl := range places {
			out = append(out, button{ID: kind + "-" + pl.Node, Act: kind, Node: pl.Node})
		}
	}
	return out
}
