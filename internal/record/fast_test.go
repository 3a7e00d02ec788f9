package record

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What fast reads, the general decoder reads to the same value: it never takes what that one refuses.
func FuzzFast(f *testing.F) {
	for _, l := range []Leaf{fullLeaf(), minimalLeaf()} {
		l.Version = leafVersion
		f.Add(Marshal(l))
	}
	for _, b := range bodies {
		f.Add(Marshal(b.full))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, pair := range [][2]any{{new(Leaf), new(Leaf)}, {new(SlipPart), new(SlipPart)}, {new(PersonPart), new(PersonPart)},
			{new(PolicePart), new(PolicePart)}} {
			if !fast(b, pair[0]) {
				continue
			}
			if err := general(b, pair[1]); err != nil {
				t.Errorf("%x: only fast reads a %T: %v", b, pair[0], err)
			}
			if d := cmp.Diff(pair[1], pair[0]); d != "" {
				t.Errorf("%x: %s", b, d)
			}
		}
	})
}

// Common records are read without the general decoder, or it would be for nothing that fast is there.
func TestFastReadsTheCommon(t *testing.T) {
	leaf := fullLeaf()
	if !fast(Marshal(leaf), new(Leaf)) {
		t.Error("a full leaf is left to the general decoder")
	}
	for _, b := range bodies {
		switch b.name {
		case "slip-least", "person-least":
			if !fast(Marshal(b.full), b.empty()) {
				t.Errorf("%s is left to the general decoder", b.name)
			}
		}
	}
	if !fast(Marshal(PolicePart{Findings: []string{"hit"}, Notes: "note"}), new(PolicePart)) {
		t.Error("a police part without hits is left to the general decoder")
	}
	if fast(Marshal(leaf)[:40], new(Leaf)) || fast(append(Marshal(leaf), 0), new(Leaf)) {
		t.Error("fast reads a cut or lengthened leaf")
	}
}
