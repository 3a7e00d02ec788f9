package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tims/internal/keyring"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/tlog"
)

// A Finding is something wrong in a node's directory, in plain words.
type Finding struct {
	Where string `json:"where"` // origin of a log, or "projection"
	Index uint64 `json:"index"`
	What  string `json:"what"`
}

func (f Finding) String() string {
	if f.Where == projectionName {
		return f.Where + ": " + f.What
	}
	return fmt.Sprintf("%s, record %d: %s", f.Where, f.Index, f.What)
}

const projectionName = "projection"

// Verified says what a verification read.
type Verified struct {
	Logs    int       `json:"logs"`
	Records uint64    `json:"records"`
	Found   []Finding `json:"found"`
	// Frozen are logs whose files are sound, and whose key has signed two histories.
	Frozen []FrozenLog `json:"frozen"`
}

// VerifyDir reads everything in a node's directory again, also beside the running node: each log against its signed
// checkpoint, each part against its leaf, and the projection against one folded anew from the logs. It changes nothing.
// progress, if set, hears how far a log is.
func VerifyDir(ctx context.Context, dir string, progress func(origin string, done, total uint64)) (Verified, error) {
	n, err := openBeside(dir)
	if err != nil {
		return Verified{}, fmt.Errorf("verify %s: %w", dir, err)
	}
	defer n.closeFiles()
	v := Verified{Found: n.early, Frozen: n.Frozen()}
	logs := map[string]*tlog.Reader{}
	if n.log != nil {
		logs[n.origin] = n.log.Reader
	}
	for _, h := range n.mirrors.all() {
		logs[h.Origin()] = h.Reader
	}
	for origin, r := range logs {
		troubles, err := r.Verify(ctx, tlog.VerifyOptions{Parts: allParts, Lawful: n.lawful(origin, r),
			Progress: func(done, total uint64) {
				if progress != nil {
					progress(origin, done, total)
				}
			}})
		if err != nil {
			return v, err
		}
		v.Logs++
		v.Records += r.Size()
		for _, t := range troubles {
			v.Found = append(v.Found, Finding{origin, t.Index, t.What})
		}
	}
	if len(v.Found) > 0 {
		return v, nil // a projection of damaged logs proves nothing
	}
	found, err := n.verifyProjection(ctx)
	v.Found = append(v.Found, found...)
	return v, err
}

func allParts(leaf []byte) ([]tlog.PartRef, error) {
	var out []tlog.PartRef
	for _, p := range record.PartsOf(leaf) {
		out = append(out, tlog.PartRef{Number: uint8(p.Part), Sealed: p.Sealed, Length: uint64(p.Length)})
	}
	return out, nil
}

// lawful says which parts need not be in a copy: those it never wanted, and those of leaves above its settled size, or above the
// first one of which a wanted part is missing, which are on their way.
func (n *Node) lawful(origin string, r *tlog.Reader) func(uint64, uint8) bool {
	return func(index uint64, number uint8) bool {
		h, ok := n.mirrors.get(origin)
		if !ok {
			return false
		}
		if index >= h.complete() {
			return true
		}
		leaf, err := r.Leaf(index)
		return err == nil && !wanted(h.full.Load(), record.KindOf(leaf), record.Part(number))
	}
}

// openBeside opens a node's files without writing to them and without starting its work.
func openBeside(dir string) (n *Node, err error) {
	n = newNode(Options{Dir: dir})
	n.beside = true
	defer func() {
		if err != nil {
			err = errors.Join(err, n.closeFiles())
		}
	}()
	if n.ring, err = keyring.Open(filepath.Join(dir, keysFile)); err != nil {
		return n, err
	}
	if err := n.begin(); err != nil {
		return n, err
	}
	if err := n.openLog(false); err != nil {
		var proof *tlog.Evidence
		if !errors.As(err, &proof) {
			return n, err
		}
		n.early = append(n.early, Finding{n.origin, 0, proof.What})
	}
	return n, errors.Join(n.openMirrors(), n.readTwo())
}

