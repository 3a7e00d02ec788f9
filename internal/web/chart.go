package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Series is one row of values in a chart, one for each label.
type Series struct {
	Name   string
	Values []float64
}

// chart geometry in CSS pixels; the plot's width is the container's.
const (
	plotHeight = 160
	plotTop    = 10
	labelRoom  = 24
	maxLabels  = 12 // more would run into each other at 1280 px
)

// hatch tells the second series from the first without colour, on paper too.
const hatch = `<defs><pattern id="bars-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
	`<rect class="s2" width="6" height="6"/><rect class="gap" width="2" height="6"/></pattern></defs>`

var fills = [...]string{` class="s1"`, ` fill="url(#bars-hatch)"`, ` class="s3"`, ` class="s4"`}

// BarsSVG draws up to four series as stacked bars, for readers without script,
// print and screen readers. Widths are shares of the container, so that text
// keeps its size at every width; look and colours come from classes alone, as
// the content security policy asks. Negative and missing values count as zero.
func BarsSVG(title string, labels []string, series ...Series) template.HTML {
	series = series[:min(len(series), len(fills))]
	top := niceTop(greatest(len(labels), series))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="bars" width="100%%" height="%d" role="img"><title>%s</title>`,
		plotTop+plotHeight+labelRoom, template.HTMLEscapeString(title))
	b.WriteString(hatch)
	for i := range 5 {
		y := plotTop + plotHeight*i/4
		fmt.Fprintf(&b, `<line class="grid" x1="0" x2="100%%" y1="%d" y2="%d"/><text class="tick" x="0" y="%d">%s</text>`,
			y, y, y-3, grouped(trimmed(top*float64(4-i)/4)))
	}
	b.WriteString(`<svg class="plot" x="44" width="95%">`)
	step := 1 + (len(labels)-1)/maxLabels
	for i, label := range labels {
		width := 100 / float64(len(labels))
		bar(&b, i, width, top, label, series)
		if i%step == 0 {
			fmt.Fprintf(&b, `<text class="label" x="%.3f%%" y="%d">%s</text>`,
				(float64(i)+0.5)*width, plotTop+plotHeight+17, template.HTMLEscapeString(label))
		}
	}
	b.WriteString(`</svg></svg>`)
	return template.HTML(b.String())
}

// bar stacks the series' values at place i and names them for a pointer or a
// screen reader.
func bar(b *strings.Builder, i int, width, top float64, label string, series []Series) {
	b.WriteString("<g><title>" + template.HTMLEscapeString(label))
	for _, s := range series {
		b.WriteString(", " + template.HTMLEscapeString(s.Name) + " " + grouped(trimmed(valueAt(s, i))))
	}
	b.WriteString("</title>")
	y := float64(plotTop + plotHeight)
	for k, s := range series {
		h := valueAt(s, i) / top * plotHeight
		if h == 0 {
			continue
		}
		y -= h
		fmt.Fprintf(b, `<rect%s x="%.3f%%" y="%.2f" width="%.3f%%" height="%.2f"/>`,
			fills[k], (float64(i)+0.14)*width, y, width*0.72, h)
	}
	b.WriteString("</g>")
}

func valueAt(s Series, i int) float64 {
	if i >= len(s.Values) || !(s.Values[i] > 0) || math.IsInf(s.Values[i], 1) {
		return 0
	}
	return s.Values[i]
}

func greatest(n int, series []Series) float64 {
	high := 0.0
	for i := range n {
		sum := 0.0
		for _, s := range series {
			sum += valueAt(s, i)
		}
		high = max(high, sum)
	}
	return high
}

// niceTop is the least of 4, 8, 12, 20, 40, 80, 120, 200, … that holds v: its
// quarters are whole.
func niceTop(v float64) float64 {
	for ten := 1.0; ; ten *= 10 {
		for _, step := range []float64{4, 8, 12, 20} {
			if step*ten >= v {
				return step * ten
			}
		}
	}
}

func trimmed(f float64) string { return strconv.FormatFloat(math.Round(f), 'f', 0, 64) }
