package post

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

func TestSignedAct(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	a := b.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	fields := a.Hiddens(t, "decision", "admit", "basis", "visa-free", "notes", "rear window broken")
	acts := b.Prepare("/decide", fields...)
	bad := b.Commit([]stationtest.Signable{{Act: acts[0].Act, Message: []byte("something else")}}, "/decide", fields...)
	bad.Has(t, "Not recorded", "This is certain", "The signature is not of this shift's booth key")
	receipt := b.Commit(acts, "/decide", fields...)
	receipt.Has(t, "Admitted", "ROSSI, PAOLO")
	if strings.Contains(receipt.Body, "by the node") {
		t.Error("a signed act is shown as by the node")
	}
	// Sent again, signed or not, it is one act with one receipt.
	recorded := b.Prepare("/decide", fields...)
	if recorded[0].Message != nil {
		t.Error("what is recorded is to be signed again")
	}
	if again := b.Commit(recorded, "/decide", fields...); again.Path != receipt.Path {
		t.Errorf("committed again: %d %s, want %s", again.Status, again.Path, receipt.Path)
	}
	if again := b.Post("/decide", fields...); again.Path != receipt.Path {
		t.Errorf("sent again: %d %s, want %s", again.Status, again.Path, receipt.Path)
	}
	// Another act cannot decide the same check.
	index := checkIndex(t, a)
	other := b.Post("/decide", "act", station.ActText(station.NewAct()), "check", strconv.FormatUint(index, 10), "decision", "refer")
	other.Has(t, "This check is decided already")
	if other.Status != http.StatusConflict {
		t.Error(other.Status)
	}
	b.Get(a.Path).Has(t, "This check is decided", "Show the receipt")
}

// The receipt of a decided check is found again after the node has forgotten all but its log.
func TestReceiptAfterRestart(t *testing.T) {
	c := found(t)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	check := b.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	receipt := b.Post("/decide", check.Hiddens(t, "decision", "admit", "basis", "visa-free")...)
	if err := c.Post.Close(); err != nil {
		t.Fatal(err)
	}
	c.Open()
	b.Resume()
	again := b.Get(check.Path)
	again.Has(t, "This check is decided", "Show the receipt")
	if !strings.Contains(again.Body, `href="`+receipt.Path+`"`) {
		t.Error("the check does not lead to ", receipt.Path)
	}
	b.Get(receipt.Path).Has(t, "Admitted", "ROSSI, PAOLO")
}

// A plate that is typed on the page of the check is matched before anything is decided. What it hits is shown with all that
// was typed; the next decision goes through.
func TestPlateHit(t *testing.T) {
	c := found(t)
	c.OpenCentre(border.Alert{ID: "demo:9", List: "demo", Kind: border.VehicleAlert, Action: border.ActInform, Issuer: "Prefektura e Durrësit",
		Reason: "plates of a lorry", Vehicles: []border.AlertVehicle{{Country: "ALB", Plate: "AA123BC"}}})
	for _, test := range []struct{ decision, lang, banner, done string }{
		{"admit", "en", "The plate you added is on an alert list", "Admitted"},
		{"refer", "sq", "Targa që shtove është në një listë alarmesh", "Referred to the second line"},
	} {
		b := c.Browser()
		b.Enter("A. Hoxha", "K1")
		check := b.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
		typed := []string{"decision", test.decision, "basis", "visa-free", "plate", "aa 123 bc", "country", "alb", "occupants", "3", "notes", "two children"}
		hit := b.Step("prepare", "/decide?lang="+test.lang, check.Hiddens(t, typed...)...)
		hit.Has(t, test.banner, "demo:9", "Prefektura e Durrësit", "plates of a lorry", "two children")
		if hit.Status != http.StatusConflict {
			t.Error(hit.Status)
		}
		for _, kept := range []string{`value="AA 123 BC"`, `value="ALB"`, `value="3"`} {
			if !strings.Contains(hit.Body, kept) {
				t.Errorf("%s is lost", kept)
			}
		}
		if open, err := c.Post.OpenChecks(t.Context()); err != nil || len(open) != 1 {
			t.Errorf("%d checks are open, %v", len(open), err)
		}
		b.Post("/decide?lang="+test.lang, hit.Hiddens(t, typed...)...).Has(t, test.done)
	}
}

func TestRefusal(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	a := b.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	for _, ground := range []string{"", "X1", "Z"} {
		bad := b.Post("/decide", a.Hiddens(t, "decision", "refuse", "ground", ground, "notes", "no hotel, no money")...)
		bad.Has(t, "Choose the ground of the refusal", "no hotel, no money")
		if bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, `id="refusal" open`) {
			t.Error(ground, bad.Status)
		}
	}
	b.Post("/decide", a.Hiddens(t, "decision", "refuse", "ground", "G")...).Has(t, "Refused", "G no sufficient means")
}

// The log is closed between the check and the decision: nothing can be recorded, and the page says so in large letters and
// keeps the act. A first try is certain; whether an earlier one got through is not.
func TestNotRecorded(t *testing.T) {
	c := found(t)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	a := b.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	fields := a.Hiddens(t, "decision", "admit", "basis", "visa-free", "notes", "rear window broken")
	acts := b.Prepare("/decide", fields...)
	if err := c.Post.Close(); err != nil {
		t.Fatal(err)
	}
	failed := b.Post("/decide", fields...)
	failed.Has(t, "Not recorded", "Try again")
	if failed.Status != http.StatusServiceUnavailable {
		t.Error(failed.Status)
	}
	unsure := b.Commit(acts, "/decide", append(fields, "again", "1")...)
	unsure.Has(t, "Not known", "Ask again", "Let the traveller wait")
	kept := url.Values{}
	pairs := unsure.Hiddens(t)
	for i := 0; i < len(pairs); i += 2 {
		kept.Set(pairs[i], pairs[i+1])
	}
	if kept.Get("act") != fields[1] || kept.Get("notes") != "rear window broken" || kept.Get("again") != "1" {
		t.Errorf("the act is not kept: %v", kept)
	}
	// The node is started again. The officer signs in anew and asks for the same act, which was never written: now it is.
	c.Open()
	b.Enter("A. Hoxha", "K1")
	b.Post("/decide", pairs...).Has(t, "Admitted", "ROSSI, PAOLO")
}
