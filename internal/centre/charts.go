package centre

import (
	"html/template"
	"time"

	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

func floats(v []int) []float64 {
	out := make([]float64, len(v))
	for i, n := range v {
		out[i] = float64(n)
	}
	return out
}

// bars draws a series for reading without script.
func (f *Face) bars(w station.Words, title string, g node.Figures) template.HTML {
	labels := make([]string, len(g.Entries))
	for i := range labels {
		labels[i] = time.UnixMilli(g.From + int64(i)*g.Step).In(f.Node.Zone()).Format("15:04")
	}
	return web.BarsSVG(w.T(title), labels,
		web.Series{Name: w.T("centre.entries"), Values: floats(g.Entries)},
		web.Series{Name: w.T("centre.exits"), Values: floats(g.Exits)})
}

// A plot is a series in the form that the frame's script draws.
type plot struct {
	X      []int64    `json:"x"` // s since 1970
	Series []plotLine `json:"series"`
}

type plotLine struct {
	Name   string `json:"name"`
	Values []int  `json:"values"`
}

// plotOf leaves out the last slot, which is not over yet and would always look like a fall.
func plotOf(w station.Words, g node.Figures) plot {
	whole := max(0, len(g.Entries)-1)
	p := plot{X: make([]int64, whole), Series: []plotLine{{w.T("centre.entries"), g.Entries[:whole]},
		{w.T("centre.exits"), g.Exits[:whole]}}}
	for i := range p.X {
		p.X[i] = (g.From + int64(i)*g.Step) / 1000
	}
	return p
}
