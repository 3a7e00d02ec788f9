package tlog

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
)

// A copyGiver gives from another file. bend spoils what it gives.
type copyGiver struct {
	r    *Reader
	bend func([]byte)
}

func (g copyGiver) Size(context.Context) (uint64, error) { return g.r.Size(), nil }

func (g copyGiver) Package(_ context.Context, start, end uint64) (Offer, error) {
	o, err := g.r.Offer(start, end)
	if err == nil && g.bend != nil {
		g.bend(o.entries[len(o.entries)/2])
	}
	return o, err
}

func (g copyGiver) Parts(_ context.Context, index uint64) ([]IndexedPart, error) {
	parts, _, err := g.r.Parts(index, index+1, 1, 2)
	for _, p := range parts {
		if g.bend != nil {
			g.bend(p.Body)
		}
	}
	return parts, err
}

func (g copyGiver) Blob(_ context.Context, hash [32]byte) ([]byte, error) {
	b, err := g.r.Blob(hash)
	if err == nil && g.bend != nil {
		g.bend(b)
	}
	return b, err
}

// dump reads every row of a file, but for the count of changes.
func dump(t testing.TB, r *Reader) string {
	t.Helper()
	var b strings.Builder
	must(t, r.db.read(func(c *conn) error {
		for _, table := range []string{"leaf", "part", "blob", "pending", "cosignature"} {
			err := c.query("SELECT * FROM "+table+" ORDER BY 1", func(s *sqlite3.Stmt) error {
				for i := range s.ColumnCount() {
					fmt.Fprintf(&b, "%x ", s.ColumnRawBlob(i))
				}
				b.WriteByte('\n')
				return nil
			})
			if err != nil {
				return err
			}
		}
		return c.query("SELECT role, key, checkpoint, cursor, evidence FROM head", func(s *sqlite3.Stmt) error {
			fmt.Fprintf(&b, "%q %q %q %q %q\n", s.ColumnText(0), s.ColumnText(1), s.ColumnText(2), s.ColumnText(3), s.ColumnText(4))
			return nil
		})
	}))
	return b.String()
}

// twoCopies gives a log of 300 records with parts, a blob and a cosignature, and a
// mirror of it with the same.
func twoCopies(t testing.TB) (*Log, *mirrorSetup) {
	t.Helper()
	l := newLog(t)
	fill(t, l, 300, 1, 2)
	must(t, l.Close())
	l = openLog(t, l.db.path, testOptions(t))
	m := newMirror(t, testRefs)
	lines := feed(t, l, m.Mirror, 300)
	body := []byte("a chunk of a list")
	must(t, l.AddBlob(sha256.Sum256(body), body))
	must(t, m.AddBlob(sha256.Sum256(body), body))
	must(t, second(l.AddCosignatures(append(slices.Clip(l.Checkpoint()), lines...), note.VerifierList(m.verifier))))
	return l, m
}

// flips are the columns of a file, each with the records that must be named when a
// bit of it is flipped.
var flips = []struct {
	what, table, column, where string
	index                      uint64
	mirror                     bool // of a mirror's file alone
}{
	{"a leaf", "leaf", "bytes", "idx = 20", 20, false},
	{"the last leaf", "leaf", "bytes", "idx = 299", 299, false},
	{"leaf and tree hashes within a tile", "leaf", "hashes", "idx = 63", 63, false},
	{"leaf and tree hashes at the end of a tile", "leaf", "hashes", "idx = 255", 255, false},
	{"hashes in a partial tile", "leaf", "hashes", "idx = 299", 299, false},
	{"an act", "leaf", "act", "idx = 30", 30, false},
	{"a part", "part", "body", "id = 256*40+1", 40, false},
	{"a blob", "blob", "body", "1", 0, false},
	{"the checkpoint", "head", "checkpoint", "1", 0, false},
	{"a cosignature", "cosignature", "note", "1", 0, false},
	{"a pending checkpoint", "pending", "note", "size = 300", 300, true},
}

