package lists

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A table is a file of comma-separated rows under a header that names the columns. Its rows may have line ends in quoted
// texts; a quote that is never closed spoils its own line only.
type table struct {
	in      *bufio.Reader
	line    int
	waiting []tableLine // read ahead for a quote that was not closed after all
	columns map[string]int
	width   int
	fault   func(line int, why string)
}

type tableLine struct {
	number int
	text   string
	long   bool
	ended  bool // by a line end, not by the end of the file
}

// A tableRow is one row under its header.
type tableRow struct {
	table  *table
	line   int
	fields []string
}

// get returns the field of the first of the named columns that the table has and that is not empty.
func (r tableRow) get(names ...string) string {
	for _, name := range names {
		if i, ok := r.table.columns[name]; ok && r.fields[i] != "" {
			return r.fields[i]
		}
	}
	return ""
}

func (t *table) next() (tableLine, error) {
	if len(t.waiting) > 0 {
		l := t.waiting[0]
		t.waiting = t.waiting[1:]
		return l, nil
	}
	if t.line++; t.line > maxLines {
		return tableLine{}, fmt.Errorf("%w: more than %d lines", ErrInput, maxLines)
	}
	raw, long, err := readLine(t.in)
	ended := err == nil
	if brokenOff(err) && len(raw) > 0 {
		err = nil
	}
	if err != nil && !brokenOff(err) {
		err = fmt.Errorf("reading line %d: %w", t.line, err)
	}
	return tableLine{t.line, strings.TrimRight(lineText(raw), "\r\n"), long, ended}, err
}

// brokenOff reports the end of a file, or of what came of a compressed one.
func brokenOff(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// eachTableRow reads a table. The header is the first row with all needed columns; names of columns are in small letters.
// A line that begins with "#" is handed to remark, where that is set. whole says that the last row was complete and its
// line ended: a file that was cut anywhere but at a line end is not.
func eachTableRow(r io.Reader, needed []string, each func(tableRow) error, remark func(text string), fault func(line int, why string)) (whole bool, err error) {
	text, err := utf8Text(r)
	if err != nil {
		return false, err
	}
	t := &table{in: bufio.NewReaderSize(text, maxLine), fault: fault}
	for {
		l, err := t.next()
		if brokenOff(err) {
			if t.columns == nil {
				return false, fmt.Errorf("%w: no header with the columns %s", ErrInput, strings.Join(needed, ", "))
			}
			return whole && errors.Is(err, io.EOF), nil
		}
		if err != nil {
			return false, err
		}
		whole = l.ended && !l.long
		switch {
		case l.long:
			fault(l.number, "line too long")
		case l.text == "":
		case strings.HasPrefix(l.text, "#") && remark != nil:
			remark(l.text)
		case t.columns == nil:
			if err := t.header(l, needed); err != nil {
				return false, err
			}
		default:
			fields, ok := t.divide(&l)
			if whole = ok && l.ended; !ok {
				continue
			}
			if !l.ended { // its last field may be cut, which could make it another item
				fault(l.number, "the line has no end")
				continue
			}
			if err := each(tableRow{t, l.number, fields}); err != nil {
				return false, err
			}
		}
	}
}

func (t *table) header(l tableLine, needed []string) error {
	fields, _ := divide(l.text)
	columns := map[string]int{}
	for i, f := range fields {
		columns[strings.ToLower(strings.TrimSpace(f))] = i
	}
	missing := len(fields) > maxColumns
	for _, n := range needed {
		_, ok := columns[n]
		missing = missing || !ok
	}
	switch {
	case !missing:
		t.columns, t.width = columns, len(fields)
	case l.number >= maxHeadRows:
		return fmt.Errorf("%w: no header with the columns %s", ErrInput, strings.Join(needed, ", "))
	}
	return nil
}

// divide splits a line, with those behind it where a quoted text goes on there. What was read ahead in vain is read again.
func (t *table) divide(l *tableLine) (fields []string, ok bool) {
	if fields, ok = divide(l.text); ok {
		if ok = len(fields) == t.width; !ok {
			t.fault(l.number, "not as many columns as the header")
		}
		return fields, ok
	}
	joined, ahead := l.text, []tableLine(nil)
	for len(ahead) < maxJoined && len(joined) < maxLine {
		more, err := t.next()
		if err != nil {
			break // it comes again at the next line
		}
		ahead = append(ahead, more)
		joined += "\n" + more.text
		if fields, ok = divide(joined); ok && len(fields) == t.width {
			l.ended = more.ended
			return fields, true
		}
	}
	t.waiting = append(ahead, t.waiting...)
	t.fault(l.number, "quotes do not match")
	return nil, false
}
