package panel

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"
)

// Geometry of the chart in CSS pixels; its width is the container's.
const (
	rateTop, rateHeight = 24, 92
	waitTop, waitHeight = 152, 60
	chartHeight         = 236
	labelEvery          = 30 // s
	plotLeft            = 44
)

// chart draws the last three minutes: what the booths accepted, what waits for the centre, and when the centre was away.
func chart(w words, s *state) template.HTML {
	from := s.at.Add(-shown * time.Second)
	var rates, waits []float64
	var xs []float64
	for i := range s.samples {
		x := s.samples[i].at.Sub(from).Seconds()
		if x < 0 || i < 2 {
			continue
		}
		xs = append(xs, x)
		rates = append(rates, s.rateAt(i, "", recent))
		waits = append(waits, float64(s.samples[i].waiting))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="bars demo-chart" width="100%%" height="%d" role="img"><title>%s</title>`, chartHeight, esc(w.t("demo.chart.title")))
	curve(&b, s, from, w.t("demo.chart.rate"), "rate", rateTop, rateHeight, xs, rates)
	curve(&b, s, from, w.t("demo.chart.waiting"), "wait", waitTop, waitHeight, xs, waits)
	fmt.Fprintf(&b, `<svg class="plot" x="%d" width="95%%">`, plotLeft)
	for _, p := range s.periods {
		if l, r, ok := p.within(s.at); ok && r-l > 8 {
			fmt.Fprintf(&b, `<text class="why" x="%.2f%%" y="%d">%s</text>`, (l+r)/2/shown*100, rateTop+13, esc(w.t("demo.chart."+p.kind)))
		}
	}
	for t := s.at.Truncate(labelEvery * time.Second); t.After(from.Add(5 * time.Second)); t = t.Add(-labelEvery * time.Second) {
		if x := t.Sub(from).Seconds() / shown * 100; x < 97 {
			fmt.Fprintf(&b, `<text class="label" x="%.2f%%" y="%d">%s</text>`, x, chartHeight-6, w.clock(t))
		}
	}
	b.WriteString(`</svg></svg>`)
	return template.HTML(b.String())
}

func esc(s string) string { return template.HTMLEscapeString(s) }

// within gives a period in seconds of the chart, and whether any of it shows.
func (p period) within(now time.Time) (left, right float64, ok bool) {
	from := now.Add(-shown * time.Second)
	left, right = max(0, p.from.Sub(from).Seconds()), shown
	if !p.to.IsZero() {
		right = p.to.Sub(from).Seconds()
	}
	return left, right, right > left
}

// curve draws one curve over the periods.
func curve(b *strings.Builder, s *state, from time.Time, title, class string, y, height int, xs, values []float64) {
	top := 1.0
	for _, v := range values {
		top = max(top, v*1.1)
	}
	top = round(top)
	fmt.Fprintf(b, `<text class="name" x="0" y="%d">%s</text>`, y-8, esc(title))
	for i, at := range []int{y, y + height} {
		label := ""
		if i == 0 {
			label = fmt.Sprintf("%.4g", top)
		} else {
			label = "0"
		}
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="100%%" y1="%d" y2="%d"/><text class="tick" x="%d" y="%d">%s</text>`,
			plotLeft, at, at, plotLeft-8, at+4, label)
	}
	fmt.Fprintf(b, `<svg class="plot" x="%d" y="%d" width="95%%" height="%d" viewBox="0 0 %d 100" preserveAspectRatio="none">`,
		plotLeft, y, height, shown)
	for _, p := range s.periods {
		if l, r, ok := p.within(s.at); ok {
			fmt.Fprintf(b, `<rect class="away %s" x="%.2f" y="0" width="%.2f" height="100"/>`, p.kind, l, r-l)
		}
	}
	if len(xs) > 1 {
		var line strings.Builder
		for i, x := range xs {
			fmt.Fprintf(&line, "%c%.2f %.2f", "ML"[min(i, 1)], x, 100-values[i]/top*100)
		}
		fmt.Fprintf(b, `<path class="area %s" d="%sL%.2f 100L%.2f 100Z"/><path class="curve %s" d="%s"/>`,
			class, line.String(), xs[len(xs)-1], xs[0], class, line.String())
	}
	b.WriteString(`</svg>`)
}

// round gives the least of 1, 2, 4, 5, 8, 10, 20, … that is not below v.
func round(v float64) float64 {
	ten := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 4, 5, 8} {
		if step*ten >= v {
			return step * ten
		}
	}
	return 10 * ten
}
