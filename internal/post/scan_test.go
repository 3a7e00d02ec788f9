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
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

func TestScanAdmitWithoutScript(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	a := b.Post("/scan", "zone", stationtest.Passport(t, "Papadopoulou", "Eleni Maria", "AE1234567", "GRC"), "plate", "aa123bc",
		"country", "alb", "occupants", "2")
	checkIndex(t, a)
	a.Has(t, "Admit Entry PAPADOPOULOU, ELENI MARIA 12 Aug 1974 GRC Greece No alert list", "12 Aug 1974 52 years", "Greece GRC", "15 Apr 2031",
		"0 of 90 days", "Last lawful day 18 Feb 2027", "No crossing of this traveller", "Nothing was ever heard of Durres")
	a = b.Post("/decide", a.Hiddens(t, "decision", "admit", "basis", "visa-free", "plate", "AA123BC", "country", "ALB", "occupants", "2")...)
	if !strings.HasPrefix(a.Path, "/receipt/") {
		t.Fatalf("%d %s\n%s", a.Status, a.Path, stationtest.Plain(a.Body))
	}
	a.Has(t, "Admitted", "PAPADOPOULOU, ELENI MARIA", "kakavija / 1 / ", "by the node", "no copy elsewhere yet")
	code := regexp.MustCompile(`class="code"><span>([0-9A-HJKMNP-TV-Z]{5})</span><span>([0-9A-HJKMNP-TV-Z]{5})</span>`)
	if !code.MatchString(a.Body) {
		t.Error("no code of twice five characters of base 32")
	}
	for _, address := range b.Seen {
		for _, secret := range []string{"PAPADOPOULOU", "ELENI", "AE1234567", "740812", "1974", "AA123BC"} {
			if strings.Contains(strings.ToUpper(address), secret) {
				t.Errorf("%s stands in the address %s", secret, address)
			}
		}
	}
	// The next day she leaves, and the page knows it.
	b.Now.Add(24 * time.Hour.Milliseconds())
	b.Enter("A. Hoxha", "K1")
	b.Post("/direction")
	a = b.Post("/scan", "zone", stationtest.Passport(t, "Papadopoulou", "Eleni Maria", "AE1234567", "GRC"))
	a.Has(t, "Admit Exit", "Inside since 21 Nov 2026", "Last: Entry at Kakavija, 1 day ago", "by the node")
}

func TestScanSentTwice(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	act := station.ActText(station.NewAct())
	first := b.Post("/scan", "act", act, "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	if again := b.Post("/scan", "act", act, "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA")); again.Path != first.Path {
		t.Errorf("sent twice: %s, then %s", first.Path, again.Path)
	}
	// A page that came back from the browser's memory with another document shows that one.
	other := b.Post("/scan", "act", act, "zone", stationtest.Passport(t, "Bianchi", "Anna", "YA7654321", "ITA"))
	if other.Path == first.Path {
		t.Error("another traveller is shown the first one's check")
	}
	other.Has(t, "BIANCHI, ANNA", "2 read", "1 ROSSI, PAOLO 1974 ITA Admit")
	b.Get("/open").Has(t, "ITA Italy", "this shift")
}

// A browser sends the form of a scan again after its decision, or after the decision of the whole party: the officer sees what was
// recorded, and nothing more is. The same document scanned anew is a check of its own.
func TestScanSentAgainAfterItsDecision(t *testing.T) {
	c := found(t)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	scan := []string{"act", station.ActText(station.NewAct()), "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA")}
	first := b.Post("/scan", scan...)
	b.Post("/decide", first.Hiddens(t, "decision", "admit", "basis", "visa-free", "kind", "car", "plate", "AA 123 BB")...).Has(t, "Admitted")
	size := func() uint64 {
		h, err := c.Post.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h.Size
	}
	before := size()
	for range 2 {
		again := b.Post("/scan", scan...)
		again.Has(t, "This check is decided.")
		if again.Path != first.Path {
			t.Errorf("sent again after its decision: %s, then %s", first.Path, again.Path)
		}
	}
	if after := size(); after != before {
		t.Errorf("%d records before, %d after", before, after)
	}
	if anew := b.Post("/scan", "act", station.ActText(station.NewAct()), "zone", scan[3]); anew.Path == first.Path {
		t.Error("the same document scanned anew shows the check of before")
	}
}

