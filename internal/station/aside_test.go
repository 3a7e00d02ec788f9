package station

import (
	"slices"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/web"
)

// What stands aside of a list, and what an alert said before, reads as a sentence in both languages.
func TestAsideReads(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "kakavija"}, Files()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range pages.Languages() {
		w := WordsOf(pages, lang)
		var all []string
		for _, why := range []node.Refused{node.RefusedRoom, node.RefusedHeld, node.RefusedBroken} {
			said := w.Aside(node.ListInForce{Refused: 12, Why: why, Missing: 3, Oldest: 7})
			if len(said) != 2 || !strings.Contains(said[0], "12") || !strings.Contains(said[1], "3") || !strings.Contains(said[1], "7") {
				t.Errorf("%s %s: %q", lang, why, said)
			}
			all = append(all, said[0])
		}
		slices.Sort(all)
		if all = slices.Compact(all); len(all) != 3 || strings.Contains(all[0], "station.") {
			t.Errorf("%s: %q", lang, all)
		}
		old := border.Alert{Issuer: "Court", Reason: "theft", Names: []border.AlertName{{Primary: "DOE"}}, Face: []byte{1}}
		now := border.Alert{Issuer: "x", Reason: "y", Caveats: "z"}
		for _, release := range []uint64{0, 12} {
			hits := w.Hits([]border.Hit{{Kind: border.PersonAlert, Action: border.ActArrest, Score: 20, Alert: &now,
				Before: &border.Earlier{Release: release, At: 1795000000000, Parts: now.Retold(&old), Issuer: old.Issuer, Reason: old.Reason}}}, nil)
			b := hits[0].Before
			if b == nil || b.Text != "Court · theft" || strings.Contains(b.When, "station.") || strings.Contains(b.When, "{") || strings.Contains(b.When, "12") != (release == 12) {
				t.Errorf("%s: %+v", lang, b)
			}
		}
	}
	if said := WordsOf(pages, "en").Aside(node.ListInForce{Release: 4, Newer: 5}); said != nil {
		t.Errorf("%q", said)
	}
}
