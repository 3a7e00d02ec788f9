// Package lists reads the alert lists that others publish, compares two editions of one, and puts a release of alerts into
// chunks that travel. It opens no file and knows no network: it reads what it is handed.
//
// An importer never trusts a list to be whole or well-formed. What it cannot read it reports with file and line, and goes
// on; whether what remains may become a release is the caller's decision (and the authority's, where alerts are missing).
package lists

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"tims/internal/border"
)

// A Format names an importer.
type Format string

// The formats, each with its files; the first is needed.
const (
	// OFACSDN is the Specially Designated Nationals list of the United States Treasury in its csv form: sdn.csv, and
	// alt.csv and sdn_comments.csv, which add aliases and the ends of long remarks. Its end is a mark of its own.
	OFACSDN Format = "ofac-sdn"
	// OFACAdvanced is the same list in its advanced XML form, with names in all scripts. As in all of XML the end of the root
	// element is the end of the list.
	OFACAdvanced Format = "ofac-advanced"
	// UNConsolidated is the list of the United Nations Security Council in XML.
	UNConsolidated Format = "un-consolidated"
	// EUConsolidated is the list of financial sanctions of the European Union in XML, form 1.1.
	EUConsolidated Format = "eu-consolidated"
	// UKOFSI is the consolidated list of the British Treasury in csv, or the UK Sanctions List in csv, which has other
	// names of columns. Neither has a mark for its end: whole is one whose last row is complete and ends its line.
	UKOFSI Format = "uk-ofsi"
	// OpenSanctionsSimple is targets.simple.csv of OpenSanctions; its end is known as that of UKOFSI.
	OpenSanctionsSimple Format = "opensanctions-simple"
	// OpenSanctions is entities.ftm.json of OpenSanctions, an entity a line; its end is known as that of UKOFSI.
	OpenSanctions Format = "opensanctions"
	// PlainCSV is this project's own table (docs/design/alert-files.md). Its last line may say how many rows there are; without
	// it the list is not whole.
	PlainCSV Format = "csv"
	// Numbers is a list of stolen documents, a number or range a line (docs/design/alert-files.md), with a last line as PlainCSV.
	Numbers Format = "numbers"
)

// importers in the order in which a command names them.
var importers = []struct {
	format Format
	files  []string
	run    func(files map[string]io.Reader, k *sink) error
}{
	{OFACSDN, []string{ofacMain, ofacAliases, ofacComments}, importOFAC},
	{OFACAdvanced, []string{advancedFile}, importAdvanced},
	{UNConsolidated, []string{unFile}, importUN},
	{EUConsolidated, []string{euFile}, importEU},
	{UKOFSI, []string{ukFile}, importUK},
	{OpenSanctionsSimple, []string{simpleFile}, importSimple},
	{OpenSanctions, []string{entityFile}, importEntities},
	{PlainCSV, []string{plainFile}, importPlain},
	{Numbers, []string{numbersFile}, importNumbers},
}

// Formats lists the importers, for a command's help.
func Formats() []Format {
	var all []Format
	for _, i := range importers {
		all = append(all, i.format)
	}
	return all
}

// Files gives the names under which Import expects the files of a format; the first is needed.
func Files(f Format) []string {
	for _, i := range importers {
		if i.format == f {
			return slices.Clone(i.files)
		}
	}
	return nil
}

// A Summary says what became of a list. Read = Alerts + the sum of Skipped.
type Summary struct {
	Read    int            // items of the main file that name something
	Alerts  int            // handed on
	Skipped map[string]int // items without an alert, by reason
	Faulty  int            // faults in all
	Faults  []Fault        // the first of them
	Whole   bool           // the end of the list was seen, as the format tells it: it was not broken off
}

// A Fault is one thing that could not be read. Why holds nothing of the item's content.
type Fault struct {
	File string
	Line int // from 1; of XML, where the element begins
	Why  string
}

// ErrInput is wrapped where nothing could be imported at all: an unknown format, a file that is missing or none of the format.
var ErrInput = errors.New("cannot import")

// A FileError is what ended an import, with the file in which it did, by the name under which Import was given it.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return e.File + ": " + e.Err.Error() }

// Unwrap gives the error without the file.
func (e *FileError) Unwrap() error { return e.Err }

var errSide = fmt.Errorf("%w: more than %d items beside the list", ErrInput, maxSideRows)

// Import reads a list from its files, by name, and hands each alert to emit in the order of the list. It stops only where
// emit or a reader fails; a file that ends early, or a compressed one that does, ends the list, which is not whole. The
// alerts ask to inform unless the format says what to do: what a foreign list means at this border is for emit to set.
//
// Of OFACAdvanced, UKOFSI and OpenSanctions a person is held until the file ends, for parts of him may stand anywhere; the
// others are streamed.
func Import(format Format, files map[string]io.Reader, emit func(border.Alert) error) (Summary, error) {
	s := Summary{Skipped: map[string]int{}}
	for _, i := range importers {
		if i.format == format {
			err := i.run(files, &sink{Summary: &s, format: format, emit: emit})
			return s, err
		}
	}
	return s, fmt.Errorf("%w: unknown format", ErrInput)
}

func (s *Summary) fault(file string, line int, why string) {
	s.Faulty++
	if len(s.Faults) < maxFaults {
		s.Faults = append(s.Faults, Fault{file, line, why})
	}
}
