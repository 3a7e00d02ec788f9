package tlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ncruces/go-sqlite3"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A Trouble is one thing found wrong, in words for whoever must answer for it.
// Index is the leaf that it concerns, or the first of several.
type Trouble struct {
	Index uint64
	What  string
}

func (t Trouble) String() string { return fmt.Sprintf("record %d: %s", t.Index, t.What) }

// VerifyOptions say what a verification cannot read from the file.
type VerifyOptions struct {
	// Parts names all parts of a leaf, wanted here or not; nil means that
	// parts are not looked at. An error is reported as a trouble of the leaf.
	Parts func(leaf []byte) ([]PartRef, error)
	// Lawful tells whether a part may be absent from this file: erased, or not
	// for this node. Nil allows none to be.
	Lawful func(index uint64, number uint8) bool
	// Progress, if set, hears now and then how many of the leaves are done.
	Progress func(done, total uint64)
}

// Verify reads everything in the file again and reports what does not fit:
// leaf bytes with tree hashes, these with the root, the root with the signed
// checkpoint (and a mirror's pending ones), parts with the hashes in their
// leaves, gaps, and rows behind every checkpoint. It may run beside a running
// node. An error means that it could not finish, not that something is wrong.
func (r *Reader) Verify(ctx context.Context, o VerifyOptions) ([]Trouble, error) {
	v := &verifier{Reader: r, o: o, edge: &edge{hashes: map[int64]Hash{}}}
	err := v.run(ctx)
	if errors.Is(err, errEnough) {
		err = nil
	}
	if errors.Is(err, sqlite3.CORRUPT) || errors.Is(err, sqlite3.NOTADB) {
		v.report(uint64(v.edge.size), "the file is damaged from here on: %v", err)
		err = nil
	}
	if err != nil {
		return v.found, fmt.Errorf("verifying %s: %w", r.Origin(), err)
	}
	return v.found, nil
}

type verifier struct {
	*Reader
	o      VerifyOptions
	heads  []checkpoint // that the tree is compared with
	own    uint64       // size up to which the file must be complete
	rows   uint64       // one more than the last index when it began
	edge   *edge        // rebuilt from the leaves; its size is the index to come
	broken bool         // a leaf is missing, so no tree can be rebuilt
	found  []Trouble
}

func (v *verifier) report(index uint64, format string, args ...any) {
	if len(v.found) < maxTroubles {
		v.found = append(v.found, Trouble{index, fmt.Sprintf(format, args...)})
	}
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.loadHeads(); err != nil {
		return err
	}
	v.compareRoots()
	for from := int64(math.MinInt64); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := v.batch(from)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			if err := v.leaf(row); err != nil {
				return err
			}
		}
		from = rows[len(rows)-1].idx + 1
		if v.o.Progress != nil {
			v.o.Progress(uint64(max(from, 0)), v.rows)
		}
	}
	v.checkEnd()
	return errors.Join(v.strayParts(), v.blobs())
}

// loadHeads reads the checkpoints afresh, with a count of rows not older than
// they are.
func (v *verifier) loadHeads() error {
	s, rows, err := v.loadState()
	var lie *Evidence
	if errors.As(err, &lie) {
		v.report(0, "%s", lie.What)
		return errEnough
	}
	if err != nil {
		return err
	}
	v.rows, v.own = rows, s.size
	if s.evidence != nil {
		v.report(s.size, "the mirror is frozen: %s", s.evidence.What)
	}
	if v.as == roleMirror {
		if v.heads, err = loadPending(v.db, v.key); err != nil {
			v.report(s.size, "%v", err)
		}
	}
	if s.note != nil && !slices.ContainsFunc(v.heads, func(c checkpoint) bool { return c.size == s.size }) {
		v.heads = append([]checkpoint{s.checkpoint}, v.heads...)
	}
	return nil
}

type leafRow struct {
	idx           int64
	act           []byte
	hashes, bytes []byte
}

func (v *verifier) batch(from int64) (rows []leafRow, err error) {
	const q = "SELECT idx, act, hashes, bytes FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
	err = v.db.read(func(c *conn) error {
		return c.query(q, func(s *sqlite3.Stmt) error {
			rows = append(rows, leafRow{s.ColumnInt64(0), s.ColumnBlob(1, nil), s.ColumnBlob(2, nil), s.ColumnBlob(3, nil)})
			return nil
		}, from, v.rows, int64(verifyBatch))
	})
	return rows, err
}

func (v *verifier) leaf(row leafRow) error {
	want := uint64(v.edge.size)
	if row.idx < 0 {
		v.report(0, "there is a row of index %d", row.idx)
		return nil
	}
	index := uint64(row.idx)
	if index != want {
		v.report(want, "records %d to %d are missing", want, index-1)
		v.broken, v.edge.size = true, row.idx
	}
	if err := v.hashes(index, row); err != nil {
		return err
	}
	if v.as == roleLog && len(row.act) != len(Entry{}.Act) {
		v.report(index, "its act is not 16 bytes")
	}
	v.compareRoots()
	if v.o.Parts != nil {
		return v.parts(index, row.bytes)
	}
	return nil
}

// hashes compares a leaf with its row, and the row with the tree. A leaf that
// was changed alone is blamed alone: the tree goes on with the stored hash.
func (v *verifier) hashes(index uint64, row leafRow) error {
	if len(row.hashes) < sumdb.HashSize {
		v.report(index, "its tree hashes are cut off")
		v.broken = true
		v.edge.size++
		return nil
	}
	leaf := Hash(row.hashes)
	if sumdb.RecordHash(row.bytes) != leaf {
		v.report(index, "its bytes have been changed: they do not hash to what the tree holds")
	}
	if v.broken {
		v.edge.size++
		return nil
	}
	stored, err := v.edge.add(leaf)
	if err != nil {
		return err
	}
	if !bytes.Equal(joinHashes(stored), row.hashes) {
		v.report(index, "the tree hashes stored with it are not those of the records up to it")
	}
	return nil
}

// compareRoots checks the checkpoints whose size has just been reached.
func (v *verifier) compareRoots() {
	for _, c := range v.heads {
		if c.size != uint64(v.edge.size) || v.broken {
			continue
		}
		if root, err := v.edge.root(); err != nil || root != c.root {
			v.report(c.size, "the records before it are not those that the checkpoint of size %d was signed over", c.size)
		}
	}
}

// checkEnd looks for what is missing at the end and what stands behind it. A
// log's own checkpoint in the file may be one group behind; a mirror stores
// nothing that is not under a pending checkpoint.
func (v *verifier) checkEnd() {
	rows, signed := uint64(v.edge.size), uint64(0)
	for _, c := range v.heads {
		signed = max(signed, c.size)
		if v.broken && c.size <= rows {
			v.report(c.size, "the checkpoint of size %d cannot be compared, for records are missing", c.size)
		}
	}
	if rows < v.own {
		v.report(rows, "the records from here to %d are missing; the signed checkpoint covers them", v.own-1)
	}
	spare := uint64(0)
	if v.as == roleLog {
		spare = maxGroup
	}
	if rows > signed+spare {
		v.report(signed, "%d records stand behind the last signed checkpoint", rows-signed)
	}
}
