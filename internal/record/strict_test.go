package record

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// The fields of the least leaf, to be put together wrongly.
const (
	fVersion = "01 01"
	fKind    = "02 12"
	fAct     = "03 50 000102030405060708090a0b0c0d0e0f"
	fWritten = "05 1b 0000019fbd320600"
	fClock   = "06 82 00 00"
	fFloor   = "07 1b 0000019fbd320218"
	fShift   = "08 82 61 61 03"
)

func hexOf(items ...string) string { return strings.Join(items, " ") }

func hex32(n string) string   { return "58 20" + strings.Repeat(n, 32) }
func partRef(n string) string { return hexOf("84", n, hex32("aa"), hex32("bb"), "19 013c") }
func ref(origin int) string {
	return hexOf("82 78", string("0123456789abcdef"[origin>>4])+string("0123456789abcdef"[origin&15]), strings.Repeat("61", origin), "00")
}

func TestDecodeLeafAccepts(t *testing.T) {
	for name, in := range map[string]string{
		"least":       hexOf("a6", fVersion, fKind, fAct, fWritten, fClock, fFloor),
		"later kind":  hexOf("a6", fVersion, "02 19 03e7", fAct, fWritten, fClock, fFloor),
		"stepped":     hexOf("a6", fVersion, fKind, fAct, fWritten, "06 82 02 01", fFloor),
		"signed":      hexOf("a8", fVersion, fKind, fAct, fWritten, fClock, fFloor, fShift, "09 58 40", strings.Repeat("77", 64)),
		"long origin": hexOf("a7", fVersion, fKind, fAct, "04 81", ref(128), fWritten, fClock, fFloor),
		"four parts": hexOf("a7", fVersion, fKind, fAct, fWritten, fClock, fFloor, "0a 84", partRef("01"), partRef("02"),
			partRef("05"), partRef("18 ff")),
	} {
		if _, err := DecodeLeaf(fromHex(t, in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodeLeafRefuses(t *testing.T) {
	head := hexOf(fVersion, fKind, fAct)
	tail := hexOf(fWritten, fClock, fFloor)
	least := hexOf(head, tail)
	for name, in := range map[string]string{
		"nothing":               "",
		"not a map":             "81 01",
		"duplicate key":         hexOf("a7", fVersion, fVersion, fKind, fAct, tail),
		"wrong order":           hexOf("a6", fKind, fVersion, fAct, tail),
		"longer integer":        hexOf("a6 01 18 01", fKind, fAct, tail),
		"longer key":            hexOf("a6 18 01 01", fKind, fAct, tail),
		"longer count":          hexOf("b8 06", least),
		"longer length":         hexOf("a6", fVersion, fKind, "03 58 10 000102030405060708090a0b0c0d0e0f", tail),
		"indefinite map":        hexOf("bf", least, "ff"),
		"indefinite array":      hexOf("a6", head, fWritten, "06 9f 00 00 ff", fFloor),
		"indefinite bytes":      hexOf("a6", fVersion, fKind, "03 5f 50 000102030405060708090a0b0c0d0e0f ff", tail),
		"tag":                   hexOf("a6 01 c1 01", fKind, fAct, tail),
		"self-described":        hexOf("d9 d9f7 a6", least),
		"trailing byte":         hexOf("a6", least, "00"),
		"unknown field":         hexOf("a7", least, "0c 01"),
		"text key":              hexOf("a7", least, "61 61 01"),
		"deep unknown field":    hexOf("a7", least, "0c", strings.Repeat("81", 40), "00"),
		"missing floor":         hexOf("a5", head, fWritten, fClock),
		"missing act":           hexOf("a5", fVersion, fKind, tail),
		"kind 0":                hexOf("a6", fVersion, "02 00", fAct, tail),
		"kind beyond 16 bits":   hexOf("a6", fVersion, "02 1a 00010000", fAct, tail),
		"kind negative":         hexOf("a6", fVersion, "02 20", fAct, tail),
		"kind a float":          hexOf("a6", fVersion, "02 f9 4c80", fAct, tail),
		"kind a truth":          hexOf("a6", fVersion, "02 f5", fAct, tail),
		"kind null":             hexOf("a6", fVersion, "02 f6", fAct, tail),
		"version 0":             hexOf("a6 01 00", fKind, fAct, tail),
		"version 2":             hexOf("a6 01 02", fKind, fAct, tail),
		"act of 15":             hexOf("a6", fVersion, fKind, "03 4f 000102030405060708090a0b0c0d0e", tail),
		"act of 17":             hexOf("a6", fVersion, fKind, "03 51 000102030405060708090a0b0c0d0e0f10", tail),
		"act as array":          hexOf("a6", fVersion, fKind, "03 90 000102030405060708090a0b0c0d0e0f", tail),
		"act as text":           hexOf("a6", fVersion, fKind, "03 70 000102030405060708090a0b0c0d0e0f", tail),
		"written beyond 63":     hexOf("a6", head, "05 1b ffffffffffffffff", fClock, fFloor),
		"clock of one":          hexOf("a6", head, fWritten, "06 81 00", fFloor),
		"clock of three":        hexOf("a6", head, fWritten, "06 83 00 00 00", fFloor),
		"clock state 3":         hexOf("a6", head, fWritten, "06 82 03 01", fFloor),
		"synchronised since":    hexOf("a6", head, fWritten, "06 82 00 01", fFloor),
		"about empty":           hexOf("a7", head, "04 80", tail),
		"about null":            hexOf("a7", head, "04 f6", tail),
		"about 17":              hexOf("a7", head, "04 91", strings.Repeat("82 61 61 00 ", 17), tail),
		"about huge count":      hexOf("a7", head, "04 9b 7fffffffffffffff", tail),
		"origin empty":          hexOf("a7", head, "04 81 82 60 00", tail),
		"origin of 129":         hexOf("a7", head, "04 81", ref(129), tail),
		"origin not UTF-8":      hexOf("a7", head, "04 81 82 61 ff 00", tail),
		"origin as bytes":       hexOf("a7", head, "04 81 82 41 61 00", tail),
		"shift null":            hexOf("a7", least, "08 f6"),
		"shift without origin":  hexOf("a7", least, "08 82 60 00"),
		"booth without shift":   hexOf("a7", least, "09 58 40", strings.Repeat("77", 64)),
		"booth of 63":           hexOf("a8", least, fShift, "09 58 3f", strings.Repeat("77", 63)),
		"booth of 65":           hexOf("a8", least, fShift, "09 58 41", strings.Repeat("77", 65)),
		"booth empty":           hexOf("a8", least, fShift, "09 40"),
		"parts empty":           hexOf("a7", least, "0a 80"),
		"part 0":                hexOf("a7", least, "0a 81", partRef("00")),
		"part twice":            hexOf("a7", least, "0a 82", partRef("01"), partRef("01")),
		"parts descending":      hexOf("a7", least, "0a 82", partRef("02"), partRef("01")),
		"five parts":            hexOf("a7", least, "0a 85", partRef("01"), partRef("02"), partRef("03"), partRef("04"), partRef("05")),
		"part of three":         hexOf("a7", least, "0a 81 83 01", hex32("aa"), hex32("bb")),
		"part of five":          hexOf("a7", least, "0a 81 85 01", hex32("aa"), hex32("bb"), "01 01"),
		"commit of 31":          hexOf("a7", least, "0a 81 84 01 58 1f", strings.Repeat("aa", 31), hex32("bb"), "01"),
		"length beyond 32 bits": hexOf("a7", least, "0a 81 84 01", hex32("aa"), hex32("bb"), "1b 0000000100000000"),
		"claim of 31":           hexOf("a7", least, "0b 58 1f", strings.Repeat("cc", 31)),
		"claim empty":           hexOf("a7", least, "0b 40"),
		"over 8 KiB":            hexOf("a7", least, "0b 59 2000", strings.Repeat("cc", 1<<13)),
	} {
		l, err := DecodeLeaf(fromHex(t, in))
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
}

func TestDecodeLeafRefusesEachCut(t *testing.T) {
	full := golden(t)["leaf-full"]
	for n := range full {
		if _, err := DecodeLeaf(full[:n]); !errors.Is(err, ErrFormat) {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, change := range map[string]func(*Leaf){
		"kind 0":           func(l *Leaf) { l.Kind = 0 },
		"five parts":       func(l *Leaf) { l.Parts = append(l.Parts, PartRef{Part: Body}) },
		"parts descending": func(l *Leaf) { l.Parts[0].Part = Open },
		"17 about":         func(l *Leaf) { l.About = make([]Ref, 17) },
		"no origin":        func(l *Leaf) { l.About[1].Origin = "" },
		"origin not UTF-8": func(l *Leaf) { l.About[1].Origin = "\xff" },
		"shift too long":   func(l *Leaf) { l.Shift.Origin = strings.Repeat("a", 129) },
		"booth of 63":      func(l *Leaf) { l.Booth = l.Booth[1:] },
		"no shift":         func(l *Leaf) { l.Shift = nil },
		"claim of 33":      func(l *Leaf) { l.Claim = append(l.Claim, 0) },
		"clock state 3":    func(l *Leaf) { l.Clock.State = 3 },
	} {
		l := fullLeaf()
		change(&l)
		if b, err := l.Encode(); !errors.Is(err, ErrFormat) || b != nil {
			t.Errorf("%s: %x, %v", name, b, err)
		}
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"unknown field":    "a5 01 61 61 02 61 62 03 61 63 04 61 64 05 00",
		"missing field":    "a3 01 61 61 02 61 62 03 61 63",
		"wrong order":      "a4 02 61 62 01 61 61 03 61 63 04 61 64",
		"duplicate":        "a5 01 61 61 01 61 61 02 61 62 03 61 63 04 61 64",
		"not UTF-8":        "a4 01 61 ff 02 61 62 03 61 63 04 61 64",
		"indefinite text":  "a4 01 7f 61 61 ff 02 61 62 03 61 63 04 61 64",
		"trailing":         "a4 01 61 61 02 61 62 03 61 63 04 61 64 f6",
		"bytes for a text": "a4 01 41 61 02 61 62 03 61 63 04 61 64",
		"null":             "f6",
	} {
		if err := Unmarshal(fromHex(t, in), new(SearchBody)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Unmarshal(fromHex(t, "a4 01 61 61 02 61 62 03 61 63 04 61 64"), new(SearchBody)); err != nil {
		t.Errorf("control: %v", err)
	}
	// 0.5 as a float of 32 bits, where 16 hold it.
	long := "a1 01 81 a4 01 61 61 02 61 62 03 01 04 fa 3f000000"
	short := "a1 01 81 a4 01 61 61 02 61 62 03 01 04 f9 3800"
	if Unmarshal(fromHex(t, long), new(PolicePart)) == nil || Unmarshal(fromHex(t, short), new(PolicePart)) != nil {
		t.Error("a longer float was accepted or the shortest refused")
	}
	big := Marshal(PolicePart{Notes: strings.Repeat("a", 1<<20)})
	if err := Unmarshal(big, new(PolicePart)); !errors.Is(err, ErrFormat) {
		t.Errorf("%d bytes: %v", len(big), err)
	}
}

// No error may repeat what it was about: bodies hold names and numbers.
func TestErrorsNameNoContent(t *testing.T) {
	b := Marshal(SearchBody{By: "ERIKSSON", Reason: "ERIKSSON", What: "ERIKSSON", Asked: "ERIKSSON"})
	for _, in := range [][]byte{b[:len(b)-1], append(b[:len(b):len(b)], 0), append([]byte{0xa5}, b[1:]...)} {
		err := Unmarshal(in, new(SearchBody))
		if err == nil || strings.Contains(err.Error(), "ERIKSSON") {
			t.Errorf("%v", err)
		}
	}
}

// Which fields of a body may be absent, written out again by key. Whatever else is left out, cut, added or put in twice
// makes the bytes another thing, and they are refused.
func TestBodiesAreStrict(t *testing.T) {
	optional := map[string][]uint64{
		"shift-passkey": {3, 4}, "person-party": {5, 7, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22}, "status-regime": {8, 9, 10, 11, 12},
		"void": {}, "correction": {1, 2}, "late": {3, 4}, "outcome": {2, 3, 4}, "grey": {}, "regime": {5}, "count": {1, 6, 7, 8},
		"sheets": {}, "handover": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, "message": {2, 3, 4, 5}, "letter": {}, "alarm": {},
		"letter-hit": {3}, "alarm-canary": {4, 5}, "status-canaries": {13, 14, 15},
	}
	for _, b := range bodies {
		may, ok := optional[b.name]
		if !ok {
			continue
		}
		delete(optional, b.name)
		good := Marshal(b.full)
		for n := range good {
			if Unmarshal(good[:n], b.empty()) == nil {
				t.Errorf("%s: the first %d bytes are accepted", b.name, n)
			}
		}
		fields := map[uint64]cbor.RawMessage{}
		if err := cbor.Unmarshal(good, &fields); err != nil {
			t.Fatalf("%s: %v", b.name, err)
		}
		for key, value := range fields {
			delete(fields, key)
			if err := Unmarshal(Marshal(fields), b.empty()); (err == nil) != slices.Contains(may, key) {
				t.Errorf("%s without field %d: %v", b.name, key, err)
			}
			for _, other := range []string{"f6", "f5", "bf ff", "c0 60"} { // null, true, no length, a tag
				fields[key] = fromHex(t, other)
				if other == "f5" && string(value) == "\xf5" {
					continue
				}
				if bad, err := enc.Marshal(fields); err == nil && Unmarshal(bad, b.empty()) == nil {
					t.Errorf("%s with %s in field %d is accepted", b.name, other, key)
				}
			}
			fields[key] = value
		}
		fields[99] = fromHex(t, "00")
		if Unmarshal(Marshal(fields), b.empty()) == nil || Unmarshal(append(good, 0), b.empty()) == nil {
			t.Errorf("%s: an unknown field or a trailing byte is accepted", b.name)
		}
	}
	for name := range optional {
		t.Errorf("no sample %s", name)
	}
}
