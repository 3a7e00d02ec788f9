package post

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/node"
)

func TestSignedAct(t *testing.T) {
	b := found(t).browser()
	b.enter()
	a := b.post("/scan", "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	fields := a.hiddens(t, "decision", "admit", "basis", "visa-free", "notes", "rear window broken")
	prepared := b.post("/prepare", fields...)
	var p struct{ Message, Receipt string }
	if err := json.Unmarshal([]byte(prepared.body), &p); err != nil || p.Message == "" {
		t.Fatal(err, prepared)
	}
	message, err := base64.RawURLEncoding.DecodeString(p.Message)
	if err != nil {
		t.Fatal(err)
	}
	bad := b.post("/commit", append(fields, "signature", b.sign([]byte("something else")))...)
	bad.has(t, "Not recorded", "This is certain", "The signature is not of this shift's booth key")
	receipt := b.post("/commit", append(fields, "signature", b.sign(message))...)
	receipt.has(t, "Admitted", "ROSSI, PAOLO")
	if strings.Contains(receipt.body, "by the node") {
		t.Error("a signed act is shown as by the node")
	}
	// Sent again, signed or not, it is one act with one receipt.
	again := b.post("/prepare", fields...)
	if err := json.Unmarshal([]byte(again.body), &p); err != nil || p.Receipt != receipt.path {
		t.Errorf("%v: %s, want the receipt %s", err, again.body, receipt.path)
	}
	if again := b.post("/decide", fields...); again.path != receipt.path {
		t.Errorf("sent again: %d %s, want %s", again.status, again.path, receipt.path)
	}
	// Another act cannot decide the same check.
	index := checkIndex(t, a)
	other := b.post("/decide", "act", newAct(), "check", strconv.FormatUint(index, 10), "decision", "refer")
	other.has(t, "This check is decided already")
	if other.status != http.StatusConflict {
		t.Error(other.status)
	}
	b.get(a.path).has(t, "This check is decided", "Show the receipt")
}

// The receipt of a decided check is found again after the node has forgotten all but its log.
func TestReceiptAfterRestart(t *testing.T) {
	c := found(t)
	b := c.browser()
	b.enter()
	check := b.post("/scan", "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	receipt := b.post("/decide", check.hiddens(t, "decision", "admit", "basis", "visa-free")...)
	if err := c.n.Close(); err != nil {
		t.Fatal(err)
	}
	c.open()
	b.resume()
	again := b.get(check.path)
	again.has(t, "This check is decided", "Show the receipt")
	if !strings.Contains(again.body, `href="`+receipt.path+`"`) {
		t.Error("the check does not lead to ", receipt.path)
	}
	b.get(receipt.path).has(t, "Admitted", "ROSSI, PAOLO")
}

// A plate that is typed on the page of the check is matched before anything is decided. What it hits is shown with all that
// was typed; the next decision goes through.
func TestPlateHit(t *testing.T) {
	c := found(t)
	c.openCentre(border.Alert{ID: "demo:9", List: "demo", Kind: border.VehicleAlert, Action: border.ActInform, Issuer: "Prefektura e Durrësit",
		Reason: "plates of a lorry", Vehicles: []border.AlertVehicle{{Country: "ALB", Plate: "AA123BC"}}})
	for _, test := range []struct{ decision, lang, banner, done string }{
		{"admit", "en", "The plate you added is on an alert list", "Admitted"},
		{"refer", "sq", "Targa që shtove është në një listë alarmesh", "Referred to the second line"},
	} {
		b := c.browser()
		b.enterAgain()
		check := b.post("/scan", "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
		typed := []string{"decision", test.decision, "basis", "visa-free", "plate", "aa 123 bc", "country", "alb", "occupants", "3", "notes", "two children"}
		hit := b.post("/prepare?lang="+test.lang, check.hiddens(t, typed...)...)
		hit.has(t, test.banner, "demo:9", "Prefektura e Durrësit", "plates of a lorry", "two children")
		if hit.status != http.StatusConflict {
			t.Error(hit.status)
		}
		for _, kept := range []string{`value="AA 123 BC"`, `value="ALB"`, `value="3"`} {
			if !strings.Contains(hit.body, kept) {
				t.Errorf("%s is lost", kept)
			}
		}
		if open, err := c.n.OpenChecks(t.Context()); err != nil || len(open) != 1 {
			t.Errorf("%d checks are open, %v", len(open), err)
		}
		b.post("/decide?lang="+test.lang, hit.hiddens(t, typed...)...).has(t, test.done)
	}
}

func TestRefusal(t *testing.T) {
	b := found(t).browser()
	b.enter()
	a := b.post("/scan", "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	for _, ground := range []string{"", "X1", "Z"} {
		bad := b.post("/decide", a.hiddens(t, "decision", "refuse", "ground", ground, "notes", "no hotel, no money")...)
		bad.has(t, "Choose the ground of the refusal", "no hotel, no money")
		if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, `id="refusal" open`) {
			t.Error(ground, bad.status)
		}
	}
	b.post("/decide", a.hiddens(t, "decision", "refuse", "ground", "G")...).has(t, "Refused", "G no sufficient means")
}

// The log is closed between the check and the decision: nothing can be recorded, and the page says so in large letters and
// keeps the act. A first try is certain; whether an earlier one got through is not.
func TestNotRecorded(t *testing.T) {
	c := found(t)
	b := c.browser()
	b.enter()
	a := b.post("/scan", "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	fields := a.hiddens(t, "decision", "admit", "basis", "visa-free", "notes", "rear window broken")
	var p struct{ Message string }
	if err := json.Unmarshal([]byte(b.post("/prepare", fields...).body), &p); err != nil {
		t.Fatal(err)
	}
	message, _ := base64.RawURLEncoding.DecodeString(p.Message)
	if err := c.n.Close(); err != nil {
		t.Fatal(err)
	}
	failed := b.post("/decide", fields...)
	failed.has(t, "Not recorded", "Try again")
	if failed.status != http.StatusServiceUnavailable {
		t.Error(failed.status)
	}
	unsure := b.post("/commit", append(fields, "again", "1", "signature", b.sign(message))...)
	unsure.has(t, "Not known", "Ask again", "Let the traveller wait")
	kept := url.Values{}
	pairs := unsure.hiddens(t)
	for i := 0; i < len(pairs); i += 2 {
		kept.Set(pairs[i], pairs[i+1])
	}
	if kept.Get("act") != fields[1] || kept.Get("notes") != "rear window broken" || kept.Get("again") != "1" {
		t.Errorf("the act is not kept: %v", kept)
	}
	// The node is started again. The officer signs in anew and asks for the same act, which was never written: now it is.
	c.open()
	b.enterAgain()
	b.post("/decide", pairs...).has(t, "Admitted", "ROSSI, PAOLO")
}

func TestOutcome(t *testing.T) {
	for _, test := range []struct {
		err             error
		again, prepared bool
		want            outcome
	}{
		{node.ErrGround, true, false, mendable},
		{node.ErrDecided, false, true, mendable},
		{node.ErrPlateHit, false, false, mendable},
		{tlogNotKnown, false, true, notKnown},
		{tlogNotRecorded, false, true, notRecorded},
		{tlogNotRecorded, true, true, notRecorded}, // the log was asked, and has not the act
		{tlogNotRecorded, true, false, notKnown},
		{tlogStopped, false, true, notRecorded},
		{tlogStopped, true, true, notKnown},
		{node.ErrForgotten, false, true, notRecorded},
		{node.ErrDuty, false, false, notRecorded},
		{node.ErrDuty, true, false, notKnown},
		{io.ErrUnexpectedEOF, false, false, notRecorded},
		{io.ErrUnexpectedEOF, false, true, notKnown},
	} {
		if got := outcomeOf(test.err, test.again, test.prepared); got != test.want {
			t.Errorf("%v, again %v, prepared %v: %v, want %v", test.err, test.again, test.prepared, got, test.want)
		}
	}
}
