package tlog

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"
)

// Settle makes the checkpoint of size end the mirror's own once every entry and
// every wanted part below it is on the disk, and returns the mirror's
// cosignature lines for it: none from a follower. Settling a size again returns
// the same lines; the checkpoint never goes back. Crash story: the cosignature
// is made, stored with the checkpoint, and only then returned, so that no
// signature is out that the file does not stand behind.
func (m *Mirror) Settle(end uint64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cp, err := m.upload(end)
	if err != nil {
		return nil, err
	}
	s := m.state()
	if s.next < end {
		return nil, m.conflict(end)
	}
	if s.cursor < end {
		return nil, &MissingPartsError{s.cursor}
	}
	if s.note == nil || end > s.size || m.cosigner != nil && m.ownLine(s) == nil {
		if err := m.settle(&s, cp); err != nil {
			return nil, fmt.Errorf("settling size %d: %w", end, err)
		}
	}
	return m.ownLine(s), nil
}

func (m *Mirror) settle(s *state, cp checkpoint) error {
	root, err := m.RootAt(cp.size)
	if err != nil {
		return err
	}
	if root != cp.root {
		return m.accuse(fmt.Sprintf("the mirror's own file gives another tree of %d leaves", cp.size), cp.note)
	}
	s.checkpoint = cp
	var own []Cosigned
	if m.cosigner != nil {
		x, err := m.cosign(cp)
		if err != nil {
			return err
		}
		own = append(own, x)
		s.cosigned, _ = mergeCosigned(s.cosigned, own)
	}
	err = m.db.update(func(c *conn) error {
		for _, x := range own {
			if err := storeCosigned(c, x); err != nil {
				return err
			}
		}
		if _, err := c.exec("DELETE FROM pending WHERE size < ?", cp.size); err != nil {
			return err
		}
		return storeCheckpoint(c, cp.note)
	})
	if err != nil {
		return err
	}
	m.pending = slices.DeleteFunc(m.pending, func(p checkpoint) bool { return p.size < cp.size })
	m.change(func(now *state) { now.checkpoint, now.cosigned = s.checkpoint, s.cosigned })
	return nil
}

// cosign makes the mirror's statement that it holds the tree of cp. The file
// has just been compared with it: what was changed on the disk since it was
// verified is not vouched for.
func (m *Mirror) cosign(cp checkpoint) (Cosigned, error) {
	sig, err := m.cosigner.Sign([]byte(headText(m.Origin(), cp.size, cp.root)))
	if err != nil {
		return Cosigned{}, fmt.Errorf("cosigning: %w", err)
	}
	hash := m.cosigner.KeyHash()
	raw := append(binary.BigEndian.AppendUint32(nil, hash), sig...)
	return newCosigned(cp, note.Signature{Name: m.cosigner.Name(), Hash: hash,
		Base64: base64.StdEncoding.EncodeToString(raw)}), nil
}

// ownLine returns the mirror's cosignature line for the checkpoint of s.
func (m *Mirror) ownLine(s state) []byte {
	for _, c := range s.cosigned {
		if m.cosigner != nil && c.Size == s.size && c.Name == m.cosigner.Name() && c.KeyHash == m.cosigner.KeyHash() {
			return slices.Clone(c.line)
		}
	}
	return nil
}
