package panel

import (
	"context"
	"slices"
	"time"

	"tims/internal/demo"
	"tims/internal/node"
	"tims/internal/web"
)

// What the centre is to the posts at a moment. The words are parts of keys and of classes.
const (
	centreOK    = "ok"
	centreCut   = "cut"
	centreOff   = "off"
	centreWiped = "wiped"
	centreBack  = "back" // it is there again and takes what waited
)

// state is all that the page shows, in no language. It is copied under the panel's lock; what it points to is never changed
// once it stands in it.
type state struct {
	at      time.Time
	figures demo.Figures
	centre  string
	cut     bool
	running map[string]bool
	now     measure
	calm    measure  // of the last half minute
	base    *measure // as it was before the attack; nil before the first
	rates   map[string]float64
	samples []sample
	periods []period
	busy    *busy
	edit    *edit
	// verified is what the last verification of each node said.
	verified map[string]*verified
	returned *returned
	whole    *whole
	journal  []entry
}

// A measure is how the booths worked over a stretch of time.
type measure struct {
	Rate        float64 // crossings accepted a second
	Latency     demo.Latency
	Acts        int // that the latencies are of
	NotRecorded int // since the country began
}

// A sample is the counts at a moment.
type sample struct {
	at       time.Time
	accepted int
	waiting  int // with a receipt and not at the centre
	posts    map[string]int
}

// A period is a stretch without the centre; to is zero while it lasts.
type period struct {
	kind     string
	from, to time.Time
}

// busy is the one action under way.
type busy struct {
	kind, node string
	since      time.Time
	read       uint64 // records, by a verification
}

// An edit is a crossing that was changed with SQL and not put back.
type edit struct {
	demo.Tampered
	at    time.Time
	found bool
}

// verified is the outcome of a verification.
type verified struct {
	node.Verified
	at   time.Time
	took time.Duration
	busy bool // the tables could not be compared: the node folds all the time
}

// returned is the wait for everything accepted until the centre's return to be found there.
type returned struct {
	at     time.Time
	expect int
	late   bool
}

// whole is the outcome of such a wait.
type whole struct {
	n    int
	took time.Duration
}

// An entry is something that happened.
type entry struct {
	at    time.Time
	level web.Level
	icon  string
	key   string
	args  []any  // for the text of key
	raw   string // a cause in the program's own words
}

// Arguments of an entry that become words in the reader's language: a key, a node's name, a time of day in UTC ms.
type (
	word   string
	at     string
	moment int64
)

// watch looks at the country at every beat and tells the open pages. It ends with ctx, or with the country, of which no
// post runs then.
func (p *Panel) watch(ctx context.Context, w *demo.Watch) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	said := map[string]string{}
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-p.stale:
		case <-tick.C:
			if !p.look(ctx, w) {
				return
			}
		}
		if n%fresh == 0 {
			clear(said)
		}
		p.publish(said)
	}
}

func (p *Panel) look(ctx context.Context, w *demo.Watch) bool {
	f := w.Look(ctx, lookFor)
	now := time.Now()
	latency, acts := w.Latency(now.Add(-recent))
	calm, calmActs := w.Latency(now.Add(-before))
	running, alive := map[string]bool{}, false
	for _, pl := range p.places {
		running[pl.Node] = p.country.Node(pl.Node) != nil
		alive = alive || running[pl.Node]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.s
	s.at, s.figures, s.running = now, f, running
	s.samples = append(s.samples, sample{now, f.Accepted, f.Accepted - f.AtCentre, accepted(f)})
	if len(s.samples) > shown+int(before/beat) {
		s.samples = slices.Clone(s.samples[1:])
	}
	s.now = measure{s.rate("", recent), latency, acts, f.NotRecorded}
	s.calm = measure{s.rate("", before), calm, calmActs, f.NotRecorded}
	s.rates = map[string]float64{}
	for _, post := range demo.Posts() {
		s.rates[post] = s.rate(post, recent)
	}
	p.settle()
	s.centre = p.centreNow()
	return alive
}

func accepted(f demo.Figures) map[string]int {
	out := map[string]int{}
	for name, post := range f.Posts {
		out[name] = post.Accepted
	}
	return out
}

// rate is crossings a second over the last stretch, of one post or of all.
func (s *state) rate(post string, over time.Duration) float64 {
	return s.rateAt(len(s.samples)-1, post, over)
}

func (s *state) rateAt(i int, post string, over time.Duration) float64 {
	if i < 1 {
		return 0
	}
	from := i
	for from > 0 && s.samples[i].at.Sub(s.samples[from].at) < over {
		from--
	}
	a, b := s.samples[from], s.samples[i]
	n := b.accepted - a.accepted
	if post != "" {
		n = b.posts[post] - a.posts[post]
	}
	return float64(n) / b.at.Sub(a.at).Seconds()
}

// centreNow says what the centre is to the posts; the caller holds the lock.
func (p *Panel) centreNow() string {
	switch {
	case p.s.busy != nil && p.s.busy.kind == actRebuild:
		return centreBack
	case p.country.Wiped():
		return centreWiped
	case p.country.Node(demo.CentreName) == nil:
		return centreOff
	case p.country.LinkCut():
		return centreCut
	case p.s.returned != nil:
		return centreBack
	}
	return centreOK
}

// settle says when everything is at the centre again; the caller holds the lock.
func (p *Panel) settle() {
	r := p.s.returned
	if r == nil {
		return
	}
	took := p.s.at.Sub(r.at)
	switch {
	case p.s.figures.AtCentre >= r.expect:
		p.s.returned, p.s.whole = nil, &whole{p.s.figures.AtCentre, took}
		p.note(web.OK, "ok", "demo.log.whole", "n", p.s.figures.AtCentre, "s", max(1, int(took.Seconds())), "lost", p.s.figures.Lost)
	case took > backBy && !r.late:
		p.s.returned = &returned{r.at, r.expect, true}
		p.note(web.Amber, "amber", "demo.log.late", "n", r.expect-p.s.figures.AtCentre)
	}
}

// note writes into the journal; the caller holds the lock or is New.
func (p *Panel) note(level web.Level, icon, key string, args ...any) {
	p.noteRaw("", level, icon, key, args...)
}

func (p *Panel) noteRaw(raw string, level web.Level, icon, key string, args ...any) {
	p.s.journal = append([]entry{{time.Now(), level, icon, key, args, raw}}, p.s.journal[:min(len(p.s.journal), maxJournal-1)]...)
}

// changed lets the open pages know before the next beat.
func (p *Panel) changed() {
	select {
	case p.stale <- struct{}{}:
	default:
	}
}
