package lists

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"tims/internal/border"
)

// numbersFile is the one file of Numbers.
const numbersFile = "numbers.csv"

// A Number is a document that may not be used, or a range of them, by issuer and number alone. Number and To are in the form
// of border.NumberKey.
type Number struct {
	Issuer string // code as in a zone; empty where unknown
	Number string
	To     string // last of a range, empty for one
	Status string // "stolen" unless the list says otherwise
}

// statuses are the words that a list of numbers may have for what became of a document.
var statuses = []string{"stolen", "lost", "revoked", "stolen blank", "invalid"}

// Statuses gives those words; the first is what a number has that says none.
func Statuses() []string { return slices.Clone(statuses) }

// ImportNumbers reads a list of Numbers, one `issuer,number[,last[,status]]` a line, and hands each to emit in the order of
// the list. It holds one line at a time, whatever the list's length.
func ImportNumbers(r io.Reader, emit func(Number) error) (Summary, error) {
	s := Summary{Skipped: map[string]int{}}
	err := (&numberReader{sink: &sink{Summary: &s, file: numbersFile}, states: map[string]string{}}).run(r, emit)
	return s, err
}

// importNumbers makes an alert of each number, for lists that are short enough to be one.
func importNumbers(files map[string]io.Reader, k *sink) error {
	k.file = numbersFile
	main := files[numbersFile]
	if main == nil {
		return fmt.Errorf("%w: %s is missing", ErrInput, numbersFile)
	}
	return (&numberReader{sink: k, states: map[string]string{}}).run(main, func(n Number) error {
		a := k.begin("numbers:" + n.Issuer + ":" + n.Number)
		if n.To != "" {
			a.ID += "-" + n.To
		}
		a.Kind, a.Action = border.DocumentAlert, border.ActSeize
		a.Documents = []border.AlertDocument{{Issuer: n.Issuer, Number: n.Number, To: n.To, Status: n.Status}}
		return k.emit(a)
	})
}

type numberReader struct {
	*sink
	states map[string]string // known issuers by what was written
}

func (n *numberReader) run(r io.Reader, emit func(Number) error) error {
	text, err := utf8Text(r)
	if err != nil {
		return err
	}
	in, said := bufio.NewReaderSize(text, maxLine), -1
	for line := 1; ; line++ {
		if line > maxNumbers {
			return fmt.Errorf("%w: more than %d lines", ErrInput, maxNumbers)
		}
		raw, long, err := readLine(in)
		if err != nil && !brokenOff(err) {
			return &FileError{numbersFile, fmt.Errorf("reading line %d: %w", line, err)}
		}
		raw = bytes.TrimRight(raw, "\r\n ")
		switch {
		case long:
			n.lost(line, "line too long")
		case len(raw) == 0:
		case raw[0] == '#':
			said = saidEnd(string(raw), said)
		case err != nil: // its number may be cut, which would make it another one
			n.lost(line, "the line has no end")
		default:
			if err := n.take(line, raw, emit); err != nil {
				return err
			}
		}
		if err != nil {
			n.Whole = said == n.Read
			return nil
		}
	}
}

func (n *numberReader) take(line int, raw []byte, emit func(Number) error) error {
	issuer, rest, ok := bytes.Cut(raw, []byte{','})
	number, rest, _ := bytes.Cut(rest, []byte{','})
	last, status, _ := bytes.Cut(rest, []byte{','})
	if !ok || len(number) > maxNumber || len(last) > maxNumber {
		n.lost(line, "not written issuer,number,last,status")
		return nil
	}
	state, ok := n.state(issuer)
	if !ok {
		n.lost(line, "issuer not understood")
		return nil
	}
	what, ok := statusWord(status)
	if !ok {
		n.lost(line, "unknown status")
		return nil
	}
	d := Number{Issuer: state, Number: border.NumberKey(string(number)), To: border.NumberKey(string(last)), Status: what}
	if _, ok := (border.AlertDocument{Number: d.Number, To: d.To}).Range(); !ok || !bytes.ContainsAny(number, "0123456789") {
		n.lost(line, "no number, or a range that is none")
		return nil
	}
	n.Read++
	n.Alerts++
	return emit(d)
}

func statusWord(b []byte) (string, bool) {
	if len(b) == 0 {
		return statuses[0], true
	}
	for _, s := range statuses {
		if string(bytes.TrimSpace(b)) == s {
			return s, true
		}
	}
	return "", false
}

// state is of the same text as before nearly always.
func (n *numberReader) state(b []byte) (string, bool) {
	if code, ok := n.states[string(b)]; ok {
		return code, true
	}
	known := true
	code := strings.Join(addState(nil, string(b), func() { known = false }), "")
	if known && len(n.states) < maxSideRows {
		n.states[string(b)] = code
	}
	return code, known
}
