package amend

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

var (
	typed    = regexp.MustCompile(`<input id="[a-z_-]+" name="([a-z_]+)" value="([^"]*)"`)
	selected = regexp.MustCompile(`(?s)<select[^>]* name="([a-z]+)"[^>]*>.*?<option value="([a-z-]*)" selected`)
)

// hides fails where a reader sees one of the texts.
func hides(t testing.TB, a stationtest.Answer, not ...string) {
	t.Helper()
	for _, n := range not {
		if strings.Contains(a.Body, n) {
			t.Errorf("%s shows %q:\n%s", a.Path, n, stationtest.Plain(a.Body))
		}
	}
}

func status(t testing.TB, a stationtest.Answer, want int) {
	t.Helper()
	if a.Status != want {
		t.Errorf("%s: %d, want %d:\n%s", a.Path, a.Status, want, stationtest.Plain(a.Body))
	}
}

func TestVoid(t *testing.T) {
	g := open(t)
	index := g.pass(g.booth, border.Entry).Ref.Index
	page := g.booth.Get(at("/void/", index))
	page.Has(t, "Take a decision back", "ROSSI, PAOLA YA1234567 12 Aug 1974 ITA Italy", "A. Hoxha", "alone for 10 more minutes")
	g.Now.Add((9*time.Minute + 1).Milliseconds())
	g.booth.Get(at("/void/", index)).Has(t, "alone for one more minute")

	short := g.booth.Post(at("/void/", index), page.Hiddens(t, "reason", " x ")...)
	status(t, short, http.StatusUnprocessableEntity)
	short.Has(t, "Give a reason in words")

	fields := page.Hiddens(t, "reason", "wrong traveller")
	a := g.booth.Signed(at("/void/", index), fields...)
	a.Has(t, "Taken back", "Scan the traveller again")
	hides(t, a, "ROSSI", "by the node")
	if again := g.booth.Signed(at("/void/", index), fields...); again.Path != a.Path {
		t.Errorf("sent twice it leads to %s, then %s", a.Path, again.Path)
	}
	if inside, days := g.used(g.booth); inside || days != 0 {
		t.Errorf("after it the traveller is inside: %t, %d days", inside, days)
	}
	late := g.booth.Get(at("/void/", index))
	late.Has(t, "was taken back")
	hides(t, late, `name="act" value`)
	g.booth.Get(at("/correct/", index)).Has(t, "was taken back")
	status(t, g.officer("B. Leka", "K2").Get(a.Path), http.StatusNotFound)
	status(t, g.booth.Get(at("/amended/", index)), http.StatusNotFound)
}

func TestVoidTooLate(t *testing.T) {
	g := open(t)
	index := g.pass(g.booth, border.Entry).Ref.Index
	page := g.booth.Get(at("/void/", index))
	g.Now.Add((node.VoidWithin + time.Second).Milliseconds())
	a := g.booth.Post(at("/void/", index), page.Hiddens(t, "reason", "wrong traveller")...)
	status(t, a, http.StatusConflict)
	a.Has(t, "More than ten minutes have passed", "Correct a passage F3")
	hides(t, a, `name="act" value`)
}

// Another officer is told nothing of the record, not even that it is there; the supervisor looks and takes nothing back.
func TestVoidByAnother(t *testing.T) {
	g := open(t)
	index := g.pass(g.booth, border.Entry).Ref.Index
	other := g.officer("B. Leka", "K2")
	act := station.ActText(station.NewAct())
	var said []string
	for _, i := range []uint64{index, 0, 99_999} {
		for _, a := range []stationtest.Answer{other.Get(at("/void/", i)), other.Get(at("/correct/", i)), other.Get(at("/refusal/", i)),
			other.Post(at("/void/", i), "act", act, "reason", "to see what it says"), other.Post(at("/correct/", i), "act", act, "reason", "to see")} {
			status(t, a, http.StatusNotFound)
			hides(t, a, "ROSSI", "YA1234567")
			main := regexp.MustCompile(`(?s)<main.*</main>`).FindString(a.Body)
			said = append(said, main)
			if main != said[0] {
				t.Errorf("%s tells by its words whether a record is there:\n%s", a.Path, main)
			}
		}
	}
	boss := g.officer("S. Prifti", "office")
	status(t, boss.Get(at("/void/", index)), http.StatusForbidden)
	boss.Get(at("/correct/", index)).Has(t, "ROSSI, PAOLA", "An officer of the booths or of the second line proposes")
	status(t, boss.Post(at("/correct/", index), "act", act, "reason", "as a supervisor"), http.StatusForbidden)
}

