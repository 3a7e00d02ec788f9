package tlog

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Each row is something a person with the file and SQL could do; the report
// must name the record and say what it is.
func TestVerifyFindsWhatWasDone(t *testing.T) {
	for _, c := range []struct {
		what, sql string
		want      []string // all that is reported, in order; a prefix of each
	}{
		{"nothing", "SELECT 1", nil},
		{"a leaf changed", "UPDATE leaf SET bytes = CAST(replace(CAST(bytes AS TEXT), '{', '{ ') AS BLOB) WHERE idx = 7",
			[]string{"record 7: its bytes have been changed"}},
		{"leaf and its hash changed", fmt.Sprintf("UPDATE leaf SET bytes = '{}', hashes = x'%s' WHERE idx = 6", hashHex("{}")),
			[]string{"record 6: there is a part 1", "record 6: there is a part 2", "record 7: the tree hashes stored with it", "record 15: the tree hashes", "record 31: the tree hashes",
				"record 63: the tree hashes", "record 127: the tree hashes", "record 255: the tree hashes", "record 300: the records before it are not those"}},
		{"inner hashes changed", "UPDATE leaf SET hashes = substr(hashes, 1, 32) || zeroblob(length(hashes)-32) WHERE idx = 127",
			[]string{"record 127: the tree hashes stored with it"}},
		{"hashes cut off", "UPDATE leaf SET hashes = x'00' WHERE idx = 20",
			[]string{"record 20: its tree hashes are cut off"}},
		{"a leaf hash changed", "UPDATE leaf SET hashes = zeroblob(32) || substr(hashes, 33) WHERE idx = 21", []string{"record 21: the tree hashes stored with it"}},
		{"the last leaf's hash changed", "UPDATE leaf SET hashes = zeroblob(32) || substr(hashes, 33) WHERE idx = 299", []string{"record 299: the tree hashes stored with it"}},
		{"a leaf and another's hash changed", "UPDATE leaf SET hashes = zeroblob(32) || substr(hashes, 33) WHERE idx = 21; UPDATE leaf SET bytes = CAST(bytes || ' ' AS BLOB) WHERE idx = 280",
			[]string{"record 21: the tree hashes stored with it", "record 280: its bytes have been changed"}},
		{"a leaf removed", "DELETE FROM leaf WHERE idx = 40; DELETE FROM part WHERE id >> 8 = 40",
			[]string{"record 40: records 40 to 40 are missing", "record 300: the checkpoint of size 300 cannot be compared"}},
		{"truncated", "DELETE FROM leaf WHERE idx >= 290; DELETE FROM part WHERE id >> 8 >= 290",
			[]string{"record 290: the records from here to 299 are missing"}},
		{"emptied", "DELETE FROM leaf; DELETE FROM part",
			[]string{"record 0: the records from here to 299 are missing"}},
		{"a row before the first", "INSERT INTO leaf VALUES (-1, NULL, zeroblob(32), 'x')",
			[]string{"record 0: there is a row of index -1"}},
		{"act removed", "UPDATE leaf SET act = NULL WHERE idx = 9", []string{"record 9: its act is not 16 bytes"}},
		{"part changed", "UPDATE part SET body = zeroblob(length(body)) WHERE id = 256*12+1",
			[]string{"record 12: part 1 has been changed"}},
		{"part cut", "UPDATE part SET body = substr(body, 2) WHERE id = 256*12+2",
			[]string{"record 12: part 2 has been changed"}},
		{"parts exchanged", "UPDATE part SET id = 0 WHERE id = 256*12+1; UPDATE part SET id = 256*12+1 WHERE id = 256*13+1; UPDATE part SET id = 256*13+1 WHERE id = 0",
			[]string{"record 12: part 1 has been changed", "record 13: part 1 has been changed"}},
		{"part removed", "DELETE FROM part WHERE id = 256*12+2", []string{"record 12: part 2 is missing"}},
		{"part added", "INSERT INTO part VALUES (256*12+3, x'', x'01')", []string{"record 12: there is a part 3 that the record does not name"}},
		{"part of no record", "INSERT INTO part VALUES (256*1000+3, x'', x'01')", []string{"record 1000: there is a part 3, but not the record"}},
		{"blob changed", "INSERT INTO blob VALUES (zeroblob(32), 'x')", []string{"record 0: blob 0000"}},
		{"checkpoint bent", "UPDATE head SET checkpoint = CAST(replace(CAST(checkpoint AS TEXT), '300', '299') AS BLOB)",
			[]string{"record 0: the checkpoint in the file: not signed"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			l := newLog(t)
			fill(t, l, 300, 1, 2)
			must(t, l.Close())
			l = openLog(t, l.db.path, testOptions(t)) // its checkpoint is in the file
			editFile(t, l.db.path, c.sql)
			checkFound(t, l.Reader, VerifyOptions{Parts: testRefs}, c.want)
		})
	}
}

