package lists

import (
	"io"
	"strings"

	"tims/internal/border"
)

// euFile is the one file of EUConsolidated.
const euFile = "fsf.xml"

// importEU reads the consolidated list of financial sanctions of the European Union in its XML form 1.1: sanctionEntity
// under export, everything in attributes. One person's names repeat in the languages of the regulations.
func importEU(files map[string]io.Reader, k *sink) error {
	k.file, k.issuer = euFile, "European Union"
	return k.elements(files, "export", []string{"sanctionEntity"}, func(e *element) error {
		switch kind := e.kid("subjectType"); {
		case kind.attr("classificationCode") == "P" || kind.attr("code") == "person":
			return k.euPerson(e)
		case kind.attr("classificationCode") == "E" || kind.attr("code") == "enterprise":
			k.skip("entity")
		default:
			k.lost(e.line, "unknown type")
		}
		return nil
	})
}

func (k *sink) euPerson(e *element) error {
	id := e.attr("logicalId")
	if _, ok := digits(id, 1, 1<<31-1); !ok {
		k.lost(e.line, "no logicalId")
		return nil
	}
	fault := func(why string) { k.faulty(e.line, why) }
	a := k.begin("eu:" + id)
	for i, x := range e.each("nameAlias") {
		a.Names = append(a.Names, euNames(x, i > 0)...)
		if a.Sex == "" {
			a.Sex = sexOf(x.attr("gender"))
		}
	}
	for _, x := range e.each("citizenship") {
		a.Nations = euState(a.Nations, x, func() { fault("nationality not understood") })
	}
	for _, x := range e.each("birthdate") {
		days, said, ok := euBirth(x)
		if said && !ok {
			fault("birth date not understood")
		}
		a.Births = addNew(a.Births, days...)
	}
	for _, x := range e.each("identification") {
		a.Documents = euDocument(a.Documents, x, fault)
	}
	reason := []string{}
	for _, x := range e.each("regulation") {
		reason = append(reason, x.attr("programme"), x.attr("numberTitle"))
	}
	reason = append(reason, e.attr("euReferenceNumber"), e.attr("unitedNationId"), e.attr("designationDetails"))
	for _, x := range e.each("remark") {
		reason = append(reason, x.value())
	}
	a.Reason = joined(reason...)
	return k.hand(e.line, a)
}

// euNames gives the parted form of a name, and the whole one where it has other words.
func euNames(x *element, alias bool) (names []border.AlertName) {
	weak := x.attr("strong") == "false"
	last, given := x.attr("lastName"), oneLine(x.attr("firstName")+" "+x.attr("middleName"))
	if last != "" {
		names = append(names, border.AlertName{Primary: last, Secondary: given, Alias: alias, Weak: weak})
		alias = true
	}
	whole := x.attr("wholeName")
	if whole != "" && !sameWords(whole, last+" "+given) {
		names = append(names, border.AlertName{Primary: whole, Alias: alias, Weak: weak})
	}
	return names
}

// sameWords compares names without regard to the order of their words.
func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, w := range strings.Fields(strings.ToLower(a)) {
		count[w]++
	}
	for _, w := range strings.Fields(strings.ToLower(b)) {
		count[w]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// euState reads the state of an element by its code, or by its name where the code is not known.
func euState(to []string, x *element, fault func()) []string {
	known := true
	to = addState(to, x.attr("countryIso2Code"), func() { known = false })
	if known {
		return to
	}
	return addState(to, x.attr("countryDescription"), fault)
}

// euBirth reads a date from its parts; said is false where the element tells only a place.
func euBirth(x *element) (days []border.PartialDate, said, ok bool) {
	circa := x.attr("circa") == "true"
	from, to := x.attr("yearRangeFrom"), x.attr("yearRangeTo")
	if from != "" || to != "" {
		low, okLow := isoDate(from)
		high, okHigh := isoDate(to)
		if !okLow || !okHigh {
			return nil, true, false // open at one end: it would fit half of mankind
		}
		days, ok = spread(low, high, true, circa)
		return days, true, ok
	}
	if x.attr("calendarType") != "" && x.attr("calendarType") != "GREGORIAN" {
		return nil, true, false
	}
	if day := x.attr("birthdate"); day != "" {
		d, ok := isoDate(day)
		if ok {
			days, ok = spread(d, d, false, circa)
		}
		return days, true, ok
	}
	year, okY := digits(x.attr("year"), 1800, 2200)
	if !okY {
		return nil, x.attr("year") != "", false
	}
	month, _ := digits(x.attr("monthOfYear"), 1, 12)
	day, _ := digits(x.attr("dayOfMonth"), 1, 31)
	if month == 0 {
		day = 0
	}
	d, ok := partial(year, month, day)
	if ok {
		days, ok = spread(d, d, false, circa)
	}
	return days, true, ok
}

// euDocument reads an identification. Of a document that the list calls false the number is listed all the same: whoever
// shows it is of interest.
func euDocument(to []border.AlertDocument, x *element, fault func(string)) []border.AlertDocument {
	if !crosses(x.attr("identificationTypeCode")) && !crosses(x.attr("identificationTypeDescription")) && x.attr("identificationTypeCode") != "id" {
		return to
	}
	number := x.attr("latinNumber")
	if number == "" {
		number = x.attr("number")
	}
	status := ""
	switch {
	case x.attr("reportedLost") == "true":
		status = "lost"
	case x.attr("revokedByIssuer") == "true":
		status = "revoked"
	case x.attr("knownFalse") == "true":
		status = "invalid"
	}
	issuer := euState(nil, x, func() { fault("issuer of a document not understood") })
	if d, ok := documentOf(strings.Join(issuer, ""), number, status); ok {
		return addNew(to, d)
	}
	return to
}
