package post

import (
	"strings"
	"testing"
)

// Each duty begins on its own page after the sign-in, and who may check travellers besides comes to the booth by the navigation.
func TestEachDutyBeginsOnItsPage(t *testing.T) {
	c := found(t)
	for label, want := range map[string]string{"A. Hoxha": "/", "D. Gjoka": "/second", "S. Prifti": "/books"} {
		b := c.Browser()
		b.Enter(label, "X1")
		if a := b.Get("/enter"); !strings.Contains(a.Body, `class="btn primary" href="`+want+`"`) {
			t.Errorf("%s does not begin at %s", label, want)
		}
		landed := want
		if want == "/second" {
			landed = "/"
		}
		if a := b.Get("/"); a.Path != landed {
			t.Errorf("%s asks for the start page and comes to %s", label, a.Path)
		}
	}
}
