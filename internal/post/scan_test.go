package post

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
)

func TestScanAdmitWithoutScript(t *testing.T) {
	b := found(t).browser()
	b.enter()
	a := b.post("/scan", "zone", passport(t, "Papadopoulou", "Eleni Maria", "AE1234567", "GRC"), "plate", "aa123bc",
		"country", "alb", "occupants", "2")
	checkIndex(t, a)
	a.has(t, "Admit Entry PAPADOPOULOU, ELENI MARIA 12 Aug 1974 GRC Greece No alert list", "12 Aug 1974 52 years", "Greece GRC", "15 Apr 2031",
		"0 of 90 days", "Last lawful day 18 Feb 2027", "No crossing of this traveller", "Nothing was ever heard of Durres")
	a = b.post("/decide", a.hiddens(t, "decision", "admit", "basis", "visa-free", "plate", "AA123BC", "country", "ALB", "occupants", "2")...)
	if !strings.HasPrefix(a.path, "/receipt/") {
		t.Fatalf("%d %s\n%s", a.status, a.path, plain(a.body))
	}
	a.has(t, "Admitted", "PAPADOPOULOU, ELENI MARIA", "kakavija / 1 / ", "by the node", "no copy elsewhere yet")
	code := regexp.MustCompile(`class="code"><span>([0-9A-HJKMNP-TV-Z]{5})</span><span>([0-9A-HJKMNP-TV-Z]{5})</span>`)
	if !code.MatchString(a.body) {
		t.Error("no code of twice five characters of base 32")
	}
	for _, address := range b.seen {
		for _, secret := range []string{"PAPADOPOULOU", "ELENI", "AE1234567", "740812", "1974", "AA123BC"} {
			if strings.Contains(strings.ToUpper(address), secret) {
				t.Errorf("%s stands in the address %s", secret, address)
			}
		}
	}
	// The next day she leaves, and the page knows it.
	b.now.Add(24 * time.Hour.Milliseconds())
	b.enterAgain()
	b.post("/direction")
	a = b.post("/scan", "zone", passport(t, "Papadopoulou", "Eleni Maria", "AE1234567", "GRC"))
	a.has(t, "Admit Exit", "Inside since 21 Nov 2026", "Last: Entry at Kakavija, 1 day ago", "by the node")
}

func TestScanSentTwice(t *testing.T) {
	b := found(t).browser()
	b.enter()
	act := newAct()
	first := b.post("/scan", "act", act, "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	if again := b.post("/scan", "act", act, "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA")); again.path != first.path {
		t.Errorf("sent twice: %s, then %s", first.path, again.path)
	}
	// A page that came back from the browser's memory with another document shows that one.
	other := b.post("/scan", "act", act, "zone", passport(t, "Bianchi", "Anna", "YA7654321", "ITA"))
	if other.path == first.path {
		t.Error("another traveller is shown the first one's check")
	}
	other.has(t, "BIANCHI, ANNA", "was left undecided")
	b.get("/open").has(t, "ITA Italy", "this shift")
}

func TestFaultsBesideFields(t *testing.T) {
	b := found(t).browser()
	b.enter()
	zone := []byte(passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	zone[45+9] = '0' + (zone[45+9]-'0'+1)%10 // the number's check digit, position 10 of the second line
	a := b.post("/scan", "zone", string(zone))
	a.has(t, "Second line", "Check digit of the number is wrong (line 2, position 10)", "ROSSI, PAOLO")
	if !regexp.MustCompile(`YA1234567<mark>\d</mark>ITA`).MatchString(a.body) {
		t.Error("the faulty character is not marked in the zone")
	}
	// Admitting it must be meant.
	fields := a.hiddens(t, "decision", "admit", "basis", "visa-free", "notes", "looked at it")
	asked := b.post("/decide", fields...)
	asked.has(t, "There is a grave finding", "looked at it")
	if asked.status != http.StatusUnprocessableEntity {
		t.Error(asked.status)
	}
	b.post("/decide", asked.hiddens(t, "decision", "admit", "basis", "visa-free")...).has(t, "Admitted")
}

func TestTerms(t *testing.T) {
	b := found(t).browser()
	b.enter()
	a := b.post("/scan", "zone", passport(t, "Sharma", "Ravi", "Z1234567", "IND"))
	a.has(t, "Second line", "A visa is required for IND India", "No basis known")
	a = b.post(a.path, a.hiddens(t, "basis", "visa", "until", "31.12.2026", "visa_from", "1.11.2026", "visa_days", "10", "visa_entries", "1")...)
	a.has(t, "Admit Entry", "0 of 10 days", "30 Nov 2026", "0 of 1 used")
	bad := b.post(a.path, a.hiddens(t, "basis", "visa", "until", "31.2.2026", "visa_days", "ten")...)
	bad.has(t, "Day.month.year", "A whole number from 0 to 3660")
	if !strings.Contains(bad.body, `value="31.2.2026"`) || !strings.Contains(bad.body, `value="ten"`) {
		t.Error("what was typed is lost")
	}
}

func TestByHand(t *testing.T) {
	b := found(t).browser()
	b.enter()
	bad := b.post("/hand", "code", "P", "number", "ya 123", "issuer", "QQQ", "nationality", "ita", "primary", "Rossi", "birth", "31.2.1980")
	bad.has(t, "A state's code as in a zone", "Day.month.year")
	if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, `value="YA 123"`) {
		t.Error(bad.status, "or what was typed is lost")
	}
	a := b.post("/hand", "code", "P", "number", "ya 123", "issuer", "ita", "nationality", "ita", "primary", "Çela Rossi",
		"secondary", "Paolo", "birth", "?.08.1974", "expiry", "2031-04-15", "sex", "M")
	a.has(t, "Entered by hand", "CELA ROSSI, PAOLO", "? Aug 1974", "15 Apr 2031", "YA123")
	// What was delivered and joins nothing is kept, explained, and completed by hand.
	half := strings.Split(passport(t, "Rossi", "Paolo", "YA1234567", "ITA"), "\n")[1]
	unread := b.post("/scan", "zone", half)
	unread.has(t, "cannot be read. Read it again, or complete it by hand", "Lines of a length that no zone has")
	if !strings.Contains(unread.body, `value="YA1234567"`) || !strings.Contains(unread.body, html.EscapeString(half)) {
		t.Error("what could be read is not offered")
	}
	b.post("/scan", "zone", " \r\n").has(t, "Nothing was read")
}

