package panel

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tims/internal/demo"
	"tims/internal/node"
	"tims/internal/web"
)

// The actions, as forms name them and as keys of words end.
const (
	actCut     = "cut"
	actMend    = "mend"
	actOff     = "off"
	actOn      = "on"
	actWipe    = "wipe"
	actRebuild = "rebuild"
	actEdit    = "edit"
	actRestore = "restore"
	actVerify  = "verify"
)

// icons of the actions in the journal and on the buttons.
var icons = map[string]string{actCut: "cut", actMend: "link", actOff: "power", actOn: "power", actWipe: "wipe", actRebuild: "rebuild",
	actEdit: "edit", actRestore: "rebuild", actVerify: "search"}

// act takes one action's form. It answers at once; the action runs on and the page tells of it.
func (p *Panel) act(w http.ResponseWriter, r *http.Request) {
	if !p.pages.ReadForm(w, r) {
		return
	}
	kind, name := r.PostFormValue("act"), r.PostFormValue("node")
	if icons[kind] == "" || name != "" && p.label(name) == "" {
		p.pages.Fail(w, r, http.StatusBadRequest)
		return
	}
	p.begin(kind, name)
	p.changed()
	if r.Header.Get("HX-Request") != "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// begin starts an action in the background, or writes into the journal why it does not. One runs at a time.
func (p *Panel) begin(kind, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if why := p.senseless(kind, name); why != "" {
		p.note(web.Amber, "amber", "demo.log.refused", "act", word("demo.do."+kind), "why", word(why))
		return
	}
	if now := p.centreNow(); (kind == actCut || kind == actOff || kind == actWipe) && (now == centreOK || p.s.base == nil) {
		base := p.s.calm
		p.s.base = &base
	}
	p.s.busy = &busy{kind: kind, node: name, since: time.Now()}
	p.work.Go(func() { p.run(kind, name) })
}

// senseless says why an action makes no sense now, as a key, or nothing; the caller holds the lock.
func (p *Panel) senseless(kind, name string) string {
	running, wiped, cut := p.country.Node(demo.CentreName) != nil, p.country.Wiped(), p.country.LinkCut()
	no := func(key string, when bool) string {
		if when {
			return "demo.no." + key
		}
		return ""
	}
	if p.s.busy != nil {
		return "demo.no.busy"
	}
	switch kind {
	case actCut:
		return no("cut", cut)
	case actMend:
		return no("whole", !cut)
	case actOff:
		return no("off", !running)
	case actOn:
		return no("wiped", wiped) + no("on", !wiped && running)
	case actWipe:
		return no("wiped", wiped)
	case actRebuild:
		return no("files", !wiped)
	case actEdit:
		return first(no("node", name == ""), no("edited", p.s.edit != nil), no("off", !running), no("cut", cut))
	case actRestore:
		return no("unedited", p.s.edit == nil)
	case actVerify:
		return first(no("node", name == ""), no("wiped", name == demo.CentreName && wiped))
	}
	return "demo.no.node"
}

func first(of ...string) string {
	for _, s := range of {
		if s != "" {
			return s
		}
	}
	return ""
}

// run does an action and writes what came of it.
func (p *Panel) run(kind, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), actFor)
	defer cancel()
	began := time.Now()
	after, err := p.do(ctx, kind, name)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.s.busy = nil
	defer p.changed()
	if err != nil {
		p.noteRaw(err.Error(), web.Red, "red", "demo.log.failed", "act", word("demo.do."+kind))
		return
	}
	after()
	p.record(kind, began)
	p.s.centre = p.centreNow()
}

// do does the work without the lock and gives what is to be written down under it.
func (p *Panel) do(ctx context.Context, kind, name string) (func(), error) {
	said := func(level web.Level, args ...any) func() {
		return func() { p.note(level, icons[kind], "demo.log."+kind, args...) }
	}
	switch kind {
	case actCut, actMend:
		p.country.CutLink(kind == actCut)
		return said(levelOf(kind)), nil
	case actOff:
		return said(levelOf(kind)), p.country.SwitchOff()
	case actOn:
		return said(levelOf(kind)), p.country.SwitchOn()
	case actWipe:
		return said(levelOf(kind)), p.country.Wipe()
	case actRebuild:
		return said(levelOf(kind)), p.country.Rebuild()
	case actEdit:
		return p.tamper(ctx, name)
	case actRestore:
		return p.restore(ctx)
	}
	return p.verify(ctx, name)
}

func levelOf(kind string) web.Level {
	switch kind {
	case actMend, actOn, actRebuild:
		return web.OK
	}
	return web.Red
}

