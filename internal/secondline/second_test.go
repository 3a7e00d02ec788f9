package secondline

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

func TestQueue(t *testing.T) {
	g := open(t)
	g.OpenCentre(alert("demo:1", "Rossi", "Paolo", border.ActRefuse), alert("demo:2", "Verdi", "Giuseppina", border.ActDiscreet))
	first := g.refer("Rossi", "Paolo", "YA1234567", "looks younger")
	g.Now.Add((12*time.Minute + 5*time.Second).Milliseconds())
	g.refer("Verdi", "Giuseppina", "YA7654321", "")
	b := g.desk("D. Gjoka")
	a := b.Get("/second")
	a.Has(t, "2 travellers wait the longest 12:05", "12:05 ROSSI, PAOLO 12 Aug 1974 · ITA Italy YA1234567 K1 Entry Hit in demo: refuse entry",
		"“looks younger”", "Nobody yet Take 1", "0:00 VERDI, GIUSEPPINA", "Nothing was answered in this shift")
	hides(t, a, "demo:2", "discreet", "2 hits")
	if strings.Index(a.Body, "ROSSI") > strings.Index(a.Body, "VERDI") {
		t.Error("the oldest is not the first")
	}

	a = b.Post(at(first) + "/take")
	if a.Path != at(first) {
		t.Fatal(a.Status, a.Path)
	}
	other := g.desk("E. Marku")
	other.Get("/second").Has(t, "D. Gjoka has him Show 1")
	other.Get(at(first)).Has(t, "D. Gjoka has him", "Take over F9")
	other.Post(at(first) + "/leave") // not his
	b.Get("/second").Has(t, "You have him Go on 1")
	b.Post(at(first)+"/leave").Has(t, "Nobody yet Take 1")

	b.Post(at(first) + "/take")
	b.Post("/leave") // the end of the shift
	other.Get("/second").Has(t, "Nobody yet Take 1")
	for _, address := range append(b.Seen, other.Seen...) {
		if regexp.MustCompile(`(?i)rossi|paolo|YA\d|1974`).MatchString(address) {
			t.Error("a person stands in the address", address)
		}
	}
}

