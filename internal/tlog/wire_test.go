package tlog

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func hashOf(b byte) (h Hash) {
	for i := range h {
		h[i] = b
	}
	return h
}

func TestAddCheckpointBytes(t *testing.T) {
	a := AddCheckpoint{Old: 20852014, Proof: []Hash{hashOf(0), hashOf(0xff)}, Checkpoint: []byte("origin\n1\nhash\n\n— sig\n")}
	const want = "old 20852014\n" +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" +
		"//////////////////////////////////////////8=\n" +
		"\norigin\n1\nhash\n\n— sig\n"
	if got := string(a.Encode()); got != want {
		t.Errorf("encoded:\n%q\nwant:\n%q", got, want)
	}
	got, err := DecodeAddCheckpoint(strings.NewReader(want))
	if err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("decoded %+v, %v", got, err)
	}
}

func TestAddCheckpointMalformed(t *testing.T) {
	zero := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	for _, body := range []string{
		"", "old 1", "old 01\n\nx", "old -1\n\nx", "old +1\n\nx", "old 1 \n\nx", "Old 1\n\nx", "old \n\nx",
		"old 18446744073709551616\n\nx", "old 1\n", "old 1\nx", "old 1\n" + zero, "old 1\n" + zero[:40] + "\n\nx",
		"old 1\n" + strings.Replace(zero, "A=", "B=", 1) + "\nx", // bits behind the last byte
		"old 1\n" + zero[:20] + "\r" + zero[20:] + "\nx",
		"old 1\n" + strings.Repeat(zero, MaxProof+1) + "\nx",
		"old 1\n\n" + strings.Repeat("x", maxAddCheckpoint),
	} {
		if _, err := DecodeAddCheckpoint(strings.NewReader(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.60q: %v", body, err)
		}
	}
	if _, err := DecodeAddCheckpoint(iotest.ErrReader(errDisk)); !errors.Is(err, ErrMalformed) || !errors.Is(err, errDisk) {
		t.Errorf("a reader that fails: %v", err)
	}
}

func TestEntriesBytes(t *testing.T) {
	h := EntriesHeader{Origin: "o/1", Start: 1, End: 3, Ticket: []byte("tk")}
	o := Offer{start: 1, entries: [][]byte{[]byte("ab"), {}}, proof: []Hash{hashOf(7)}}
	want := "0003" + hex.EncodeToString([]byte("o/1")) + "0000000000000001" + "0000000000000003" +
		"0002" + hex.EncodeToString([]byte("tk")) +
		"0002" + hex.EncodeToString([]byte("ab")) + "0000" + "01" + strings.Repeat("07", 32)
	body := o.AppendTo(h.AppendTo(nil))
	if got := hex.EncodeToString(body); got != want {
		t.Fatalf("encoded %s\nwant    %s", got, want)
	}
	d, err := DecodeEntries(iotest.OneByteReader(bytes.NewReader(body)))
	must(t, err)
	got, err := d.Next()
	must(t, err)
	if !reflect.DeepEqual(d.Header, h) || !reflect.DeepEqual(got, o) || got.Start() != 1 || got.Len() != 2 {
		t.Errorf("decoded %+v %+v", d.Header, got)
	}
	if _, err := d.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	for cut := range body {
		d, err := DecodeEntries(bytes.NewReader(body[:cut]))
		if err == nil {
			_, err = d.Next()
		}
		boundary := cut == len(h.AppendTo(nil)) // the empty prefix of the canonical sequence
		if boundary && err != io.EOF || !boundary && (!errors.Is(err, ErrMalformed) || !errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
}

func TestEntriesMalformed(t *testing.T) {
	for what, body := range map[string][]byte{
		"a long origin":          EntriesHeader{Origin: strings.Repeat("x", maxOrigin+1), End: 1}.AppendTo(nil),
		"the end before start":   EntriesHeader{Origin: "o", Start: 2, End: 1}.AppendTo(nil),
		"an end beyond any tree": EntriesHeader{Origin: "o", End: maxSize}.AppendTo(nil),
	} {
		if _, err := DecodeEntries(bytes.NewReader(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	h := EntriesHeader{Origin: "o", End: 1}.AppendTo(nil)
	for what, body := range map[string][]byte{
		"too long a proof":        append(bytes.Clone(h), append([]byte{0, 0, 64}, make([]byte, 64*32)...)...),
		"bytes after the last":    append(bytes.Clone(h), 0, 0, 0, 9),
		"bytes where none can be": append(EntriesHeader{Origin: "o"}.AppendTo(nil), 0),
	} {
		d, err := DecodeEntries(bytes.NewReader(body))
		for err == nil {
			_, err = d.Next()
		}
		if !errors.Is(err, ErrMalformed) || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestMirrorInfoBytes(t *testing.T) {
	i := MirrorInfo{Size: 800, Next: 512, Ticket: []byte{0xfb, 0xff}}
	const want = "800\n512\n+/8=\n"
	if got := string(i.Encode()); got != want {
		t.Errorf("encoded %q", got)
	}
	if got, err := DecodeMirrorInfo(strings.NewReader(want)); err != nil || !reflect.DeepEqual(got, i) {
		t.Errorf("decoded %+v, %v", got, err)
	}
	if got := string(MirrorInfo{}.Encode()); got != "0\n0\n\n" {
		t.Errorf("empty: %q", got)
	}
	for _, body := range []string{"", "1\n2\n", "1\n2\n\nx", "1\n2\n\n\n", "01\n2\n\n", "1\n\n\n", "1\n2\n+/9=\n", "1\n2\n+/\r8=\n",
		"1\n2\n" + strings.Repeat("AAAA", maxMirrorInfo/4) + "\n"} {
		if _, err := DecodeMirrorInfo(strings.NewReader(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.40q: %v", body, err)
		}
	}
	if got := string(EncodeSize(42)); got != "42\n" {
		t.Errorf("size: %q", got)
	}
	if n, err := DecodeSize(strings.NewReader("42\n")); n != 42 || err != nil {
		t.Errorf("size: %d, %v", n, err)
	}
	for _, body := range []string{"", "42", "042\n", "42\n\n", "42\nx", strings.Repeat("9", 40) + "\n"} {
		if _, err := DecodeSize(strings.NewReader(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("size %q: %v", body, err)
		}
	}
}

func TestPartsBytes(t *testing.T) {
	parts := []IndexedPart{{1, Part{2, []byte("w"), []byte("body")}}, {1, Part{3, []byte{}, []byte{}}}}
	want := "0000000000000001" + "02" + "0001" + "77" + "00000004" + hex.EncodeToString([]byte("body")) +
		"0000000000000001" + "03" + "0000" + "00000000"
	var body []byte
	for _, p := range parts {
		body = p.AppendTo(body)
	}
	if got := hex.EncodeToString(body); got != want {
		t.Fatalf("encoded %s\nwant    %s", got, want)
	}
	if got, err := decodeParts(body); err != nil || !reflect.DeepEqual(got, parts) {
		t.Errorf("decoded %+v, %v", got, err)
	}
	backwards := parts[0].AppendTo(parts[1].AppendTo(nil))
	long := IndexedPart{0, Part{Wrap: make([]byte, MaxWrap+1)}}.AppendTo(nil)
	longer := IndexedPart{0, Part{Body: make([]byte, MaxPart+1)}}.AppendTo(nil)
	far := IndexedPart{maxSize, Part{}}.AppendTo(nil)
	for _, b := range [][]byte{backwards, long, longer, far, body[:5], body[:10], body[:13], body[:17], append(body, body...)} {
		if _, err := decodeParts(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
}

func decodeParts(b []byte) (parts []IndexedPart, err error) {
	d := DecodeParts(bytes.NewReader(b))
	for {
		p, err := d.Next()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
}

// What a decoder takes is what its encoder gives: nothing has two spellings.

func FuzzAddCheckpoint(f *testing.F) {
	f.Add(AddCheckpoint{Old: 3, Proof: []Hash{hashOf(1), hashOf(2)}, Checkpoint: []byte("o\n4\nh\n\n— o x\n")}.Encode())
	f.Add([]byte("old 0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := DecodeAddCheckpoint(bytes.NewReader(b)); err == nil && !bytes.Equal(a.Encode(), b) {
			t.Errorf("%q became %q", b, a.Encode())
		}
	})
}

func FuzzEntries(f *testing.F) {
	o := Offer{start: 255, entries: [][]byte{[]byte("a")}, proof: []Hash{hashOf(1)}}
	o2 := Offer{start: 256, entries: [][]byte{[]byte("bc"), nil}}
	f.Add(o2.AppendTo(o.AppendTo(EntriesHeader{Origin: "o", Start: 255, End: 258}.AppendTo(nil))))
	f.Add(EntriesHeader{Origin: "o", Start: 5, End: 5, Ticket: []byte("t")}.AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := DecodeEntries(bytes.NewReader(b))
		if err != nil {
			return
		}
		again := d.Header.AppendTo(nil)
		for {
			o, err := d.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return
			}
			must(t, o.check(d.Header.End))
			again = o.AppendTo(again)
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x became %x", b, again)
		}
	})
}

func FuzzMirrorInfo(f *testing.F) {
	f.Add(MirrorInfo{Size: 800, Next: 512, Ticket: []byte("ticket")}.Encode())
	f.Add([]byte("7\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if i, err := DecodeMirrorInfo(bytes.NewReader(b)); err == nil && !bytes.Equal(i.Encode(), b) {
			t.Errorf("%q became %q", b, i.Encode())
		}
		if n, err := DecodeSize(bytes.NewReader(b)); err == nil && !bytes.Equal(EncodeSize(n), b) {
			t.Errorf("%q became %q", b, EncodeSize(n))
		}
	})
}

func FuzzParts(f *testing.F) {
	f.Add(IndexedPart{2, Part{1, nil, nil}}.AppendTo(IndexedPart{1, Part{2, []byte("w"), []byte("b")}}.AppendTo(nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		parts, err := decodeParts(b)
		if err != nil {
			return
		}
		var again []byte
		for _, p := range parts {
			again = p.AppendTo(again)
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x became %x", b, again)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	_, vkey := testKeys(f, testOrigin)
	s, _ := testSigner(f, testOrigin)
	key, err := parseKey(vkey)
	must(f, err)
	cp, err := key.signCheckpoint(s, 5, hashOf(9))
	must(f, err)
	f.Add(string(cp.note))
	f.Add(headText(testOrigin, 0, sumEmpty))
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseHead(text); err == nil {
			origin, _, _ := strings.Cut(text, "\n")
			if again := headText(origin, c.size, c.root); again != text {
				t.Errorf("%q became %q", text, again)
			}
		}
		if c, err := key.openCheckpoint([]byte(text)); err == nil && fmt.Sprint(c) != fmt.Sprint(cp) {
			t.Errorf("opened another checkpoint: %q", text)
		}
	})
}

// Golden bytes of a checkpoint, so that a change of format is seen.
func TestCheckpointBytes(t *testing.T) {
	s, vkey := testSigner(t, testOrigin)
	key, err := parseKey(vkey)
	must(t, err)
	cp, err := key.signCheckpoint(s, 3, hashOf(0xab))
	must(t, err)
	const want = `xk/alpha/1+0ec4ebef+AabBe5leHs5muogAK614YBnZ7JqSuynWf0qFecqsHUCk
xk/alpha/1
3
q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=

— xk/alpha/1 DsTr7/8ad+1vX3F8L+XtPGoQF7Zll8K9zgYw626PlrAKewD07RD1gqadfBBfP86q+m+ypetQIpMdzEaB5W3j4aCWLg4=
`
	if got := vkey + "\n" + string(cp.note); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
