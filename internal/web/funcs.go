package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// funcs are the helpers of a language's templates. Each prints escaped text or
// an element made here from escaped parts.
func (p *Pages) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"T": func(key string, args ...any) (string, error) {
			if len(args)%2 != 0 {
				return "", fmt.Errorf("T %s: a name without a value", key)
			}
			return p.T(lang, key, args...), nil
		},
		"num":   func(v any) string { return p.number(lang, v) },
		"time":  func(v any) (template.HTML, error) { return p.timeElement(lang, v, dateAndClock) },
		"clock": func(v any) (template.HTML, error) { return p.timeElement(lang, v, clockOnly) },
		"date":  func(v any) (template.HTML, error) { return p.timeElement(lang, v, dateOnly) },
		"day":   func(v any) (string, error) { return p.day(lang, v) },
		"ago":   func(now, v any) (template.HTML, error) { return p.agoElement(lang, now, v) },
		"span":  func(v any) (string, error) { return p.spanOf(lang, v) },
		"asset": p.assets.url,
		"icon":  Icon,
		"pill":  func(level any, text string) template.HTML { return Pill(Level(fmt.Sprint(level)), text) },
		"keys":  Keys,
		"dict":  dict,
	}
}

// dict makes a map of name, value pairs, to hand several things to a part.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

// caps are the words on the keys whose names in a browser are longer.
var caps = map[string]string{"Escape": "Esc", "Delete": "Del", "ArrowUp": "\u2191", "ArrowDown": "\u2193"}

// Keys prints "Ctrl+F2", named as in data-key, as key caps.
func Keys(combination string) template.HTML {
	var b strings.Builder
	b.WriteString(`<span class="keys">`)
	for key := range strings.SplitSeq(combination, "+") {
		if cap := caps[key]; cap != "" {
			key = cap
		}
		b.WriteString("<kbd>" + template.HTMLEscapeString(key) + "</kbd>")
	}
	b.WriteString("</span>")
	return template.HTML(b.String())
}

// thin is U+202F, the narrow space that does not break: groups of three digits
// stay one number on every line (ISO 80000-1, 7.3.1).
const thin = "\u202f"

// number prints whole numbers in groups of three and others with one decimal.
func (p *Pages) number(lang string, v any) string {
	switch n := v.(type) {
	case float32:
		return p.decimal(lang, float64(n))
	case float64:
		return p.decimal(lang, n)
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return grouped(fmt.Sprint(n))
	}
	return fmt.Sprint(v)
}

func (p *Pages) decimal(lang string, f float64) string {
	whole, frac, ok := strings.Cut(strconv.FormatFloat(f, 'f', 1, 64), ".")
	if !ok { // NaN, Inf
		return whole
	}
	return grouped(whole) + p.T(lang, "frame.decimal") + frac
}

// grouped leaves four digits together, as years and small counts are read.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "\u2212", digits[1:]
	}
	if len(digits) <= 4 {
		return sign + digits
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(thin)
		}
		b.WriteRune(d)
	}
	return b.String()
}
