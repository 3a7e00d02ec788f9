package messages

import (
	"testing"

	"tims/internal/station"
	"tims/internal/web"
)

func TestLanguagesComplete(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"messages.nav", "messages.title", "messages.from", "messages.officer", "messages.send", "messages.acknowledge",
		"messages.trouble", "messages.priority.missing", "messages.to.missing", "messages.key.read", "messages.key.send",
		"messages.key.text", "messages.error.letter", "messages.error.addressee"}
	for _, key := range outcomeWords {
		keys = append(keys, key)
	}
	for _, name := range priorityNames {
		keys = append(keys, "messages."+name, "messages."+name+".text")
	}
	for _, gap := range web.MissingKeys(p, keys...) {
		t.Error(gap)
	}
}
