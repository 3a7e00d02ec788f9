package tlog

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// A Trouble is one thing found wrong, in words for whoever must answer for it.
// Index is the leaf that it concerns, or the first of several.
type Trouble struct {
	Index uint64
	What  string

	Harm   Harm     // what would mend it
	End    uint64   // of missing leaves: the first index behind them
	Number uint8    // of a part
	Blob   [32]byte // of a blob
}

// A Harm says which bytes are bad, and so from where they can be mended.
type Harm uint8

// Harms.
const (
	HarmOther  Harm = iota // nothing here mends it
	HarmLeaf               // a leaf: Mend, from another copy
	HarmHashes             // tree hashes or an act beside sound leaves: MendHashes, from the leaves
	HarmTree               // the leaves are not those that were signed, and which of them is not told: Mend, all of them
	HarmPart               // MendPart, from another copy
	HarmBlob               // MendBlob, from another copy
	HarmFile               // the file itself is torn: it is made anew
	HarmHead               // a checkpoint or cosignature: MendHead, from what the open log knows
)

func (t Trouble) String() string { return fmt.Sprintf("record %d: %s", t.Index, t.What) }

// VerifyOptions say what a verification cannot read from the file.
type VerifyOptions struct {
	// Parts names all parts of a leaf, wanted here or not; nil means that
	// parts are not looked at. An error is reported as a trouble of the leaf.
	Parts func(leaf []byte) ([]PartRef, error)
	// Lawful tells whether a part may be absent from this file: erased, or not
	// for this node. Nil allows none to be.
	Lawful func(index uint64, number uint8) bool
	// Act reads from a leaf the act that it records; nil where acts are not
	// compared.
	Act func(leaf []byte) ([16]byte, bool)
	// Progress, if set, hears now and then how many of the leaves are done.
	Progress func(done, total uint64)
	// Pause, if set, is called between two short reads, so that a verification
	// within a running node leaves the disk and the processor to others.
	Pause func(ctx context.Context)
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
		v.add(HarmFile, Trouble{Index: uint64(v.edge.size)}, "the file is damaged from here on: %v", err)
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
	ctx    context.Context
	heads  []checkpoint // that the tree is compared with
	own    uint64       // size up to which the file must be complete
	rows   uint64       // one more than the last index when it began
	edge   *edge        // rebuilt from the leaves; its size is the index to come
	broken bool         // a leaf is missing, so no tree can be rebuilt
	found  []Trouble
}

func (v *verifier) report(index uint64, format string, args ...any) {
	v.add(HarmOther, Trouble{Index: index}, format, args...)
}

func (v *verifier) add(harm Harm, t Trouble, format string, args ...any) {
	if len(v.found) < maxTroubles {
		t.Harm, t.What = harm, fmt.Sprintf(format, args...)
		v.found = append(v.found, t)
	}
}

func (v *verifier) pause() error {
	if v.o.Pause != nil {
		v.o.Pause(v.ctx)
	}
	return v.ctx.Err()
}

func (v *verifier) run(ctx context.Context) error {
	v.ctx = ctx
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
		if err := v.block(rows); err != nil {
			return err
		}
		from = rows[len(rows)-1].idx + 1
		if v.o.Progress != nil {
			v.o.Progress(uint64(max(from, 0)), v.rows)
		}
		if err := v.pause(); err != nil {
			return err
		}
	}
	v.checkEnd()
	return errors.Join(v.strayParts(), v.blobs())
}

// loadHeads reads the checkpoints afresh, with a count of rows not older than
// they are. What an open log knows itself stands in for a checkpoint in the
// file that cannot be read any more.
func (v *verifier) loadHeads() error {
	known := v.state()
	s, rows, err := v.loadState()
	var lie *Evidence
	if errors.As(err, &lie) {
		v.add(HarmHead, Trouble{}, "%s", lie.What)
		if known.note == nil {
			return errEnough
		}
		s, err = known, v.db.read(func(c *conn) (err error) { rows, err = countLeaves(c); return err })
	} else if err == nil {
		v.cosigned(known.cosigned, s.cosigned)
	}
	if err != nil {
		return err
	}
	v.rows, v.own = rows, s.size
	if s.evidence != nil && s.evidence.Check(v.key.text) != nil { // else the file is sound, and the log's key is what is wrong
		v.report(s.size, "it is frozen on evidence that convicts nobody: %s", s.evidence.What)
	}
	if v.as == roleMirror {
		if v.heads, err = loadPending(v.db, v.key); err != nil {
			v.add(HarmHead, Trouble{Index: s.size}, "%v", err)
		}
	}
	for _, c := range []checkpoint{s.checkpoint, known.checkpoint} {
		if c.note != nil && c.size <= max(rows, s.size) && !slices.ContainsFunc(v.heads, func(h checkpoint) bool { return h.size == c.size }) {
			v.heads = append([]checkpoint{c}, v.heads...)
		}
	}
	return nil
}

