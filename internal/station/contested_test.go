package station_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/border"
	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/station/stationtest"
	"tims/internal/tlog"
)

// Somebody who has the post's identity key states another log key for its epoch: the pages say so, and hand out both statements.
func TestTwoStatementsOnThePages(t *testing.T) {
	c, _ := found(t)
	ring, err := keyring.Open(c.Path("kakavija") + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	origin := c.Post.Origin()
	public, _, _ := ed25519.GenerateKey(rand.Reader)
	second := roster.Epoch{Number: 1, Origin: origin}
	if second.LogKey, err = note.NewEd25519VerifierKey(origin, public); err != nil {
		t.Fatal(err)
	}
	if _, second.MirrorKey, err = ring.Mirror(origin + roster.MirrorSuffix); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Post.Admit(roster.SignEpoch(second, ring.Identity())); err == nil {
		t.Fatal("a second statement is taken")
	}
	officer, supervisor := c.Browser(), c.Browser()
	officer.Enter("A. Hoxha", "K1")
	officer.Get("/").Has(t, "Nobody takes this node's records")
	supervisor.Enter("S. Prifti", "K2")
	page := supervisor.Get("/frozen")
	page.Has(t, "Frozen everywhere. It needs a new identity.", origin, "signed two different statements for this epoch", "first.epoch", "second.epoch",
		"evidence.epochs", "evidence check", "tims rebuild --name kakavija")
	if strings.Contains(page.Body, "smaller.note") {
		t.Error("the page offers checkpoints, of which there are none")
	}
	files := "/frozen/" + tlog.DirName(origin) + "/"
	var two, apart roster.TwoEpochs
	for name, into := range map[string]any{"evidence.epochs": &two, "first.epoch": &apart.First, "second.epoch": &apart.Second} {
		if err := record.Unmarshal([]byte(supervisor.Get(files+name).Body), into); err != nil || !strings.Contains(page.Body, files+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	identity, err := hex.DecodeString(strings.TrimSpace(supervisor.Get(files + "identity").Body))
	if err != nil || two.Convicts(identity) != nil || apart.Convicts(identity) != nil {
		t.Errorf("the files convict nobody: %v", err)
	}
	if got := supervisor.Get(files + "evidence.json"); got.Status != http.StatusNotFound {
		t.Errorf("evidence.json: %d", got.Status)
	}
}

// cross lets one document leave at a post.
func cross(t *testing.T, c *stationtest.Country, n *node.Node) node.Receipt {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	s, err := n.StartShift(t.Context(), c.Officer("A. Hoxha"), "B1", public)
	if err != nil {
		t.Fatal(err)
	}
	v, err := n.Scan(t.Context(), node.Scan{Act: station.NewAct(), Shift: s, Direction: border.Exit,
		Document: border.ReadZone(strings.Split(stationtest.Passport(t, "Rossi", "Paolo", "YA7777777", "ITA"), "\n"), n.Today())})
	if err != nil {
		t.Fatal(err)
	}
	r, err := n.Do(t.Context(), node.Decision{Act: station.NewAct(), Shift: s, Check: v.Ref.Index, Decision: border.Admit})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// One document leaves at two posts: once their logs meet, a supervisor's page names both records, and nobody's name.
func TestUsedTwiceOnItsPage(t *testing.T) {
	c, _ := found(t)
	c.OpenCentre()
	durres := c.Node("durres")
	supervisor := c.Browser()
	supervisor.Enter("S. Prifti", "K2")
	supervisor.Get("/twice").Has(t, "No document was used twice.")
	here := cross(t, c, c.Post)
	c.Now.Add(time.Minute.Milliseconds())
	there := cross(t, c, durres)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c.Now.Add(2 * time.Minute.Milliseconds()) // an answer is kept for a minute
		pairs, err := c.Post.UsedTwice(t.Context())
		if err != nil || time.Now().After(end) {
			t.Fatalf("%v, %v", pairs, err)
		}
		if len(pairs) == 1 {
			break
		}
	}
	page := supervisor.Get("/twice")
	page.Has(t, "Documents used twice", "Exit", here.Ref.Origin, there.Ref.Origin, "by the node", "Open both records")
	if text := stationtest.Plain(page.Body); strings.Contains(text, "ROSSI") || strings.Contains(text, "YA7777777") {
		t.Errorf("the page names a traveller: %s", text)
	}
	officer := c.Browser()
	officer.Enter("B. Leka", "K3")
	if got := officer.Get("/twice"); got.Status != http.StatusForbidden {
		t.Errorf("an officer's page of documents used twice: %d", got.Status)
	}
}
