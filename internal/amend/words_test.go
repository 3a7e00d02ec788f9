package amend

import (
	"testing"

	"tims/internal/station"
	"tims/internal/web"
)

func TestLanguagesComplete(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, append(station.Files(), Files()...)...)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"amend.nav", "amend.void.title", "amend.void.do", "amend.correct.title", "amend.correct.do", "amend.assent.do", "amend.reason",
		"amend.find.title", "amend.find.do", "amend.waiting.title", "amend.key.look", "amend.back", "amend.next", "amend.done.title", "amend.refusal.title",
		"amend.refusal.do", "amend.field.direction", "amend.field.basis", "amend.error.direction", "amend.error.basis", "amend.error.state", "amend.error.sex",
		"amend.kind.crossing", "amend.kind.refusal", "amend.kind.referral", "amend.kind.late", "amend.kind.correction"}
	for _, done := range []string{"void", "correction", "assent"} {
		keys = append(keys, "amend.done."+done, "amend.done."+done+".text")
	}
	for _, key := range standings {
		keys = append(keys, key)
	}
	for _, g := range groups {
		keys = append(keys, "amend.group."+g.name)
		for _, name := range g.fields {
			keys = append(keys, "amend.field."+name)
		}
	}
	for _, tr := range troubles {
		keys = append(keys, tr.Key)
	}
	for _, gap := range web.MissingKeys(p, keys...) {
		t.Error(gap)
	}
}
