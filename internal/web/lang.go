package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fallback is the language that every catalogue is complete in.
const fallback = "en"

// message is one text. One is the form for n = 1; CLDR gives English and
// Albanian the same two cardinal forms.
type message struct{ One, Other string }

// UnmarshalJSON takes "text" or {"one": "text", "other": "text"}.
func (m *message) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &m.Other); err == nil {
		return nil
	}
	forms := struct{ One, Other *string }{}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&forms); err != nil || forms.One == nil || forms.Other == nil {
		return fmt.Errorf(`want "text" or {"one": …, "other": …}`)
	}
	m.One, m.Other = *forms.One, *forms.Other
	return nil
}

// catalogues hold language → key → message.
type catalogues map[string]map[string]message

// loadCatalogues reads lang/CODE.json and lang/CODE.*.json of each face, and
// CODE.json of more, which may be nil.
func loadCatalogues(all []fs.FS, more fs.FS) (catalogues, error) {
	c := catalogues{}
	load := func(fsys fs.FS, dir string) error {
		return eachFile(fsys, dir, ".json", func(name, text string) error {
			lang, _, _ := strings.Cut(name, ".")
			if !langCode.MatchString(lang) {
				return fmt.Errorf("%q is no language code of two or three letters", lang)
			}
			var one map[string]message
			if err := json.Unmarshal([]byte(text), &one); err != nil {
				return err
			}
			if c[lang] == nil {
				c[lang] = map[string]message{}
			}
			for key, m := range one {
				if _, twice := c[lang][key]; twice {
					return fmt.Errorf("key %q is there twice", key)
				}
				c[lang][key] = m
			}
			return nil
		})
	}
	for _, fsys := range all {
		if err := load(fsys, "lang"); err != nil {
			return nil, err
		}
	}
	if more == nil {
		return c, nil
	}
	return c, load(more, ".")
}

// langCode is a code of ISO 639, as Accept-Language begins with.
var langCode = regexp.MustCompile(`^[a-z]{2,3}$`)

// Languages are the codes of the languages that pages are made in: English
// first, then the others by code.
func (p *Pages) Languages() []string { return p.words.languages() }

// languages has English first, then the others by code.
func (c catalogues) languages() []string {
	codes := []string{fallback}
	for lang := range c {
		if lang != fallback {
			codes = append(codes, lang)
		}
	}
	slices.Sort(codes[1:])
	return codes
}

func (c catalogues) find(lang, key string) (message, bool) {
	if m, ok := c[lang][key]; ok {
		return m, true
	}
	m, ok := c[fallback][key]
	return m, ok
}

// T is the text of key in lang, with {name} replaced by the value that follows
// "name" in args; a whole number named n also chooses the plural form. A text
// missing in lang is taken from English; a key missing there too is shown as
// the key, and MissingKeys finds it in tests.
func (p *Pages) T(lang, key string, args ...any) string {
	m, ok := p.words.find(lang, key)
	if !ok {
		return key
	}
	text, pairs := m.Other, make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		value := p.show(lang, args[i+1])
		if name == "n" && value == "1" && m.One != "" {
			text = m.One
		}
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// show prints numbers as people read them and all else as it is.
func (p *Pages) show(lang string, v any) string {
	switch v.(type) {
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64:
		return p.number(lang, v)
	}
	return fmt.Sprint(v)
}

// quality is the weight of one range of Accept-Language; 1 if not given, 0 if
// malformed.
func quality(params string) float64 {
	value, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
	if !found {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