func TestDossier(t *testing.T) {
	g := open(t)
	g.OpenCentre(alert("demo:1", "Rossi", "Paolo", border.ActRefuse), alert("demo:3", "Rossi", "Paolo", border.ActDiscreet))
	g.cross(border.Entry, "Rossi", "Paolo", "YA1234567")
	taken := g.cross(border.Exit, "Rossi", "Paolo", "YA1234567")
	g.do(node.Void{Act: station.NewAct(), Shift: g.booth.Shift, Of: taken, Reason: "the car turned back"})
	g.cross(border.Entry, "Rossi", "Paolo", "YB7654321") // another passport of the same person
	index := g.refer("Rossi", "Paolo", "YA1234567", "looks younger")
	b := g.desk("D. Gjoka")
	a := b.Get(at(index))
	a.Has(t, "ROSSI, PAOLO", "The booth notes: “looks younger”", "Hit in demo: refuse entry", "1 hit in the alert lists", "Gjykata e Tiranës", "Surname ROSSI",
		"same document", "taken back", "other document; same nationality, birth date and beginning of the names ITA YB7654321", "by the node",
		"this referral", "Cleared F2", "Handed over F3", "Refused F4", "Same person F6", "Other person F7", "12 months", "With another document that may be his", "used at Kakavija for entry")
	hides(t, a, "demo:3", "discreet")
	for path, want := range map[string]int{"/second/99999": http.StatusNotFound, "/second/x": http.StatusNotFound, at(taken): http.StatusNotFound} {
		if a := b.Get(path); a.Status != want {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, path := range []string{"/second", at(index), "/second-officer/1"} {
		if a := g.booth.Get(path); path != "/second-officer/1" && a.Status != http.StatusForbidden || strings.Contains(a.Body, "ROSSI") {
			t.Errorf("a booth sees %s: %d", path, a.Status)
		}
	}
}

// Each outcome becomes what it says, and what it needs is asked for in words.
func TestOutcomes(t *testing.T) {
	for _, test := range []struct {
		outcome  record.Outcome
		action   border.Action
		hit      string
		path     string // where it leads, # for the index
		says     []string
		recorded bool
	}{
		{record.Cleared, 0, "", "/second", []string{"Cleared ROSSI, PAOLO: the booth has been told.", "Not yet decided", "Nobody waits"}, true},
		{record.Refused, border.ActRefuse, "", "/second", []string{"Refused ROSSI, PAOLO"}, true},
		{record.HandedOver, border.ActArrest, "", "/second", []string{"Handed over ROSSI, PAOLO"}, true},
		{record.SamePerson, border.ActArrest, "demo:1", "/second/#", []string{"Same person demo:1 Recorded. Now say", "You have him", "Cleared F2"}, true},
		{record.OtherPerson, border.ActRefuse, "demo:1", "/second/#", []string{"Other person demo:1 Another officer has to agree", "waits for a second officer"}, true},
		{record.OtherPerson, border.ActArrest, "demo:1", "/second/#", []string{"“other person” is never remembered. If it is not he, press Cleared"}, false},
		{record.OtherPerson, border.ActProtect, "demo:1", "/second/#", []string{"“other person” is never remembered"}, false},
		{record.SamePerson, border.ActRefuse, "", "/second/#", []string{"Choose the hit that it is about"}, false},
		{record.SamePerson, border.ActRefuse, "demo:9", "/second/#", []string{"Choose the hit that it is about"}, false},
		{"maybe", 0, "", "/second/#", []string{"Choose one: cleared"}, false},
	} {
		t.Run(string(test.outcome)+" "+test.hit+test.action.String(), func(t *testing.T) {
			g := open(t)
			if test.action != 0 {
				g.OpenCentre(alert("demo:1", "Rossi", "Paolo", test.action))
			}
			index := g.refer("Rossi", "Paolo", "YA1234567", "")
			b := g.desk("D. Gjoka")
			fields := b.Get(at(index)).Hiddens(t, "outcome", string(test.outcome), "notes", "seen by daylight")
			if test.hit != "" {
				fields = append(fields, "hit", test.hit)
			}
			a := b.Post(at(index), fields...)
			a.Has(t, test.says...)
			if want := strings.ReplaceAll(test.path, "/second/#", at(index)); a.Path != want {
				t.Errorf("%s leads to %s, want %s", test.outcome, a.Path, want)
			}
			got := g.answers(index)
			if !test.recorded {
				if len(got) != 0 || a.Status < 400 {
					t.Fatalf("recorded: %v, status %d", got, a.Status)
				}
				a.Has(t, "seen by daylight")
				return
			}
			if len(got) != 1 || got[0].Outcome != test.outcome || got[0].Notes != "seen by daylight" || got[0].Alert != test.hit || got[0].Officer != "D. Gjoka" {
				t.Errorf("recorded: %+v", got)
			}
			again := b.Post(at(index), fields...)
			if n := len(g.answers(index)); again.Path != a.Path || n != 1 {
				t.Errorf("sent twice it leads to %s and is recorded %d times", again.Path, n)
			}
		})
	}
}

// A wanted person is not cleared by one key too many.
func TestClearedIsAskedBack(t *testing.T) {
	g := open(t)
	g.OpenCentre(alert("demo:1", "Rossi", "Paolo", border.ActArrest))
	index := g.refer("Rossi", "Paolo", "YA1234567", "")
	b := g.desk("D. Gjoka")
	asked := b.Post(at(index), b.Get(at(index)).Hiddens(t, "outcome", "cleared", "notes", "not he")...)
	asked.Has(t, "An alert that counts fits him", "Cleared all the same? F2", "not he")
	if asked.Status != http.StatusUnprocessableEntity || len(g.answers(index)) != 0 {
		t.Error(asked.Status, g.answers(index))
	}
	b.Post(at(index), asked.Hiddens(t, "outcome", "cleared", "notes", strings.Repeat("ë", 1500))...).Has(t, "At most 1000 characters")
	b.Post(at(index), asked.Hiddens(t, "outcome", "cleared", "notes", "not he")...).Has(t, "Cleared ROSSI, PAOLO")
	late := b.Post(at(index), "act", station.ActText(station.NewAct()), "outcome", "refused")
	late.Has(t, "was answered already; the first answer stands")
	if late.Status != http.StatusConflict {
		t.Error(late.Status)
	}
}

// "Other person" is in force once another officer has agreed, of whatever duty; the hit then shows grey.
func TestSecondOfficer(t *testing.T) {
	for _, who := range []string{"E. Marku", "S. Prifti", "A. Hoxha"} {
		g := open(t)
		g.OpenCentre(alert("demo:1", "Rossi", "Paolo", border.ActRefuse))
		index := g.refer("Rossi", "Paolo", "YA1234567", "")
		b := g.desk("D. Gjoka")
		b.Post(at(index), b.Get(at(index)).Hiddens(t, "outcome", "other", "hit", "demo:1", "notes", "scar")...)
		proposal := "/second-officer/" + strconv.FormatUint(g.answers(index)[0].Ref.Index, 10)
		b.Get("/second-officer").Has(t, "proposed by you")
		own := b.Get(proposal)
		own.Has(t, "Another officer than the one who proposed it has to agree")
		if strings.Contains(own.Body, "data-deed") && strings.Contains(own.Body, `action="`+proposal) {
			t.Error("the proposer is offered to agree")
		}
		refused := b.Post(proposal, "act", station.ActText(station.NewAct()))
		refused.Has(t, "Another officer than the one who proposed it")
		if g.answers(index)[0].InForce {
			t.Fatal("in force by one officer")
		}

		second := g.booth
		if who != "A. Hoxha" {
			second = g.desk(who)
		}
		second.Get("/second-officer").Has(t, "ROSSI, PAOLO 12 Aug 1974", "demo:1 D. Gjoka “scar”", "Compare 1")
		page := second.Get(proposal)
		page.Has(t, "D. Gjoka says: this is another person", "until 21 Nov 2027", "Surname ROSSI", "I agree: another person F2")
		second.Post(proposal, page.Hiddens(t)...).Has(t, "Recorded: another person, by two officers", "Nothing waits for a second officer")
		if !g.answers(index)[0].InForce {
			t.Fatalf("%s agreed, and it is not in force", who)
		}
		b.Get(at(index)).Has(t, "Two officers found: another person", "Recorded. Now say")
		if a := second.Post(proposal, "act", station.ActText(station.NewAct())); a.Status != http.StatusConflict {
			t.Errorf("agreed twice: %d", a.Status)
		}
		// What is grey needs no second press.
		b.Post(at(index), b.Get(at(index)).Hiddens(t, "outcome", "cleared")...).Has(t, "Cleared ROSSI, PAOLO")
	}
}

// The booth that referred is told, until it has decided; another booth is not.
func TestBoothIsAnswered(t *testing.T) {
	g := open(t)
	index := g.refer("Rossi", "Paolo", "YA1234567", "")
	hides(t, g.booth.Get("/"), "ROSSI")
	b := g.desk("D. Gjoka")
	b.Post(at(index), b.Get(at(index)).Hiddens(t, "outcome", "cleared", "notes", "let him go")...)
	g.booth.Get("/").Has(t, "Cleared ROSSI, PAOLO D. Gjoka, second line,", "“let him go”", "Decide now F12")
	next := g.Browser()
	next.Enter("B. Leka", "K2")
	hides(t, next.Get("/"), "ROSSI")
	answered := Answers(t.Context(), g.Post, g.booth.Shift, g.face.WordsIn("en"))
	if len(answered) != 1 || answered[0].Referral != index || !answered[0].Ready {
		t.Fatalf("%+v", answered)
	}
	g.do(node.Decision{Act: station.NewAct(), Shift: g.booth.Shift, Check: answered[0].Check, Referral: index, Decision: border.Admit,
		Terms: border.Terms{Basis: border.VisaFree}})
	hides(t, g.booth.Get("/"), "ROSSI")
	b.Get("/second").Has(t, "Has decided")
}

func TestSignedByTheDesk(t *testing.T) {
	g := open(t)
	index := g.refer("Rossi", "Paolo", "YA1234567", "")
	b := g.desk("D. Gjoka")
	b.Signed(at(index), b.Get(at(index)).Hiddens(t, "outcome", "cleared")...).Has(t, "Cleared ROSSI, PAOLO")
	o, err := g.Post.ReadOwn(g.answers(index)[0].Ref.Index)
	if err != nil || len(o.Leaf.Booth) == 0 {
		t.Error("the outcome is not signed by the booth key", err)
	}
}

func TestClock(t *testing.T) {
	for ms, want := range map[int64]string{-5: "0:00", 0: "0:00", 59_999: "0:59", 60_000: "1:00", 754_000: "12:34", 3_599_999: "59:59", 3_600_000: "1:00:00", 45_296_000: "12:34:56"} {
		if got := clock(ms); got != want {
			t.Errorf("%d ms: %s, want %s", ms, got, want)
		}
	}
}

func TestTakenIsBounded(t *testing.T) {
	var marks taken
	s := &node.Shift{Ref: record.Ref{Origin: "al/kakavija/1", Index: 1}}
	for i := range uint64(maxTaken + 1) {
		marks.take(i, s, stationtest.Noon.Add(time.Duration(i)*time.Second))
	}
	if _, ok := marks.of(0); ok || len(marks.by) != maxTaken {
		t.Errorf("%d marks are kept, the oldest: %t", len(marks.by), ok)
	}
	marks.leave(5, &node.Shift{Ref: record.Ref{Origin: "al/kakavija/1", Index: 2}})
	if _, ok := marks.of(5); !ok {
		t.Error("another shift's leaving took the mark")
	}
	marks.release(5)
	if _, ok := marks.of(5); ok {
		t.Error("the mark outlives the answer")
	}
}
