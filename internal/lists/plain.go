package lists

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tims/internal/border"
)

// plainFile is the one file of PlainCSV.
const plainFile = "alerts.csv"

// plainColumns are the columns of the table; id alone is needed. docs/design/alert-files.md says what stands in each.
var plainColumns = []string{"id", "kind", "action", "issuer", "reason", "name", "aliases", "weak_aliases", "birth", "nationality", "sex",
	"documents", "vehicles", "from", "until", "caveats", "notify", "canary"}

// endWord begins the last line of our own formats: "#end,N", where N is how many rows or numbers there are.
const endWord = "#end,"

// saidEnd reads a line that begins with "#": how many items the file says that it has, or what was known of it before.
func saidEnd(text string, known int) int {
	if n, ok := strings.CutPrefix(text, endWord); ok {
		if n, ok := digits(strings.TrimRight(n, ", \r\n"), 0, maxNumbers); ok { // a spreadsheet fills a row with commas
			return n
		}
	}
	return known
}

func importPlain(files map[string]io.Reader, k *sink) error {
	k.file = plainFile
	known, said := false, -1
	err := k.table(files, []string{"id"}, func(r tableRow) error {
		if !known {
			for column := range r.table.columns {
				if known = slices.Contains(plainColumns, column); !known {
					return fmt.Errorf("%w: the columns of the format are %s", ErrInput, strings.Join(plainColumns, ", "))
				}
			}
		}
		return k.plainRow(r)
	}, func(text string) { said = saidEnd(text, said) })
	k.Whole = said == k.Read
	return err
}

func (k *sink) plainRow(r tableRow) error {
	p := plainReader{k: k, row: r}
	a := p.alert()
	if p.bad != "" { // an alert without what was meant by its editor is none: he is told, and mends it
		k.lost(r.line, p.bad)
		return nil
	}
	return k.hand(r.line, a)
}

// plainReader reads one row strictly: unlike foreign lists it was written for this border, and a mistake can be mended.
type plainReader struct {
	k   *sink
	row tableRow
	bad string // the first mistake
}

func (p *plainReader) wrong(why string) {
	if p.bad == "" {
		p.bad = why
	}
}

func (p *plainReader) alert() border.Alert {
	get := p.row.get
	id := get("id")
	if id == "" {
		p.wrong("no id")
	}
	if !strings.Contains(id, ":") {
		id = "csv:" + id
	}
	a := p.k.begin(id)
	var err error
	if kind := get("kind"); kind != "" {
		if a.Kind, err = border.ParseAlertKind(kind); err != nil {
			p.wrong("unknown kind")
		}
	}
	if action := get("action"); action != "" {
		if a.Action, err = border.ParseAction(action); err != nil {
			p.wrong("unknown action")
		}
	}
	a.Issuer, a.Reason, a.Caveats, a.Notify = get("issuer"), get("reason"), get("caveats"), values(get("notify"))
	for i, column := range []string{"name", "aliases", "weak_aliases"} {
		for _, n := range values(get(column)) {
			a.Names = append(a.Names, wholeName(n, i > 0, i > 1))
		}
	}
	for _, text := range values(get("birth")) {
		days, ok := anyBirth(text)
		if !ok {
			p.wrong("birth date not understood")
		}
		a.Births = addNew(a.Births, days...)
	}
	for _, s := range values(get("nationality")) {
		a.Nations = addState(a.Nations, s, func() { p.wrong("nationality not understood") })
	}
	if sex := get("sex"); sex != "" {
		if a.Sex = sexOf(sex); a.Sex == "" {
			p.wrong("sex not understood")
		}
	}
	p.things(&a)
	switch get("canary") {
	case "", "no":
	case "yes":
		a.Canary = true
	default:
		p.wrong("canary is yes or no")
	}
	a.From, a.Until = p.day("from"), p.day("until")
	return a
}

func (p *plainReader) day(column string) border.Date {
	text := p.row.get(column)
	if text == "" {
		return 0
	}
	d, err := border.ParseDate(text)
	if err != nil {
		p.wrong(column + " is not a day such as 2026-07-22")
	}
	return d
}

// things reads documents, "issuer:number[:last of a range[:status]]", and vehicles, "state:plate[:VIN]".
func (p *plainReader) things(a *border.Alert) {
	for _, text := range values(p.row.get("documents")) {
		f := fields(text, 4)
		if f == nil {
			p.wrong("a document is written issuer:number:last:status")
			continue
		}
		a.Documents = addNew(a.Documents, border.AlertDocument{Issuer: p.state(f[0]), Number: f[1], To: f[2], Status: f[3]})
	}
	for _, text := range values(p.row.get("vehicles")) {
		f := fields(text, 3)
		if f == nil {
			p.wrong("a vehicle is written state:plate:VIN")
			continue
		}
		a.Vehicles = addNew(a.Vehicles, border.AlertVehicle{Country: p.state(f[0]), Plate: f[1], VIN: f[2]})
	}
}

func (p *plainReader) state(s string) string {
	return strings.Join(addState(nil, s, func() { p.wrong("state not understood") }), "")
}

// fields splits a text at its colons into at least two and at most n fields, and fills up to n.
func fields(text string, n int) []string {
	f := strings.Split(text, ":")
	if len(f) < 2 || len(f) > n {
		return nil
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return append(f, make([]string, n-len(f))...)
}
