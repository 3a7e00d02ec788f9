package lists

import (
	"fmt"
	"io"
	"strings"

	"tims/internal/border"
)

// unFile is the one file of UNConsolidated.
const unFile = "consolidated.xml"

// importUN reads the list as the Security Council's secretariat publishes it in XML: INDIVIDUALS and ENTITIES under
// CONSOLIDATED_LIST. Names stand in up to four parts whose order differs by people, so that they are not divided.
func importUN(files map[string]io.Reader, k *sink) error {
	k.file, k.issuer = unFile, "UN Security Council"
	return k.elements(files, "CONSOLIDATED_LIST", []string{"INDIVIDUAL", "ENTITY"}, func(e *element) error {
		if e.name == "ENTITY" {
			k.skip("entity")
			return nil
		}
		return k.unPerson(e)
	})
}

// elements reads the parties of the main file; those that cannot be read are lost.
func (k *sink) elements(files map[string]io.Reader, root string, names []string, each func(*element) error) error {
	main := files[k.file]
	if main == nil {
		return fmt.Errorf("%w: %s is missing", ErrInput, k.file)
	}
	whole, err := eachElement(main, root, names, each, k.lost)
	k.Whole = whole
	if err != nil {
		return &FileError{k.file, err}
	}
	return nil
}

func (k *sink) unPerson(e *element) error {
	id := e.kid("DATAID").value()
	if _, ok := digits(id, 1, 1<<31-1); !ok {
		k.lost(e.line, "no DATAID")
		return nil
	}
	fault := func(why string) { k.faulty(e.line, why) }
	a := k.begin("un:" + id)
	var whole []string
	for _, part := range []string{"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"} {
		whole = append(whole, e.kid(part).value())
	}
	a.Names = []border.AlertName{{Primary: strings.Join(whole, " ")}, {Primary: e.kid("NAME_ORIGINAL_SCRIPT").value(), Alias: true}}
	for _, x := range e.each("INDIVIDUAL_ALIAS") {
		a.Names = append(a.Names, wholeName(x.kid("ALIAS_NAME").value(), true, x.kid("QUALITY").value() == "Low"))
		a.Births = unAliasBirth(a.Births, x)
	}
	for _, x := range e.each("INDIVIDUAL_DATE_OF_BIRTH") {
		days, ok := unBirth(x)
		if !ok && len(x.kids) > 0 {
			fault("birth date not understood")
		}
		a.Births = addNew(a.Births, days...)
	}
	for _, x := range e.each("NATIONALITY") {
		for _, v := range x.each("VALUE") {
			a.Nations = addState(a.Nations, v.value(), func() { fault("nationality not understood") })
		}
	}
	a.Sex = sexOf(e.kid("GENDER").value())
	for _, x := range e.each("INDIVIDUAL_DOCUMENT") {
		a.Documents = unDocument(a.Documents, x, fault)
	}
	listed := e.kid("LISTED_ON").value()
	if listed != "" {
		listed = "listed " + listed
	}
	a.Reason = joined(e.kid("UN_LIST_TYPE").value(), e.kid("REFERENCE_NUMBER").value(), listed, e.kid("COMMENTS1").value())
	return k.hand(e.line, a)
}

// unBirth reads a date of the kind EXACT, APPROXIMATELY or BETWEEN, in DATE, YEAR, or FROM_YEAR and TO_YEAR.
func unBirth(x *element) ([]border.PartialDate, bool) {
	kind := x.kid("TYPE_OF_DATE").value()
	if from, ok := isoDate(x.kid("FROM_YEAR").value()); ok {
		to, ok := isoDate(x.kid("TO_YEAR").value())
		if !ok {
			return nil, false
		}
		return spread(from, to, true, false)
	}
	text := x.kid("DATE").value()
	if text == "" {
		text = x.kid("YEAR").value()
	}
	d, ok := isoDate(text)
	if !ok {
		return nil, false
	}
	return spread(d, d, false, kind == "APPROXIMATELY")
}

// unAliasBirth adds the birth date that an alias has of its own.
func unAliasBirth(to []border.PartialDate, alias *element) []border.PartialDate {
	if days, ok := anyBirth(alias.kid("DATE_OF_BIRTH").value()); ok {
		return addNew(to, days...)
	}
	return to
}

func unDocument(to []border.AlertDocument, x *element, fault func(string)) []border.AlertDocument {
	kind := x.kid("TYPE_OF_DOCUMENT").value() + " " + x.kid("TYPE_OF_DOCUMENT2").value()
	place := x.kid("ISSUING_COUNTRY").value()
	if place == "" {
		place = x.kid("COUNTRY_OF_ISSUE").value()
	}
	issuer := addState(nil, place, func() { fault("issuer of a document not understood") })
	d, ok := documentOf(strings.Join(issuer, ""), x.kid("NUMBER").value(), statusIn(x.kid("NOTE").value()))
	if !ok || !crosses(kind) {
		return to
	}
	return addNew(to, d)
}

// statusIn finds in a note what became of a document.
func statusIn(note string) string {
	note = strings.ToLower(note)
	for _, s := range []string{"stolen", "lost", "revoked"} {
		if strings.Contains(note, s) && !strings.Contains(note, "not "+s) {
			return s
		}
	}
	return ""
}

// sexOf reads the words and letters that lists have for the two sexes of a zone; anything else is not said.
func sexOf(s string) string {
	switch strings.ToLower(s) {
	case "m", "male":
		return "M"
	case "f", "female":
		return "F"
	}
	return ""
}
