package record

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
)

func TestPartsAndKindOfWhatIsNotUnderstood(t *testing.T) {
	part := PartRef{Part: 1, Commit: [32]byte(fill(32, 0)), Sealed: [32]byte(fill(32, 1)), Length: 316}
	one := hexOf("84 01", hexBytes(part.Commit[:]), hexBytes(part.Sealed[:]), "19 013c")
	least := hexOf(fKind, fAct, fWritten, fClock, fFloor)
	for _, c := range []struct {
		name, in string
		kind     Kind
		parts    []PartRef
	}{
		{"ours", hexOf("a7", fVersion, least, "0a 81", one), Status, []PartRef{part}},
		{"no parts", hexOf("a6", fVersion, least), Status, nil},
		{"version 2, new kind, new fields", hexOf("a8 01 02 02 19 03e7", fAct, fWritten, fClock, fFloor, "0a 81", one, "18 63 a1 01 82 00 f6"), 999, []PartRef{part}},
		{"version 2, other clock", hexOf("a7 01 02", fKind, fAct, fWritten, "06 61 78", fFloor, "0a 81", one), Status, []PartRef{part}},
		{"a part twice", hexOf("a7", fVersion, least, "0a 82", one, one), Status, nil},
		{"five parts", hexOf("a7", fVersion, least, "0a 85", partRef("01"), partRef("02"), partRef("03"), partRef("04"), partRef("05")), Status, nil},
		{"parts of another shape", hexOf("a7", fVersion, least, "0a 81 01"), Status, nil},
		{"kind of another shape", "a1 02 61 61", 0, nil},
		{"a key twice", "a2 02 01 02 01", 0, nil},
		{"empty map", "a0", 0, nil},
		{"not a map", "83 01 02 03", 0, nil},
		{"noise", "ff 00 ff", 0, nil},
		{"nothing", "", 0, nil},
		{"too deep", hexOf("a2 02 01 0c", strings.Repeat("81", 40), "00"), 0, nil},
		{"over 8 KiB", hexOf("a2 02 01 0c 59 2000", strings.Repeat("cc", 1<<13)), 0, nil},
	} {
		b := fromHex(t, c.in)
		if k := KindOf(b); k != c.kind {
			t.Errorf("%s: kind %d, want %d", c.name, k, c.kind)
		}
		if d := cmp.Diff(c.parts, PartsOf(b)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func hexBytes(b []byte) string {
	const digits = "0123456789abcdef"
	s := []byte("58 20 ")
	for _, x := range b {
		s = append(s, digits[x>>4], digits[x&15])
	}
	return string(s)
}

func TestLeafPartRef(t *testing.T) {
	l := fullLeaf()
	if r, ok := l.PartRef(Police); !ok || r != l.Parts[2] {
		t.Errorf("%+v, %v", r, ok)
	}
	if r, ok := l.PartRef(Body); ok {
		t.Errorf("%+v", r)
	}
}

func TestRefOfBorder(t *testing.T) {
	r := border.Ref{Origin: "al/rinas/2", Index: 70_000}
	if got := RefOf(r).Border(); got != r {
		t.Errorf("%+v", got)
	}
}
