package border

import (
	"encoding/json"
	"slices"
	"testing"
)

// Numbers and words stand in records: this table may only grow.
func TestWords(t *testing.T) {
	type word interface{ String() string }
	for want, w := range map[string]word{
		"entry": Direction(1), "exit": Direction(2),
		"visa-free": Basis(1), "visa": Basis(2), "residence-permit": Basis(3), "long-stay-visa": Basis(4), "local-permit": Basis(5),
		"family-member": Basis(6), "crew": Basis(7), "citizen": Basis(8), "other": Basis(9), "diplomat": Basis(10),
		"admit": Decision(1), "refer": Decision(2), "refuse": Decision(3),
		"person": AlertKind(1), "document": AlertKind(2), "vehicle": AlertKind(3),
		"arrest": Action(2), "discreet": Action(3), "inform": Action(4), "seize": Action(5), "protect": Action(6),
		"note": Level(1), "warn": Level(2), "grave": Level(3),
		"car": VehicleKind(1), "lorry": VehicleKind(2), "bus": VehicleKind(3), "motorcycle": VehicleKind(4), "kind of vehicle 6": VehicleKind(6),
		"parents": Escort(1), "one-parent": Escort(2), "guardian": Escort(3), "other-adult": Escort(4), "alone": Escort(5), "escort 6": Escort(6),
		"basis 200": Basis(200), "": Action(0),
	} {
		if w.String() != want {
			t.Errorf("%q is %q", want, w.String())
		}
	}
	for _, b := range Bases() {
		if back, err := ParseBasis(b.String()); err != nil || back != b {
			t.Errorf("%v: %v, %v", b, back, err)
		}
	}
	if a, err := ParseAction("refuse"); a != ActRefuse || err != nil {
		t.Error(a, err)
	}
	if d, err := ParseDecision("refuse"); d != Refuse || err != nil {
		t.Error(d, err)
	}
	for _, s := range []string{"", "Entry", "basis 1"} {
		if d, err := ParseDirection(s); err == nil {
			t.Errorf("%q is %v", s, d)
		}
	}
	b, err := json.Marshal(map[Direction]Basis{Exit: Crew})
	if err != nil || string(b) != `{"exit":"crew"}` {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := json.Marshal(Basis(0)); err == nil {
		t.Errorf("basis 0 is written as %s", b)
	}
}

// On foot, and nothing said of an escort, are zero, have no word, and are read back from none.
func TestPartyWords(t *testing.T) {
	for n := range VehicleKind(6) {
		if back, err := ParseVehicleKind(n.String()); err != nil || back != n {
			t.Errorf("vehicle %d, %q: %v, %v", n, n, back, err)
		}
	}
	for n := range Escort(6) {
		if back, err := ParseEscort(n.String()); err != nil || back != n {
			t.Errorf("escort %d, %q: %v, %v", n, n, back, err)
		}
	}
	if VehicleKind(0).String() != "" || Escort(0).String() != "" || OtherVehicle.String() != "other" {
		t.Errorf("%q, %q, %q", VehicleKind(0), Escort(0), OtherVehicle)
	}
	for _, s := range []string{"Car", "on foot", "kind of vehicle 6", "escort 6", " "} {
		if k, err := ParseVehicleKind(s); err == nil {
			t.Errorf("%q is vehicle %d", s, k)
		}
		if e, err := ParseEscort(s); err == nil {
			t.Errorf("%q is escort %d", s, e)
		}
	}
}

func TestGrounds(t *testing.T) {
	if got := Grounds(Entry); !slices.Equal(got, []Ground{"A", "B", "C", "D", "E", "F", "G", "H", "I", "J"}) {
		t.Error(got)
	}
	if got := Grounds(Exit); !slices.Equal(got, []Ground{"X1", "X2", "X3", "X4"}) {
		t.Error(got)
	}
	for _, g := range append(Grounds(Entry), Grounds(Exit)...) {
		if g.Meaning() == "" || g.Fits(Entry) == g.Fits(Exit) {
			t.Errorf("%s: %q", g, g.Meaning())
		}
	}
	if Ground("K").Fits(Entry) || Ground("").Fits(Entry) {
		t.Error("an unknown ground fits")
	}
}

func TestAlertValidate(t *testing.T) {
	good := func() Alert {
		return Alert{
			ID: "ofac:36", List: "ofac-sdn", Kind: PersonAlert, Action: ActRefuse,
			Names: []AlertName{{Primary: "ERIKSSON"}}, Births: []PartialDate{{1974, 0, 0}}, From: 10, Until: 20,
		}
	}
	a := good()
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	for on, want := range map[Date]bool{9: false, 10: true, 20: true, 21: false} {
		if a.InForce(on) != want {
			t.Errorf("in force on %d: %v", on, !want)
		}
	}
	for name, spoil := range map[string]func(*Alert){
		"no id":     func(a *Alert) { a.ID = "" },
		"no list":   func(a *Alert) { a.List = "" },
		"kind":      func(a *Alert) { a.Kind = 9 },
		"action":    func(a *Alert) { a.Action = 0 },
		"end":       func(a *Alert) { a.Until = 9 },
		"no name":   func(a *Alert) { a.Names = nil },
		"bare name": func(a *Alert) { a.Names[0].Primary = "" },
		"birth":     func(a *Alert) { a.Births[0].Month = 13 },
		"no birth":  func(a *Alert) { a.Births[0] = PartialDate{} },
		"no number": func(a *Alert) { a.Documents = []AlertDocument{{Issuer: "D"}} },
		"no plate":  func(a *Alert) { a.Kind, a.Vehicles = VehicleAlert, []AlertVehicle{{Country: "D"}} },
		"kind only": func(a *Alert) { a.Kind = VehicleAlert },
		"parts":     func(a *Alert) { a.Names = slices.Repeat(a.Names, maxAlertParts) },
		"long":      func(a *Alert) { a.Names[0].Secondary = string(make([]byte, maxAlertText)) },
	} {
		a := good()
		if spoil(&a); a.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
