package post

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station/stationtest"
)

// zoneOf composes a passport of somebody born on a day.
func zoneOf(t *testing.T, surname, given, number, nation, birth string) string {
	t.Helper()
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: nation, DocumentNumber: number,
		Nationality: nation, BirthDate: birth, Sex: "F", ExpiryDate: "310415", Primary: surname, Secondary: given})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// at opens a booth.
func at(t *testing.T, c *stationtest.Country) *stationtest.Browser {
	t.Helper()
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	return b
}

var togetherForm = regexp.MustCompile(`(?s)<form id="together".*?</form>`)

// together gives the fields of the form that decides a party, as they stand on a page.
func together(t *testing.T, a stationtest.Answer) []string {
	t.Helper()
	form := togetherForm.FindString(a.Body)
	if form == "" {
		t.Fatalf("no decision together on %s:\n%s", a.Path, stationtest.Plain(a.Body))
	}
	return stationtest.Answer{Body: form}.Hiddens(t)
}

// with changes a field of a form.
func with(pairs []string, name, value string) []string {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == name {
			pairs[i+1] = value
		}
	}
	return pairs
}

// passages are the passages of a browser's shift.
func passages(t *testing.T, b *stationtest.Browser) (names []string) {
	t.Helper()
	all, err := b.Country.Post.PassedBy(t.Context(), b.Shift, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		text := p.Document.Primary
		for _, more := range []struct {
			is   bool
			text string
		}{{p.Driver, " drives"}, {p.ByNode, " unsigned"}, {p.Paper != "", " " + p.Paper}} {
			if more.is {
				text += more.text
			}
		}
		names = append(names, fmt.Sprint(text, " ", p.Vehicle, " ", p.Plate))
	}
	return names
}

// Documents read one after another are one party while somebody is undecided; one key admits all whose advice is that, each
// under the booth's signature; who is left out is named with the reason; and the next document begins another party.
func TestParty(t *testing.T) {
	c := found(t)
	b := at(t, c)
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812"), "plate", "aa 123 bc", "country", "ita", "occupants", "3")
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234568", "ITA", "760101")).Has(t, "2 of 3 read", "Car AA 123 BC ITA", "2 Admit together")
	third := b.Post("/scan", "zone", zoneOf(t, "Sharma", "Ravi", "Z1234567", "IND", "800101"))
	third.Has(t, "1 ROSSI, PAOLO driver 1974 ITA Admit", "2 ROSSI, ANNA 1976 ITA Admit",
		"3 SHARMA, RAVI A visa is required for IND India 1980 IND Second line", "2 Admit together F12 1 left out: no. 3")
	again := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234568", "ITA", "760101"))
	again.Has(t, "This document is in the party already: no. 2", "3 of 3 read")

	done := b.Signed("/together", together(t, third)...)
	done.Has(t, "Admitted: 2", "1 is still undecided", "Next: no. 3", "Left out: decide one by one 3 SHARMA, RAVI",
		"Entry: 2 persons, 1 vehicle · Exit: 0 persons, 0 vehicles")
	if got := strings.Join(passages(t, b), ", "); got != "ROSSI drives car AA 123 BC, ROSSI car AA 123 BC" {
		t.Error(got)
	}
	if again := b.Signed("/together", together(t, third)...); again.Path != done.Path || len(passages(t, b)) != 2 {
		t.Error("sent again it is not the same: ", again.Path)
	}
	// The third is decided alone, in the same vehicle, by the visa that he shows.
	sharma := b.Post(third.Path, third.Hiddens(t, "basis", "visa", "until", "31.12.2026", "visa_days", "10", "visa_entries", "1", "paper", "alb 778",
		"plate", "AA 123 BC", "country", "ITA", "kind", "car")...)
	sharma.Has(t, "Admit Entry", "Visa number")
	receipt := b.Signed("/decide", sharma.Hiddens(t, "decision", "admit", "basis", "visa", "until", "31.12.2026", "visa_days", "10",
		"visa_entries", "1", "paper", "alb 778", "plate", "AA 123 BC", "country", "ITA", "kind", "car")...)
	receipt.Has(t, "Admitted", "Entry: 3 persons, 1 vehicle", "Next traveller", "Take back F7", "Correct F8", "One more in this party F6", "Text of the code")
	if got := passages(t, b); len(got) != 3 || got[2] != "SHARMA ALB 778 car AA 123 BC" {
		t.Error(got)
	}
	b.Post("/scan", "zone", zoneOf(t, "Verdi", "Carla", "YA5550001", "ITA", "740812")).Has(t, "1 read", "1 VERDI, CARLA 1974 ITA")
}

