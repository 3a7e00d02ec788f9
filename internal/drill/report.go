package drill

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
)

//go:embed report.html
var reportHTML string

// Report makes one page of the score that needs no other file and no network: what was done, what happened at the booths, and the
// verdicts in words.
func (s Score) Report(l Language) ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{"T": l.T, "what": func(id string) ActWords { return l.Act(id) },
		"ms": func(v float64) string { return l.figure(v) + " ms" }, "lower": strings.ToLower}).Parse(reportHTML)
	if err != nil {
		return nil, fmt.Errorf("make the report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s.view(l)); err != nil {
		return nil, fmt.Errorf("make the report: %w", err)
	}
	return b.Bytes(), nil
}

type reportView struct {
	Lang, Began, For, Rate, Lead string
	Good                         bool
	Acked, Lost, Doubled, Wrong  int
	Score                        Score
	Acts                         []actView
}

type actView struct {
	Result
	Words   ActWords
	Done    string // how often and how long
	Seconds string // of healing
	Chart   chart
}

func (s Score) view(l Language) reportView {
	v := reportView{Lang: l.Code, Began: s.Began.Format("2006-01-02 15:04 MST"), For: l.seconds(s.For), Rate: l.figure(s.Rate), Good: s.Held(), Score: s,
		Lead: l.T("lead.held")}
	for _, r := range s.Results {
		v.Acked, v.Lost, v.Doubled, v.Wrong = v.Acked+r.Acked, v.Lost+r.Lost, v.Doubled+r.Doubled, v.Wrong+r.Invented
		a := actView{Result: r, Words: l.Act(r.ID), Chart: draw(r), Seconds: l.seconds(r.Heal)}
		lasted := l.seconds(r.Healing.Sub(r.Injected).Seconds())
		if a.Done = l.T("times", r.Times, lasted); r.Times == 1 {
			a.Done = l.T("times.one", lasted)
		}
		v.Acts = append(v.Acts, a)
	}
	notRun := s.count(NotRun)
	if !v.Good {
		v.Lead = l.T("lead.broken", len(s.Results)-s.count(Held)-notRun, len(s.Results))
	}
	if notRun > 0 {
		v.Lead += " " + l.T("lead.notrun", notRun)
	}
	return v
}

// figure writes a number as people of the language do, with one decimal below ten.
func (l Language) figure(v float64) string {
	digits := 0
	if v < 10 && v != math.Trunc(v) {
		digits = 1
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if l.Code == Albanian.Code {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

func (l Language) seconds(v float64) string { return l.figure(v) + " s" }

// A chart is drawn with the answers over time: seconds along, milliseconds upwards in tenfold steps.
type chart struct {
	Width, Height, Left, Bottom float64
	Act, Heal                   span
	Dots, Crosses               []dot
	Lines                       []rule
	Ticks                       []rule
	Top                         float64 // where what got no answer stands
}

type span struct{ X, Width float64 }

type dot struct{ X, Y float64 }

type rule struct {
	At   float64
	Text string
}

const (
	chartWidth, chartHeight = 880.0, 240.0
	chartLeft, chartBottom  = 56.0, 212.0
	chartTop                = 26.0
	leastMS, mostMS         = 1.0, 10_000.0
)

func draw(r Result) chart {
	c := chart{Width: chartWidth, Height: chartHeight, Left: chartLeft, Bottom: chartBottom, Top: chartTop - 12}
	all := max(r.End.Sub(r.Start).Seconds(), 1)
	x := func(t time.Time) float64 {
		return round(chartLeft + min(max(t.Sub(r.Start).Seconds()/all, 0), 1)*(chartWidth-chartLeft-8))
	}
	y := func(v float64) float64 {
		part := math.Log(min(max(v, leastMS), mostMS)/leastMS) / math.Log(mostMS/leastMS)
		return round(chartBottom - part*(chartBottom-chartTop))
	}
	c.Act = span{x(r.Injected), round(x(r.Healing) - x(r.Injected))}
	c.Heal = span{x(r.Healing), round(x(r.Healed) - x(r.Healing))}
	for v := leastMS; v <= mostMS; v *= 10 {
		c.Lines = append(c.Lines, rule{y(v), strconv.FormatFloat(v, 'f', 0, 64)})
	}
	step := math.Ceil(all / 8)
	for s := 0.0; s <= all; s += step {
		c.Ticks = append(c.Ticks, rule{x(r.Start.Add(time.Duration(s * float64(time.Second)))), strconv.FormatFloat(s, 'f', 0, 64) + " s"})
	}
	every := len(r.Answers)/maxChart + 1
	for i, a := range r.Answers {
		switch {
		case !a.OK:
			c.Crosses = append(c.Crosses, dot{x(a.At), c.Top})
		case i%every == 0 || ms(a.Took) >= r.During.P99:
			c.Dots = append(c.Dots, dot{x(a.At), y(ms(a.Took))})
		}
	}
	return c
}

func round(v float64) float64 { return math.Round(v*10) / 10 }
