package web

import "html/template"

// Level is how a state is to be taken. Each level has its own shape beside its
// colour, so that a page read without colours says the same.
type Level string

// The levels, from calm to grave; Grey is what is not known or not in use.
const (
	OK    Level = "ok"
	Grey  Level = "grey"
	Amber Level = "amber"
	Red   Level = "red"
)

func (l Level) valid() Level {
	switch l {
	case OK, Amber, Red:
		return l
	}
	return Grey
}

// Pill is a state in a word: shape, colour, text. An unknown level is grey.
func Pill(level Level, text string) template.HTML {
	level = level.valid()
	return `<span class="pill ` + template.HTML(level) + `">` + Icon(string(level)) +
		template.HTML(template.HTMLEscapeString(text)) + `</span>`
}

// Icon is a drawing of 16 by 16 in the colour of the text around it, hidden
// from screen readers: a text always stands beside it. An unknown name draws
// nothing.
func Icon(name string) template.HTML {
	return `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">` + icons[name] + `</svg>`
}

// icons are drawn here on a 16-unit grid; class f fills instead of stroking,
// class c is cut out of a filled shape.
var icons = map[string]template.HTML{
	"ok":       `<circle class="f" cx="8" cy="8" r="7"/><path class="c" d="M4.7 8.3 7 10.6l4.4-5"/>`,
	"amber":    `<path class="f" d="M8 1.2 15.4 14.4H.6z"/><path class="c" d="M8 6v3.2m0 2.7v.01"/>`,
	"red":      `<path class="f" d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z"/><path class="c" d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2"/>`,
	"grey":     `<circle cx="8" cy="8" r="6.2"/><path d="M5 8h6"/>`,
	"entry":    `<path d="M1 8h8.4M6 4.4 9.6 8 6 11.6M13.6 2v12"/>`,
	"exit":     `<path d="M2.4 2v12M6 8h9M11.4 4.4 15 8l-3.6 3.6"/>`,
	"person":   `<circle cx="8" cy="4.8" r="3"/><path d="M2 14.4c.4-3.4 2.8-5 6-5s5.6 1.6 6 5"/>`,
	"document": `<path d="M3.2 1.6h9.6v12.8H3.2z"/><circle cx="8" cy="6.2" r="1.9"/><path d="M5.4 11.6h5.2"/>`,
	"vehicle":  `<path d="M1.4 11.6V8l1.7-4h9.8l1.7 4v3.6zM1.6 8h12.8"/><path d="M3.6 11.8v1.7m8.8-1.7v1.7M4 9.9h1m6 0h1"/>`,
	"bell":     `<path d="M3.4 11.6V7.2a4.6 4.6 0 0 1 9.2 0v4.4l1.2.8H2.2zM6.6 14.4h2.8"/>`,
	"link":     `<path d="M1.2 8h3.6m6.4 0h3.6"/><circle cx="8" cy="8" r="3"/>`,
	"cut":      `<path d="M1 8h4.2m5.6 0H15M9.8 2.8 6.2 13.2"/>`,
	"power":    `<path d="M8 1.6v6M4.6 3.4a5.6 5.6 0 1 0 6.8 0"/>`,
	"wipe":     `<path d="M2 4h12M6 4V2h4v2M3.6 4l.8 10.4h7.2L12.4 4M6.6 6.8v4.8m2.8-4.8v4.8"/>`,
	"rebuild":  `<path d="M13.8 6.4A6 6 0 0 0 2.7 5.2M2.2 9.6a6 6 0 0 0 11.1 1.2M2.2 1.8v3.6h3.6m8 8.8v-3.6h-3.6"/>`,
	"edit":     `<path d="m2.2 13.8.8-3.4 7.8-7.8 2.6 2.6-7.8 7.8zM9.4 4l2.6 2.6"/>`,
	"search":   `<circle cx="6.8" cy="6.8" r="4.8"/><path d="m10.4 10.4 4.2 4.2"/>`,
	"clock":    `<circle cx="8" cy="8" r="6.4"/><path d="M8 4.2V8l2.6 1.8"/>`,
	"print":    `<path d="M4.4 5.6V1.6h7.2v4M4.4 11.6H1.6v-6h12.8v6h-2.8M4.4 9.4h7.2v5H4.4z"/>`,
	"lock":     `<path d="M2.8 7.2h10.4v7.2H2.8zM5 7.2V4.8a3 3 0 0 1 6 0v2.4"/>`,
	"mute":     `<path d="M1.6 6h2.8l3.4-3v10l-3.4-3H1.6zM10.4 6l4 4m0-4-4 4"/>`,
	"low":      `<path d="M1.6 6h2.8l3.4-3v10l-3.4-3H1.6zM10.4 6.2c.9 1 .9 2.6 0 3.6"/>`,
	"full":     `<path d="M1.6 6h2.8l3.4-3v10l-3.4-3H1.6zM10.4 6.2c.9 1 .9 2.6 0 3.6m2-5.6c2 2 2 5.6 0 7.6"/>`,
	"auto":     `<circle cx="8" cy="8" r="6.2"/><path class="f" d="M8 1.8a6.2 6.2 0 0 1 0 12.4z"/>`,
	"light":    `<circle cx="8" cy="8" r="3"/><path d="M8 .8v2m0 10.4v2M.8 8h2m10.4 0h2M2.9 2.9l1.4 1.4m7.4 7.4 1.4 1.4m0-10.2-1.4 1.4m-7.4 7.4-1.4 1.4"/>`,
	"dark":     `<path d="M13.6 9.8A6.2 6.2 0 0 1 6.2 2.4a6.2 6.2 0 1 0 7.4 7.4z"/>`,
}
