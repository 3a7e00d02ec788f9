package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"tims/internal/record"
	"tims/internal/seal"
	"tims/internal/watchlist/numbers"
)

// numbersFile holds, sealed, the sets of numbers in force: of each a head behind its length in four bytes, big-endian, then as many bytes
// as the head says. It is a file beside that of the index because it is large and seldom another. Each of the two says of which releases
// it is: where a crash left them of different ones, all is made anew.
const numbersFile = "numbers"

type savedNumbers struct {
	_       struct{} `cbor:",toarray"`
	List    string
	Origin  string
	Release uint64
	Chunks  [32]byte // SHA-256 of all names of chunks
	Strikes []uint32 // which of the chunks
	Bytes   int64
}

func setsOf(w *watch) map[string]*numbers.Set {
	out := map[string]*numbers.Set{}
	for name, f := range w.lists {
		if f.numbers != nil {
			out[name] = f.numbers
		}
	}
	return out
}

// saveNumbers writes the sets where one of them is another than at the last time.
func (n *Node) saveNumbers(w *watch) error {
	sets := setsOf(w)
	if maps.Equal(sets, n.watch.savedSets) {
		return nil
	}
	err := n.saveSealed(numbersFile, func(to io.Writer) error {
		for _, name := range slices.Sorted(maps.Keys(sets)) {
			size, err := sets[name].WriteTo(io.Discard)
			if err != nil {
				return err
			}
			of := w.lists[name].of
			head := record.Marshal(savedNumbers{List: name, Origin: of.origin, Release: of.body.Release, Chunks: namesHash(of.chunks),
				Strikes: w.lists[name].strikes, Bytes: size})
			if _, err := to.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head...)); err != nil {
				return err
			}
			if _, err := sets[name].WriteTo(to); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		n.watch.savedSets = sets
	}
	return err
}

// openNumbers gives the saved sets, by list. No file is no error.
func (n *Node) openNumbers() (map[string]*numbers.Set, map[string]savedNumbers, error) {
	sets, heads := map[string]*numbers.Set{}, map[string]savedNumbers{}
	b, err := os.ReadFile(filepath.Join(n.opt.Dir, numbersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return sets, heads, nil
	}
	if err == nil {
		b, err = seal.OpenFile(n.fileKey(numbersFile), b)
	}
	for err == nil && len(b) > 0 {
		var head savedNumbers
		if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
			return nil, nil, record.ErrFormat
		}
		part := b[4 : 4+binary.BigEndian.Uint32(b)]
		b = b[4+len(part):]
		if err = record.Unmarshal(part, &head); err != nil {
			break
		}
		if head.Bytes < 0 || head.Bytes > int64(len(b)) {
			return nil, nil, record.ErrFormat
		}
		if sets[head.List], err = numbers.Open(b[:head.Bytes:head.Bytes]); err != nil {
			break
		}
		heads[head.List], b = head, b[head.Bytes:]
	}
	if err != nil {
		return nil, nil, fmt.Errorf("saved numbers: %w", err)
	}
	return sets, heads, nil
}
