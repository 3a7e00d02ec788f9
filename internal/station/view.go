package station

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/web"
)

// LevelOf shows a finding by how loud it is.
func LevelOf(l border.Level) web.Level {
	switch l {
	case border.Grave:
		return web.Red
	case border.Warn:
		return web.Amber
	}
	return web.Grey
}

// DecisionLevel shows a decision.
var DecisionLevel = map[border.Decision]web.Level{border.Admit: web.OK, border.Refer: web.Amber, border.Refuse: web.Red}

// A Verdict is what the rules advise, in words.
type Verdict struct {
	Level   web.Level
	Word    string
	Ground  string
	Reasons []Reason
	Notes   []Reason
	Grave   bool // an admission must be meant
}

// A Reason is a finding in a sentence.
type Reason struct {
	Level web.Level
	Text  string
}

// Verdict says an advice.
func (w Words) Verdict(a border.Advice) Verdict {
	v := Verdict{Level: DecisionLevel[a.Decision], Word: w.T("advice." + a.Decision.String())}
	if a.Ground != "" && a.Decision == border.Refuse {
		v.Ground = string(a.Ground) + " " + w.T("ground."+string(a.Ground))
	}
	for _, f := range a.Findings {
		r := Reason{LevelOf(f.Level), w.Finding(f)}
		if f.Code == border.StayUncertain || f.Code == border.StayExceeded && f.Level == border.Note {
			continue // doubts and an unproven overstay stand beside the days, in words
		}
		if f.Level == border.Note {
			v.Notes = append(v.Notes, r)
			continue
		}
		v.Reasons = append(v.Reasons, r)
		v.Grave = v.Grave || f.Level == border.Grave
	}
	return v
}

// A Fact is one field of document and holder, with what is wrong with it beside it.
type Fact struct {
	Name, Value, Small string
	Big, Mono          bool
	Faults             []string
	Warnings           []string
}

// Facts are the fields of a document with the faults and findings that belong to each, for the part station-facts; zone are
// those of the zone as a whole.
func (w Words) Facts(d border.Document, a border.Advice, now time.Time) (facts []Fact, zone []string) {
	bad, warn := map[string][]string{}, map[string][]string{}
	for _, f := range d.Faults {
		into := bad
		if f.Warning {
			into = warn
		}
		into[string(f.Field)] = append(into[string(f.Field)], w.Fault(f))
	}
	for _, f := range a.Findings {
		switch {
		case f.Code == border.ZoneFault, f.Code == border.ZoneWarning, f.Code == border.AlertHit, f.Code == border.AlertHitWeak:
		case f.Level >= border.Warn && f.Asks > border.Admit:
			bad[f.Field] = append(bad[f.Field], w.Finding(f))
		default:
			warn[f.Field] = append(warn[f.Field], w.Finding(f))
		}
	}
	add := func(field mrz.Field, one Fact) {
		one.Name = w.T("field." + string(field))
		one.Faults, one.Warnings = bad[string(field)], warn[string(field)]
		facts = append(facts, one)
	}
	add(mrz.FieldName, Fact{Value: FullName(d.Primary, d.Secondary), Big: true})
	add(mrz.FieldBirthDate, Fact{Value: w.Date(d.Birth), Small: w.Years(d.Birth, now)})
	add(mrz.FieldSex, Fact{Value: w.T("sex." + sexWord(d.Sex))})
	add(mrz.FieldNationality, Fact{Value: w.StateName(d.Nationality), Small: d.Nationality})
	add(mrz.FieldDocumentNumber, Fact{Value: d.Number, Mono: true})
	add(mrz.FieldDocumentCode, Fact{Value: w.Kind(d.Code), Small: d.Code})
	add(mrz.FieldIssuingState, Fact{Value: w.StateName(d.Issuer), Small: d.Issuer})
	add(mrz.FieldExpiryDate, Fact{Value: w.Date(d.Expiry)})
	for _, field := range []mrz.Field{mrz.FieldZone, mrz.FieldComposite, mrz.FieldOptionalData, mrz.FieldOptionalData2, mrz.FieldOffice} {
		for _, text := range append(bad[string(field)], warn[string(field)]...) {
			if field == mrz.FieldZone && d.ByHand {
				continue // the page says so in a banner of its own
			}
			zone = append(zone, w.T("field."+string(field))+": "+text)
		}
	}
	return facts, zone
}

