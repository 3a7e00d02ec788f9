package paper

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

// errFaults: the form says itself what is wrong.
var errFaults = errors.New("the form has faults")

// A keying is the form as typed, and what it says.
type keying struct {
	*station.Form
	act  record.Act
	late node.Late
}

// read takes the form. Nothing typed is lost, and what is wrong stands beside its field.
func (f *face) read(r *http.Request, s *node.Shift) keying {
	k := keying{Form: station.NewForm(r, f.Words(r))}
	k.Values = maps.Clone(k.Values) // fields are emptied where two keyings differ, and the request's own stay
	var ok bool
	if k.act, ok = station.ReadAct(r); !ok {
		k.act = station.NewAct()
	}
	k.late = node.Late{Act: k.act, Shift: s, Again: f.differs.told(k.act)}
	f.readSheet(&k)
	k.late.Officer, k.late.Booth = k.Text("officer", 1, maxOfficer), strings.ToUpper(k.Text("booth", 1, maxBooth))
	k.readPassage(f)
	k.late.Document = k.document(f.Node.Today())
	k.readTerms()
	k.late.Vehicle = node.Vehicle{Plate: strings.ToUpper(k.Text("plate", 0, maxPlate)), Country: strings.ToUpper(k.Text("country", 0, 3))}
	k.late.Notes = k.Text("notes", 0, maxNotes)
	return k
}

// readSheet takes the number in whatever way it was typed, and writes it as printed.
func (f *face) readSheet(k *keying) {
	series, n, err := border.ParseSheetNumber(k.Text("sheet", 1, maxSheet))
	switch {
	case k.Faults["sheet"] != "":
	case err != nil:
		k.Fault("sheet", "paper.sheet.bad")
	case series != border.SheetSeries(f.Node.Name()):
		k.Fault("sheet", "paper.sheet.other")
	default:
		k.late.Series, k.late.Number, k.late.Sheet = series, n, border.SheetNumber(series, n)
		k.Values["sheet"] = []string{k.late.Sheet}
	}
}

func (k *keying) readPassage(f *face) {
	var err error
	if k.late.Direction, err = border.ParseDirection(k.Get("direction")); err != nil {
		k.Fault("direction", "paper.direction.missing")
	}
	p, ok := ParseDay(k.Get("day"))
	day, whole := p.Date()
	hour, minute, clock := parseClock(k.Get("time"))
	if !ok || !whole {
		k.Fault("day", "paper.day.bad")
	}
	if !clock {
		k.Fault("time", "paper.time.bad")
	}
	if ok && whole && clock {
		if k.late.Happened, ok = momentOf(day, hour, minute, f.Node.Zone()); !ok {
			k.Fault("time", "paper.time.never")
		} else if k.late.Happened > f.Node.Now() {
			k.Fault("day", "paper.day.later")
		}
	}
	switch k.Get("decision") {
	case "admit":
		k.late.Decision = border.Admit
	case "refuse":
		k.late.Decision, k.late.Ground = border.Refuse, border.Ground(k.Get("ground"))
		if !k.late.Ground.Fits(k.late.Direction) {
			k.Fault("ground", "paper.ground.bad")
		}
	default:
		k.Fault("decision", "paper.decision.missing")
	}
}

func (k *keying) readTerms() {
	var err error
	if k.late.Terms.Basis, err = border.ParseBasis(k.Get("basis")); err != nil {
		k.Fault("basis", "paper.basis.missing")
	}
	k.late.Terms.Paper = strings.ToUpper(k.Text("paper", 0, maxPaper))
	if text := k.Get("until"); text != "" {
		p, ok := ParseDay(text)
		day, whole := p.Date()
		if !ok || !whole {
			k.Fault("until", "station.date.bad")
		}
		k.late.Terms.Until = day
	}
}

// document reads the fields. Where a zone was read into the form and the fields still say the same, the zone is kept beside
// them; else they count as entered by hand.
func (k *keying) document(today border.Date) border.Document {
	d := border.Document{ByHand: true, Code: strings.ToUpper(k.Get("code")), Issuer: strings.ToUpper(k.Get("issuer")),
		Number: strings.Map(zoneLetter, strings.ToUpper(k.Get("number"))), Nationality: strings.ToUpper(k.Get("nationality")),
		Primary: zoneName(k.Get("primary")), Secondary: zoneName(k.Get("secondary")), Sex: k.Get("sex")}
	if len(d.Code) == 0 || len(d.Code) > 2 || !strings.ContainsAny(d.Code[:1], "PIACV") {
		k.Fault("code", "paper.code.bad")
	}
	for field, code := range map[string]string{"issuer": d.Issuer, "nationality": d.Nationality} {
		if _, ok := mrz.StateName(code); !ok {
			k.Fault(field, "paper.state.bad")
		}
	}
	if d.Number == "" || len(d.Number) > maxNumber {
		k.Fault("number", "paper.number.bad")
	}
	if d.Primary == "" || len(d.Primary) > maxName || len(d.Secondary) > maxName {
		k.Fault("primary", "paper.name.bad")
	}
	if !slices.Contains([]string{"F", "M", "X", ""}, d.Sex) {
		k.Fault("sex", "paper.sex.bad")
	}
	var ok bool
	if d.Birth, ok = ParseDay(k.Get("birth")); !ok || d.Birth.IsZero() {
		k.Fault("birth", "station.date.bad")
	}
	if d.Expiry, ok = ParseDay(k.Get("expiry")); !ok {
		k.Fault("expiry", "station.date.bad")
	}
	if raw := k.Get("zone"); raw != "" && len(raw) <= maxRaw {
		if z := border.ReadZone(mrz.Split(raw), today); says(z, d) { // lines that a record reads in the same way whenever it is opened
			return z
		}
	}
	return d
}

// says reports whether a zone says what the fields say.
func says(z, d border.Document) bool {
	return z.Code == d.Code && bare(z.Issuer) == d.Issuer && z.Number == d.Number && bare(z.Nationality) == d.Nationality &&
		z.Primary == d.Primary && z.Secondary == d.Secondary && z.Sex == d.Sex && z.Birth == d.Birth && z.Expiry == d.Expiry
}

// readZone reads the one document that a reader delivered; false where there is none that joins crossings, or several.
func readZone(raw string, today border.Date) (border.Document, bool) {
	if len(raw) > maxRaw {
		return border.Document{}, false
	}
	zones := mrz.Read(raw)
	if len(zones) != 1 {
		return border.Document{}, false
	}
	d := border.DocumentFromZone(zones[0], mrz.Split(raw), today)
	return d, d.Number != "" && bare(d.Issuer) != ""
}

// bare is a state's code without fillers, as people write it.
func bare(code string) string { return strings.TrimRight(code, "<") }

// zoneName writes a name in the zone's letters, components parted by single blanks.
func zoneName(s string) string {
	if len(s) > 4*maxName { // no letter becomes shorter than a quarter of its bytes
		s = s[:4*maxName]
	}
	return strings.ReplaceAll(strings.Trim(mrz.Transliterate(s), "<"), "<", " ")
}

func zoneLetter(r rune) rune {
	if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}
