package drill

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed lang
var catalogues embed.FS

// A Language is the words of lists and reports.
type Language struct {
	Code string
	Acts map[string]ActWords `json:"acts"`
	Text map[string]string   `json:"text"`
}

// ActWords say what is done and what is promised of it.
type ActWords struct {
	What    string `json:"what"`
	Promise string `json:"promise"`
	// Held says in a sentence what a run that kept every promise has shown.
	Held string `json:"held"`
}

// The languages of reports. Both are complete.
var (
	English  = language("en")
	Albanian = language("sq")
)

func language(code string) (l Language) {
	b, err := catalogues.ReadFile("lang/" + code + ".json")
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	if err != nil {
		panic(fmt.Sprintf("drill: catalogue %s: %v", code, err)) // it is in the binary
	}
	l.Code = code
	return l
}

// Act gives the words of an act.
func (l Language) Act(id string) ActWords { return l.Acts[id] }

// T gives a text, with its figures filled in.
func (l Language) T(key string, args ...any) string {
	t, ok := l.Text[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return t
	}
	return fmt.Sprintf(t, args...)
}