// flip turns one bit of a column.
func flip(t testing.TB, path, table, column, where string, bit int) {
	t.Helper()
	c, err := sqlite3.Open(path)
	must(t, err)
	defer c.Close()
	read, _, err := c.Prepare(fmt.Sprintf("SELECT %s FROM %s WHERE %s", column, table, where))
	must(t, err)
	defer read.Close()
	if !read.Step() {
		t.Fatal("no such row")
	}
	b := read.ColumnBlob(0, nil)
	must(t, read.Reset())
	b[bit/8%len(b)] ^= 1 << (bit % 8)
	write, _, err := c.Prepare(fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s", table, column, where))
	must(t, err)
	defer write.Close()
	must(t, errors.Join(write.BindBlob(1, b), write.Exec()))
}

// A bit flips at rest in each kind of row: exactly that record is named, mended to
// the identical bytes from the other copy, and the other copy is as it was. A giver
// who bends what he gives changes nothing.
func TestScrubMendsEveryKindOfRow(t *testing.T) {
	l, m := twoCopies(t)
	o := VerifyOptions{Parts: testRefs, Act: testActOf}
	for _, side := range []struct {
		name       string
		bad, good  *Reader
		head       func() error
		path       string
		mirrorSide bool
	}{
		{"log", l.Reader, m.Reader, l.MendHead, l.db.path, false},
		{"mirror", m.Reader, l.Reader, m.MendHead, m.path, true},
	} {
		before, other := dump(t, side.bad), dump(t, side.good)
		for _, f := range flips {
			if f.mirror && !side.mirrorSide || side.mirrorSide && (f.column == "act") {
				continue
			}
			for _, bit := range []int{0, 77, 8*31 + 3, 8*32 + 5, 8*(32*8+9) + 1} {
				what := fmt.Sprintf("%s, %s, bit %d", side.name, f.what, bit)
				flip(t, side.path, f.table, f.column, f.where, bit)
				found, err := side.bad.Verify(t.Context(), o)
				must(t, err)
				if len(found) != 1 || f.table != "cosignature" && found[0].Index != f.index && f.table != "head" {
					t.Fatalf("%s: found %v", what, found)
				}
				must(t, side.bad.Heal(t.Context(), found, o, copyGiver{side.good, func(b []byte) { b[3] ^= 4 }}))
				if left, err := side.bad.Verify(t.Context(), o); err != nil || len(left) > len(found) {
					t.Fatalf("%s: repair from the corrupt copy: %v is left, %v", what, left, err)
				}
				if found[0].Harm == HarmHead {
					must(t, side.head())
				}
				must(t, side.bad.Heal(t.Context(), found, o, copyGiver{r: side.good}))
				left, err := side.bad.Verify(t.Context(), o)
				must(t, err)
				if len(left) > 0 {
					t.Fatalf("%s: repair from the corrupt copy, or none: %v is left", what, left)
				}
				if dump(t, side.bad) != before {
					t.Fatalf("%s: what was mended is not what was there", what)
				}
				if dump(t, side.good) != other {
					t.Fatalf("%s: the good copy was changed", what)
				}
			}
		}
	}
}

// What a person with SQL does: records removed, the tail cut off, a record changed
// together with its hashes. Mend restores it all; without anybody to ask it is named,
// and nobody is handed the record.
func TestScrubMendsWhatSomebodyDid(t *testing.T) {
	for _, c := range []struct {
		what, sql string
		index     uint64
	}{
		{"a leaf removed", "DELETE FROM leaf WHERE idx = 40", 40},
		{"a package removed", "DELETE FROM leaf WHERE idx < 256", 3},
		{"the tail cut off", "DELETE FROM leaf WHERE idx >= 290", 290},
		{"emptied", "DELETE FROM leaf; DELETE FROM part", 0},
		{"leaves exchanged", "UPDATE leaf SET idx = -9 WHERE idx = 5; UPDATE leaf SET idx = 5 WHERE idx = 6; UPDATE leaf SET idx = 6 WHERE idx = -9", 0},
		{"a leaf and hashes all over", "UPDATE leaf SET hashes = zeroblob(length(hashes)), bytes = 'x' WHERE idx IN (7, 255, 298)", 255},
	} {
		t.Run(c.what, func(t *testing.T) {
			l, m := twoCopies(t)
			o := VerifyOptions{Parts: testRefs, Act: testActOf}
			before, other := dump(t, l.Reader), dump(t, m.Reader)
			editFile(t, l.db.path, c.sql)
			found, err := l.Verify(t.Context(), o)
			must(t, err)
			if len(found) == 0 {
				t.Fatal("not found")
			}
			must(t, l.Heal(t.Context(), found, o))
			if left, err := l.Verify(t.Context(), o); err != nil || len(left) == 0 {
				t.Fatalf("nobody gave anything, and all is well: %v", err)
			}
			if damaged := new(DamagedError); c.index > 0 {
				if _, err := l.Leaf(c.index); !errors.As(err, &damaged) || damaged.Index != c.index {
					t.Errorf("reading record %d: %v", c.index, err)
				}
			}
			for range 2 { // parts of leaves that were missing are named once these are here
				found, err := l.Verify(t.Context(), o)
				must(t, err)
				must(t, l.Heal(t.Context(), found, o, copyGiver{r: m.Reader}))
			}
			checkSound(t, l.Reader)
			if dump(t, l.Reader) != before || dump(t, m.Reader) != other {
				t.Error("the files are not as they were")
			}
		})
	}
}

// A log that does not open is mended closed to its writer, and opens again.
func TestOpenDamaged(t *testing.T) {
	for _, sql := range []string{
		"DELETE FROM leaf WHERE idx >= 200",
		"UPDATE leaf SET hashes = zeroblob(length(hashes)) WHERE idx = 255",
		"UPDATE leaf SET bytes = 'x' WHERE idx = 299",
		"UPDATE cosignature SET note = 'x'",
	} {
		l, m := twoCopies(t)
		must(t, l.Close())
		editFile(t, l.db.path, sql)
		if _, err := Open(l.db.path, testOptions(t)); !errors.As(err, new(*Evidence)) {
			t.Fatalf("%s: opened: %v", sql, err)
		}
		d, err := OpenDamaged(l.db.path, testOptions(t))
		must(t, err)
		if _, err := d.Append(t.Context(), testEntry(300, "")); !errors.Is(err, ErrStopped) {
			t.Fatalf("a damaged log took an entry: %v", err)
		}
		o := VerifyOptions{Parts: testRefs, Act: testActOf}
		for range 2 {
			found, err := d.Verify(t.Context(), o)
			must(t, err)
			must(t, d.Heal(t.Context(), found, o, copyGiver{r: m.Reader}))
		}
		must(t, d.Close())
		l = openLog(t, l.db.path, testOptions(t))
		checkSound(t, l.Reader)
		appendOne(t, l, testEntry(300, ""))
	}
}
