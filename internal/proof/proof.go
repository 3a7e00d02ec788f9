// Package proof makes and judges the files by which anybody sees, off line, that a record stands in a log: a C2SP tlog-proof
// whose extra data says what the record is. A traveller's receipt and a post's published counts travel in the same form.
//
// Trust: a file proves nothing by itself. Verify believes the log keys and cosigners of a policy (C2SP tlog-policy), or those
// whose epoch statements the identity keys of a founding have signed, and nothing that the file says of itself.
package proof

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/transparency-dev/formats/proof"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// Extension is how the names of these files end (C2SP tlog-proof).
const Extension = ".tlog-proof"

// extraLabel begins the extra data; the rest is the deterministic CBOR of Extra.
const extraLabel = "tims/proof/1\n"

// Extra says what a proof is about. Exactly one of Receipt, LeafHash and Leaf gives the leaf hash.
type Extra struct {
	Receipt  string               `cbor:"1,keyasint,omitempty"` // text of a receipt (package seal)
	LeafHash []byte               `cbor:"2,keyasint,omitempty"` // 32 bytes
	Leaf     []byte               `cbor:"3,keyasint,omitempty"`
	Part     []byte               `cbor:"4,keyasint,omitempty"` // the leaf's open part: salt(32) ‖ content
	Epochs   []roster.SignedEpoch `cbor:"5,keyasint,omitempty"` // of the log and of its cosigners
	Around   []Neighbour          `cbor:"6,keyasint,omitempty"` // records in clear before and after it: they date it
}

// A Neighbour is a record in clear of the same tree.
type Neighbour struct {
	Index  uint64      `cbor:"1,keyasint"`
	Leaf   []byte      `cbor:"2,keyasint"`
	Hashes []tlog.Hash `cbor:"3,keyasint,omitempty"` // its inclusion proof
}

// Make writes the proof of a record under the checkpoint that covers it with the most cosignatures. ErrNotHere of package tlog
// says that the copy does not reach so far. x needs no LeafHash: it is filled in where nothing else gives it.
func Make(h *tlog.Hashes, index uint64, x Extra) ([]byte, error) {
	note, size, err := h.Covering(index)
	if err != nil {
		return nil, err
	}
	hashes, err := h.InclusionProof(index, size)
	if err != nil {
		return nil, err
	}
	if x.Receipt == "" && len(x.Leaf) == 0 {
		hash, err := h.LeafHash(index)
		if err != nil {
			return nil, err
		}
		x.LeafHash = hash[:]
	}
	if x.Around, err = around(h, index, size); err != nil {
		return nil, err
	}
	p := proof.TLogProof{Index: index, Checkpoint: note, ExtraData: append([]byte(extraLabel), record.Marshal(x)...)}
	for _, s := range hashes {
		p.Hashes = append(p.Hashes, s)
	}
	return p.Marshal(), nil
}

// around finds the records in clear next to one, within the tree of a size.
func around(h *tlog.Hashes, index, size uint64) (out []Neighbour, err error) {
	before, err := h.Held(0, index, 1)
	if err != nil {
		return nil, err
	}
	after, ok, err := h.HeldAfter(index + 1)
	if err != nil {
		return nil, err
	}
	if ok && after.Index < size {
		before = append(before, after)
	}
	for _, x := range before {
		hashes, err := h.InclusionProof(x.Index, size)
		if err != nil {
			return nil, err
		}
		out = append(out, Neighbour{x.Index, x.Leaf, hashes})
	}
	return out, nil
}

// ErrForm says that bytes are no proof of this form.
var ErrForm = errors.New("not a proof file of this system")

func parse(b []byte) (p proof.TLogProof, x Extra, err error) {
	if len(b) > MaxFile {
		return p, x, fmt.Errorf("%w: over %d bytes", ErrForm, MaxFile)
	}
	if err := p.Unmarshal(b); err != nil || !bytes.Equal(p.Marshal(), b) || len(p.Hashes) > tlog.MaxProof {
		return p, x, fmt.Errorf("%w: not in the one form of C2SP tlog-proof", ErrForm)
	}
	body, ok := bytes.CutPrefix(p.ExtraData, []byte(extraLabel))
	if !ok || record.Unmarshal(body, &x) != nil || len(x.Epochs) > maxEpochs || len(x.Around) > 2 {
		return p, x, fmt.Errorf("%w: its extra data do not say what it is about", ErrForm)
	}
	return p, x, nil
}

// leafHash gives the hash that the extra data stand for, and the receipt if it is one.
func (x Extra) leafHash() (hash tlog.Hash, receipt *seal.Receipt, err error) {
	given := 0
	for _, there := range []bool{x.Receipt != "", len(x.LeafHash) > 0, len(x.Leaf) > 0} {
		if there {
			given++
		}
	}
	switch {
	case given != 1:
		return hash, nil, fmt.Errorf("%w: it names its record %d times", ErrForm, given)
	case x.Receipt != "":
		r, err := seal.ParseReceipt(x.Receipt)
		if err != nil {
			return hash, nil, fmt.Errorf("%w: %w", ErrForm, err)
		}
		return r.LeafHash(), &r, nil
	case len(x.Leaf) > 0:
		return recordHash(x.Leaf), nil, nil
	case len(x.LeafHash) != len(hash):
		return hash, nil, fmt.Errorf("%w: a leaf hash of %d bytes", ErrForm, len(x.LeafHash))
	}
	return tlog.Hash(x.LeafHash), nil, nil
}
