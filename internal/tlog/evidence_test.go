package tlog

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fork makes a log under the same key that parts from the other after n
// records, and has size n+more.
func fork(t *testing.T, n, more int) *Log {
	t.Helper()
	l := newLog(t)
	fill(t, l, n)
	fillSalted(t, l, n+more, "fork")
	return l
}

func TestForkIsEvidence(t *testing.T) {
	for _, c := range []struct {
		what        string
		ours, their uint64 // sizes; the fork parts after 4
		settled     bool
	}{
		{"of the pending size", 10, 10, false},
		{"of the mirror's size", 10, 10, true},
		{"of a smaller size", 10, 7, true},
		{"of a smaller size, entries here, not settled", 10, 7, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			l, other := newLog(t), fork(t, 4, 16)
			fill(t, l, 20)
			m := newMirror(t, nil)
			must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, c.ours)))
			o, err := l.Offer(0, c.ours)
			must(t, err)
			must(t, second(m.Extend(c.ours, o)))
			if c.settled {
				must(t, second(m.Settle(c.ours)))
			}
			// the common prefix accuses nobody
			checkRefusal(t, "prefix", m.AddCheckpoint(AddCheckpoint{0, nil, checkpointAt(t, other, 4)}),
				&ConflictError{c.ours, c.ours})
			theirs := checkpointAt(t, other, c.their)
			checkFrozen(t, m, l, m.AddCheckpoint(AddCheckpoint{0, nil, theirs}), theirs)
			m.reopen(t)
			checkFrozen(t, m, l, m.Evidence(), theirs)
		})
	}
}

func checkFrozen(t *testing.T, m *mirrorSetup, l *Log, err error, theirs []byte) {
	t.Helper()
	var lie *Evidence
	if !errors.As(err, &lie) || lie == nil {
		t.Fatalf("no evidence: %v", err)
	}
	must(t, lie.Check(m.Key()))
	if string(lie.Theirs) != string(theirs) {
		t.Error("the evidence is of another checkpoint")
	}
	next := m.Next()
	o, err := l.Offer(0, next)
	must(t, err)
	for what, err := range map[string]error{
		"add-checkpoint": m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 15)),
		"extend":         second(m.Extend(next, o)),
		"admit":          m.Admit(next, next),
		"settle":         second(m.Settle(next)),
	} {
		if !errors.As(err, new(*Evidence)) {
			t.Errorf("%s of a frozen mirror: %v", what, err)
		}
	}
	if _, err := m.Leaf(next - 1); err != nil {
		t.Errorf("the proven prefix is withheld: %v", err)
	}
}

// Without entries or an equal size nothing is proven, so nobody is accused.
func TestForkBeyondIsOnlyRefused(t *testing.T) {
	l, other := newLog(t), fork(t, 4, 16)
	fill(t, l, 20)
	m := newMirror(t, nil)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 10)))
	proof, err := other.ConsistencyProof(10, 15)
	must(t, err)
	checkRefusal(t, "a larger size", m.AddCheckpoint(AddCheckpoint{10, proof, checkpointAt(t, other, 15)}), ErrProof)
	checkRefusal(t, "a smaller size", m.AddCheckpoint(AddCheckpoint{0, nil, checkpointAt(t, other, 7)}), &ConflictError{10, 0})
	o, err := other.Offer(0, 10)
	must(t, err)
	checkRefusal(t, "its entries", second(m.Extend(10, o)), ErrProof)
	checkMirror(t, l, m, 10, feed(t, l, m.Mirror, 10))
	if e := m.Evidence(); e != nil {
		t.Errorf("accused: %v", e)
	}
}

func TestEvidenceThatConvictsNobody(t *testing.T) {
	l, other := newLog(t), fork(t, 4, 16)
	fill(t, l, 20)
	root := func(l *Log, n uint64) Hash { h, err := l.RootAt(n); must(t, err); return h }
	proof, err := l.ConsistencyProof(7, 10)
	must(t, err)
	good := Evidence{Ours: checkpointAt(t, l, 10), Theirs: checkpointAt(t, other, 7), OurRoot: root(l, 7), Proof: proof}
	must(t, good.Check(l.Key()))
	_, betaKey := testSigner(t, "xk/beta/1")
	if good.Check(betaKey) == nil {
		t.Error("convicts another log")
	}
	for what, bend := range map[string]func(*Evidence){
		"ours unsigned":      func(e *Evidence) { e.Ours = e.Ours[:60] },
		"theirs unsigned":    func(e *Evidence) { e.Theirs = nil },
		"no contradiction":   func(e *Evidence) { e.Theirs = checkpointAt(t, l, 7) },
		"no proof":           func(e *Evidence) { e.Proof = nil },
		"another root":       func(e *Evidence) { e.OurRoot[0] ^= 1 },
		"the larger second":  func(e *Evidence) { e.Ours, e.Theirs = e.Theirs, e.Ours },
		"equal sizes, false": func(e *Evidence) { e.Ours = checkpointAt(t, l, 7); e.OurRoot = Hash{} },
	} {
		e := good
		e.Proof = slices.Clone(good.Proof)
		bend(&e)
		if e.Check(l.Key()) == nil {
			t.Errorf("convicts with %s", what)
		}
	}
}

