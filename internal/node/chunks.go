package node

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// blobs is where sealed chunks of a log's lists lie.
type blobs interface {
	Blob(hash [32]byte) ([]byte, error)
	HasBlob(hash [32]byte) (bool, error)
	AddBlob(hash [32]byte, body []byte) error
	DropBlobs(hashes [][32]byte) error
}

func (n *Node) blobsOf(origin string) (blobs, error) {
	if origin == n.origin {
		return n.log, nil
	}
	if h, ok := n.mirrors.get(origin); ok {
		return h, nil
	}
	return nil, fmt.Errorf("no copy of log %s is held here", origin)
}

// bring sees to it that a blob of a list lies with the log that names it. A rebuilt centre, and a second one, go on with the
// chunks that lie with another log: those are copied, not fetched.
func (n *Node) bring(list, origin string, hash [32]byte) (bool, error) {
	to, err := n.blobsOf(origin)
	if err != nil {
		return false, err
	}
	if here, err := to.HasBlob(hash); here || err != nil {
		return here, err
	}
	for _, other := range n.watch.origins(list) {
		from, err := n.blobsOf(other)
		if err != nil || other == origin {
			continue
		}
		b, err := from.Blob(hash)
		if errors.Is(err, tlog.ErrNotHere) {
			continue
		}
		if err != nil {
			return false, err
		}
		return true, to.AddBlob(hash, b)
	}
	return false, nil
}

// origins are the logs that have released a list.
func (w *watching) origins(list string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, a := range w.announced[list] {
		if !slices.Contains(out, a.origin) {
			out = append(out, a.origin)
		}
	}
	return out
}

// lacking gives the blobs of a release that are not here, at most limit of them: first its index, for without it nobody knows
// what else is lacking. None means that it is whole, which is remembered.
func (n *Node) lacking(a *announcement, limit int) ([][32]byte, error) {
	n.watch.mu.Lock()
	whole, chunks := a.whole, a.chunks
	n.watch.mu.Unlock()
	if whole {
		return nil, nil
	}
	if chunks == nil {
		missing, err := n.absent(a, a.body.Index, limit)
		if len(missing) > 0 || err != nil {
			return missing, err
		}
		if chunks, err = n.readIndex(a); err != nil {
			return nil, err
		}
	}
	missing, err := n.absent(a, chunks, limit)
	if err != nil {
		return nil, err
	}
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	a.chunks, a.whole = chunks, len(missing) == 0
	return missing, nil
}

func (n *Node) absent(a *announcement, hashes [][32]byte, limit int) (out [][32]byte, err error) {
	for _, hash := range hashes {
		if len(out) == limit {
			break
		}
		here, err := n.bring(a.body.List, a.origin, hash)
		if err != nil {
			return nil, err
		}
		if !here {
			out = append(out, hash)
		}
	}
	return out, nil
}

// readIndex reads the names of a release's chunks.
func (n *Node) readIndex(a *announcement) ([][32]byte, error) {
	from, err := n.blobsOf(a.origin)
	if err != nil {
		return nil, err
	}
	out := [][32]byte{}
	for _, hash := range a.body.Index {
		b, err := from.Blob(hash)
		if err != nil {
			return nil, err
		}
		more, err := lists.FromIndex(b)
		if err != nil || len(out)+len(more) > seal.MaxChunks {
			return nil, n.breaks(a, errors.Join(err, errChunks))
		}
		out = append(out, more...)
	}
	return out, nil
}

var (
	errChunks = errors.New("its chunks are not what it names")
	errBroken = errors.New("it never comes into force")
)

// breaks marks a release whose content is not what its record names. Its chunks are those that the record names, so it will
// never be another. The lists are loaded again without it.
func (n *Node) breaks(a *announcement, err error) error {
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	a.broken = true
	n.watch.nudge()
	return fmt.Errorf("list %s release %d: %w: %w", a.body.List, a.body.Release, errBroken, err)
}

// openChunk opens one chunk of a whole release.
func (n *Node) openChunk(a *announcement, i int) ([]byte, error) {
	from, err := n.blobsOf(a.origin)
	if err != nil {
		return nil, err
	}
	chunk, err := from.Blob(a.chunks[i])
	if errors.Is(err, tlog.ErrNotHere) { // it was here
		n.watch.mu.Lock()
		a.whole = false
		n.watch.mu.Unlock()
	}
	if err != nil {
		return nil, err
	}
	var plain []byte
	if a.body.Form == record.ListWhole {
		plain, err = seal.OpenChunk(a.body.Key, seal.ChunkAt{List: a.act, Index: uint32(i), Total: uint32(len(a.chunks))}, chunk)
	} else {
		plain, err = seal.OpenKept(a.keys(), a.body.List, chunk)
	}
	if err != nil {
		return nil, n.breaks(a, err)
	}
	return plain, nil
}

// keys are the keys under which chunks of a release are sealed, the newest first.
func (a *announcement) keys() []seal.Key {
	keys := []seal.Key{a.body.Key}
	for _, k := range a.body.Earlier[:min(len(a.body.Earlier), maxListKeys)] {
		keys = append(keys, k)
	}
	return keys
}

// missingBlobs gives what is wanted beside a log: of its releases the newest few above that in force, then the earlier ones that
// are not settled, and the sets of approved losses.
func (n *Node) missingBlobs(origin string) [][32]byte {
	var out [][32]byte
	for _, a := range n.wanted(origin) {
		lacks, err := n.lacking(a, maxMissing-len(out))
		if err != nil {
			continue // loading it says why
		}
		out = append(out, lacks...)
	}
	for _, l := range n.State().Losses {
		if l.Origin != origin {
			continue
		}
		for _, hash := range l.Sets {
			if here, err := n.bring(l.List, origin, hash); err == nil && !here && len(out) < maxMissing {
				out = append(out, hash)
			}
		}
	}
	return out
}

// wanted gives the releases of a log that are not whole here, the most urgent first.
func (n *Node) wanted(origin string) (out []*announcement) {
	losses := n.State().Losses
	in := n.watch.now.Load()
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	var older []*announcement
	for _, list := range slices.Sorted(maps.Keys(n.watch.announced)) {
		var force rank
		if in != nil && in.lists[list] != nil {
			force = in.lists[list].of.rank()
		}
		base, newer := settled(losses, list), 0
		for _, a := range slices.Backward(n.watch.reachable(list)) {
			switch {
			case a.origin != origin || a.whole || a.broken || a.left || a.refused != nil:
			case a.rank().compare(force) > 0:
				if newer++; newer <= maxFetched {
					out = append(out, a)
				}
			case a.rank().compare(base) >= 0 && len(older) < maxEarlier:
				older = append(older, a)
			}
		}
	}
	return append(out, older...)
}

// settled gives the newest release of a list before which, as the authority has approved, nothing is needed any more.
func settled(losses []roster.Loss, list string) (base rank) {
	for _, l := range losses {
		if r := (rank{l.Release, l.Origin}); l.List == list && l.Settled && r.compare(base) > 0 {
			base = r
		}
	}
	return base
}
