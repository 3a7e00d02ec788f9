package record

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGoldenLeaves(t *testing.T) {
	want := golden(t)
	for name, l := range map[string]Leaf{"leaf-full": fullLeaf(), "leaf-least": minimalLeaf()} {
		got, err := l.Encode()
		if err != nil || !bytes.Equal(got, want[name]) {
			t.Errorf("%s %x, %v", name, got, err)
			continue
		}
		back, err := DecodeLeaf(got)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(l, back); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestGoldenBodies(t *testing.T) {
	want := golden(t)
	for _, b := range bodies {
		got := Marshal(b.full)
		if !bytes.Equal(got, want[b.name]) {
			t.Errorf("%s %x", b.name, got)
			continue
		}
		back := b.empty()
		if err := Unmarshal(got, back); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
		if again := Marshal(back); !bytes.Equal(again, got) {
			t.Errorf("%s came back as %x", b.name, again)
		}
	}
}

// A field added to a type without a word in the samples would stand in no golden bytes.
func TestSamplesAreFull(t *testing.T) {
	set := map[string]bool{}
	mark(set, reflect.ValueOf(fullLeaf()))
	for _, b := range bodies {
		mark(set, reflect.ValueOf(b.full).Elem())
	}
	for field, ok := range set {
		if !ok {
			t.Errorf("%s is zero in every sample", field)
		}
	}
}

// mark notes of each field of a structure, by type and name, whether some sample sets it.
func mark(set map[string]bool, v reflect.Value) {
	for i := range v.NumField() {
		f, field := v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name
		if v.Type().Field(i).Name == "_" {
			continue
		}
		set[field] = set[field] || !f.IsZero()
		if f.Kind() == reflect.Slice && f.Len() > 0 {
			f = f.Index(0)
		}
		if f = reflect.Indirect(f); f.Kind() == reflect.Struct {
			mark(set, f)
		}
	}
}

// An absent list and an empty one are the same fact and have the same bytes, or two nodes would hash them differently.
func TestNilAndEmptyAreOne(t *testing.T) {
	if a, b := Marshal(ListBody{}), Marshal(ListBody{Chunks: [][32]byte{}}); !bytes.Equal(a, b) {
		t.Errorf("nil %x, empty %x", a, b)
	}
	null := Marshal(KeysOpen{})
	null[len(null)-1] = 0xf6
	if err := Unmarshal(null, new(KeysOpen)); err == nil {
		t.Errorf("%x: null accepted for a list", null)
	}
}

func TestEncodeSetsVersion(t *testing.T) {
	l := minimalLeaf()
	l.Version = 9
	b, err := l.Encode()
	if err != nil || !bytes.Equal(b, golden(t)["leaf-least"]) {
		t.Errorf("%x, %v", b, err)
	}
}
