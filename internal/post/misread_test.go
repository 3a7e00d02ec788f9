package post

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
)

// faulty makes a zone whose last check digit is wrong, or, at another place of the second line, that one.
func faulty(zone string, place int) string {
	z := []byte(zone)
	z[45+place] = '0' + (z[45+place]-'0'+1)%10
	return string(z)
}

// A document that was misread is read again: the new reading takes the faulty one's place in the party, with what was typed for
// him, and nothing of the old one is open. A worse reading changes nothing, and what is decided stays decided.
func TestMisreadIsReadAgain(t *testing.T) {
	c := found(t)
	b := at(t, c)
	zone := zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812")
	first := b.Post("/scan", "zone", faulty(zone, 43), "plate", "AA1", "kind", "car", "occupants", "2")
	first.Has(t, "Second line", "1 of 2 read")
	again := b.Post("/scan", first.Hiddens(t, "zone", zone, "basis", "family-member", "paper", "FM 7", "plate", "AA1", "kind", "car", "occupants", "2")...)
	again.Has(t, "Read again: this reading takes the place", "Admit Entry", "1 of 2 read", "1 ROSSI, PAOLO driver 1974 ITA")
	if strings.Contains(again.Body, "Check digit") || !strings.Contains(again.Body, `value="FM 7"`) || again.Path == first.Path {
		t.Error("the old fault stands still, or what was typed is lost:", again.Path)
	}
	b.Get(first.Path).Has(t, "misread and counts no more", "Show the new reading")
	var old, now uint64
	fmt.Sscanf(first.Path, "/check/%d", &old)
	fmt.Sscanf(again.Path, "/check/%d", &now)
	if open, err := c.Post.OpenChecks(t.Context()); err != nil || len(open) != 1 || open[0].Ref.Index != now {
		t.Errorf("open are %+v, %v", open, err)
	}
	if o, err := c.Post.ReadOwn(now); err != nil || o.Leaf.Kind != record.Check || len(o.Leaf.About) != 1 || o.Leaf.About[0].Index != old {
		t.Errorf("the new reading is about %v, %v", o.Leaf.About, err)
	}
	if a := b.Step("prepare", "/decide", first.Hiddens(t, "decision", "admit", "confirm", "1", "basis", "visa-free")...); a.Status != http.StatusConflict {
		t.Error("the misread check is decided:", a.Status, a.Path)
	}
	b.Post("/scan", "zone", faulty(zone, 43)).Has(t, "in the party already: no. 1", "Admit Entry")
	// Where the number itself was misread, all else names the document; its twin is another.
	misread := b.Post("/scan", "zone", faulty(zoneOf(t, "Rossi", "Anna", "YA1234569", "ITA", "760101"), 8))
	misread.Has(t, "Second line", "2 of 2 read")
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anila", "YA1234570", "ITA", "760101")).Has(t, "3 read, 2 typed")
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234569", "ITA", "760101")).Has(t, "3 read, 2 typed", "2 ROSSI, ANNA 1976 ITA Admit",
		"3 ROSSI, ANILA 1976 ITA Admit", "3 Admit together")
	// After a restart the party is the same.
	if err := c.Post.Close(); err != nil {
		t.Fatal(err)
	}
	c.Open()
	b.Resume()
	b.Get("/").Has(t, "3 read, 2 typed", "1 ROSSI, PAOLO driver 1974 ITA Admit", "2 ROSSI, ANNA 1976 ITA Admit")
}

