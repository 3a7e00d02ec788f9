package panel

import (
	"cmp"
	"strings"
	"time"

	"tims/internal/demo"
	"tims/internal/web"
)

// words say a state in a language.
type words struct {
	p    *Panel
	lang string
}

func (w words) t(key string, args ...any) string { return w.p.pages.T(w.lang, key, args...) }

// say is t for arguments that are words themselves.
func (w words) say(key string, args ...any) string {
	out := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case word:
			out[i] = w.t(string(a))
		case at:
			out[i] = cmp.Or(w.p.label(string(a)), string(a))
		case moment:
			out[i] = w.clock(time.UnixMilli(int64(a)))
		default:
			out[i] = a
		}
	}
	return w.t(key, out...)
}

// clock is the time of day where the country is.
func (w words) clock(t time.Time) string {
	text := w.p.pages.Time(w.lang, t)
	return text[strings.LastIndexByte(text, ' ')+1:]
}

func (w words) strip(s *state, c nodeView) []web.State {
	up := 0
	for _, post := range demo.Posts() {
		if s.running[post] {
			up++
		}
	}
	level := func(n int) web.Level {
		if n > 0 {
			return web.Red
		}
		return web.OK
	}
	return []web.State{
		{Level: c.Level, Text: w.t("demo.strip.centre", "state", w.t(c.Word))},
		{Level: level(len(demo.Posts()) - up), Text: w.t("demo.strip.posts", "n", up, "of", len(demo.Posts()))},
		{Level: level(s.figures.NotRecorded), Text: w.t("demo.strip.failed", "n", s.figures.NotRecorded)},
		{Level: level(s.figures.Lost), Text: w.t("demo.strip.lost", "n", s.figures.Lost)},
	}
}

// booths answers the first question: does work go on?
func (w words) booths(s *state) verdict {
	v := verdict{ID: "booths", Question: w.t("demo.ask.booths"), Level: web.OK, Answer: w.t("demo.booths.yes")}
	failed := s.figures.NotRecorded
	if s.base != nil {
		failed -= s.base.NotRecorded
	}
	switch {
	case failed > 0:
		v.Level, v.Answer = web.Red, w.t("demo.booths.no", "n", failed)
		v.Text = w.t("demo.booths.no.text")
	case len(s.samples) < 5:
		v.Level, v.Answer = web.Grey, w.t("demo.booths.begin")
	case s.now.Acts == 0 && s.calm.Acts == 0:
		v.Level, v.Answer = web.Grey, w.t("demo.booths.quiet")
	}
	if v.Text == "" {
		v.Text = w.t("demo.booths.text."+s.centre, "ms", ms(s.now.Latency.Check50+s.now.Latency.Commit50))
	}
	return v
}

// losses answers the second: is anything lost?
func (w words) losses(s *state) verdict {
	f := s.figures
	v := verdict{ID: "losses", Question: w.t("demo.ask.losses"), Level: web.OK, Answer: w.t("demo.losses.no"),
		Text: w.t("demo.losses.text."+s.centre, "n", f.Accepted-f.AtCentre)}
	if s.centre == centreOK && f.Accepted == f.AtCentre {
		v.Text = w.t("demo.losses.text.all")
	}
	if s.centre == centreOK && s.whole != nil {
		v.Text = w.t("demo.losses.text.whole", "n", s.whole.n, "s", max(1, int(s.whole.took.Seconds())))
	}
	if e := s.edit; s.centre == centreBack && e != nil && e.Node != demo.CentreName {
		v.Level, v.Text = web.Amber, w.say("demo.losses.text.refused", "node", at(e.Node), "n", f.Accepted-f.AtCentre)
	}
	if f.Lost > 0 {
		v.Level, v.Answer, v.Text = web.Red, w.t("demo.losses.yes", "n", f.Lost), w.t("demo.losses.yes.text")
	}
	return v
}

// changes answers the third: was anything changed in silence?
func (w words) changes(s *state) verdict {
	v := verdict{ID: "changes", Question: w.t("demo.ask.changes"), Level: web.Grey, Answer: w.t("demo.changes.none"),
		Text: w.t("demo.changes.none.text")}
	var n, bad int
	for _, c := range s.verified {
		n++
		bad += len(c.Found)
	}
	switch {
	case s.edit != nil && s.edit.found:
		v.Level, v.Answer = web.OK, w.t("demo.changes.found")
		v.Text = w.say("demo.changes.found.text", "n", s.edit.Index, "log", at(writer(s.edit.Origin)))
	case s.edit != nil:
		v.Level, v.Answer = web.Amber, w.t("demo.changes.edited")
		v.Text = w.say("demo.changes.edited.text", "node", at(s.edit.Node))
	case bad > 0:
		v.Level, v.Answer, v.Text = web.Red, w.t("demo.changes.other", "n", bad), w.t("demo.changes.other.text")
	case n > 0:
		v.Level, v.Answer, v.Text = web.OK, w.t("demo.changes.sound"), w.t("demo.changes.sound.text", "n", n)
	}
	return v
}