// What was typed for a member stays while others are looked at, and counts when all are decided together.
func TestTypedForMembers(t *testing.T) {
	b := at(t, found(t))
	first := b.Post("/scan", "zone", zoneOf(t, "Sharma", "Ravi", "Z1234567", "IND", "800101"), "plate", "TR1", "kind", "lorry")
	second := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234568", "ITA", "760101"))
	terms := []string{"basis", "residence-permit", "until", "31.12.2027", "paper", "LQ 99", "plate", "TR1", "kind", "lorry"}
	gone := b.Post(first.Path, append(first.Hiddens(t, terms...), "to", strings.TrimPrefix(second.Path, "/check/"))...)
	if gone.Path != second.Path {
		t.Fatal(gone.Path)
	}
	gone.Has(t, "1 SHARMA, RAVI driver 1980 IND Admit", "2 Admit together")
	if a := b.Get(first.Path); !strings.Contains(a.Body, `value="LQ 99"`) || !strings.Contains(a.Body, `value="31.12.2027"`) {
		t.Error("what was typed is lost")
	}
	drives := b.Post(second.Path, second.Hiddens(t, "drives", "1", "basis", "visa-free", "plate", "TR1", "kind", "lorry")...)
	drives.Has(t, "2 ROSSI, ANNA driver")
	// Notes are about one: the key for all leaves him out, and says so where they were only typed.
	b.Post("/together", with(together(t, drives), "notes", "nervous")...).Has(t, "Nothing was recorded", "nervous")
	b.Signed("/together", together(t, drives)...).Has(t, "Admitted: 2")
	if got := strings.Join(passages(t, b), ", "); got != "SHARMA LQ 99 lorry TR1, ROSSI drives lorry TR1" {
		t.Error(got)
	}
}

// After a restart of the node, and in a new session of the same shift, the party is before the booth as it was.
func TestPartyAfterRestart(t *testing.T) {
	c := found(t)
	b := at(t, c)
	b.Post("/direction")
	for i, name := range []string{"Rossi", "Bianchi", "Verdi"} {
		b.Post("/scan", "zone", zoneOf(t, name, "Anna", fmt.Sprint("YA123456", i), "ITA", "760101"), "plate", "BUS 1", "kind", "bus", "country", "ITA")
	}
	open := b.Get("/check/" + lastIndex(t, b))
	b.Signed("/decide", open.Hiddens(t, "decision", "admit", "basis", "visa-free", "plate", "BUS 1", "kind", "bus", "country", "ITA")...)
	if err := c.Post.Close(); err != nil {
		t.Fatal(err)
	}
	c.Open()
	b.Resume()
	b.Get("/").Has(t, "Exit Booth K1", "3 read", "Bus BUS 1 ITA", "3 VERDI, ANNA 1976 ITA Admitted", "2 Admit together", "Exit: 1 person, 1 vehicle")
	b.Post("/scan", "zone", zoneOf(t, "Neri", "Luca", "YA7770001", "ITA", "740812")).Has(t, "4 read")
	b.Post("/party")
	b.Post("/scan", "zone", zoneOf(t, "Gialli", "Pia", "YA7770002", "ITA", "740812")).Has(t, "1 read")
}

