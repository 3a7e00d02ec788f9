package tlog

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// Widen tells a mirror that Want names more parts than it did, as when a
// follower becomes a mirror: it counts again, from the first leaf, up to where
// all wanted parts are here, and cosigns with the signer from then on. The
// leaves and the checkpoint that it has stay; nothing is cosigned anew before
// the parts below it have come. Want must answer for the larger set before the
// call. Crash story: the cursor is durable when it returns; whoever is not sure
// that it was called calls it again.
func (m *Mirror) Widen(cosigner note.Signer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.state()
	s.cursor = 0
	p := &partsPass{m: m}
	err := m.db.update(func(c *conn) error {
		if _, err := c.exec("UPDATE head SET cursor = 0"); err != nil {
			return err
		}
		return p.advance(c, &s)
	})
	if err != nil {
		return fmt.Errorf("counting parts anew: %w", err)
	}
	m.cosigner = cosigner
	m.change(func(now *state) { now.cursor = s.cursor })
	return nil
}

// Narrow makes a mirror a follower: it cosigns no more. What it holds stays.
// The file must be widened before it is a mirror again.
func (m *Mirror) Narrow() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cosigner = nil
}

// AddCosignatures keeps the signature lines of known mirrors or witnesses below
// a checkpoint of the mirrored log, and returns how many advanced their
// cosigner, so that they travel on to the log's writer. A checkpoint beyond the
// tree that is proven here is ErrNotHere; one over another tree is *Evidence and
// freezes the mirror.
func (m *Mirror) AddCosignatures(msg []byte, known note.Verifiers) (int, error) {
	cp, err := m.key.openCheckpoint(msg)
	if err != nil {
		return 0, fmt.Errorf("cosigned checkpoint: %w", err)
	}
	n, err := note.Open(msg, knownKeys{m.key, known})
	if err != nil {
		return 0, fmt.Errorf("cosigned checkpoint: %w", noteError(err))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.closed(); err != nil {
		return 0, err
	}
	if err := m.compare(cp); err != nil {
		return 0, err
	}
	if _, _, proven, err := m.rootOf(cp.size); err != nil || !proven {
		return 0, errors.Join(err, fmt.Errorf("cosigned checkpoint of size %d: %w", cp.size, ErrNotHere))
	}
	var lines []Cosigned
	for _, sig := range n.Sigs {
		if sig.Name != m.key.Name() || sig.Hash != m.key.KeyHash() {
			lines = append(lines, newCosigned(cp, sig))
		}
	}
	return m.keepCosigned(lines)
}
