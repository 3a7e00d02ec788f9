package record

import (
	"bytes"
	"testing"
)

func FuzzDecodeLeaf(f *testing.F) {
	for name, b := range golden(f) {
		if name == "leaf-full" || name == "leaf-least" {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		parts, kind := PartsOf(b), KindOf(b)
		l, err := DecodeLeaf(b)
		if err != nil {
			return
		}
		again, err := l.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x was read and written back as %x, %v", b, again, err)
		}
		if kind != l.Kind || len(parts) != len(l.Parts) {
			t.Errorf("%x: a mirror sees kind %d and %d parts", b, kind, len(parts))
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	for i, b := range bodies {
		f.Add(byte(i), Marshal(b.full))
	}
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		body := bodies[int(which)%len(bodies)]
		v := body.empty()
		if Unmarshal(b, v) != nil {
			return
		}
		if again := Marshal(v); !bytes.Equal(again, b) {
			t.Errorf("%s: %x was read and written back as %x", body.name, b, again)
		}
	})
}