// ms is a number of milliseconds with as many digits as mean something.
func ms(f float64) any {
	if f >= 10 {
		return int(f + 0.5)
	}
	return f
}

func (w words) measures(s *state) []measureRow {
	base := measure{}
	if s.base != nil {
		base = *s.base
	}
	half := func(m measure, a, b float64) string {
		if m.Acts == 0 {
			return "–"
		}
		return w.t("demo.measure.ms", "half", ms(a), "most", ms(b))
	}
	row := func(key string, of func(measure) string) measureRow { return measureRow{w.t(key), of(base), of(s.now)} }
	return []measureRow{
		row("demo.measure.rate", func(m measure) string { return w.t("demo.measure.number", "x", m.Rate) }),
		row("demo.measure.check", func(m measure) string { return half(m, m.Latency.Check50, m.Latency.Check99) }),
		row("demo.measure.commit", func(m measure) string { return half(m, m.Latency.Commit50, m.Latency.Commit99) }),
		row("demo.measure.failed", func(m measure) string { return w.t("demo.measure.number", "x", m.NotRecorded) }),
	}
}

// rows are the attacks, each with what ends it.
func (w words) rows(places []place, why map[string]string) []actRow {
	one := func(kind, class string) button { return w.button(button{ID: kind, Act: kind, Class: class}, why) }
	row := func(id string, of ...button) actRow {
		return actRow{id, w.t("demo.row." + id), w.t("demo.row." + id + ".text"), of}
	}
	each := func(kind string) (out []button) {
		for _, pl := range places {
			b := w.button(button{ID: kind + "-" + pl.Node, Act: kind, Node: pl.Node, Class: "small"}, why)
			b.Text = pl.Label
			if pl.Node == demo.CentreName {
				b.Text = w.t("demo.centre")
			}
			out = append(out, b)
		}
		return out
	}
	return []actRow{row("line", one(actCut, "line red"), one(actMend, "")), row("power", one(actOff, "line red"), one(actOn, "")),
		row("wipe", one(actWipe, "red"), one(actRebuild, "")), row("edit", each(actEdit)...), row("verify", each(actVerify)...)}
}

func (w words) button(b button, why map[string]string) button {
	b.Icon, b.Text = icons[b.Act], w.t("demo.do."+b.Act)
	if key := why[b.ID]; key != "" {
		b.Why = w.t(key)
	}
	return b
}

func (w words) busy(b *busy) string {
	text := w.say("demo.busy."+b.kind, "node", at(b.node))
	if b.read > 0 {
		text += " " + w.t("demo.busy.read", "n", b.read)
	}
	return text
}

func (w words) edit(e *edit, why map[string]string) *editView {
	if e == nil {
		return nil
	}
	v := &editView{Found: e.found, Node: w.p.label(e.Node), NodeName: e.Node, Log: w.p.label(writer(e.Origin)), Origin: e.Origin,
		Index: e.Index, Was: e.Was, Became: e.Became, AtCentre: e.Node == demo.CentreName}
	v.Restore = w.button(button{ID: actRestore, Act: actRestore, Class: "small"}, why)
	v.Verify = w.button(button{ID: actVerify + "-" + e.Node, Act: actVerify, Node: e.Node, Class: "small primary"}, why)
	v.Verify.Text = w.t("demo.verify.this", "node", v.Node)
	other := demo.CentreName
	if v.AtCentre {
		other = writer(e.Origin)
	}
	v.Co = w.button(button{ID: actVerify + "-" + other, Act: actVerify, Node: other, Class: "small"}, why)
	v.Co.Text = w.t("demo.verify.other", "node", w.p.label(other))
	return v
}

func (w words) checked(s *state) []checkedView {
	var out []checkedView
	for _, pl := range w.p.places {
		c := s.verified[pl.Node]
		if c == nil {
			continue
		}
		v := checkedView{Label: pl.Label, Level: web.OK, At: c.at, Took: c.took.Seconds(), Logs: c.Logs, Records: c.Records, Tables: "demo.checked.tables"}
		if c.busy {
			v.Tables = "demo.checked.tables.busy"
		}
		for _, f := range c.Found[:min(len(c.Found), shownFindings)] {
			key, raw := finding(f)
			v.Level = web.Red
			v.Found = append(v.Found, foundView{cmp.Or(w.p.label(writer(f.Where)), f.Where), f.Where, f.Index, w.t(key), raw})
		}
		v.More = len(c.Found) - len(v.Found)
		out = append(out, v)
	}
	return out
}
