package station

import (
	"testing"

	"tims/internal/roster"
)

func TestLabel(t *testing.T) {
	nodes := []roster.Node{{Name: "kakavija", Role: roster.Post, Place: "Kakavijë"}, {Name: "durres", Role: roster.Post, Place: "durrës"},
		{Name: "centre", Role: roster.Centre, Place: "Tirana"}, {Name: "portal", Role: roster.Portal, Place: "Tirana"},
		{Name: "rinas", Role: roster.Post, Place: "Rinas"}, {Name: "rinas-2", Role: roster.Post, Place: "Rinas"},
		{Name: "morina-old", Role: roster.Post, Place: "Morina", Dropped: true}, {Name: "morina", Role: roster.Post, Place: "Morina"}}
	for name, want := range map[string]string{"kakavija": "Kakavijë", "durres": "Durrës", "centre": "Tirana", "portal": "Tirana (portal)",
		"rinas": "Rinas (rinas)", "rinas-2": "Rinas (rinas-2)", "morina": "Morina", "morina-old": "Morina (morina-old)", "unheard": "Unheard", "": ""} {
		if got := labelIn(nodes, name); got != want {
			t.Errorf("%s goes by %q, not %q", name, got, want)
		}
	}
	if got := (Words{}).Label("kakavija"); got != "Kakavija" {
		t.Errorf("without a station it goes by %q", got)
	}
}
