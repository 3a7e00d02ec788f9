package border

import "testing"

func TestProbes(t *testing.T) {
	person := func(primary, secondary string) Alert {
		return Alert{Kind: PersonAlert, Names: []AlertName{{Primary: primary, Secondary: secondary}}, Nations: []string{"XKX"}, Sex: "M",
			Documents: []AlertDocument{{Number: "X1"}}}
	}
	for _, c := range []struct {
		name  string
		alert Alert
		want  []string // surname and number of each probe
	}{
		{"two words", person("Kanarini Provë", "Ilir"), []string{"KANARINI PROVE/", "KNAARINI PROVE/"}},
		{"marks", person("Čaušević", ""), []string{"CAUSEVIC/", "CUASEVIC/"}},
		{"letters alike are not exchanged", person("Boot", ""), []string{"BOOT/", "BOTO/"}},
		{"too short to err in", person("Li", ""), []string{"LI/", "LI/"}},
		{"no letter that a zone has", person("漢", ""), nil},
		{"a document", Alert{Kind: DocumentAlert, Documents: []AlertDocument{{Issuer: "ITA", Number: "Y2"}}}, []string{"/Y2"}},
		{"a person by document alone", Alert{Kind: PersonAlert, Documents: []AlertDocument{{Number: "Y3"}}}, []string{"/Y3"}},
		{"a vehicle", Alert{Kind: VehicleAlert, Vehicles: []AlertVehicle{{Plate: "AA1"}}}, []string{"/"}},
	} {
		got := c.alert.Probes()
		if len(got) != len(c.want) {
			t.Errorf("%s: %d probes, want %d", c.name, len(got), len(c.want))
			continue
		}
		for i, p := range got {
			if text := p.Document.Primary + "/" + p.Document.Number; text != c.want[i] {
				t.Errorf("%s: probe %d is %q, want %q", c.name, i, text, c.want[i])
			}
		}
	}
}
