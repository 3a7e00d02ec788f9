package tlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// A slot is one of the two places of a fence. Its zero value says nothing.
type slot struct {
	seq       uint64 // from 1
	confirmed bool   // the tree was committed before the slot was written
	head      Head
	key       string // verifier key of the log
}

// fenceMagic begins each slot.
const fenceMagic = "tims/fence/1\n"

// encode writes a slot: magic ‖ seq ‖ confirmed ‖ size ‖ root ‖ length of the key
// ‖ key ‖ zeros ‖ SHA-256 of all before it, numbers big-endian.
func (s slot) encode() []byte {
	b := make([]byte, 0, slotSize)
	b = binary.BigEndian.AppendUint64(append(b, fenceMagic...), s.seq)
	flag := byte(0)
	if s.confirmed {
		flag = 1
	}
	b = binary.BigEndian.AppendUint64(append(b, flag), s.head.Size)
	b = binary.BigEndian.AppendUint16(append(b, s.head.Root[:]...), uint16(len(s.key)))
	b = append(b, s.key...)
	b = append(b, make([]byte, slotSize-sha256.Size-len(b))...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decodeSlot reads what encode writes. Anything else, torn writes too, gives the
// zero slot.
func decodeSlot(b []byte) slot {
	const fixed = len(fenceMagic) + 8 + 1 + 8 + 32 + 2
	if len(b) != slotSize || !bytes.HasPrefix(b, []byte(fenceMagic)) {
		return slot{}
	}
	body := b[len(fenceMagic):]
	s := slot{seq: binary.BigEndian.Uint64(body), confirmed: body[8] == 1,
		head: Head{Size: binary.BigEndian.Uint64(body[9:]), Root: Hash(body[17:49])}}
	n := int(binary.BigEndian.Uint16(body[49:]))
	if fixed+n > slotSize-sha256.Size {
		return slot{}
	}
	s.key = string(b[fixed : fixed+n])
	if s.seq == 0 || !bytes.Equal(s.encode(), b) {
		return slot{}
	}
	return s
}
