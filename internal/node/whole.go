package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/roster"
)

// wholeFile lies beside a copy whose every part counts: a mirror. A copy without it is a follower's, whatever the roster says
// by now: its count of parts passed over those that it did not want.
const wholeFile = "whole"

func (n *Node) wasWhole(origin string) bool {
	_, err := os.Stat(filepath.Join(n.mirrorPath(origin), wholeFile))
	return err == nil
}

// wantsAll says whose logs this node mirrors whole. Centres mirror every node and every node mirrors the centres, whose
// logs are small; a post mirrors its neighbours, follows other posts with the parts it may read, and takes back all of what it
// wrote itself before it lost its keys.
func (n *Node) wantsAll(node string) bool {
	return node == n.Name() || n.State().Roster.MirrorsWhole(n.Name(), node)
}

func isNeighbour(r roster.Roster, post, other string) bool {
	for _, o := range r.NeighboursOf(post) {
		if o.Name == other {
			return true
		}
	}
	return false
}

// cosigner is what this node cosigns a copy with; nil for its own former logs, for nobody vouches for himself.
func (n *Node) cosigner(h *held) (note.Signer, error) {
	if h.node == n.Name() {
		return nil, nil
	}
	signer, _, err := n.ring.Mirror(n.mirrorName())
	return signer, err
}

// review makes each copy what the roster says now: posts become neighbours and cease to be.
func (n *Node) review() error {
	var errs []error
	for _, h := range n.mirrors.all() {
		if all := n.wantsAll(h.node); all != h.full.Load() {
			errs = append(errs, n.widen(h, all))
		}
	}
	return errors.Join(errs...)
}

// widen makes a follower's copy a mirror's, or the other way. Crash story: the file that says "whole" is there only while the
// count of parts is that of a mirror. It is written after the count is durable and removed before the count may pass over
// anything; a crash between leaves a count that is done again. No cosignature is given before the last missing part has come.
func (n *Node) widen(h *held, all bool) error {
	path := filepath.Join(n.mirrorPath(h.Origin()), wholeFile)
	if !all {
		if err := removeDurably(path); err != nil {
			return fmt.Errorf("follow %s: %w", h.Origin(), err)
		}
		h.Narrow()
		h.full.Store(false)
		return nil
	}
	signer, err := n.cosigner(h)
	if err == nil {
		h.full.Store(true)
		err = h.Widen(signer)
	}
	if err == nil {
		err = writeDurably(path, nil)
	}
	if err != nil {
		h.Narrow()
		h.full.Store(false)
		return fmt.Errorf("mirror %s: %w", h.Origin(), err)
	}
	return nil
}
