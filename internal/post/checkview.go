package post

import (
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/web"
)

// levelOf shows a finding by how loud it is.
func levelOf(l border.Level) web.Level {
	switch l {
	case border.Grave:
		return web.Red
	case border.Warn:
		return web.Amber
	}
	return web.Grey
}

var verdictLevel = map[border.Decision]web.Level{border.Admit: web.OK, border.Refer: web.Amber, border.Refuse: web.Red}

func (w words) verdict(a border.Advice) verdict {
	v := verdict{Level: verdictLevel[a.Decision], Word: w.t("advice." + a.Decision.String())}
	if a.Ground != "" && a.Decision == border.Refuse {
		v.Ground = string(a.Ground) + " " + w.t("ground."+string(a.Ground))
	}
	for _, f := range a.Findings {
		r := reason{levelOf(f.Level), w.finding(f)}
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

// A fact is one field of document and holder, with what is wrong with it beside it.
type fact struct {
	Name, Value, Small string
	Big, Mono          bool
	Faults             []string
	Warnings           []string
}

func (w words) facts(d border.Document, a border.Advice, now time.Time) (facts []fact, zone []string) {
	bad, warn := map[string][]string{}, map[string][]string{}
	for _, f := range d.Faults {
		into := bad
		if f.Warning {
			into = warn
		}
		into[string(f.Field)] = append(into[string(f.Field)], w.fault(f))
	}
	for _, f := range a.Findings {
		switch {
		case f.Code == border.ZoneFault, f.Code == border.ZoneWarning, f.Code == border.AlertHit, f.Code == border.AlertHitWeak:
		case f.Level >= border.Warn && f.Asks > border.Admit:
			bad[f.Field] = append(bad[f.Field], w.finding(f))
		default:
			warn[f.Field] = append(warn[f.Field], w.finding(f))
		}
	}
	add := func(field mrz.Field, one fact) {
		one.Name = w.t("field." + string(field))
		one.Faults, one.Warnings = bad[string(field)], warn[string(field)]
		facts = append(facts, one)
	}
	add(mrz.FieldName, fact{Value: fullName(d), Big: true})
	add(mrz.FieldBirthDate, fact{Value: w.date(d.Birth), Small: w.years(d.Birth, now)})
	add(mrz.FieldSex, fact{Value: w.t("sex." + sexWord(d.Sex))})
	add(mrz.FieldNationality, fact{Value: stateName(d.Nationality), Small: d.Nationality})
	add(mrz.FieldDocumentNumber, fact{Value: d.Number, Mono: true})
	add(mrz.FieldDocumentCode, fact{Value: w.kind(d.Code), Small: d.Code})
	add(mrz.FieldIssuingState, fact{Value: stateName(d.Issuer), Small: d.Issuer})
	add(mrz.FieldExpiryDate, fact{Value: w.date(d.Expiry)})
	for _, field := range []mrz.Field{mrz.FieldZone, mrz.FieldComposite, mrz.FieldOptionalData, mrz.FieldOptionalData2, mrz.FieldOffice} {
		for _, text := range append(bad[string(field)], warn[string(field)]...) {
			if field == mrz.FieldZone && d.ByHand {
				continue // the page says so in a banner of its own
			}
			zone = append(zone, w.t("field."+string(field))+": "+text)
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

// kind says what a document code means, as far as its first letters tell.
func (w words) kind(code string) string {
	switch {
	case code == "AC":
		return w.t("document.AC")
	case code != "" && code[0] == 'P':
		return w.t("document.P")
	case code != "" && code[0] == 'V':
		return w.t("document.V")
	case code != "":
		return w.t("document.I")
	}
	return ""
}

func (w words) years(birth border.PartialDate, now time.Time) string {
	if birth.Year == 0 {
		return ""
	}
	years := now.Year() - birth.Year
	if birth.Month > int(now.Month()) || birth.Month == int(now.Month()) && birth.Day > now.Day() {
		years--
	}
	return w.t("post.years", "n", years)
}

type hitRow struct {
	Level                              web.Level
	Todo, Name, List, ID, Kind, Issuer string
	Reason                             string
	Score                              string
	Weak                               bool
	Reasons                            []hitReason
}

type hitReason struct{ Part, Seen, Listed, Weight string }

// hits shows the strong ones first; the node has left out what nobody at a booth may see.
func (w words) hits(hits []border.Hit, rules border.Rulebook) []hitRow {
	var strong, weak []hitRow
	for _, h := range hits {
		row := hitRow{Level: web.Red, Todo: w.t("action." + h.Action.String() + ".do"), Name: h.Name, List: h.List, ID: h.AlertID,
			Kind: w.t("kind." + h.Kind.String()), Issuer: h.Issuer, Reason: h.Reason,
			Score: w.t("post.hit.score", "score", decimal(h.Score), "least", decimal(rules.HitScore[h.Kind]))}
		for _, r := range h.Reasons {
			row.Reasons = append(row.Reasons, hitReason{w.t("part." + r.Part), w.piece(r.Seen), w.piece(r.Listed), signed(r.Weight)})
		}
		if h.Score < rules.HitScore[h.Kind] {
			row.Level, row.Weak = web.Grey, true
			weak = append(weak, row)
			continue
		}
		if h.Action == border.ActInform {
			row.Level = web.Amber
		}
		strong = append(strong, row)
	}
	return append(strong, weak...)
}

// piece shows dates as dates, and that there is nothing to compare.
func (w words) piece(text string) string {
	if text == "" {
		return "\u2014"
	}
	if d, err := border.ParsePartialDate(text); err == nil {
		return w.date(d)
	}
	return text
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func signed(f float64) string {
	if f < 0 {
		return "\u2212" + decimal(-f)
	}
	return "+" + decimal(f)
}

type seenRow struct {
	At                     time.Time
	Way, Post, Kind, Basis string
	Direction              border.Direction
	Number                 string
	ByNode, ByPerson       bool
}

// seen lists what is known of the traveller, newest first.
func (w words) seen(all []projection.Sighting) (rows []seenRow, more int) {
	for i := len(all) - 1; i >= 0 && len(rows) < maxSeen; i-- {
		s := all[i]
		row := seenRow{At: time.UnixMilli(s.Happened), Way: w.t("post.way." + s.Direction.String()), Direction: s.Direction,
			Post: capital(s.Node), ByNode: s.ByNode, ByPerson: s.ByPerson,
			Number: strconv.FormatUint(s.Ref.Index, 10)}
		if s.Kind != record.Crossing {
			row.Kind = w.t("record." + s.Kind.String())
		}
		if s.Basis != 0 {
			row.Basis = w.basis(s.Basis)
		}
		rows = append(rows, row)
	}
	return rows, len(all) - len(rows)
}

// last says in one line what was done with this traveller last.
func (w words) last(v node.View, now int64) string {
	if v.Last == nil {
		return ""
	}
	l := v.Last
	key := "post.last.crossing"
	if l.Kind != record.Crossing {
		key = "post.last.other"
	}
	return w.t(key, "kind", w.t("record."+l.Kind.String()), "way", w.t("post.way."+l.Direction.String()), "post", capital(l.Node),
		"at", w.at(l.Happened), "ago", w.ago(now, l.Happened))
}

// bases offers every basis; the one in force is chosen, and none where none is known.
func (w words) bases(now border.Basis) []choiceRow {
	rows := []choiceRow{}
	if now == 0 {
		rows = append(rows, choiceRow{Text: w.basis(0), Chosen: true})
	}
	for _, b := range border.Bases() {
		rows = append(rows, choiceRow{Value: b.String(), Text: w.basis(b), Chosen: b == now})
	}
	return rows
}

// grounds offers those of the direction; the letter of the form is the key, and at exit the digit.
func (w words) grounds(v node.View, chosen border.Ground) (rows []choiceRow) {
	if chosen == "" {
		chosen = v.Advice.Ground
	}
	for _, g := range border.Grounds(v.Check.Direction) {
		key := string(g[len(g)-1:])
		rows = append(rows, choiceRow{Value: string(g), Text: w.t("ground." + string(g)), Key: key, Chosen: g == chosen})
	}
	return rows
}