func TestFaultsBesideFields(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	zone := []byte(stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	zone[45+9] = '0' + (zone[45+9]-'0'+1)%10 // the number's check digit, position 10 of the second line
	a := b.Post("/scan", "zone", string(zone))
	a.Has(t, "Second line", "Check digit of the number is wrong (line 2, position 10)", "ROSSI, PAOLO")
	if !regexp.MustCompile(`YA1234567<mark>\d</mark>ITA`).MatchString(a.Body) {
		t.Error("the faulty character is not marked in the zone")
	}
	// Admitting it must be meant.
	fields := a.Hiddens(t, "decision", "admit", "basis", "visa-free", "notes", "looked at it")
	asked := b.Post("/decide", fields...)
	asked.Has(t, "There is a grave finding", "looked at it")
	if asked.Status != http.StatusUnprocessableEntity {
		t.Error(asked.Status)
	}
	b.Post("/decide", asked.Hiddens(t, "decision", "admit", "basis", "visa-free")...).Has(t, "Admitted")
}

func TestTerms(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	a := b.Post("/scan", "zone", stationtest.Passport(t, "Sharma", "Ravi", "Z1234567", "IND"))
	a.Has(t, "Second line", "A visa is required for IND India", "No basis known")
	a = b.Post(a.Path, a.Hiddens(t, "basis", "visa", "until", "31.12.2026", "visa_from", "1.11.2026", "visa_days", "10", "visa_entries", "1")...)
	a.Has(t, "Admit Entry", "0 of 10 days", "30 Nov 2026", "0 of 1 used")
	bad := b.Post(a.Path, a.Hiddens(t, "basis", "visa", "until", "31.2.2026", "visa_days", "ten")...)
	bad.Has(t, "Day.month.year", "A whole number from 0 to 3660")
	if !strings.Contains(bad.Body, `value="31.2.2026"`) || !strings.Contains(bad.Body, `value="ten"`) {
		t.Error("what was typed is lost")
	}
}

func TestByHand(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	bad := b.Post("/hand", "code", "P", "number", "ya 123", "issuer", "QQQ", "nationality", "ita", "primary", "Rossi", "birth", "31.2.1980")
	bad.Has(t, "A state's code as in a zone", "Day.month.year")
	if bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, `value="YA 123"`) {
		t.Error(bad.Status, "or what was typed is lost")
	}
	a := b.Post("/hand", "code", "P", "number", "ya 123", "issuer", "ita", "nationality", "ita", "primary", "Çela Rossi",
		"secondary", "Paolo", "birth", "?.08.1974", "expiry", "2031-04-15", "sex", "M")
	a.Has(t, "Entered by hand", "CELA ROSSI, PAOLO", "? Aug 1974", "15 Apr 2031", "YA123")
	// What was delivered and joins nothing is kept, explained, and completed by hand.
	half := strings.Split(stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"), "\n")[1]
	unread := b.Post("/scan", "zone", half)
	unread.Has(t, "cannot be read. Read it again, or complete it by hand", "Lines of a length that no zone has")
	if !strings.Contains(unread.Body, `value="YA1234567"`) || !strings.Contains(unread.Body, html.EscapeString(half)) {
		t.Error("what could be read is not offered")
	}
	b.Post("/scan", "zone", " \r\n").Has(t, "Nothing was read")
}

func TestSeveralDocuments(t *testing.T) {
	b := found(t).Browser()
	b.Enter("A. Hoxha", "K1")
	one, two := stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"), stationtest.Passport(t, "Bianchi", "Anna", "YA7654321", "ITA")
	a := b.Post("/scan", "zone", one+"\n"+two)
	a.Has(t, "Several documents were read", "ROSSI, PAOLO 12 Aug 1974", "BIANCHI, ANNA")
	if open, err := b.Country.Post.OpenChecks(t.Context()); err != nil || len(open) != 0 {
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
	c.OpenCentre(alert("demo:1", "Rossi", "Paolo", border.ActArrest), alert("demo:2", "Verdi", "Giuseppina", border.ActDiscreet))
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	a := b.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	a.Has(t, "Second line Entry ROSSI, PAOLO 12 Aug 1974 ITA Italy Hit in demo: wanted person", "1 hit in the alert lists", "Wanted. Do not let go", "theft of a lorry", "Tirana court",
		"Surname ROSSI", "demo release 1, 2 alerts Current", "1 alert list")
	a = b.Post("/scan", "zone", stationtest.Passport(t, "Verdi", "Giuseppina", "YA7654321", "ITA"))
	a.Has(t, "Admit Entry")
	if text := stationtest.Plain(a.Body); strings.Contains(text, "demo:2") || strings.Contains(text, "Verdi") || strings.Contains(text, "Tirana court") {
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
		got, ok := station.ParseDate(test.typed)
		if ok != test.ok || ok && got.String() != test.want {
			t.Errorf("%q: %v %v", test.typed, got, ok)
		}
		if again, ok2 := station.ParseDate(station.DateText(got)); ok && (!ok2 || again != got) {
			t.Errorf("%q is shown as %q, which reads as %v", test.typed, station.DateText(got), again)
		}
	}
}

func TestZones(t *testing.T) {
	today := border.DayAt(stationtest.Noon.UnixMilli(), time.UTC)
	one := stationtest.Passport(t, "Zeyrek", "Yavuz", "YZ1234567", "TUR")
	swapped := swapYZ.Replace(one)
	for _, test := range []struct {
		name, raw string
		want      []string
	}{
		{"as it is", one, []string{"YZ1234567"}},
		{"on one line", strings.ReplaceAll(one, "\n", ""), []string{"YZ1234567"}},
		{"y and z swapped", swapped, []string{"YZ1234567"}},
		{"twice", one + "\t" + one, []string{"YZ1234567"}},
		{"two", one + "\n" + stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"), []string{"YZ1234567", "YA1234567"}},
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