// cosigned compares the cosignatures in the file with those that the open log
// has read or taken: no hash covers them.
func (v *verifier) cosigned(known, file []Cosigned) {
	for _, x := range known {
		i := slices.IndexFunc(file, func(y Cosigned) bool { return y.Name == x.Name && y.KeyHash == x.KeyHash })
		if i < 0 || file[i].Size < x.Size || file[i].Size == x.Size && !bytes.Equal(file[i].Note, x.Note) {
			v.add(HarmHead, Trouble{Index: x.Size}, "the cosignature of %s is not the one that was taken", x.Name)
		}
	}
}

type leafRow struct {
	idx           int64
	act           []byte
	hashes, bytes []byte
}

// batch reads rows of one block of the tree, which is a tile wide.
func (v *verifier) batch(from int64) (rows []leafRow, err error) {
	const q = "SELECT idx, act, hashes, bytes FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
	err = v.db.read(func(c *conn) error {
		return c.query(q, func(s *sqlite3.Stmt) error {
			idx := s.ColumnInt64(0)
			if len(rows) == 0 || idx>>tileHeight == rows[0].idx>>tileHeight {
				rows = append(rows, leafRow{idx, s.ColumnBlob(1, nil), s.ColumnBlob(2, nil), s.ColumnBlob(3, nil)})
			}
			return nil
		}, from, v.rows, int64(verifyBatch))
	})
	return rows, err
}

// block verifies the rows of one block, and reports in the order of the leaves.
func (v *verifier) block(rows []leafRow) error {
	mark := len(v.found)
	if rows[0].idx < 0 {
		v.report(0, "there is a row of index %d", rows[0].idx)
		return nil
	}
	for i, row := range rows {
		want := v.edge.size
		if i > 0 {
			want = rows[i-1].idx + 1
		}
		if row.idx != want {
			v.add(HarmLeaf, Trouble{Index: uint64(want), End: uint64(row.idx)}, "records %d to %d are missing", want, row.idx-1)
			v.broken = true
		}
	}
	if err := v.tree(rows); err != nil {
		return err
	}
	blamed := map[uint64]bool{} // what such a leaf says proves nothing
	for _, t := range v.found[mark:] {
		blamed[t.Index] = blamed[t.Index] || t.Harm == HarmLeaf
	}
	for _, row := range rows {
		index := uint64(row.idx)
		if blamed[index] {
			continue
		}
		v.act(index, row)
		if v.o.Parts != nil {
			if err := v.parts(index, row.bytes); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(v.found[mark:], func(a, b Trouble) int { return cmp.Compare(a.Index, b.Index) })
	return nil
}

func (v *verifier) act(index uint64, row leafRow) {
	if v.as != roleLog {
		return
	}
	if len(row.act) != len(Entry{}.Act) {
		v.add(HarmHashes, Trouble{Index: index}, "its act is not 16 bytes")
		return
	}
	if v.o.Act == nil {
		return
	}
	if want, known := v.o.Act(row.bytes); known && !bytes.Equal(want[:], row.act) {
		v.add(HarmHashes, Trouble{Index: index}, "the act stored with it is not the one that it names")
	}
}

// compareRoots checks the checkpoints whose size has just been reached.
func (v *verifier) compareRoots() {
	root, err := v.edge.root()
	v.compareRoot(v.edge.size, root, err == nil)
}

func (v *verifier) compareRoot(size int64, root Hash, ok bool) {
	for _, c := range v.heads {
		if c.size == uint64(size) && !v.broken && (!ok || root != c.root) {
			v.add(HarmTree, Trouble{Index: c.size}, "the records before it are not those that the checkpoint of size %d was signed over", c.size)
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
		v.add(HarmLeaf, Trouble{Index: rows, End: v.own}, "the records from here to %d are missing; the signed checkpoint covers them", v.own-1)
	}
	spare := uint64(0)
	if v.as == roleLog {
		spare = maxGroup
	}
	if rows > signed+spare {
		v.report(signed, "%d records stand behind the last signed checkpoint", rows-signed)
	}
}
