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

// A field added to a type without a word in the sample would stand in no golden bytes.
func TestSamplesAreFull(t *testing.T) {
	samples := map[string]any{"leaf": fullLeaf()}
	for _, b := range bodies {
		if b.name != "slip-least" && b.name != "person-least" {
			samples[b.name] = reflect.ValueOf(b.full).Elem().Interface()
		}
	}
	for name, s := range samples {
		noneZero(t, name, reflect.ValueOf(s))
	}
}

func noneZero(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		f, field := v.Field(i), name+"."+v.Type().Field(i).Name
		switch {
		case v.Type().Field(i).Name == "_":
		case f.IsZero():
			t.Errorf("%s is zero in the sample", field)
		case f.Kind() == reflect.Struct:
			noneZero(t, field, f)
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			noneZero(t, field, f.Index(0))
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