func TestSeveralDocuments(t *testing.T) {
	b := found(t).browser()
	b.enter()
	one, two := passport(t, "Rossi", "Paolo", "YA1234567", "ITA"), passport(t, "Bianchi", "Anna", "YA7654321", "ITA")
	a := b.post("/scan", "zone", one+"\n"+two)
	a.has(t, "Several documents were read", "ROSSI, PAOLO 12 Aug 1974", "BIANCHI, ANNA")
	if open, err := b.n.OpenChecks(t.Context()); err != nil || len(open) != 0 {
		t.Error("a choice is recorded as a check", err)
	}
}

// A listed person cannot be missed; a discreet alert shows nothing.
func TestHits(t *testing.T) {
	c := found(t)
	born, _ := border.NewPartialDate(1974, 8, 12)
	alert := func(id, surname, given string, action border.Action) border.Alert {
		return border.Alert{ID: id, List: "demo", Kind: border.PersonAlert, Action: action, Issuer: "Tirana court", Reason: "theft of a lorry",
			Names: []border.AlertName{{Primary: surname, Secondary: given}}, Births: []border.PartialDate{born}, Nations: []string{"ITA"}, Sex: "F"}
	}
	c.openCentre(alert("demo:1", "Rossi", "Paolo", border.ActArrest), alert("demo:2", "Verdi", "Giuseppina", border.ActDiscreet))
	b := c.browser()
	b.enter()
	a := b.post("/scan", "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	a.has(t, "Second line Entry ROSSI, PAOLO 12 Aug 1974 ITA Italy Hit in demo: wanted person", "1 hit in the alert lists", "Wanted. Do not let go", "theft of a lorry", "Tirana court",
		"Surname ROSSI", "demo release 1, 2 alerts Current", "1 alert list")
	a = b.post("/scan", "zone", passport(t, "Verdi", "Giuseppina", "YA7654321", "ITA"))
	a.has(t, "Admit Entry")
	if text := plain(a.body); strings.Contains(text, "demo:2") || strings.Contains(text, "Verdi") || strings.Contains(text, "Tirana court") {
		t.Errorf("a discreet alert shows:\n%s", text)
	}
}

func TestTypedDate(t *testing.T) {
	for _, test := range []struct {
		typed, want string
		ok          bool
	}{
		{"12.08.1974", "1974-08-12", true}, {"1974-08-12", "1974-08-12", true}, {"12/8/1974", "1974-08-12", true}, {"3 2 1980", "1980-02-03", true},
		{"?.08.1974", "1974-08-??", true}, {"??.??.1974", "1974-??-??", true}, {"1974", "1974-??-??", true}, {"", "", true}, {" ", "", true},
		{"31.2.1980", "", false}, {"12.08.74", "", false}, {"08.1974", "", false}, {"1.2.3.4", "", false}, {"x.1.1980", "", false}, {"0.1.1980", "", false},
	} {
		got, ok := typedDate(test.typed)
		if ok != test.ok || ok && got.String() != test.want {
			t.Errorf("%q: %v %v", test.typed, got, ok)
		}
		if again, ok2 := typedDate(typed(got)); ok && (!ok2 || again != got) {
			t.Errorf("%q is shown as %q, which reads as %v", test.typed, typed(got), again)
		}
	}
}

func TestZones(t *testing.T) {
	today := border.DayAt(noon.UnixMilli(), time.UTC)
	one := passport(t, "Zeyrek", "Yavuz", "YZ1234567", "TUR")
	swapped := swapYZ.Replace(one)
	for _, test := range []struct {
		name, raw string
		want      []string
	}{
		{"as it is", one, []string{"YZ1234567"}},
		{"on one line", strings.ReplaceAll(one, "\n", ""), []string{"YZ1234567"}},
		{"y and z swapped", swapped, []string{"YZ1234567"}},
		{"twice", one + "\t" + one, []string{"YZ1234567"}},
		{"two", one + "\n" + passport(t, "Rossi", "Paolo", "YA1234567", "ITA"), []string{"YZ1234567", "YA1234567"}},
		{"nothing", "hello", []string{""}},
	} {
		docs := readZones(test.raw, today)
		var got []string
		for _, d := range docs {
			got = append(got, d.Number)
			// What is stored reads the same when it is opened again.
			if d.Number != "" && len(border.ReadZone(d.Lines, today).Faults) != len(d.Faults) {
				t.Errorf("%s: the lines kept have other faults than were shown", test.name)
			}
		}
		if strings.Join(got, " ") != strings.Join(test.want, " ") {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if d := readZones(swapped, today)[0]; len(d.Notes) == 0 || d.Notes[0].Code != mrz.WarnKeyboardRepaired {
		t.Error("a repair is not said")
	}
}
