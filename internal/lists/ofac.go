package lists

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"tims/internal/border"
)

// ofac reads the list as its issuer describes it in "SDN data formats" (dat_spec.txt): sdn.csv has twelve columns, entity
// number, name, type, programme, title, six of vessels, remarks; alt.csv has entity number, alias number, kind, name,
// remarks. "-0-" is nothing. Weak aliases stand in the remarks alone, in single quotes.
type ofac struct {
	summary *Summary
	aliases map[int][]border.AlertName
	more    map[int]string // ends of remarks that had no room
	held    int
}

const (
	ofacMain     = "sdn.csv"
	ofacAliases  = "alt.csv"
	ofacComments = "sdn_comments.csv"
	ofacNothing  = "-0-"
	ofacColumns  = 12
)

func importOFAC(files map[string]io.Reader, k *sink) error {
	return (&ofac{summary: k.Summary}).run(files, k.emit)
}

func (o *ofac) run(files map[string]io.Reader, emit func(border.Alert) error) error {
	main := files[ofacMain]
	if main == nil {
		return fmt.Errorf("%w: %s is missing", ErrInput, ofacMain)
	}
	o.aliases, o.more = map[int][]border.AlertName{}, map[int]string{}
	if err := o.side(files, ofacAliases, 4, func(id int, f []string) {
		if f[3] != "" && f[3] != ofacNothing {
			o.aliases[id] = append(o.aliases[id], ofacName(f[3], true, false))
		}
	}); err != nil {
		return err
	}
	if err := o.side(files, ofacComments, 2, func(id int, f []string) { o.more[id] += f[1] }); err != nil {
		return err
	}
	whole, err := eachRow(main, func(line int, f []string) error { return o.row(line, f, emit) },
		func(line int, why string) { o.lost(line, why) })
	o.summary.Whole = whole
	if err != nil {
		return &FileError{ofacMain, err}
	}
	return nil
}

// side reads a file that adds to the main one. It is held in memory.
func (o *ofac) side(files map[string]io.Reader, name string, columns int, row func(id int, f []string)) error {
	r := files[name]
	if r == nil {
		return nil
	}
	fault := func(line int, why string) { o.summary.fault(name, line, why) }
	_, err := eachRow(r, func(line int, f []string) error {
		id, err := strconv.Atoi(f[0])
		switch {
		case len(f) < columns:
			fault(line, "too few columns")
		case err != nil || id <= 0:
			fault(line, "no entity number")
		default:
			if o.held++; o.held > maxSideRows {
				return fmt.Errorf("%w: more than %d rows beside the list", ErrInput, maxSideRows)
			}
			row(id, f)
		}
		return nil
	}, fault)
	if err != nil {
		return &FileError{name, err}
	}
	return nil
}

// lost counts a row of the main file of which nothing came.
func (o *ofac) lost(line int, why string) {
	o.summary.Read++
	o.summary.Skipped["faulty"]++
	o.summary.fault(ofacMain, line, why)
}

func (o *ofac) row(line int, f []string, emit func(border.Alert) error) error {
	for i := range f {
		if f[i] == ofacNothing {
			f[i] = ""
		}
	}
	if len(f) != ofacColumns {
		o.lost(line, "not twelve columns")
		return nil
	}
	id, err := strconv.Atoi(f[0])
	if err != nil || id <= 0 {
		o.lost(line, "no entity number")
		return nil
	}
	if kind := f[2]; kind != "individual" {
		if kind == "" {
			kind = "entity"
		}
		if kind != "entity" && kind != "vessel" && kind != "aircraft" {
			o.lost(line, "unknown type")
			return nil
		}
		o.summary.Read++
		o.summary.Skipped[kind]++
		return nil
	}
	a := o.person(line, id, f)
	if err := a.Validate(); err != nil {
		o.lost(line, err.Error())
		return nil
	}
	o.summary.Read++
	o.summary.Alerts++
	return emit(a)
}

func (o *ofac) person(line, id int, f []string) border.Alert {
	a := border.Alert{
		ID: "ofac:" + strconv.Itoa(id), List: string(OFACSDN), Kind: border.PersonAlert, Action: border.ActInform,
		Issuer: "US OFAC", Reason: strings.ReplaceAll(f[3], "] [", ", "),
		Names: append([]border.AlertName{ofacName(f[1], false, false)}, o.aliases[id]...),
	}
	delete(o.aliases, id)
	remarks(&a, f[11]+o.more[id], func(why string) { o.summary.fault(ofacMain, line, why) })
	return a
}

// ofacName divides "LAST, First Middle, Jr." at the first comma.
func ofacName(s string, alias, weak bool) border.AlertName {
	last, first, _ := strings.Cut(s, ",")
	return border.AlertName{Primary: strings.TrimSpace(last), Secondary: strings.TrimSpace(first), Alias: alias, Weak: weak}
}
