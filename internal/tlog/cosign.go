package tlog

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
)

// knownKeys are verifiers of which the log's own is always one.
type knownKeys struct {
	log    logKey
	others note.Verifiers
}

func (k knownKeys) Verifier(name string, hash uint32) (note.Verifier, error) {
	if name == k.log.Name() && hash == k.log.KeyHash() {
		return k.log, nil
	}
	return k.others.Verifier(name, hash)
}

// AddCosignatures takes a checkpoint of this log with signature lines of
// mirrors or witnesses below it, and keeps those by known keys that are for a
// larger size than the cosigner's last. It returns how many that were. A
// checkpoint that the log's key signed over another tree than ours is
// *Evidence: somebody else holds the key, or the log was rolled back.
func (l *Log) AddCosignatures(msg []byte, known note.Verifiers) (int, error) {
	cp, err := l.key.openCheckpoint(msg)
	if err != nil {
		return 0, fmt.Errorf("cosigned checkpoint: %w", err)
	}
	n, err := note.Open(msg, knownKeys{l.key, known})
	if err != nil {
		return 0, fmt.Errorf("cosigned checkpoint: %w", noteError(err))
	}
	switch e, err := l.Compare(cp.note); {
	case errors.Is(err, ErrNotHere):
		return 0, &Evidence{Origin: l.Origin(), What: "the log's key has signed a tree that is not this log's",
			Ours: l.state().note, Theirs: cp.note}
	case err != nil:
		return 0, err
	case e != nil:
		return 0, e
	}
	var lines []Cosigned
	for _, sig := range n.Sigs {
		if sig.Name != l.key.Name() || sig.Hash != l.key.KeyHash() {
			lines = append(lines, newCosigned(cp, sig))
		}
	}
	return l.keepCosigned(lines)
}

func newCosigned(cp checkpoint, sig note.Signature) Cosigned {
	line := signatureLine(sig)
	return Cosigned{Name: sig.Name, KeyHash: sig.Hash, Size: cp.size, Note: slices.Concat(cp.note, line), line: line}
}

// Favour says which cosigners are kept as long as there are others to drop:
// those that somebody judges by. It may be told again at any time.
func (r *Reader) Favour(named func(name string, hash uint32) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.favoured = named
}

// keepCosigned stores those of cs that advance their cosigner, and returns how
// many that were. Where they are too many the one that is furthest behind gives
// way, a favoured one last: whoever signs no more is worth least.
func (r *Reader) keepCosigned(cs []Cosigned) (kept int, err error) {
	var dropped []Cosigned
	err = r.db.update(func(c *conn) error {
		for _, x := range cs {
			if err := storeCosigned(c, x); err != nil {
				return err
			}
		}
		all, err := allCosigned(c)
		if err != nil {
			return err
		}
		dropped = r.tooMany(all)
		for _, x := range dropped {
			if _, err := c.exec("DELETE FROM cosignature WHERE name = ? AND keyhash = ?", x.Name, int64(x.KeyHash)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("storing cosignatures: %w", err)
	}
	gone := func(x Cosigned) bool { return slices.ContainsFunc(dropped, x.sameCosigner) }
	if _, kept = mergeCosigned(r.state().cosigned, slices.DeleteFunc(slices.Clone(cs), gone)); kept > 0 || len(dropped) > 0 {
		r.change(func(s *state) {
			s.cosigned, _ = mergeCosigned(s.cosigned, cs)
			s.cosigned = slices.DeleteFunc(s.cosigned, gone)
		})
	}
	return kept, nil
}

// tooMany gives those beyond the bound.
func (r *Reader) tooMany(all []Cosigned) []Cosigned {
	if len(all) <= maxCosigners {
		return nil
	}
	r.mu.Lock()
	named := r.favoured
	r.mu.Unlock()
	favoured := func(x Cosigned) int {
		if named != nil && named(x.Name, x.KeyHash) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b Cosigned) int {
		return cmp.Or(cmp.Compare(favoured(a), favoured(b)), cmp.Compare(a.Size, b.Size))
	})
	return all[:len(all)-maxCosigners]
}

func (x Cosigned) sameCosigner(y Cosigned) bool { return y.Name == x.Name && y.KeyHash == x.KeyHash }

// mergeCosigned returns a new list, and how many of cs entered it.
func mergeCosigned(have, cs []Cosigned) ([]Cosigned, int) {
	out, kept := slices.Clone(have), 0
	for _, x := range cs {
		i := slices.IndexFunc(out, x.sameCosigner)
		switch {
		case i < 0:
			out, kept = append(out, x), kept+1
		case out[i].Size < x.Size:
			out[i], kept = x, kept+1
		}
	}
	return out, kept
}

func storeCosigned(c *conn, x Cosigned) error {
	_, err := c.exec(`INSERT INTO cosignature VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
		SET size = excluded.size, note = excluded.note WHERE excluded.size > size`,
		x.Name, int64(x.KeyHash), x.Size, x.Note)
	return err
}

// loadCosigned reads the cosignatures. Whether they verify is for whoever has
// the cosigner's key; that the log signed the same text is checked here.
func loadCosigned(c *conn, key logKey) (out []Cosigned, err error) {
	out, err = allCosigned(c)
	for i, x := range out {
		cp, err := key.openCheckpoint(x.Note)
		if err != nil {
			return nil, fmt.Errorf("cosigned checkpoint of %s: %w", x.Name, err)
		}
		out[i].line = bytes.TrimPrefix(x.Note, cp.note)
	}
	return out, err
}

func allCosigned(c *conn) (out []Cosigned, err error) {
	err = c.query("SELECT name, keyhash, size, note FROM cosignature ORDER BY name, keyhash", func(s *sqlite3.Stmt) error {
		out = append(out, Cosigned{Name: s.ColumnText(0), KeyHash: uint32(s.ColumnInt64(1)), Size: uint64(s.ColumnInt64(2)),
			Note: s.ColumnBlob(3, nil)})
		return nil
	})
	return out, err
}