func sexWord(s string) string {
	switch s {
	case "F", "M", "X":
		return s
	}
	return "none"
}

// Kind says what a document code means, as far as its first letters tell.
func (w Words) Kind(code string) string {
	switch {
	case code == border.NoDocumentCode:
		return w.T("document.NONE")
	case code == "AC":
		return w.T("document.AC")
	case code != "" && code[0] == 'P':
		return w.T("document.P")
	case code != "" && code[0] == 'V':
		return w.T("document.V")
	case code != "":
		return w.T("document.I")
	}
	return ""
}

// Vehicle names a kind of vehicle, and being on foot.
func (w Words) Vehicle(k border.VehicleKind) string {
	if k == 0 {
		return w.T("vehicle.foot")
	}
	return w.T("vehicle." + k.String())
}

// Escort says who is with a minor, and that nobody said so yet.
func (w Words) Escort(e border.Escort) string {
	if e == 0 {
		return w.T("escort.none")
	}
	return w.T("escort." + e.String())
}

// Years is an age in whole years; empty where the year of birth is unknown.
func (w Words) Years(birth border.PartialDate, now time.Time) string {
	if birth.Year == 0 {
		return ""
	}
	years := now.Year() - birth.Year
	if birth.Month > int(now.Month()) || birth.Month == int(now.Month()) && birth.Day > now.Day() {
		years--
	}
	return w.T("station.years", "n", years)
}

// A Hit is an alert that fits, for the part station-hits.
type Hit struct {
	Level                              web.Level
	Todo, Name, List, ID, Kind, Issuer string
	Reason                             string
	Score                              string
	Weak                               bool
	Reasons                            []HitReason
	Caveats                            string // what the officer must mind: shown loudly
	Status                             string // of the document that is listed
	FaceName                           string // of the alert's image, empty where it has none
	Faces                              string // address under which the face serves images of this check's hits
	Before                             *Before
}

// Before is how an alert read in an earlier release; nothing made it match less, so nobody had to approve the change.
type Before struct{ When, Text string }

// A HitReason is one piece that agrees or does not.
type HitReason struct{ Part, Seen, Listed, Weight string }

// Hits shows the strong ones first, by the scores from which on one counts, and of those the ones with something to mind. The node
// has left out what nobody at a booth may see.
func (w Words) Hits(hits []border.Hit, least map[border.AlertKind]float64) []Hit {
	var strong, weak []Hit
	for _, h := range hits {
		row := Hit{Level: web.Red, Todo: w.T("action." + h.Action.String() + ".do"), Name: h.Name, List: h.List, ID: h.AlertID,
			Kind: w.T("kind." + h.Kind.String()), Issuer: h.Issuer, Reason: h.Reason,
			FaceName: faceName(h.Alert), Status: w.listedStatus(h),
			Score: w.T("station.hit.score", "score", h.Score, "least", least[h.Kind])}
		if h.Alert != nil {
			row.Caveats = h.Alert.Caveats
		}
		row.Before = w.before(h.Before)
		for _, r := range h.Reasons {
			row.Reasons = append(row.Reasons, HitReason{w.T("part." + r.Part), w.piece(r.Seen), w.piece(r.Listed), w.signed(r.Weight)})
		}
		if h.Score < least[h.Kind] {
			row.Level, row.Weak = web.Grey, true
			weak = append(weak, row)
			continue
		}
		if h.Action == border.ActInform {
			row.Level = web.Amber
		}
		strong = append(strong, row)
	}
	var minded, plain []Hit
	for _, h := range strong {
		if h.Caveats != "" {
			minded = append(minded, h)
		} else {
			plain = append(plain, h)
		}
	}
	return slices.Concat(minded, plain, weak)
}