func hashHex(leaf string) string {
	h := sumdb.RecordHash([]byte(leaf))
	return hex.EncodeToString(h[:])
}

func checkFound(t *testing.T, r *Reader, o VerifyOptions, want []string) {
	t.Helper()
	found, err := r.Verify(context.Background(), o)
	must(t, err)
	ok := len(found) == len(want)
	for i := range min(len(found), len(want)) {
		ok = ok && strings.HasPrefix(found[i].String(), want[i])
	}
	if !ok {
		t.Errorf("found %q\nwant %q", found, want)
	}
}

func TestVerifyMirror(t *testing.T) {
	for _, c := range []struct {
		what, sql string
		want      []string
	}{
		{"nothing", "SELECT 1", nil},
		{"a leaf behind the mirror checkpoint", "UPDATE leaf SET bytes = 'x' WHERE idx = 100", []string{"record 100: its bytes"}},
		{"leaves slipped in behind", "INSERT INTO leaf VALUES (110, NULL, x'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881', 'x')",
			[]string{"record 110: its bytes", "record 110: 1 records stand behind the last signed"}},
		{"evidence", `UPDATE head SET evidence = '{"What":"two trees"}'`, []string{"record 90: it is frozen on evidence that convicts nobody: two trees"}},
		{"pending bent", "UPDATE pending SET note = 'x' WHERE size = 110", []string{"record 90: pending checkpoints: ", "record 90: 20 records stand behind"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			l := newLog(t)
			fill(t, l, 110, 1)
			m := newMirror(t, testRefs)
			feed(t, l, m.Mirror, 90)
			must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 110)))
			o, err := l.Offer(90, 110)
			must(t, err)
			must(t, second(m.Extend(110, o)))
			editFile(t, m.path, c.sql)
			checkFound(t, m.Reader, VerifyOptions{Parts: testRefs, Lawful: func(i uint64, _ uint8) bool { return i >= 90 }}, c.want)
		})
	}
}

func TestVerifyBesideARunningNode(t *testing.T) {
	l := newLog(t)
	fill(t, l, 600, 1)
	o := testOptions(t)
	o.ReadOnly = true
	beside := openLog(t, l.db.path, o)
	checkSound(t, beside.Reader)
	var seen []uint64
	_, err := l.Verify(context.Background(), VerifyOptions{Progress: func(done, total uint64) {
		appendOne(t, l, testEntry(1000+len(seen), ""))
		seen = append(seen, done)
	}})
	must(t, err)
	if len(seen) < 3 || seen[0] != verifyBatch {
		t.Errorf("progress %v", seen)
	}
	checkSound(t, beside.Reader)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Verify(ctx, VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
}

func TestVerifyDamagedFile(t *testing.T) {
	l := newLog(t)
	fill(t, l, 2000, 1)
	must(t, l.Close())
	o := testOptions(t)
	o.ReadOnly = true
	l = openLog(t, l.db.path, o)
	f, err := os.OpenFile(l.db.path, os.O_RDWR, 0)
	must(t, err)
	info, err := f.Stat()
	must(t, err)
	for at := info.Size() / 2; at < info.Size()*3/4; at += 4096 {
		_, err = f.WriteAt([]byte(strings.Repeat("rot", 30)), at&^4095)
		must(t, err)
	}
	must(t, f.Close())
	found, err := l.Verify(context.Background(), VerifyOptions{Parts: testRefs})
	must(t, err)
	if len(found) == 0 || !strings.Contains(fmt.Sprint(found), "damaged") {
		t.Errorf("found %v", found)
	}
}
