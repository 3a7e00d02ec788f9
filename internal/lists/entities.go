package lists

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"tims/internal/border"
)

// entityFile is the one file of OpenSanctions.
const entityFile = "entities.ftm.json"

// entities reads what OpenSanctions knows as a graph in the FollowTheMoney model, one entity a line as JSON: a Person; a
// Passport or Identification that names its holder; a Sanction that names whom it is about. They stand in any order, so that
// persons are held until the file ends.
type entities struct {
	*sink
	persons   []heldPerson
	documents map[string][]border.AlertDocument
	reasons   map[string][]string
	side      int
}

type heldPerson struct {
	alert border.Alert
	id    string
	line  int
}

// entity is one line.
type entity struct {
	ID         string                     `json:"id"`
	Caption    string                     `json:"caption"`
	Schema     string                     `json:"schema"`
	Target     *bool                      `json:"target"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// all gives the texts of some properties. A value that is no text, as of nested entities, is passed over.
func (e *entity) all(properties ...string) (texts []string) {
	for _, p := range properties {
		var some []json.RawMessage
		if json.Unmarshal(e.Properties[p], &some) != nil {
			continue
		}
		for _, raw := range some {
			var text string
			if json.Unmarshal(raw, &text) == nil && text != "" {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

func (e *entity) one(property string) string {
	all := e.all(property)
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

func importEntities(files map[string]io.Reader, k *sink) error {
	k.file, k.issuer = entityFile, "OpenSanctions"
	d := &entities{sink: k, documents: map[string][]border.AlertDocument{}, reasons: map[string][]string{}}
	main := files[entityFile]
	if main == nil {
		return fmt.Errorf("%w: %s is missing", ErrInput, entityFile)
	}
	if err := d.read(main); err != nil {
		return &FileError{entityFile, err}
	}
	for _, p := range d.persons {
		p.alert.Documents = addNew(p.alert.Documents, d.documents[p.id]...)
		p.alert.Reason = joined(append(d.reasons[p.id], p.alert.Reason)...)
		if err := d.hand(p.line, p.alert); err != nil {
			return err
		}
	}
	return nil
}

func (d *entities) read(r io.Reader) error {
	text, err := utf8Text(r)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(text, maxEntity)
	for line := 1; ; line++ {
		if line > maxElements {
			return fmt.Errorf("%w: more than %d lines", ErrInput, maxElements)
		}
		raw, long, err := readLine(in)
		if err != nil && !brokenOff(err) {
			return fmt.Errorf("reading line %d: %w", line, err)
		}
		blank := strings.TrimSpace(string(raw)) == ""
		var e entity
		switch {
		case long:
			d.lost(line, "line too long")
			d.Whole = false
		case blank:
		case !utf8.Valid(raw) || json.Unmarshal(raw, &e) != nil:
			d.lost(line, "not an entity in JSON")
			d.Whole = false
		default:
			d.Whole = true
			if err := d.take(line, &e); err != nil {
				return err
			}
		}
		if err != nil {
			d.Whole = d.Whole && errors.Is(err, io.EOF)
			return nil
		}
	}
}

func (d *entities) take(line int, e *entity) error {
	if e.Schema != "Person" {
		if d.side++; d.side > maxElements {
			return errSide
		}
	}
	switch e.Schema {
	case "Person":
		return d.person(line, e)
	case "Passport", "Identification":
		d.document(line, e)
	case "Sanction":
		why := joined(append(e.all("authority", "program", "listingDate"), e.all("reason")...)...)
		for _, id := range e.all("entity") {
			d.reasons[id] = addUpTo(maxParts, d.reasons[id], why)
		}
	default:
		d.skip(schemaName(e.Schema))
	}
	return nil
}

func (d *entities) document(line int, e *entity) {
	issuer := ""
	for _, c := range e.all("country") {
		issuer = strings.Join(addState(nil, formerStates(c), func() { d.faulty(line, "issuer of a document not understood") }), "")
	}
	if e.Schema == "Identification" && !crosses(strings.Join(e.all("type"), " ")) {
		return
	}
	for _, number := range e.all("number") {
		doc, ok := documentOf(issuer, number, "")
		for _, id := range e.all("holder") {
			if ok {
				d.documents[id] = addUpTo(maxParts+1, d.documents[id], doc) // one more, so that it is said
			}
		}
	}
}

func (d *entities) person(line int, e *entity) error {
	switch {
	case e.Target != nil && !*e.Target:
		d.skip("not a target")
		return nil
	case e.ID == "":
		d.lost(line, "no id")
		return nil
	case len(d.persons) == maxHeld:
		return fmt.Errorf("%w: more than %d persons", ErrInput, maxHeld)
	}
	a := d.begin("os:" + e.ID)
	a.Names = append(a.Names, wholeName(e.Caption, false, false))
	if last, first := e.one("lastName"), e.one("firstName"); last != "" && first != "" {
		given := joinedBlank(first, e.one("secondName"), e.one("middleName"), e.one("fatherName"))
		a.Names = append(a.Names, border.AlertName{Primary: last, Secondary: given})
	}
	for _, n := range e.all("name", "alias", "previousName") {
		a.Names = append(a.Names, wholeName(n, true, false))
	}
	for _, n := range e.all("weakAlias") {
		a.Names = append(a.Names, wholeName(n, true, true))
	}
	nations := e.all("nationality", "citizenship")
	if len(nations) == 0 {
		nations = e.all("country")
	}
	d.common(&a, line, e.all("birthDate"), nations)
	a.Sex = sexOf(e.one("gender"))
	for _, number := range e.all("passportNumber", "idNumber") {
		if doc, ok := documentOf("", number, ""); ok {
			a.Documents = addNew(a.Documents, doc)
		}
	}
	a.Reason = joined(append(e.all("topics"), e.all("notes")...)...)
	d.persons = append(d.persons, heldPerson{a, e.ID, line})
	return nil
}

func joinedBlank(parts ...string) string { return oneLine(strings.Join(parts, " ")) }
