package tlog

import (
	"crypto/sha256"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// parts compares the parts of one leaf with what the leaf names.
func (v *verifier) parts(index uint64, leaf []byte) error {
	refs, err := v.o.Parts(leaf)
	if err != nil {
		v.report(index, "its parts cannot be told: %v", err)
		return nil
	}
	here := make([]bool, len(refs))
	const q = "SELECT id, body FROM part WHERE id >= ? AND id < ? ORDER BY id"
	err = v.db.read(func(c *conn) error {
		return c.query(q, func(s *sqlite3.Stmt) error {
			number, body := uint8(s.ColumnInt64(0)), s.ColumnRawBlob(1)
			i := slices.IndexFunc(refs, func(r PartRef) bool { return r.Number == number })
			switch {
			case i < 0:
				v.report(index, "there is a part %d that the record does not name", number)
			case uint64(len(body)) != refs[i].Length || sha256.Sum256(body) != refs[i].Sealed:
				v.add(HarmPart, Trouble{Index: index, Number: number}, "part %d has been changed: it does not hash to what the record names", number)
			}
			if i >= 0 {
				here[i] = true
			}
			return nil
		}, partID(index, 0), partID(index+1, 0))
	})
	if err != nil {
		return err
	}
	for i, r := range refs {
		if !here[i] && (v.o.Lawful == nil || !v.o.Lawful(index, r.Number)) {
			v.add(HarmPart, Trouble{Index: index, Number: r.Number}, "part %d is missing", r.Number)
		}
	}
	return nil
}

// strayParts looks for parts of records that are not in the file.
func (v *verifier) strayParts() error {
	const q = `SELECT id FROM part
		WHERE id < 0 OR id >= 256 * coalesce((SELECT max(idx) + 1 FROM leaf), 0) LIMIT ?`
	return v.db.read(func(c *conn) error {
		return c.query(q, func(s *sqlite3.Stmt) error {
			id := uint64(s.ColumnInt64(0))
			v.report(id>>8, "there is a part %d, but not the record", uint8(id))
			return nil
		}, int64(maxTroubles))
	})
}

// blobs compares each blob with its name, one at a time: they are large.
func (v *verifier) blobs() error {
	var names [][]byte
	err := v.db.read(func(c *conn) error {
		return c.query("SELECT hash FROM blob ORDER BY hash", func(s *sqlite3.Stmt) error {
			names = append(names, s.ColumnBlob(0, nil))
			return nil
		})
	})
	for _, name := range names {
		if err == nil {
			err = v.blob(name)
		}
		if err == nil {
			err = v.pause()
		}
	}
	return err
}

func (v *verifier) blob(name []byte) error {
	return v.db.read(func(c *conn) error {
		return c.query("SELECT body FROM blob WHERE hash = ?", func(s *sqlite3.Stmt) error {
			if sum := sha256.Sum256(s.ColumnRawBlob(0)); string(sum[:]) != string(name) {
				t := Trouble{}
				harm := HarmOther
				if copy(t.Blob[:], name) == len(name) && len(name) == len(t.Blob) {
					harm = HarmBlob
				}
				v.add(harm, t, "blob %x has been changed", name)
			}
			return nil
		}, name)
	})
}
