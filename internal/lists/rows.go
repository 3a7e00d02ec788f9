package lists

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// endMark is the last line of lists that come from the age of CP/M.
const endMark = "\x1a"

// eachRow reads comma-separated rows, one a line: a quote that is never closed spoils its own line only, which is why
// encoding/csv is not used. Text is Latin-1. It calls row with the number of the line, from 1, and reports lines it
// cannot divide. whole says that the end mark was seen.
func eachRow(r io.Reader, row func(line int, fields []string) error, fault func(line int, why string)) (whole bool, err error) {
	in := bufio.NewReaderSize(r, maxLine)
	for line := 1; ; line++ {
		if line > maxLines {
			return false, fmt.Errorf("%w: more than %d lines", ErrInput, maxLines)
		}
		raw, long, err := readLine(in)
		if err != nil && !brokenOff(err) {
			return false, fmt.Errorf("reading line %d: %w", line, err)
		}
		text := strings.TrimRight(latin1(raw), "\r\n")
		switch fields, ok := divide(text); {
		case text == endMark:
			return true, nil
		case long:
			fault(line, "line too long")
		case text == "":
		case !ok:
			fault(line, "quotes do not match")
		default:
			if err := row(line, fields); err != nil {
				return false, err
			}
		}
		if err != nil {
			return false, nil
		}
	}
}

// readLine returns a line, or the first bytes of one that is too long and is read past.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	line, err = in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, false, err
	}
	line = bytes.Clone(line[:16])
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = in.ReadSlice('\n')
	}
	return line, true, err
}

func latin1(b []byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// divide splits a line at its commas. A field may stand in double quotes, doubled inside; blanks around it go.
func divide(line string) (fields []string, ok bool) {
	fields = make([]string, 0, 1+strings.Count(line, ","))
	for {
		line = strings.TrimLeft(line, " ")
		var field string
		if strings.HasPrefix(line, `"`) {
			field, line, ok = quoted(line[1:])
			if !ok {
				return nil, false
			}
			line = strings.TrimLeft(line, " ")
			if line != "" && line[0] != ',' {
				return nil, false
			}
		} else {
			i := strings.IndexByte(line, ',')
			if i < 0 {
				i = len(line)
			}
			field, line = strings.TrimRight(line[:i], " "), line[i:]
			if strings.Contains(field, `"`) {
				return nil, false
			}
		}
		fields = append(fields, field)
		if line == "" {
			return fields, true
		}
		line = line[1:]
	}
}

func quoted(s string) (field, rest string, ok bool) {
	if i := strings.IndexByte(s, '"'); i >= 0 && !strings.HasPrefix(s[i+1:], `"`) {
		return s[:i], s[i+1:], true
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if !strings.HasPrefix(s, `"`) {
			return b.String(), s, true
		}
		b.WriteByte('"')
		s = s[1:]
	}
}