// Of a referral that the second line has answered, and of a refusal.
func TestVoidOfOthers(t *testing.T) {
	g := open(t)
	refusal := g.refuse(g.booth, border.Entry, border.NoVisa, "ITA")
	page := g.booth.Get(at("/void/", refusal))
	page.Has(t, "Entry Refused")
	g.booth.Post(at("/void/", refusal), page.Hiddens(t, "reason", "wrong key")...).Has(t, "Taken back", "by the node")

	check := g.scan(g.booth, border.Entry, "ITA")
	referral := g.do(node.Decision{Act: station.NewAct(), Shift: g.booth.Shift, Check: check, Decision: border.Refer}).Ref.Index
	desk := g.officer("D. Gjoka", "D1")
	g.do(node.Outcome{Act: station.NewAct(), Shift: desk.Shift, Referral: referral, Outcome: record.Cleared})
	page = g.booth.Get(at("/void/", referral))
	a := g.booth.Post(at("/void/", referral), page.Hiddens(t, "reason", "too late")...)
	status(t, a, http.StatusConflict)
	a.Has(t, "second line has answered", "Referred")
	g.booth.Get(at("/correct/", referral)).Has(t, "Only a completed passage is corrected")
}

func TestCorrectOwn(t *testing.T) {
	g := open(t)
	index := g.pass(g.booth, border.Entry).Ref.Index
	g.Now.Add(time.Hour.Milliseconds())
	page := g.booth.Get(at("/correct/", index))
	nothing := g.booth.Post(at("/correct/", index), filled(t, page, "reason", "nothing at all")...)
	status(t, nothing, http.StatusUnprocessableEntity)
	nothing.Has(t, "Nothing is changed")

	a := g.booth.Signed(at("/correct/", index), filled(t, page, "reason", "the day before", "day", "20.11.2026")...)
	a.Has(t, "Correction proposed", "once another officer agrees")
	if _, days := g.used(g.booth); days != 1 {
		t.Errorf("a proposal counts: %d days", days)
	}
	proposal := strings.Replace(a.Path, "/amended/", "/corrections/", 1)
	own := g.booth.Get(proposal)
	own.Has(t, "Day of the passage 21 Nov 2026 20 Nov 2026", "You proposed it yourself")
	hides(t, own, `name="act" value`)
	g.booth.Get("/corrections").Has(t, "yours: another officer has to agree")
	refused := g.booth.Post(proposal, "act", station.ActText(station.NewAct()))
	status(t, refused, http.StatusForbidden)

	second := g.officer("S. Prifti", "office")
	list := second.Get("/corrections")
	list.Has(t, "ROSSI, PAOLA Entry", "Day of the passage: 21 Nov 2026 → 20 Nov 2026", "“the day before”", "A. Hoxha", "Look ROSSI, PAOLA 1", "Corrections 1")
	look := second.Get(proposal)
	look.Has(t, "ROSSI, PAOLA", "YA1234567", "I agree F2")
	hides(t, look, "Date of birth")
	done := second.Signed(proposal, look.Hiddens(t)...)
	done.Has(t, "Agreed", "The correction counts from now on")
	if _, days := g.used(g.booth); days != 2 {
		t.Errorf("after the correction %d days count, want 2", days)
	}
	hides(t, second.Get("/corrections"), "ROSSI", "Corrections 1")
	gone := second.Get(proposal)
	status(t, gone, http.StatusConflict)
	g.booth.Get(at("/correct/", index)).Has(t, "was corrected")
	o, err := g.Post.ReadOwn(index + 1)
	if err != nil || len(o.Person.Document.Zone) != 2 || len(o.Leaf.Booth) == 0 {
		t.Errorf("the correction of a day lost the zone that was read, or its signature: %v", err)
	}
}

