package lists

import (
	"io"
	"slices"
	"strings"

	"tims/internal/border"
)

// advancedFile is the one file of OFACAdvanced.
const advancedFile = "sdn_advanced.xml"

// advanced reads the OFAC list in the XML form that the Treasury calls advanced ("SDN Advanced notes"): reference values
// first, then places and documents, then parties that refer to them, and at the end the programmes under which a party is
// listed. A person is therefore held until all of the file is read.
type advanced struct {
	*sink
	values    map[string]map[string]string // texts of reference values, by kind and number
	kindOf    map[string]string            // party type of each party subtype
	places    map[string]string            // state of each location
	documents map[string][]border.AlertDocument
	reasons   map[string][]string // programmes and legal bases of each profile
	held      []advancedPerson
	side      int
}

type advancedPerson struct {
	alert      border.Alert
	line       int
	profile    string
	identities []string
	places     []string // of nationality
}

// advancedValues are the kinds of reference values that are read.
var advancedValues = []string{"Country", "DetailReference", "FeatureType", "IDRegDocType", "LegalBasis", "NamePartType", "PartySubType", "PartyType"}

func importAdvanced(files map[string]io.Reader, k *sink) error {
	k.file, k.issuer = advancedFile, "US OFAC"
	d := &advanced{sink: k, values: map[string]map[string]string{}, kindOf: map[string]string{}, places: map[string]string{},
		documents: map[string][]border.AlertDocument{}, reasons: map[string][]string{}}
	for _, kind := range advancedValues {
		d.values[kind] = map[string]string{}
	}
	names := append([]string{"Location", "IDRegDocument", "DistinctParty", "SanctionsEntry"}, advancedValues...)
	if err := k.elements(files, "Sanctions", names, d.take); err != nil {
		return err
	}
	for i := range d.held {
		if err := d.release(&d.held[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *advanced) take(e *element) error {
	if e.name != "DistinctParty" {
		if d.side++; d.side > maxSideRows {
			return errSide
		}
	}
	switch e.name {
	case "DistinctParty":
		d.party(e)
	case "Location":
		d.places[e.attr("ID")] = d.values["Country"][e.kid("LocationCountry").attr("CountryID")]
	case "IDRegDocument":
		d.document(e)
	case "SanctionsEntry":
		d.entry(e)
	default:
		d.values[e.name][e.attr("ID")] = e.value()
		if e.name == "PartySubType" {
			d.kindOf[e.attr("ID")] = e.attr("PartyTypeID")
		}
	}
	return nil
}

func (d *advanced) document(e *element) {
	if !crosses(d.values["IDRegDocType"][e.attr("IDRegDocTypeID")]) {
		return
	}
	by := e.attr("IssuedBy-CountryID")
	if by == "" {
		by = e.kid("IssuedBy").attr("CountryID")
	}
	issuer := addState(nil, d.values["Country"][by], func() { d.faulty(e.line, "issuer of a document not understood") })
	if doc, ok := documentOf(strings.Join(issuer, ""), e.kid("IDRegistrationNo").value(), ""); ok {
		identity := e.attr("IdentityID")
		d.documents[identity] = addUpTo(maxParts+1, d.documents[identity], doc) // one more, so that it is said
	}
}

// entry notes why a profile is listed: its programmes, which stand as comments of measures, and its legal bases.
func (d *advanced) entry(e *element) {
	profile := e.attr("ProfileID")
	var programmes, bases []string
	for _, m := range e.each("SanctionsMeasure") {
		if p := m.kid("Comment").value(); p != "" {
			programmes = addNew(programmes, p)
		}
	}
	for _, event := range e.each("EntryEvent") {
		if b := d.values["LegalBasis"][event.attr("LegalBasisID")]; b != "" {
			bases = addNew(bases, b)
		}
	}
	d.reasons[profile] = addUpTo(maxParts, d.reasons[profile], slices.Concat(programmes, bases)...)
}

func (d *advanced) party(e *element) {
	profile := e.kid("Profile")
	subtype := profile.attr("PartySubTypeID")
	kind, sub := d.values["PartyType"][d.kindOf[subtype]], strings.ToLower(d.values["PartySubType"][subtype])
	switch {
	case kind == "Individual":
		d.person(e, profile)
	case sub == "vessel" || sub == "aircraft":
		d.skip(sub)
	case kind == "Entity":
		d.skip("entity")
	default:
		d.lost(e.line, "unknown type")
	}
}

func (d *advanced) person(e, profile *element) {
	number := e.attr("FixedRef")
	if _, ok := digits(number, 1, 1<<31-1); !ok {
		d.lost(e.line, "no FixedRef")
		return
	}
	p := advancedPerson{alert: d.begin("ofac:" + number), line: e.line, profile: profile.attr("ID")}
	for _, identity := range profile.each("Identity") {
		p.identities = append(p.identities, identity.attr("ID"))
		p.alert.Names = append(p.alert.Names, d.names(identity)...)
	}
	slices.SortStableFunc(p.alert.Names, func(a, b border.AlertName) int { // the primary name first, as the issuer marks it
		switch {
		case a.Alias == b.Alias:
			return 0
		case b.Alias:
			return -1
		}
		return 1
	})
	for _, feature := range profile.each("Feature") {
		d.feature(&p, feature)
	}
	d.held = append(d.held, p)
}

// names gives all names of an identity, in all scripts. The name itself is the first spelling of the primary alias of the
// primary identity.
func (d *advanced) names(identity *element) (names []border.AlertName) {
	kinds := map[string]string{} // of the groups of name parts
	for _, g := range identity.deep("NamePartGroup") {
		kinds[g.attr("ID")] = d.values["NamePartType"][g.attr("NamePartTypeID")]
	}
	for _, alias := range identity.each("Alias") {
		weak := alias.attr("LowQuality") == "true" || identity.attr("False") == "true"
		other := alias.attr("Primary") != "true" || identity.attr("Primary") == "false"
		for _, spelling := range alias.each("DocumentedName") {
			n := border.AlertName{Alias: other, Weak: weak}
			for _, part := range spelling.deep("NamePartValue") {
				switch kinds[part.attr("NamePartGroupID")] {
				case "First Name", "Middle Name", "Patronymic":
					n.Secondary += " " + part.value()
				default:
					n.Primary += " " + part.value()
				}
			}
			names = append(names, n)
			other = true // further spellings, mostly of another script
		}
	}
	return names
}

func (d *advanced) feature(p *advancedPerson, feature *element) {
	kind := d.values["FeatureType"][feature.attr("FeatureTypeID")]
	switch kind {
	case "Birthdate":
		for _, period := range feature.deep("DatePeriod") {
			days, ok := advancedBirth(period)
			if !ok {
				d.faulty(p.line, "birth date not understood")
			}
			p.alert.Births = addNew(p.alert.Births, days...)
		}
	case "Gender":
		for _, detail := range feature.deep("VersionDetail") {
			p.alert.Sex = sexOf(joined(detail.value(), d.values["DetailReference"][detail.attr("DetailReferenceID")]))
		}
	case "Nationality Country", "Citizenship Country", "Nationality of Registration":
		for _, at := range feature.deep("VersionLocation") {
			p.places = append(p.places, at.attr("LocationID"))
		}
	}
}

// advancedBirth reads a period: a day where it begins and ends on one, a month or a year where it spans exactly that, else
// the years from its first to its last day.
func advancedBirth(period *element) ([]border.PartialDate, bool) {
	var days []border.PartialDate
	for _, end := range []string{"Start", "End"} {
		for _, at := range []string{"From", "To"} {
			x := period.kid(end).kid(at)
			if x == nil {
				continue
			}
			year, _ := digits(x.kid("Year").value(), 1800, 2200)
			month, _ := digits(x.kid("Month").value(), 1, 12)
			day, _ := digits(x.kid("Day").value(), 1, 31)
			d, ok := partial(year, month, day)
			if !ok {
				return nil, false
			}
			days = append(days, d)
		}
	}
	if len(days) == 0 {
		return nil, false
	}
	first, last := days[0], days[len(days)-1]
	circa := period.kid("Start").attr("Approximate") == "true" || period.kid("End").attr("Approximate") == "true"
	switch {
	case first == last:
		return spread(first, first, false, circa)
	case first.Year == last.Year && first.Month == last.Month && first.Day == 1 && last.Day >= 28:
		return spread(border.PartialDate{Year: first.Year, Month: first.Month}, last, false, circa)
	case first.Year == last.Year && first.Month == 1 && last.Month == 12:
		return spread(border.PartialDate{Year: first.Year}, border.PartialDate{Year: first.Year}, false, circa)
	}
	return spread(first, last, true, circa)
}

// release completes a person with what stood elsewhere in the file.
func (d *advanced) release(p *advancedPerson) error {
	for _, identity := range p.identities {
		p.alert.Documents = addNew(p.alert.Documents, d.documents[identity]...)
	}
	for _, place := range p.places {
		p.alert.Nations = addState(p.alert.Nations, d.places[place], func() { d.faulty(p.line, "nationality not understood") })
	}
	p.alert.Reason = joined(d.reasons[p.profile]...)
	return d.hand(p.line, p.alert)
}