func (w Words) before(e *border.Earlier) *Before {
	if e == nil {
		return nil
	}
	var parts []string
	for _, p := range e.Parts {
		parts = append(parts, w.T("station.told."+p))
	}
	key := "station.hit.before"
	if e.Release == 0 {
		key += ".hand"
	}
	said := slices.DeleteFunc([]string{e.Issuer, e.Reason, e.Caveats}, func(s string) bool { return s == "" })
	return &Before{w.T(key, "release", e.Release, "at", w.At(e.At), "parts", strings.Join(parts, ", ")), w.piece(strings.Join(said, " · "))}
}

// piece shows dates as dates, and that there is nothing to compare.
func (w Words) piece(text string) string {
	if text == "" {
		return "\u2014"
	}
	if d, err := border.ParsePartialDate(text); err == nil {
		return w.Date(d)
	}
	return text
}

// signed writes a weight with its sign, and with the decimal mark of the language.
func (w Words) signed(f float64) string {
	sign := "+"
	if f < 0 {
		sign, f = "\u2212", -f
	}
	return sign + strings.Replace(strconv.FormatFloat(f, 'f', 1, 64), ".", w.T("frame.decimal"), 1)
}

// A Seen is one known crossing, for the part station-seen.
type Seen struct {
	At                     time.Time
	Way, Post, Kind, Basis string
	Direction              border.Direction
	Number                 string
	ByNode, ByPerson       bool
	Standing               string // why it counts no longer, or not yet; empty where it counts
	Gone                   bool   // it counts no longer
}

var standings = map[projection.Standing]string{projection.Voided: "station.seen.voided", projection.Corrected: "station.seen.corrected",
	projection.Proposed: "station.seen.proposed"}

// Seen lists what is known of the traveller, newest first.
func (w Words) Seen(all []projection.Sighting) (rows []Seen, more int) {
	for i := len(all) - 1; i >= 0 && len(rows) < maxSeen; i-- {
		s := all[i]
		row := Seen{At: time.UnixMilli(s.Happened), Way: w.Way(s.Direction), Direction: s.Direction,
			Post: w.Label(s.Node), ByNode: s.ByNode, ByPerson: s.ByPerson,
			Number: strconv.FormatUint(s.Ref.Index, 10)}
		if s.Kind != record.Crossing {
			row.Kind = w.T("record." + s.Kind.String())
		}
		if s.Basis != 0 {
			row.Basis = w.Basis(s.Basis)
		}
		if key := standings[s.Standing]; key != "" {
			row.Standing, row.Gone = w.T(key), s.Standing != projection.Proposed
		}
		rows = append(rows, row)
	}
	return rows, len(all) - len(rows)
}

// Last says in one line what was done with this traveller last.
func (w Words) Last(v node.View, now int64) string {
	if v.Last == nil {
		return ""
	}
	l := v.Last
	key := "station.last.crossing"
	if l.Kind != record.Crossing {
		key = "station.last.other"
	}
	return w.T(key, "kind", w.T("record."+l.Kind.String()), "way", w.Way(l.Direction), "post", w.Label(l.Node),
		"at", w.At(l.Happened), "ago", w.Ago(now, l.Happened))
}

// A Choice is one of several, as a form offers them.
type Choice struct {
	Value, Text, Key string
	Chosen           bool
}

// Bases offers every basis; the one in force is chosen, and none where none is known.
func (w Words) Bases(now border.Basis) []Choice {
	rows := []Choice{}
	if now == 0 {
		rows = append(rows, Choice{Text: w.Basis(0), Chosen: true})
	}
	for _, b := range border.Bases() {
		rows = append(rows, Choice{Value: b.String(), Text: w.Basis(b), Chosen: b == now})
	}
	return rows
}

// Grounds offers those of the direction; the letter of the form is the key, and at exit the digit.
func (w Words) Grounds(v node.View, chosen border.Ground) (rows []Choice) {
	if chosen == "" {
		chosen = v.Advice.Ground
	}
	for _, g := range border.Grounds(v.Check.Direction) {
		key := string(g[len(g)-1:])
		rows = append(rows, Choice{Value: string(g), Text: w.T("ground." + string(g)), Key: key, Chosen: g == chosen})
	}
	return rows
}
