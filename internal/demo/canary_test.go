package demo

import (
	"testing"

	"tims/internal/border"
	"tims/internal/watchlist"
)

// The canaries of the demonstration are alerts that its own rulebook finds, also with a mistake of typing, among nobody else; and a
// traveller of that very name is no hit.
func TestCanariesAreFound(t *testing.T) {
	rules, x := border.DefaultRulebook(), watchlist.Build(canaries())
	for _, a := range canaries() {
		if err := a.Validate(); err != nil {
			t.Error(a.ID, err)
		}
		for i, p := range a.Probes() {
			q := watchlist.QueryOf(p.Document)
			q.Least = rules.HitScore
			if hits := x.Match(q); len(hits) != 0 {
				t.Errorf("%s: a traveller is a hit", a.ID)
			}
			if q.Canaries = true; len(x.Match(q)) != 1 {
				t.Errorf("%s: probe %d is not found", a.ID, i)
			}
		}
	}
}