func lastIndex(t *testing.T, b *stationtest.Browser) string {
	t.Helper()
	open, err := b.Country.Post.OpenChecks(t.Context())
	if err != nil || len(open) == 0 {
		t.Fatal("no check is open", err)
	}
	newest := open[0].Ref.Index
	for _, o := range open {
		newest = max(newest, o.Ref.Index)
	}
	return fmt.Sprint(newest)
}

// Somebody is found in the back of a car whose driver is decided: he joins the party, and the car counts once.
func TestOneMore(t *testing.T) {
	b := at(t, found(t))
	car := []string{"plate", "AA1", "kind", "car"}
	first := b.Post("/scan", append(car, "zone", zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812"))...)
	receipt := b.Signed("/decide", first.Hiddens(t, append(car, "decision", "admit", "basis", "visa-free")...)...)
	more := regexp.MustCompile(`action="(/more/\d+)"`).FindStringSubmatch(receipt.Body)
	if more == nil {
		t.Fatal("nobody can be added")
	}
	b.Post(more[1]).Has(t, "The next document joins this party", "Car AA1")
	second := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Pia", "YA1234569", "ITA", "740812"))
	second.Has(t, "2 read", "1 ROSSI, PAOLO driver 1974 ITA Admitted")
	b.Signed("/decide", second.Hiddens(t, append(car, "decision", "admit", "basis", "visa-free")...)...).Has(t, "Entry: 2 persons, 1 vehicle")
	// On foot nobody drives and no vehicle is counted.
	third := b.Post("/scan", "zone", zoneOf(t, "Verdi", "Pia", "YA1234570", "ITA", "740812"))
	b.Signed("/decide", third.Hiddens(t, "decision", "admit", "basis", "visa-free", "plate", "")...).Has(t, "Entry: 3 persons, 1 vehicle")
	if got := passages(t, b)[2]; got != "VERDI  " {
		t.Errorf("%q", got)
	}
}

// The plate is matched once for all: its hit stands once on the page, whoever is looked at, and a plate that is typed after the
// reading changes the advice on every member.
func TestPlateOfParty(t *testing.T) {
	c := found(t)
	c.OpenCentre(border.Alert{ID: "demo:9", List: "demo", Kind: border.VehicleAlert, Action: border.ActSeize, Issuer: "Prefektura e Durrësit",
		Reason: "stolen lorry", Vehicles: []border.AlertVehicle{{Country: "ALB", Plate: "AA123BC"}}})
	b := at(t, c)
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812"))
	second := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234568", "ITA", "760101"))
	second.Has(t, "2 Admit together")
	stale := with(with(together(t, second), "plate", "AA 123 BC"), "country", "ALB")
	hit := b.Step("prepare", "/together", stale...)
	hit.Has(t, "The plate you added is on an alert list", "Hit on the party's vehicle", "stolen lorry", "Second line Entry")
	if hit.Status != http.StatusConflict || strings.Count(hit.Body, "stolen lorry") != 1 || togetherForm.MatchString(hit.Body) {
		t.Errorf("%d: the hit stands %d times", hit.Status, strings.Count(hit.Body, "stolen lorry"))
	}
	b.Step("prepare", "/together", stale...).Has(t, "What the rules advise on a member has changed")
	if got := passages(t, b); len(got) != 0 {
		t.Error(got)
	}
}

// Nobody decides by a form what another shift has read.
func TestTogetherIsOfTheShift(t *testing.T) {
	c := found(t)
	b := at(t, c)
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812"))
	page := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234568", "ITA", "760101"))
	other := at(t, c)
	if a := other.Post("/together", together(t, page)...); a.Status != http.StatusNotFound {
		t.Error(a.Status)
	}
	for _, bad := range [][]string{{}, {"act", strings.Repeat("ab", 16)}, {"act", strings.Repeat("ab", 16), "member", "%zz"}} {
		if a := b.Post("/together", bad...); a.Status != http.StatusUnprocessableEntity {
			t.Error(bad, a.Status)
		}
	}
}

func TestPartyIsBounded(t *testing.T) {
	b := at(t, found(t))
	var last stationtest.Answer
	for i := range maxParty {
		last = b.Post("/scan", "zone", zoneOf(t, "Rossi", given(i), fmt.Sprintf("YA10%05d", i), "ITA", "740812"))
	}
	last.Has(t, "99 read", "99 Admit together")
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Toomany", "YA9999999", "ITA", "740812")).Has(t, "at most 99 members")
	b.Signed("/together", together(t, last)...).Has(t, "Admitted: 99", "99 persons")
}

// Basis, minors and travellers without a document bring fields of their own.
func TestWhatBelongsToABasis(t *testing.T) {
	c := found(t)
	b := at(t, c)
	child := b.Post("/scan", "zone", zoneOf(t, "Rossi", "Pia", "YA1234567", "ITA", "180812"))
	child.Has(t, "Who is with the minor", "With one parent")
	b.Signed("/decide", child.Hiddens(t, "decision", "admit", "basis", "family-member", "until", "1.2.2027", "paper", "fm 1", "escort", "one-parent",
		"with", "Rossi, Anna")...).Has(t, "Admitted")
	member := b.Post("/scan", "zone", zoneOf(t, "Sharma", "Ravi", "Z1234567", "IND", "800101"))
	for _, test := range []struct{ basis, want string }{{"family-member", "Whose family member"}, {"crew", "Crew certificate"},
		{"diplomat", "Diplomatic card"}, {"long-stay-visa", "Visa number"}, {"local-permit", "Permit number"}} {
		b.Post(member.Path, member.Hiddens(t, "basis", test.basis)...).Has(t, test.want)
	}
	open := lastIndex(t, b)
	o, err := c.Post.ReadOwn(lastPassage(t, b))
	if err != nil || o.Person == nil || o.Person.Escort != border.OneParent || o.Person.With != "Rossi, Anna" || o.Person.Paper != "FM 1" {
		t.Errorf("the record holds %+v, %v; open is %s", o.Person, err, open)
	}
	b.Post("/party")
	none := b.Post("/hand", "code", border.NoDocumentCode, "number", "J 12345678 A", "issuer", "ALB", "nationality", "ALB", "primary", "Hoxha",
		"secondary", "Besa", "birth", "1.1.1990", "sex", "F")
	none.Has(t, "Second line Entry", "No travel document was shown", "No travel document NONE", "J12345678A", "Entered by hand")
}

func lastPassage(t *testing.T, b *stationtest.Browser) uint64 {
	t.Helper()
	all, err := b.Country.Post.PassedBy(t.Context(), b.Shift, 0)
	if err != nil || len(all) == 0 {
		t.Fatal("no passage", err)
	}
	return all[len(all)-1].Ref.Index
}

// Who was refused once leaves with a fact beside his check, and nothing that keeps him.
func TestFactAtExit(t *testing.T) {
	b := at(t, found(t))
	zone := zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812")
	entry := b.Post("/scan", "zone", zone)
	refused := b.Signed("/decide", entry.Hiddens(t, "decision", "refuse", "ground", "G")...)
	refused.Has(t, "Print the form F10")
	if !strings.Contains(refused.Body, `href="`+strings.Replace(refused.Path, "/receipt/", "/refusal/", 1)+`"`) {
		t.Error("no form to print")
	}
	b.Now.Add(24 * time.Hour.Milliseconds())
	b = at(t, b.Country)
	b.Post("/direction")
	exit := b.Post("/scan", "zone", zone)
	exit.Has(t, "Admit Exit", "Refused before with this document", "It keeps nobody at exit", "Fact sheet F1")
	if !strings.Contains(exit.Body, `href="/facts/`+strings.TrimPrefix(exit.Path, "/check/")+`"`) {
		t.Error("no fact sheet")
	}
}

// The second line answers: the booth's page says so, and leads to the check, which is decided after the answer.
func TestAnsweredReferral(t *testing.T) {
	c := found(t)
	b := at(t, c)
	check := b.Post("/scan", "zone", zoneOf(t, "Sharma", "Ravi", "Z1234567", "IND", "800101"))
	referred := b.Signed("/decide", check.Hiddens(t, "decision", "refer", "basis", "visa-free")...)
	referred.Has(t, "Referred to the second line")
	b.Get(check.Path).Has(t, "This check is decided")
	desk := c.Browser()
	desk.Enter("D. Gjoka", "D1")
	var index uint64
	if _, err := fmt.Sscanf(referred.Path, "/receipt/%d", &index); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Post.Do(t.Context(), node.Outcome{Act: record.Act{7}, Shift: desk.Shift, Referral: index, Outcome: record.Cleared, Notes: "visa seen"}); err != nil {
		t.Fatal(err)
	}
	b.Get("/").Has(t, "SHARMA, RAVI", "visa seen", "F5")
	again := b.Get(check.Path)
	again.Has(t, "visa seen", "Admit F2")
	fields := again.Hiddens(t, "decision", "admit", "basis", "visa", "until", "31.12.2026", "visa_days", "5")
	b.Signed("/decide", fields...).Has(t, "Admitted", "SHARMA, RAVI")
	if a := b.Get("/"); strings.Contains(a.Body, "visa seen") {
		t.Error("an answer that was followed is shown still")
	}
	b.Get(check.Path).Has(t, "This check is decided", "Show the receipt")
}

// A decision that was taken back leaves its member out; his document, read again, is a new check of the same party. Nobody who
// was taken back is counted.
func TestTakenBack(t *testing.T) {
	c := found(t)
	b := at(t, c)
	zone := zoneOf(t, "Rossi", "Paolo", "YA1234567", "ITA", "740812")
	first := b.Post("/scan", "zone", zone, "plate", "AA1", "kind", "car")
	b.Post("/scan", "zone", zoneOf(t, "Rossi", "Anna", "YA1234568", "ITA", "760101"))
	receipt := b.Signed("/decide", first.Hiddens(t, "decision", "admit", "basis", "visa-free", "plate", "AA1", "kind", "car")...)
	receipt.Has(t, "Next: no. 2", "Entry: 1 person, 1 vehicle")
	index := lastPassage(t, b)
	b.Get(fmt.Sprint("/void/", index)).Has(t, "ROSSI")
	if _, err := c.Post.Do(t.Context(), node.Void{Act: record.Act{9}, Shift: b.Shift, Of: index, Reason: "wrong person"}); err != nil {
		t.Fatal(err)
	}
	again := b.Post("/scan", "zone", zone)
	again.Has(t, "2 read", "Visa-free taken back", "1 ROSSI, PAOLO 1974 ITA Taken back", "3 ROSSI, PAOLO 1974 ITA Admit", "2 Admit together")
	b.Get("/").Has(t, "Entry: 0 persons, 0 vehicles")
	b.Signed("/together", together(t, again)...).Has(t, "Admitted: 2", "Entry: 2 persons, 1 vehicle")
	b.Now.Add(node.VoidWithin.Milliseconds() + time.Minute.Milliseconds())
	if a := b.Get(receipt.Path); strings.Contains(a.Body, "/void/") {
		t.Error("what is older than ten minutes is offered to be taken back")
	}
}

// Who may not check travellers is told nothing of a party by the node either.
func TestPartyNeedsPower(t *testing.T) {
	c := found(t)
	supervisor := c.Browser()
	supervisor.Enter("S. Prifti", "S1")
	_, members := c.Post.Members(t.Context(), supervisor.Shift, record.Act{1})
	_, gathered := c.Post.Gathered(t.Context(), supervisor.Shift)
	_, by := c.Post.GatheredBy(supervisor.Shift, 0)
	_, passed := c.Post.PassedBy(t.Context(), supervisor.Shift, 0)
	for name, err := range map[string]error{"members": members, "gathered": gathered, "gathered by": by, "passed by": passed} {
		if !errors.Is(err, node.ErrDuty) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, path := range []string{"/party/0", "/check/0"} {
		if a := supervisor.Get(path); a.Status != http.StatusForbidden {
			t.Error(path, a.Status)
		}
	}
}
