package lists

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// utf8Text gives a stream in UTF-8. How it is encoded is known from, in this order: its byte order mark; zero bytes where
// UTF-16 has them in "<?"; the encoding that an XML declaration names; and without any of these it is UTF-8.
func utf8Text(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 4096)
	head, err := in.Peek(256)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		in.Discard(3)
		return in, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00?\x00")):
		return &wideText{in: in}, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<\x00?")):
		return &wideText{in: in, big: true}, nil
	}
	switch declared := declaredEncoding(head); declared {
	case "", "utf-8", "us-ascii", "ascii":
		return in, nil
	case "windows-1252", "iso-8859-1", "latin1":
		return &westernText{in: in}, nil // of ISO 8859-1 it is all that is ever written
	}
	return nil, fmt.Errorf("%w: an encoding that is none of UTF-8, UTF-16, windows-1252", ErrInput)
}

// declaredEncoding reads encoding="…" in an XML declaration, in small letters; "" where there is none.
func declaredEncoding(head []byte) string {
	s := string(head)
	if !strings.HasPrefix(s, "<?xml") {
		return ""
	}
	s, _, _ = strings.Cut(s, "?>")
	_, rest, ok := strings.Cut(s, "encoding")
	rest = strings.TrimLeft(rest, " \t\r\n=")
	if !ok || rest == "" {
		return ""
	}
	name, _, _ := strings.Cut(rest[1:], rest[:1])
	return strings.ToLower(name)
}

// wideText reads UTF-16 as UTF-8. A half surrogate becomes U+FFFD.
type wideText struct {
	in    *bufio.Reader
	big   bool
	begun bool
	out   []byte
	left  rune // a unit that was read ahead, behind a high surrogate without its low one
}

func (w *wideText) unit() (rune, error) {
	if u := w.left; u != 0 {
		w.left = 0
		return u, nil
	}
	a, err := w.in.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := w.in.ReadByte()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if w.big {
		a, b = b, a
	}
	return rune(b)<<8 | rune(a), err
}

func (w *wideText) Read(p []byte) (int, error) {
	for len(w.out) < len(p) {
		u, err := w.unit()
		if err != nil {
			if len(w.out) > 0 {
				break
			}
			return 0, err
		}
		if first := !w.begun; first {
			w.begun = true
			if u == 0xfeff {
				continue
			}
		}
		if utf16.IsSurrogate(u) {
			low, err := w.unit()
			if r := utf16.DecodeRune(u, low); err == nil && r != utf8.RuneError {
				u = r
			} else {
				u, w.left = utf8.RuneError, low
			}
		}
		w.out = utf8.AppendRune(w.out, u)
	}
	n := copy(p, w.out)
	w.out = w.out[:copy(w.out, w.out[n:])]
	return n, nil
}

// westernText reads windows-1252 as UTF-8.
type westernText struct {
	in  *bufio.Reader
	out []byte
}

func (w *westernText) Read(p []byte) (int, error) {
	for len(w.out) < len(p) {
		c, err := w.in.ReadByte()
		if err != nil {
			if len(w.out) > 0 {
				break
			}
			return 0, err
		}
		w.out = utf8.AppendRune(w.out, westernRune(c))
	}
	n := copy(p, w.out)
	w.out = w.out[:copy(w.out, w.out[n:])]
	return n, nil
}

// western holds what windows-1252 has at 80 to 9F; five places are empty.
var western = [32]rune{'€', utf8.RuneError, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', utf8.RuneError, 'Ž', utf8.RuneError,
	utf8.RuneError, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', utf8.RuneError, 'ž', 'Ÿ'}

func westernRune(c byte) rune {
	if c >= 0x80 && c <= 0x9f {
		return western[c-0x80]
	}
	return rune(c)
}

// lineText reads one line of a table, which says nothing of its encoding: it is UTF-8 where it is valid as that, which
// windows-1252 with a letter beyond ASCII practically never is, and windows-1252 otherwise.
func lineText(line []byte) string {
	if utf8.Valid(line) {
		return string(line)
	}
	var s strings.Builder
	for _, c := range line {
		s.WriteRune(westernRune(c))
	}
	return s.String()
}
