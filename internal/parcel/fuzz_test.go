package parcel

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"tims/internal/tlog"
)

// FuzzPack decodes packs: what it takes, the encoder gives back to the byte where the frames are its own, and nothing else is
// taken for undamaged.
func FuzzPack(f *testing.F) {
	parts := []tlog.IndexedPart{{Index: 1, Part: tlog.Part{Number: 1, Wrap: []byte("wrap"), Body: []byte("body")}},
		{Index: 1, Part: tlog.Part{Number: 2, Body: []byte("x")}}, {Index: 9, Part: tlog.Part{Number: 1}}}
	whole := encodePack(origin, parts)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(bytes.Clone(whole), whole[len(packMagic):]...))
	f.Add([]byte(packMagic))
	f.Add([]byte(packMagic + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := decodePack(bytes.NewReader(b), origin)
		if err != nil {
			return
		}
		again := []byte(packMagic)
		for {
			parts, err := d.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return
			}
			again = append(again, encodePack(origin, parts)[len(packMagic):]...)
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x was read and is written %x", b, again)
		}
	})
}

func FuzzCosigned(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x04note\x00\x00\x00\x00"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		notes, err := decodeCosigned(b)
		var again []byte
		for _, n := range notes {
			again = append(binary.BigEndian.AppendUint32(again, uint32(len(n))), n...)
		}
		if len(notes) > maxCosigned || !bytes.HasPrefix(b, again) || err == nil && len(again) != len(b) {
			t.Errorf("%x gives %d notes, %v", b, len(notes), err)
		}
	})
}
