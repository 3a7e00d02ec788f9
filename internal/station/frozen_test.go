package station_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/keyring"
	"tims/internal/station/stationtest"
	"tims/internal/tlog"
)

// convict closes the post, gives its log a checkpoint of another history by the same key, and opens it again.
func convict(t *testing.T, c *stationtest.Country) (origin, key string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Post.Close())
	ring, err := keyring.Open(c.Path("kakavija") + "/keys")
	must(err)
	origin = c.Post.Origin()
	signer, key, err := ring.Log(origin)
	must(err)
	l, err := tlog.Open(c.Path("kakavija")+"/log.db", tlog.Options{Key: key, Signer: signer})
	must(err)
	other := tlog.Hash{1}
	msg, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, l.Size(), base64.StdEncoding.EncodeToString(other[:]))}, signer)
	must(err)
	e, err := l.Compare(msg)
	must(err)
	must(l.Freeze(e))
	must(l.Close())
	c.Open()
	return origin, key
}

func TestFrozenLogOnEveryPage(t *testing.T) {
	c, _ := found(t)
	officer, supervisor := c.Browser(), c.Browser()
	officer.Enter("A. Hoxha", "K1")
	if text := stationtest.Plain(officer.Get("/").Body); strings.Contains(text, "signs elsewhere") {
		t.Fatalf("accused of nothing: %s", text)
	}
	supervisor.Enter("S. Prifti", "K2")
	supervisor.Get("/frozen").Has(t, "No log is frozen.")

	origin, key := convict(t, c)
	officer, supervisor = c.Browser(), c.Browser()
	officer.Enter("A. Hoxha", "K1")
	officer.Get("/").Has(t, "Nobody takes this node's records: its key signs elsewhere too")
	if got := officer.Get("/frozen"); got.Status != http.StatusForbidden {
		t.Errorf("an officer's page of frozen logs: %d", got.Status)
	}
	supervisor.Enter("S. Prifti", "K2")
	page := supervisor.Get("/frozen")
	page.Has(t, "Frozen everywhere. It needs a new identity.", origin, "Look for a second machine", "tims rebuild --name kakavija", "smaller.note",
		"evidence check")
	files := "/frozen/" + tlog.DirName(origin) + "/"
	e, err := tlog.DecodeEvidence([]byte(strings.TrimSpace(supervisor.Get(files + "evidence.json").Body)))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Check(key); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{"smaller.note": string(e.Theirs), "larger.note": string(e.Ours), "vkey": key + "\n"} {
		if got := supervisor.Get(files + name); got.Body != want || !strings.Contains(page.Body, files+name) {
			t.Errorf("%s: %d %q", name, got.Status, got.Body)
		}
	}
	for _, path := range []string{files + "keys", "/frozen/" + tlog.DirName("al/nobody/1") + "/vkey"} {
		if got := supervisor.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}