// verifyProjection folds all logs into a new projection, up to where the node's own has folded them, and compares.
func (n *Node) verifyProjection(ctx context.Context) ([]Finding, error) {
	path := filepath.Join(n.opt.Dir, shadowFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil // it is folded at the next start
	}
	live, err := projection.Open(path, n.ring.Shadow())
	if err != nil {
		return []Finding{{projectionName, 0, "it cannot be read; delete shadow.db and its companions, the node folds it again"}}, nil
	}
	defer live.Close()
	var before [32]byte
	for range compareTries { // a running node may fold meanwhile what stood aside, for which no head moves
		heads, have, err := live.DigestNow(ctx)
		if err != nil {
			return nil, err
		}
		if have == before {
			break // twice the same, and not what the logs say
		}
		before = have
		if err := n.reach(ctx, heads); errors.Is(err, errShort) {
			return []Finding{{projectionName, 0, err.Error()}}, nil
		} else if err != nil {
			return nil, err
		}
		want, err := n.foldAnew(ctx, heads)
		if err != nil {
			return nil, err
		}
		if have == want {
			return unopened(ctx, live)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(reachPause):
		}
	}
	return []Finding{{projectionName, 0, "it is not what the logs say; delete shadow.db and its companions, the node folds it again"}}, nil
}

// unopened names the records whose parts are here and do not open under the keys that this node has: a wrap was changed,
// which no hash covers, or the writer sealed something else than he committed to.
func unopened(ctx context.Context, shadow *projection.DB) ([]Finding, error) {
	refs, err := shadow.Waiting(ctx, projection.WhyBad)
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, r := range refs {
		out = append(out, Finding{r.Origin, r.Index, "a part that this node may read does not open, or is not the one its leaf names"})
	}
	return out, nil
}

// reach opens the logs again until their stored checkpoints cover what the projection has folded: a running node stores a
// checkpoint with its next commit, or when it has been idle for a second.
func (n *Node) reach(ctx context.Context, heads map[string]projection.Head) error {
	for range reachTries {
		short := false
		for origin, head := range heads {
			short = short || n.holds(origin) < head.Next
		}
		if !short {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(reachPause):
		}
		if err := errors.Join(append(n.mirrors.close(), n.log.Close())...); err != nil {
			return err
		}
		if err := errors.Join(n.openLog(false), n.openMirrors()); err != nil {
			return err
		}
	}
	return errShort
}

// holds is how many records of a log can be read here: of a copy also those that are not settled.
func (n *Node) holds(origin string) uint64 {
	if h, ok := n.mirrors.get(origin); ok {
		return h.Next()
	}
	if s, ok := n.source(origin); ok {
		return s.Size()
	}
	return 0
}

// errShort is what a log that was cut off or set back leaves behind.
var errShort = errors.New("it holds more records than the logs in this directory: they were set back, or not all of them are here")

// foldAnew folds the logs up to heads into a projection of its own and gives its digest.
func (n *Node) foldAnew(ctx context.Context, heads map[string]projection.Head) ([32]byte, error) {
	tmp, err := os.MkdirTemp("", "tims-verify-")
	if err != nil {
		return [32]byte{}, err
	}
	defer os.RemoveAll(tmp)
	if n.shadow, err = projection.Open(filepath.Join(tmp, shadowFile), n.ring.Shadow()); err != nil {
		return [32]byte{}, err
	}
	defer func() { n.shadow.Close(); n.shadow = nil }()
	n.fold.heads = map[string]uint64{}
	if err := n.foldLog(ctx, n.log, n.Name(), upTo(func() uint64 { return heads[n.origin].Next })); err != nil {
		return [32]byte{}, err
	}
	for _, h := range n.mirrors.all() {
		if err := n.foldLog(ctx, h, h.node, upTo(func() uint64 { return heads[h.Origin()].Next })); err != nil {
			return [32]byte{}, err
		}
	}
	if err := n.refold(ctx); err != nil {
		return [32]byte{}, err
	}
	return n.shadow.Digest(ctx)
}

// Export writes every log of a node's directory as plain C2SP tlog-tiles below to: leaves and hashes, never a part. It gives
// the directories by origin.
func Export(ctx context.Context, dir, to string) (map[string]string, error) {
	n, err := openBeside(dir)
	if err != nil {
		return nil, fmt.Errorf("export %s: %w", dir, err)
	}
	defer n.closeFiles()
	if len(n.early) > 0 {
		return nil, fmt.Errorf("export %s: %v", dir, n.early[0])
	}
	out := map[string]string{}
	if out[n.origin], err = n.log.Export(ctx, to); err != nil {
		return out, err
	}
	for _, h := range n.mirrors.all() {
		if h.Size() == 0 && h.Checkpoint() == nil {
			continue
		}
		if out[h.Origin()], err = h.Export(ctx, to); err != nil {
			return out, err
		}
	}
	return out, nil
}