// A minor's page asks who is with him, as a reason beside the verdict; an admission needs the answer, and no key for all goes by
// without it.
func TestMinorNeedsAnAnswer(t *testing.T) {
	b := at(t, found(t))
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812"))
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234568", "ITA", "760101"))
	child := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Pia", "YA1234569", "ITA", "180812"))
	child.Has(t, "Admit Entry ROSSI, PIA 12 Aug 2018 ITA Italy A minor: who accompanies?", "2 Admit together F12 1 left out: no. 3")
	if strings.Contains(child.Body, "Nothing speaks against it") {
		t.Error("something does")
	}
	asked := b.Step("prepare", "/decide", child.Hiddens(t, "decision", "admit", "basis", "visa-free", "confirm", "1")...)
	asked.Has(t, "A minor: who accompanies? Choose")
	if asked.Status != http.StatusUnprocessableEntity || !strings.Contains(asked.Body, `name="escort" aria-invalid="true"`) {
		t.Error(asked.Status)
	}
	pia := strings.TrimPrefix(child.Path, "/check/")
	b.Post("/together", append(together(t, child), "member", "check="+pia)...).Has(t, "Nothing was recorded")
	if got := passages(t, b); len(got) != 0 {
		t.Error(got)
	}
	b.Post(child.Path, asked.Hiddens(t, "escort", "alone", "basis", "visa-free")...).Has(t, "3 Admit together")
	b.Signed("/decide", asked.Hiddens(t, "decision", "admit", "basis", "visa-free", "escort", "alone")...).Has(t, "Admitted")
}

// Who is let pass and reported is decided alone, and his receipt says what is still to be done.
func TestHitIsDecidedAlone(t *testing.T) {
	c := found(t)
	born, err := border.ParsePartialDate("1974-08-12")
	if err != nil {
		t.Fatal(err)
	}
	c.OpenCentre(border.Alert{ID: "demo:4", List: "demo", Kind: border.PersonAlert, Action: border.ActInform, Issuer: "Tirana court",
		Reason: "witness in a trial", Names: []border.AlertName{{Primary: "Rossi", Secondary: "Paolo"}}, Births: []border.PartialDate{born}, Nations: []string{"ITA"}},
		border.Alert{ID: "demo:5", List: "demo", Kind: border.VehicleAlert, Action: border.ActInform, Issuer: "Durrës", Reason: "seen at a theft",
			Vehicles: []border.AlertVehicle{{Country: "ALB", Plate: "AA123BC"}}})
	b := at(t, c)
	rossi := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812"), "plate", "AA123BC", "country", "ALB", "kind", "car")
	b.Post("/scan", "zone", zoneOf(t, "Verdi", "Anna", "YA1234568", "ITA", "760101"))
	page := b.Post("/scan", "zone", zoneOf(t, "Neri", "Anna", "YA1234569", "ITA", "760101"))
	page.Has(t, "Has a hit: decide alone", "2 Admit together F12 1 left out: no. 1")
	b.Post("/together", append(together(t, page), "member", "check="+strings.TrimPrefix(rossi.Path, "/check/"))...).Has(t, "Nothing was recorded")
	b.Signed("/together", together(t, page)...).Has(t, "Admitted: 2", "Hit on the party's vehicle", "seen at a theft", "Left out: decide one by one 1 ROSSI, PAOLO")
	receipt := b.Signed("/decide", rossi.Hiddens(t, "decision", "admit", "basis", "visa-free", "confirm", "1", "plate", "AA123BC", "country", "ALB", "kind", "car")...)
	receipt.Has(t, "Admitted", "Let pass, and report it to the issuer.", "demo:4", "Now name record kakavija / 1 / ")
}

// What a stalled reader leaves of a passport is read again, also where a part of it looks like a card; noise around a whole zone
// does no harm.
func TestCutZoneBeginsNoCheck(t *testing.T) {
	c := found(t)
	b := at(t, c)
	zone := zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812")
	for _, cut := range []string{zone[:40] + zone[44:], zone[:81], zone[8:]} {
		if a := b.Post("/scan", "zone", cut); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q begins %s", cut, a.Path)
		}
	}
	b.Post("/scan", "zone", zone[:81]).Has(t, "no whole zone")
	if open, err := c.Post.OpenChecks(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("%d checks, %v", len(open), err)
	}
	b.Post("/scan", "zone", zone+"XXXX").Has(t, "Admit Entry ROSSI, PAOLO")
}