func TestWithdraw(t *testing.T) {
	g := open(t)
	index := g.pass(g.booth, border.Entry).Ref.Index
	page := g.booth.Get(at("/correct/", index))
	a := g.booth.Post(at("/correct/", index), filled(t, page, "reason", "turned back before the barrier", "withdraw", "1", "day", "nonsense")...)
	a.Has(t, "Correction proposed")
	second := g.officer("B. Leka", "K2")
	proposal := strings.Replace(a.Path, "/amended/", "/corrections/", 1)
	look := second.Get(proposal)
	look.Has(t, "never took place: it is withdrawn", "turned back before the barrier")
	second.Post(proposal, look.Hiddens(t)...).Has(t, "Agreed")
	if inside, days := g.used(g.booth); inside || days != 0 {
		t.Errorf("inside %t, %d days after the withdrawal", inside, days)
	}
}

// Another officer's record opens by the code of its receipt, which stands in no address; a wrong code, a number that is none
// and a record of another kind get the same answer, and only so many tries.
func TestCorrectByReceipt(t *testing.T) {
	g := open(t)
	receipt := g.pass(g.booth, border.Entry)
	check := receipt.Ref.Index - 1
	g.pass(g.booth, border.Exit)
	b := g.officer("B. Leka", "K2")
	number := at(receipt.Ref.Origin+"/", receipt.Ref.Index)
	spoken := strings.ToLower(receipt.Code[:5] + " " + receipt.Code[5:])
	page := b.Post("/correct", "index", number, "code", spoken)
	page.Has(t, "Correct a passage", "ROSSI, PAOLA")
	fields := filled(t, page, "reason", "a letter was misread", "secondary", "Paolina")
	bad := b.Post(at("/correct/", receipt.Ref.Index), filled(t, page, "reason", "x", "secondary", "Paolina", "birth", "31.2.1974", "issuer", "QQQ", "day", "1.1.2030", "plate", "aa<1")...)
	status(t, bad, http.StatusUnprocessableEntity)
	bad.Has(t, "Mend the marked fields", "At least 3", "Day.month.year", "No state has this code", "Recorded: 12 Aug 1974")
	for _, kept := range []string{"Paolina", "31.2.1974", "QQQ", "aa&lt;1"} {
		if !strings.Contains(bad.Body, `value="`+kept+`"`) {
			t.Errorf("%q is not kept", kept)
		}
	}
	ahead := b.Post(at("/correct/", receipt.Ref.Index), filled(t, page, "reason", "wrong day", "day", "1.1.2030")...)
	status(t, ahead, http.StatusUnprocessableEntity)
	ahead.Has(t, "The day of a passage is not after today")
	b.Post(at("/correct/", receipt.Ref.Index), fields...).Has(t, "Correction proposed")

	wrong := "0000000000"
	var said []string
	for _, x := range []string{number, at("", check), "99999", "x"} {
		a := b.Post("/correct", "index", x, "code", wrong)
		status(t, a, http.StatusNotFound)
		hides(t, a, "ROSSI", wrong)
		said = append(said, regexp.MustCompile(`role="alert".*?</section>`).FindString(a.Body))
		if said[len(said)-1] != said[0] || said[0] == "" {
			t.Errorf("%s is answered otherwise: %q", x, said)
		}
	}
	for range maxTries {
		b.Post("/correct", "index", number, "code", wrong)
	}
	held := b.Post("/correct", "index", number, "code", receipt.Code)
	status(t, held, http.StatusTooManyRequests)
	held.Has(t, "Too many codes were tried")
	hides(t, held, "ROSSI")
	g.officer("E. Marku", "K3").Post("/correct", "index", number, "code", receipt.Code).Has(t, "Correct a passage")
	g.Now.Add(triesFor.Milliseconds())
	b.Post("/correct", "index", number, "code", receipt.Code).Has(t, "Correct a passage")
	for _, address := range append(b.Seen, g.booth.Seen...) {
		for _, secret := range []string{receipt.Code, receipt.Code[:5], wrong, "ROSSI", "PAOL", "YA1234567", "1974"} {
			if strings.Contains(strings.ToUpper(address), secret) {
				t.Errorf("%s stands in the address %s", secret, address)
			}
		}
	}
}