// record keeps the periods of the chart and the wait for what is missing at the centre; the caller holds the lock.
func (p *Panel) record(kind string, began time.Time) {
	s := &p.s
	now := p.centreState()
	if last := len(s.periods) - 1; last >= 0 && s.periods[last].to.IsZero() && s.periods[last].kind != now {
		s.periods[last].to = time.Now()
	}
	switch kind {
	case actCut, actOff, actWipe:
		s.returned, s.whole = nil, nil
	case actMend, actOn, actRebuild:
		if now == centreOK {
			s.returned = &returned{at: began, expect: s.figures.Accepted}
		}
	}
	if last := len(s.periods) - 1; now != centreOK && (last < 0 || !s.periods[last].to.IsZero()) {
		s.periods = append(s.periods, period{kind: now, from: began})
	}
	s.periods = s.periods[max(0, len(s.periods)-maxPeriods):]
	if kind == actWipe && s.edit != nil && s.edit.Node == demo.CentreName {
		s.edit = nil
	}
	if kind == actWipe {
		s.verified = without(s.verified, demo.CentreName)
	}
}

// centreState is centreNow without the moments of return.
func (p *Panel) centreState() string {
	if now := p.centreNow(); now != centreBack {
		return now
	}
	return centreOK
}

func without(m map[string]*verified, name string) map[string]*verified {
	m = maps.Clone(m)
	delete(m, name)
	return m
}

func (p *Panel) tamper(ctx context.Context, name string) (func(), error) {
	t, err := p.country.Tamper(ctx, name)
	return func() {
		p.s.edit = &edit{Tampered: t, at: time.Now()}
		p.s.verified = without(p.s.verified, name)
		p.note(web.Red, icons[actEdit], "demo.log.edit", "node", at(name), "n", t.Index, "log", at(writer(t.Origin)),
			"was", moment(t.Was), "became", moment(t.Became))
	}, err
}

func (p *Panel) restore(ctx context.Context) (func(), error) {
	p.mu.Lock()
	e := p.s.edit
	p.mu.Unlock()
	from, err := p.country.Restore(ctx, e.Tampered)
	return func() {
		p.s.edit = nil
		p.s.verified = without(p.s.verified, e.Node)
		p.note(web.OK, icons[actRestore], "demo.log.restore", "node", at(e.Node), "n", e.Index, "log", at(writer(e.Origin)), "from", at(from))
	}, err
}

// writer is the node whose log an origin names: country/node/epoch.
func writer(origin string) string {
	if parts := strings.Split(origin, "/"); len(parts) == 3 {
		return parts[1]
	}
	return origin
}

// verify reads a node's files as `tims verify` does, beside the running node. What is found must be found twice: damage
// stays, while a copy that was read in the middle of its growth has grown.
func (p *Panel) verify(ctx context.Context, name string) (func(), error) {
	began := time.Now()
	v, err := p.read(ctx, name)
	if len(v.Found) > 0 {
		before := v.Found
		v, err = p.read(ctx, name)
		v.Found = slices.DeleteFunc(v.Found, func(f node.Finding) bool { return !slices.Contains(before, f) })
	}
	one := &verified{Verified: v, took: time.Since(began), at: time.Now()}
	if err != nil && v.Logs > 0 && ctx.Err() == nil { // the logs were read to their ends, and the tables would not stand still
		one.busy, err = true, nil
	}
	return func() { p.judged(name, one) }, err
}

// read is one verification with its progress on the page.
func (p *Panel) read(ctx context.Context, name string) (node.Verified, error) {
	read := map[string]uint64{}
	return node.VerifyDir(ctx, filepath.Join(p.country.Dir(), name), func(origin string, done, _ uint64) {
		read[origin] = done
		p.progress(read)
	})
}

// judged writes down what a verification said; the caller holds the lock.
func (p *Panel) judged(name string, v *verified) {
	p.s.verified = without(p.s.verified, name)
	p.s.verified[name] = v
	if len(v.Found) == 0 {
		p.note(web.OK, "ok", "demo.log.sound", "node", at(name), "n", v.Records, "logs", v.Logs)
	}
	for _, f := range v.Found[:min(len(v.Found), shownFindings)] {
		if e := p.s.edit; e != nil && e.Node == name && f.Where == e.Origin && f.Index == e.Index {
			p.s.edit = &edit{e.Tampered, e.at, true}
		}
		what, raw := finding(f)
		p.noteRaw(raw, web.OK, icons[actVerify], "demo.log.found", "node", at(name), "n", f.Index, "log", at(writer(f.Where)), "what", word(what))
	}
}

// progress shows how many records of all logs were read.
func (p *Panel) progress(read map[string]uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.s.busy == nil {
		return
	}
	b := *p.s.busy
	b.read = 0
	for _, n := range read {
		b.read += n
	}
	p.s.busy = &b
}

// finding gives the words for a finding, by key; raw is what package tlog said where there are none here.
func finding(f node.Finding) (key, raw string) {
	switch {
	case strings.HasPrefix(f.What, "its bytes have been changed"):
		return "demo.found.bytes", ""
	case strings.HasPrefix(f.What, "part ") && strings.Contains(f.What, "has been changed"):
		return "demo.found.part", ""
	case strings.Contains(f.What, "missing"):
		return "demo.found.gone", f.What
	case f.Where == "projection":
		return "demo.found.projection", f.What
	}
	return "demo.found.other", f.What
}
