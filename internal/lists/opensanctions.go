package lists

import (
	"fmt"
	"io"
	"strings"

	"tims/internal/border"
)

// simpleFile is the one file of OpenSanctionsSimple.
const simpleFile = "targets.simple.csv"

// importSimple reads the table of targets: one a row, several values of a field parted by semicolons. It does not say which
// states are nationalities and what kind of document a number is of; whoever needs that takes the entities.
func importSimple(files map[string]io.Reader, k *sink) error {
	k.file, k.issuer = simpleFile, "OpenSanctions"
	return k.table(files, []string{"id", "schema", "name"}, func(r tableRow) error {
		id, schema := r.get("id"), r.get("schema")
		if schema != "Person" {
			k.skip(schemaName(schema))
			return nil
		}
		if id == "" {
			k.lost(r.line, "no id")
			return nil
		}
		a := k.begin("os:" + id)
		a.Names = append(a.Names, wholeName(r.get("name"), false, false))
		for _, n := range values(r.get("aliases")) {
			a.Names = append(a.Names, wholeName(n, true, false))
		}
		k.common(&a, r.line, values(r.get("birth_date")), values(r.get("countries")))
		for _, n := range values(r.get("identifiers")) {
			if d, ok := documentOf("", n, ""); ok {
				a.Documents = addNew(a.Documents, d)
			}
		}
		a.Reason = joined(r.get("sanctions"), r.get("program_ids"), r.get("dataset"))
		return k.hand(r.line, a)
	}, nil)
}

// table reads the main file as a table.
func (k *sink) table(files map[string]io.Reader, needed []string, each func(tableRow) error, remark func(string)) error {
	main := files[k.file]
	if main == nil {
		return fmt.Errorf("%w: %s is missing", ErrInput, k.file)
	}
	whole, err := eachTableRow(main, needed, each, remark, k.lost)
	k.Whole = whole
	if err != nil {
		return &FileError{k.file, err}
	}
	return nil
}

// schemaName is why an item that is no person was skipped. A word that could hold anything is not repeated.
func schemaName(schema string) string {
	switch schema {
	case "Organization", "Company", "LegalEntity", "PublicBody", "Vessel", "Airplane", "Vehicle", "CryptoWallet", "Security", "Address", "Asset":
		return strings.ToLower(schema)
	}
	return "other"
}

// common reads what both forms of OpenSanctions write alike: dates as 1974-08 and states as "ru" or "gb-sct".
func (k *sink) common(a *border.Alert, line int, births, states []string) {
	for _, text := range births {
		days, ok := anyBirth(text)
		if !ok {
			k.faulty(line, "birth date not understood")
		}
		a.Births = addNew(a.Births, days...)
	}
	for _, s := range states {
		if len(s) > 2 && s[2] == '-' {
			s = s[:2]
		}
		a.Nations = addState(a.Nations, formerStates(s), func() { k.faulty(line, "nationality not understood") })
	}
}

// formerStates passes over the codes that OpenSanctions has for states that are no more and have no code in a zone.
func formerStates(code string) string {
	switch code {
	case "suhh", "yucs", "csxx", "cshh", "ddde", "eu", "zz":
		return ""
	}
	return code
}

// values splits a field with several values.
func values(field string) (all []string) {
	for v := range strings.SplitSeq(field, ";") {
		if v = oneLine(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}
