package messages

import (
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station/stationtest"
)

// A hit at another post is told to the officers who work on alerts. Neither the strip nor a booth officer's page has a word of it.
func TestToldOfHits(t *testing.T) {
	c := stationtest.Found(t, newFace)
	centre := c.OpenCentre(border.Alert{ID: "demo:1", List: "demo", Kind: border.DocumentAlert, Action: border.ActRefuse, Notify: []string{"kakavija"},
		Documents: []border.AlertDocument{{Issuer: "ITA", Number: "YA0000001"}}})
	s, err := centre.StartShift(t.Context(), c.Officer("A. Hoxha"), "C1", publicKey(t))
	if err != nil {
		t.Fatal(err)
	}
	zone := strings.Split(stationtest.Passport(t, "ROSSI", "ANNA", "YA0000001", "ITA"), "\n")
	_, err = centre.Scan(t.Context(), node.Scan{Act: record.Act{7}, Shift: s, Direction: border.Entry, Document: border.ReadZone(zone, centre.Today())})
	if err != nil {
		t.Fatal(err)
	}
	supervisor, officer := c.Browser(), c.Browser()
	supervisor.Enter("S. Prifti", "K2")
	officer.Enter("A. Hoxha", "K1")
	var a stationtest.Answer
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(a.Body, "demo:1"); time.Sleep(50 * time.Millisecond) {
		if a = supervisor.Get("/messages"); time.Now().After(deadline) {
			t.Fatalf("the supervisor is never told:\n%s", stationtest.Plain(a.Body))
		}
	}
	a.Has(t, "Hits of which this node was told", "Tirana", "refuse entry", "not said yet")
	if strings.Contains(a.Body, "message-strip") {
		t.Error("the strip speaks of a hit")
	}
	if body := officer.Get("/messages").Body; strings.Contains(body, "demo:1") || strings.Contains(body, "Hits of which") || strings.Contains(body, "message-strip") {
		t.Error("a booth officer is told of a hit")
	}
	for _, secret := range []string{"ROSSI", "ANNA", "YA0000001"} {
		if strings.Contains(a.Body, secret) {
			t.Errorf("the traveller is named: %q", secret)
		}
	}
}
