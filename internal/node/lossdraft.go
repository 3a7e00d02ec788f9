package node

import (
	"encoding/binary"
	"fmt"

	"tims/internal/record"
	"tims/internal/roster"
)

// A LossDraft is a loss on its way to the approvers: the change, the sealed sets that it names, and who approved it so far.
type LossDraft struct {
	_         struct{} `cbor:",toarray"`
	Change    roster.Change
	Approvals []roster.Approval
	Sets      [][]byte `cbor:"-"`
}

// Encode writes a draft as a file: change and approvals, then each set, all behind their lengths in four bytes, big-endian.
func (d LossDraft) Encode() []byte {
	one := func(b, part []byte) []byte {
		return append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
	}
	b := one(nil, record.Marshal(d))
	for _, set := range d.Sets {
		b = one(b, set)
	}
	return b
}

// DecodeLoss reads a draft. Nothing in it is believed before JudgeLoss or Withdraw has compared it with the logs.
func DecodeLoss(b []byte) (d LossDraft, err error) {
	for first := true; first || len(b) > 0; first = false {
		if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
			return LossDraft{}, ErrDraft
		}
		part := b[4 : 4+binary.BigEndian.Uint32(b)]
		b = b[4+len(part):]
		if !first {
			d.Sets = append(d.Sets, part)
		} else if err := record.Unmarshal(part, &d); err != nil {
			return LossDraft{}, fmt.Errorf("%w: %w", ErrDraft, err)
		}
	}
	return d, nil
}