// What was done to a log's file at the edge is found when it is opened.
func TestTamperedFileIsEvidenceAtOpen(t *testing.T) {
	forged := func(t *testing.T, l *Log) string {
		cp, err := l.key.signCheckpoint(l.signer, 5, Hash{1})
		must(t, err)
		return fmt.Sprintf("UPDATE head SET checkpoint = x'%x'", cp.note)
	}
	for _, c := range []struct{ what, sql string }{
		{"truncated", "DELETE FROM leaf WHERE idx >= 3"},
		{"emptied", "DELETE FROM leaf"},
		{"last leaf changed", "UPDATE leaf SET bytes = 'other' WHERE idx = 4"},
		{"edge hashes changed", "UPDATE leaf SET hashes = zeroblob(length(hashes)) WHERE idx = 3"},
		{"edge hashes cut", "UPDATE leaf SET hashes = substr(hashes, 1, 32) WHERE idx = 3"},
		{"a leaf of the edge removed", "DELETE FROM leaf WHERE idx = 3"},
		{"checkpoint bent", "UPDATE head SET checkpoint = CAST(replace(CAST(checkpoint AS TEXT), char(10)||'5'||char(10), char(10)||'4'||char(10)) AS BLOB)"},
		{"checkpoint of another tree", ""},
		{"leaf slipped in behind", "INSERT INTO leaf VALUES (5, x'00', zeroblob(64), 'new')"},
		{"leaf far behind", "INSERT INTO leaf VALUES (5000, x'00', zeroblob(32), 'new')"},
		{"cosignature bent", "INSERT INTO cosignature VALUES ('m', 1, 5, 'no note')"},
	} {
		t.Run(c.what, func(t *testing.T) {
			l := newLog(t)
			fill(t, l, 5)
			must(t, l.Close())
			if c.sql == "" {
				c.sql = forged(t, l)
			}
			editFile(t, l.db.path, c.sql)
			_, err := Open(l.db.path, testOptions(t))
			if !errors.As(err, new(*Evidence)) {
				t.Errorf("opened with %v", err)
			}
		})
	}
}

func TestStrangeSchemaIsRefused(t *testing.T) {
	for what, sql := range map[string]string{
		"a trigger":      "CREATE TRIGGER x AFTER INSERT ON leaf BEGIN UPDATE leaf SET bytes = 'no' WHERE idx = 1; END",
		"a view":         "CREATE VIEW v AS SELECT * FROM leaf",
		"a column":       "ALTER TABLE part ADD COLUMN note TEXT",
		"no index":       "DROP INDEX leaf_act",
		"another format": "PRAGMA user_version = 2",
	} {
		path := filepath.Join(t.TempDir(), "log.db")
		must(t, openLog(t, path, testOptions(t)).Close())
		editFile(t, path, sql)
		if _, err := Open(path, testOptions(t)); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("opened with %s: %v", what, err)
		}
	}
}

func TestTamperedMirrorSignsNothing(t *testing.T) {
	l := newLog(t)
	fill(t, l, 20)
	m := newMirror(t, nil)
	feed(t, l, m.Mirror, 8)
	must(t, m.Close())
	editFile(t, m.path, "UPDATE leaf SET hashes = zeroblob(length(hashes)) WHERE idx = 7")
	if _, err := OpenMirror(m.path, m.opts); !errors.As(err, new(*Evidence)) {
		t.Errorf("opened: %v", err)
	}
	// entries behind the mirror checkpoint are compared when it settles
	m = newMirror(t, nil)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 8)))
	o, err := l.Offer(0, 8)
	must(t, err)
	must(t, second(m.Extend(8, o)))
	editFile(t, m.path, "UPDATE leaf SET hashes = zeroblob(length(hashes)) WHERE idx = 7")
	if lines, err := m.Settle(8); !errors.As(err, new(*Evidence)) || lines != nil {
		t.Errorf("settled: %q %v", lines, err)
	}
}