func TestRefusalForm(t *testing.T) {
	g := open(t)
	for _, test := range []struct {
		dir               border.Direction
		ground            border.Ground
		nation, traveller string
		says              []string
	}{
		{border.Entry, border.NoVisa, "ITA", "?traveller=it", []string{"REFUSAL OF ENTRY AT THE BORDER", "RESPINGIMENTO ALLA FRONTIERA", "ROSSI", "Kakavija", "A. Hoxha", "Republika e Shqipërisë"}},
		{border.Entry, border.DaysUsedUp, "USA", "", []string{"365 days"}},
		{border.Exit, border.ExitMinor, "GRC", "", []string{"ROSSI"}},
	} {
		index := g.refuse(g.booth, test.dir, test.ground, test.nation)
		page := g.booth.Get(at("/refusal/", index))
		page.Has(t, "Print the refusal", "Italiano", "Shqip")
		a := g.booth.Get(at("/print/refusal/", index) + test.traveller)
		a.Has(t, test.says...)
		ticked := regexp.MustCompile(`class="ticked"><th scope="row">([A-Z0-9]+)<`).FindAllStringSubmatch(a.Body, -1)
		if len(ticked) != 1 || ticked[0][1] != string(test.ground) {
			t.Errorf("%s: ticked are %q", test.ground, ticked)
		}
		if test.nation == "GRC" && !strings.Contains(a.Body, `lang="el"`) {
			t.Error("Greek is not proposed to a Greek")
		}
		other := g.officer("B. Leka", "K2")
		for _, path := range []string{"/refusal/", "/print/refusal/"} {
			status(t, other.Get(at(path, index)), http.StatusNotFound)
			status(t, g.officer("S. Prifti", "office").Get(at(path, index)), http.StatusOK)
		}
	}
	sq := g.booth.Get(at("/print/refusal/", g.refuse(g.booth, border.Entry, border.NoMeans, "DEU")) + "?lang=sq&traveller=de")
	if !strings.Contains(sq.Body, `<html lang="sq"`) || !strings.Contains(sq.Body, `lang="de"`) {
		t.Error("not in the officer's language and the traveller's")
	}
	unknown := g.booth.Get(at("/print/refusal/", g.refuse(g.booth, border.Entry, border.NoMeans, "DEU")) + "?traveller=../xx")
	status(t, unknown, http.StatusOK)
	for _, index := range []uint64{g.pass(g.booth, border.Entry).Ref.Index, g.scan(g.booth, border.Entry, "ITA"), 0} {
		status(t, g.booth.Get(at("/print/refusal/", index)), http.StatusNotFound)
	}
	if a := g.Browser().Get(at("/print/refusal/", 1)); a.Path != "/resume" {
		t.Errorf("a stranger gets %d %s", a.Status, a.Path)
	}
}

func TestFactSheet(t *testing.T) {
	g := open(t)
	g.refuse(g.booth, border.Entry, border.NoMeans, "ITA")
	taken := g.pass(g.booth, border.Entry).Ref.Index
	g.do(node.Void{Act: station.NewAct(), Shift: g.booth.Shift, Of: taken, Reason: "wrong traveller"})
	entered := g.pass(g.booth, border.Entry).Ref.Index
	g.do(node.Correction{Act: station.NewAct(), Shift: g.booth.Shift, Of: entered, Reason: "never was", Withdraw: true})
	check := g.scan(g.booth, border.Exit, "ITA")
	a := g.booth.Get(at("/facts/", check))
	a.Has(t, "Fact sheet at exit", "It is not a verdict", "refusal of entry, ground G", "withdrawn: counts no longer", "Durres", "A. Hoxha", "K1")
	if n := strings.Count(stationtest.Plain(a.Body), "withdrawn: counts no longer"); n != 1 {
		t.Errorf("%d events are withdrawn", n)
	}
	if sq := g.booth.Get(at("/facts/", check) + "?lang=sq"); !strings.Contains(sq.Body, `<html lang="sq"`) {
		t.Error("not in Albanian")
	}
	for _, index := range []uint64{g.scan(g.booth, border.Entry, "ITA"), entered, 0, 99_999} {
		status(t, g.booth.Get(at("/facts/", index)), http.StatusNotFound)
	}
	for _, b := range []*stationtest.Browser{g.officer("B. Leka", "K2"), g.officer("A. Hoxha", "K3")} {
		status(t, b.Get(at("/facts/", check)), http.StatusNotFound)
	}
}
