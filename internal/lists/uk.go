package lists

import (
	"fmt"
	"io"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
)

// ukFile is the one file of UKOFSI.
const ukFile = "conlist.csv"

// ukGroup is one listed party: it has a row for each name, and what else is known of it stands in any of them.
type ukGroup struct {
	line  int
	kind  string
	alert border.Alert
	why   []string
}

// importUK reads the British tables: a line with the day of the edition, a header, and rows. In the Treasury's a party is a
// Group ID, in the Foreign Office's a Unique ID, which then has the Treasury's number beside it as long as there is one.
func importUK(files map[string]io.Reader, k *sink) error {
	k.file, k.issuer = ukFile, "UK HM Treasury"
	main := files[ukFile]
	if main == nil {
		return fmt.Errorf("%w: %s is missing", ErrInput, ukFile)
	}
	groups, order := map[string]*ukGroup{}, []*ukGroup(nil)
	whole, err := eachTableRow(main, []string{"name 6", "name 1"}, func(r tableRow) error {
		id := r.get("group id", "ofsi group id", "unique id")
		if id == "" {
			k.lost(r.line, "no group")
			return nil
		}
		g := groups[id]
		if g == nil {
			if len(order) == maxHeld {
				return fmt.Errorf("%w: more than %d parties", ErrInput, maxHeld)
			}
			g = &ukGroup{line: r.line, kind: strings.ToLower(r.get("group type", "designation type")), alert: k.begin("uk:" + id)}
			groups[id], order = g, append(order, g)
		}
		if g.kind == "individual" {
			k.ukRow(g, r)
		}
		return nil
	}, nil, k.lost)
	k.Whole = whole
	if err != nil {
		return &FileError{ukFile, err}
	}
	for _, g := range order {
		switch g.kind {
		case "individual":
			g.alert.Reason = joined(g.why...)
			if err := k.hand(g.line, g.alert); err != nil {
				return err
			}
		case "entity", "ship":
			k.skip(g.kind)
		default:
			k.lost(g.line, "unknown type")
		}
	}
	return nil
}

func (k *sink) ukRow(g *ukGroup, r tableRow) {
	fault := func(why string) { k.faulty(r.line, why) }
	a := &g.alert
	if len(a.Names) >= 2*maxNames {
		fault("more rows of one party than an alert may have names")
		return
	}
	kind := strings.ToLower(r.get("alias type", "name type"))
	n := border.AlertName{Primary: r.get("name 6"), Alias: kind != "primary name" && kind != "",
		Weak: strings.Contains(strings.ToLower(r.get("alias quality", "alias strength")), "low")}
	for _, given := range []string{"name 1", "name 2", "name 3", "name 4", "name 5"} {
		n.Secondary += " " + r.get(given)
	}
	native := border.AlertName{Primary: r.get("name non-latin script"), Alias: true, Weak: n.Weak}
	if n.Alias {
		a.Names = append(a.Names, n)
	} else {
		a.Names = append([]border.AlertName{n}, a.Names...) // the name itself may stand behind its aliases
	}
	if native.Primary != "" {
		a.Names = append(a.Names, native)
	}
	for _, text := range numbered(r.get("dob", "d.o.b")) {
		days, ok := anyBirth(text)
		if !ok {
			fault("birth date not understood")
		}
		a.Births = addNew(a.Births, days...)
	}
	for _, text := range numbered(r.get("nationality", "nationality(/ies)")) {
		a.Nations = addState(a.Nations, text, func() { fault("nationality not understood") })
	}
	other := r.get("other information")
	if a.Sex == "" {
		a.Sex = sexOf(r.get("gender"))
	}
	if _, rest, ok := strings.Cut(other, "(Gender):"); ok && a.Sex == "" {
		word, _, _ := strings.Cut(strings.TrimSpace(rest)+" ", " ")
		a.Sex = sexOf(strings.TrimRight(word, ".,;"))
	}
	a.Documents = ukDocuments(a.Documents, r.get("passport number"), r.get("passport details", "passport additional information"))
	a.Documents = ukDocuments(a.Documents, r.get("national identification number", "national identifier number"),
		r.get("national identification details", "national identifier additional information"))
	if listed := r.get("listed on", "date designated"); listed != "" && len(g.why) == 0 {
		g.why = append(g.why, r.get("regime", "regime name"), "listed "+listed)
	}
	g.why = addNew(g.why, r.get("uk statement of reasons"), other)
}

// ukDocuments reads numbers, which are counted where there are several, as are the details that name their issuers.
func ukDocuments(to []border.AlertDocument, numbers, details string) []border.AlertDocument {
	of := numbered(details)
	for i, number := range numbered(numbers) {
		var issuer, status string
		if i < len(of) {
			issuer, status = issuerIn(of[i]), statusIn(of[i])
		}
		if d, ok := documentOf(issuer, number, status); ok {
			to = addNew(to, d)
		}
	}
	return to
}

// issuerIn finds the state in "Afghanistan", "issued in Iraq", "Issued by Syria on 1 May 2010".
func issuerIn(s string) string {
	s = strings.TrimRight(oneLine(s), ".")
	if code, ok := mrz.StateOf(s); ok {
		return code
	}
	low := strings.ToLower(s)
	for _, word := range []string{"issued in ", "issued by ", "issued at "} {
		if i := strings.Index(low, word); i >= 0 && len(low) == len(s) {
			rest := s[i+len(word):]
			for _, end := range []string{" on ", ",", ".", ";", " (", " valid", " expir"} {
				rest, _, _ = strings.Cut(rest, end)
			}
			code, _ := mrz.StateOf(rest)
			return code
		}
	}
	return ""
}

// numbered splits "(1) one. (2) two", the way in which the British lists write several values in one field.
func numbered(s string) (values []string) {
	rest := s
	for i := 1; ; i++ {
		head, tail, found := strings.Cut(rest, fmt.Sprintf("(%d)", i))
		if v := strings.Trim(oneLine(head), ". "); v != "" {
			values = append(values, v)
		}
		if !found {
			return values
		}
		rest = tail
	}
}
