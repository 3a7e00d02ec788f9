package forms

import (
	_ "embed" // for law/al.json
	"encoding/json"
	"errors"
	"fmt"
)

// LawText is what a form says of national law in one language: the reference by which somebody is refused, which stands
// inside a sentence, and a sentence of its own on the appeal.
type LawText struct {
	Entry       string `json:"entry"`
	EntryAppeal string `json:"entry_appeal"`
	Exit        string `json:"exit"`
	ExitAppeal  string `json:"exit_appeal"`
}

// Law is the national law by language. Where a language is missing, the form has the English text, or that of the officer's
// language where there is no English one.
type Law map[string]LawText

//go:embed law/al.json
var albania []byte

// Albania is the law of the default form: no. 79/2021 "On foreigners" for entry and no. 71/2016 "On border control" for exit,
// with appeal to the administrative court. Any other country puts its own in.
func Albania() Law {
	law, err := ParseLaw(albania)
	if err != nil {
		panic(err) // a file of ours, held by tests
	}
	return law
}

// ParseLaw reads a country's own texts: JSON, language → entry, entry_appeal, exit, exit_appeal.
func ParseLaw(b []byte) (Law, error) {
	if len(b) > maxLaw {
		return nil, fmt.Errorf("read the law of the forms: %d bytes, at most %d", len(b), maxLaw)
	}
	var law Law
	if err := json.Unmarshal(b, &law); err != nil {
		return nil, fmt.Errorf("read the law of the forms: %w", err)
	}
	if len(law) == 0 {
		return nil, errors.New("read the law of the forms: no language")
	}
	for lang, t := range law {
		if t.Entry == "" || t.EntryAppeal == "" || t.Exit == "" || t.ExitAppeal == "" {
			return nil, fmt.Errorf("read the law of the forms: language %q lacks a text", lang)
		}
	}
	return law, nil
}

func (l Law) in(lang, officer string) LawText {
	for _, code := range []string{lang, "en", officer} {
		if t, ok := l[code]; ok {
			return t
		}
	}
	return LawText{}
}
