package border

import (
	"strings"

	"tims/internal/mrz"
)

// A Probe is what a booth would know of the person, document or vehicle that a canary is about.
type Probe struct {
	Document       Document
	Plate, Country string
	VIN            string
}

// Probes are two ordinary ways in which whoever a canary is about would stand before a booth: as the alert has it, and for a person
// under one other spelling, with two letters of the longest word exchanged, which is how typists err most. Everything a probe says
// comes from the alert; no probe where nothing of it could be read from a zone.
func (a *Alert) Probes() []Probe {
	var p Probe
	if len(a.Documents) > 0 {
		p.Document.Issuer, p.Document.Number = a.Documents[0].Issuer, a.Documents[0].Number
	}
	if a.Kind == VehicleAlert {
		if len(a.Vehicles) == 0 {
			return nil
		}
		return []Probe{{Plate: a.Vehicles[0].Plate, Country: a.Vehicles[0].Country, VIN: a.Vehicles[0].VIN}}
	}
	if a.Kind != PersonAlert || len(a.Names) == 0 {
		if p.Document.Number == "" {
			return nil
		}
		return []Probe{p}
	}
	p.Document.Number, p.Document.Issuer = "", "" // a person's canary is found by the name: the number would find any name
	p.Document.Sex = a.Sex
	if len(a.Births) > 0 {
		p.Document.Birth = a.Births[0]
	}
	if len(a.Nations) > 0 {
		p.Document.Nationality = a.Nations[0]
	}
	p.Document.Primary, p.Document.Secondary = inZone(a.Names[0].Primary), inZone(a.Names[0].Secondary)
	if p.Document.Primary == "" {
		return nil
	}
	typed := p
	typed.Document.Primary = mistyped(p.Document.Primary)
	return []Probe{p, typed}
}

// inZone gives a name as it stands in a zone, words parted by blanks.
func inZone(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(mrz.Transliterate(name), "<", " "))
}

// mistyped exchanges the first two unlike neighbours behind the first letter of the longest word.
func mistyped(name string) string {
	words := strings.Fields(name)
	longest := 0
	for i, w := range words {
		if len(w) > len(words[longest]) {
			longest = i
		}
	}
	b := []byte(words[longest])
	for i := 1; i+1 < len(b); i++ {
		if b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			break
		}
	}
	words[longest] = string(b)
	return strings.Join(words, " ")
}
