// Package lists reads the alert lists that others publish, and puts a release of alerts into chunks that travel. It opens
// no file and knows no network: it reads what it is handed.
//
// An importer never trusts a list to be whole or well-formed. What it cannot read it reports with file and line, and goes
// on; whether what remains may become a release is the caller's decision (and the authority's, where alerts are missing).
package lists

import (
	"errors"
	"fmt"
	"io"

	"tims/internal/border"
)

// A Format names an importer.
type Format string

// OFACSDN is the Specially Designated Nationals list of the United States Treasury in its csv form. Its files are sdn.csv,
// needed, and alt.csv and sdn_comments.csv, which add aliases and the ends of long remarks.
const OFACSDN Format = "ofac-sdn"

// Formats lists the importers, for a command's help.
func Formats() []Format { return []Format{OFACSDN} }

// A Summary says what became of a list. Read = Alerts + the sum of Skipped.
type Summary struct {
	Read    int            // rows of the main file that name something
	Alerts  int            // handed on
	Skipped map[string]int // rows without an alert, by reason
	Faulty  int            // faults in all
	Faults  []Fault        // the first of them
	Whole   bool           // the issuer's own mark for the end of the list was seen: it was not broken off
}

// A Fault is one thing that could not be read. Why holds nothing of the row's content.
type Fault struct {
	File string
	Line int // from 1
	Why  string
}

// ErrInput is wrapped where nothing could be imported at all: an unknown format or a file that is missing.
var ErrInput = errors.New("cannot import")

// Import reads a list from its files, by name, and hands each alert to emit in the order of the list. It stops only where
// emit or a reader fails. The alerts ask to inform: what a foreign list means at this border is for emit to set.
func Import(format Format, files map[string]io.Reader, emit func(border.Alert) error) (Summary, error) {
	s := Summary{Skipped: map[string]int{}}
	if format != OFACSDN {
		return s, fmt.Errorf("%w: unknown format", ErrInput)
	}
	err := (&ofac{summary: &s}).run(files, emit)
	return s, err
}

func (s *Summary) fault(file string, line int, why string) {
	s.Faulty++
	if len(s.Faults) < maxFaults {
		s.Faults = append(s.Faults, Fault{file, line, why})
	}
}
