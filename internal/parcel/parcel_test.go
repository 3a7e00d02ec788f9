package parcel

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/tlog"
)

var update = flag.Bool("update", false, "write the golden layout")

// TestLayout holds the names on a stick of a log of 300 records, written in two turns.
func TestLayout(t *testing.T) {
	l, dir := newLog(t, 10), t.TempDir()
	p := l.parcel()
	blob := []byte("a chunk of a list")
	hash := sha256.Sum256(blob)
	if err := l.AddBlob(hash, blob); err != nil {
		t.Fatal(err)
	}
	p.Blobs = [][32]byte{hash}
	write(t, dir, p)
	l.grow(t, 290, "")
	write(t, dir, p)
	s, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WriteState("label", []byte("changes")); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(strings.Join(names(t, dir), "\n")+"\n", tlog.DirName(origin), "HEX")
	const golden = "testdata/layout.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("the layout is\n%s\nwant\n%s%v", got, want, err)
	}
}

// An outside program and our own verify a log as it lies on the stick, and both find what was changed.
func TestOutsideVerifiers(t *testing.T) {
	l, dir := newLog(t, 300), t.TempDir()
	write(t, dir, l.parcel())
	at := filepath.Join(dir, tlog.DirName(origin))
	key, err := note.NewVerifier(l.key)
	must(t, err)
	outside := func() error {
		f := fsck.New(origin, key, client.FileFetcher{Root: at}, bundleHashes, fsck.Opts{N: 16})
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- f.Check(ctx) }() // it may wait for its own workers once one has found something
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	report, err := tlog.VerifyDir(context.Background(), at, l.key, tlog.TilesOptions{})
	if err != nil || len(report.Troubles) > 0 || report.Size != 300 {
		t.Errorf("ours finds %+v, %v", report, err)
	}
	if err := outside(); err != nil {
		t.Errorf("fsck: %v", err)
	}
	bundle := filepath.Join(at, "tile/entries/000")
	b, err := os.ReadFile(bundle)
	must(t, err)
	b[77] ^= 1
	must(t, os.WriteFile(bundle, b, 0o644))
	if report, err := tlog.VerifyDir(context.Background(), at, l.key, tlog.TilesOptions{}); err == nil && len(report.Troubles) == 0 {
		t.Error("ours takes a changed entry")
	}
	if outside() == nil {
		t.Error("fsck takes a changed entry")
	}
}

// bundleHashes is how fsck learns what an entry hashes to.
func bundleHashes(b []byte) ([][]byte, error) {
	bundle := api.EntryBundle{}
	if err := bundle.UnmarshalText(b); err != nil {
		return nil, err
	}
	out := make([][]byte, len(bundle.Entries))
	for i, e := range bundle.Entries {
		h := sumdb.RecordHash(e)
		out[i] = h[:]
	}
	return out, nil
}

// A second write adds what is new and touches nothing that the checkpoint covered; a third writes nothing.
func TestIncremental(t *testing.T) {
	l, dir := newLog(t, 600), t.TempDir()
	p := l.parcel()
	write(t, dir, p)
	before := map[string]os.FileInfo{}
	for _, name := range names(t, dir) {
		before[name], _ = os.Stat(filepath.Join(dir, name))
	}
	l.grow(t, 300, "")
	write(t, dir, p)
	for name, info := range before {
		if now, err := os.Stat(filepath.Join(dir, name)); !strings.Contains(name, ".p/") && strings.Contains(name, "000") &&
			(err != nil || !now.ModTime().Equal(info.ModTime()) || !os.SameFile(now, info)) {
			t.Errorf("%s was touched: %v", name, err)
		}
	}
	if again := write(t, dir, p); again.Files != 0 || again.Size != 900 {
		t.Errorf("a write of nothing new wrote %+v", again)
	}
	m := copyOf(t, l.key, numbers...)
	got, err := read(t, dir, m)
	if err != nil || got.Refused != "" || got.Settled != 900 || got.Before != 0 {
		t.Errorf("taken %+v, %v", got, err)
	}
	for _, i := range []uint64{0, 255, 256, 599, 600, 899} {
		if p, err := m.Part(i, 2); err != nil || !strings.HasPrefix(string(p.Body), "body 2 of ") {
			t.Errorf("part of record %d: %q, %v", i, p.Body, err)
		}
	}
}

// What a follower wrote never takes the place of the whole: whoever holds all parts adds them to the same stick.
func TestFollowerThenMirror(t *testing.T) {
	l, dir := newLog(t, 300), t.TempDir()
	p := l.parcel()
	p.Set, p.Numbers = Slips, numbers[:1]
	write(t, dir, p)
	follower, mirror := copyOf(t, l.key, 1), copyOf(t, l.key, 1, 2)
	if got, err := read(t, dir, follower); err != nil || got.Refused != "" || got.Settled != 300 {
		t.Errorf("a follower takes %+v, %v", got, err)
	}
	got, err := read(t, dir, mirror)
	if err != nil || !strings.Contains(got.Refused, "parts are missing from record 0") || got.Settled != 0 || got.Records != 300 {
		t.Errorf("a mirror takes %+v, %v", got, err)
	}
	write(t, dir, l.parcel())
	if got, err := read(t, dir, mirror); err != nil || got.Refused != "" || got.Settled != 300 {
		t.Errorf("then it takes %+v, %v", got, err)
	}
}

// An old stick is in agreement with what is here, takes nothing back and says so.
func TestOldStick(t *testing.T) {
	l, old, now := newLog(t, 100), t.TempDir(), t.TempDir()
	write(t, old, l.parcel())
	l.grow(t, 200, "")
	write(t, now, l.parcel())
	m := copyOf(t, l.key, numbers...)
	for _, dir := range []string{now, old} {
		got, err := read(t, dir, m)
		if err != nil || got.Refused != "" || got.Settled != 300 {
			t.Errorf("taken %+v, %v", got, err)
		}
	}
	if out := write(t, now, openAt(t, old, l.key)); out.Size != 300 || !out.Ahead || out.Files > 0 {
		t.Errorf("who knows less wrote %+v onto a stick that knows more", out)
	}
}

// openAt is a log as somebody holds it who has read an old stick.
func openAt(t *testing.T, dir, key string) Log {
	m := copyOf(t, key, numbers...)
	if _, err := read(t, dir, m); err != nil {
		t.Fatal(err)
	}
	return Log{Reader: m.Reader, Epoch: []byte("statement"), Set: All, Numbers: numbers}
}

// A fork on a stick, shorter, as long or longer than what is here, convicts the key before strangers and freezes the copy.
func TestFork(t *testing.T) {
	l := newLog(t, 300)
	honest := t.TempDir()
	write(t, honest, l.parcel())
	for _, size := range []int{200, 300, 400} {
		thief, forked := openLog(t, l.secret, l.key, 0), t.TempDir()
		thief.grow(t, size, "another")
		write(t, forked, thief.parcel())
		m := copyOf(t, l.key, numbers...)
		if _, err := read(t, honest, m); err != nil {
			t.Fatal(err)
		}
		_, err := read(t, forked, m)
		var proof *tlog.Evidence
		if !errors.As(err, &proof) || proof.Check(l.key) != nil || m.Evidence() == nil || m.Size() != 300 {
			t.Errorf("a fork of %d records: %v", size, err)
		}
		s, err := Open(forked)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(context.Background(), l.parcel(), nil); size <= 300 && (!errors.As(err, &proof) || proof.Check(l.key) != nil) {
			t.Errorf("written over a fork of %d records: %v", size, err)
		}
		s.Close()
	}
}

// A stick whose files are links, pipes, directories or endless is refused in words, and nothing outside it is read.
func TestHostileStick(t *testing.T) {
	l, sound := newLog(t, 300), t.TempDir()
	write(t, sound, l.parcel())
	hex := tlog.DirName(origin)
	outside := copyDir(t, sound)
	must := func(err error) { t.Helper(); must(t, err) }
	for what, spoil := range map[string]func(at string){
		"a link to a file outside": func(at string) {
			must(os.Remove(at + "/checkpoint"))
			must(os.Symlink(outside+"/"+hex+"/checkpoint", at+"/checkpoint"))
		},
		"a link within": func(at string) {
			must(os.Rename(at+"/checkpoint", at+"/elsewhere"))
			must(os.Symlink("elsewhere", at+"/checkpoint"))
		},
		"a link to a directory": func(at string) {
			must(os.RemoveAll(at + "/tile"))
			must(os.Symlink(outside+"/"+hex+"/tile", at+"/tile"))
		},
		"a pipe": func(at string) {
			must(os.Remove(at + "/checkpoint"))
			must(syscall.Mkfifo(at+"/checkpoint", 0o644))
		},
		"a directory": func(at string) {
			must(os.Remove(at + "/checkpoint"))
			must(os.Mkdir(at+"/checkpoint", 0o755))
		},
		"an endless checkpoint": func(at string) { must(os.Truncate(at+"/checkpoint", 1<<40)) },
		"an endless bundle":     func(at string) { must(os.Truncate(at+"/tile/entries/000", 1<<40)) },
		"no bundle":             func(at string) { must(os.Remove(at + "/tile/entries/000")) },
	} {
		t.Run(what, func(t *testing.T) {
			dir := copyDir(t, sound)
			spoil(filepath.Join(dir, hex))
			m := copyOf(t, l.key, numbers...)
			got, err := read(t, dir, m)
			if err != nil || got.Refused == "" || m.Next() != 0 {
				t.Errorf("taken %+v, %v", got, err)
			}
		})
	}
	t.Run("an endless pack", func(t *testing.T) {
		dir := copyDir(t, sound)
		must(os.Truncate(filepath.Join(dir, hex, "tims/all/000"), 1<<40))
		m := copyOf(t, l.key, numbers...)
		if got, err := read(t, dir, m); err != nil || got.Refused == "" || got.Settled != 300 {
			t.Errorf("taken %+v, %v: what is sound is kept", got, err)
		}
	})
	t.Run("a pack cut short", func(t *testing.T) {
		dir := copyDir(t, sound)
		must(os.Truncate(filepath.Join(dir, hex, "tims/all/001.p/44"), 100))
		m := copyOf(t, l.key, numbers...)
		if got, err := read(t, dir, m); err != nil || got.Refused == "" || got.Records != 300 || m.Cursor() != 256 {
			t.Errorf("taken %+v, %v: what is sound is kept", got, err)
		}
	})
	t.Run("writing through a link", func(t *testing.T) {
		dir, victim := copyDir(t, sound), filepath.Join(t.TempDir(), "victim")
		must(os.WriteFile(victim, []byte("mine"), 0o644))
		must(os.Symlink(victim, filepath.Join(dir, hex, "tile/entries/001.p/45")))
		l.grow(t, 1, "")
		s, err := Open(dir)
		must(err)
		defer s.Close()
		if _, err := s.Write(context.Background(), l.parcel(), nil); !errors.Is(err, ErrNotPlain) {
			t.Errorf("written with %v", err)
		}
		if b, _ := os.ReadFile(victim); string(b) != "mine" {
			t.Error("a file outside the stick was written")
		}
	})
	t.Run("names without end", func(t *testing.T) {
		dir := t.TempDir()
		for i := range maxNames + 10 {
			must(os.WriteFile(filepath.Join(dir, strings.Repeat("y", i%200)+strconv.Itoa(i)), nil, 0o644))
		}
		s, err := Open(dir)
		must(err)
		defer s.Close()
		if logs, more, err := s.Logs(); err != nil || !more || len(logs) > 0 {
			t.Errorf("%v, %v, %v", logs, more, err)
		}
	})
}

// A stick that is pulled at any file of a write is read up to its last whole checkpoint, and beyond it up to the last whole
// bundle. The next write makes it whole.
func TestPulled(t *testing.T) {
	l, base := newLog(t, 300), t.TempDir()
	write(t, base, l.parcel())
	l.grow(t, 600, "")
	errPulled := errors.New("pulled")
	beyond := map[uint64]bool{}
	for cut, pulled := 0, true; pulled; cut++ {
		dir := copyDir(t, base)
		s, err := Open(dir)
		must(t, err)
		at, where := 0, ""
		s.pull = func(name string, data []byte) (int, error) {
			if at++; at > cut {
				where = name
				return len(data) / 2, errPulled
			}
			return len(data), nil
		}
		_, err = s.Write(context.Background(), l.parcel(), nil)
		must(t, s.Close())
		if pulled = errors.Is(err, errPulled); !pulled {
			must(t, err)
		}
		m := copyOf(t, l.key, numbers...)
		got, err := read(t, dir, m)
		if err != nil || got.Settled != 300 && got.Settled != 900 || got.Settled < 900 && !pulled {
			t.Errorf("pulled at %q: %+v, %v", where, got, err)
		}
		beyond[got.Records] = true
		compareCopy(t, l, m)
		write(t, dir, l.parcel())
		if got, err := read(t, dir, m); err != nil || got.Refused != "" || got.Settled != 900 {
			t.Errorf("pulled at %q, written again: %+v, %v", where, got, err)
		}
	}
	for _, size := range []uint64{300, 512, 768, 900} {
		if !beyond[size] {
			t.Errorf("no pulled stick gave just %d records", size)
		}
	}
}

// Every single bit of a small stick, flipped, is refused or harmless: nothing false is stored. vkey is not read, and the epoch
// statement is judged by its signature before a log is read at all.
func TestEveryBit(t *testing.T) {
	l, sound := newLog(t, 3), t.TempDir()
	write(t, sound, l.parcel())
	refused, spare, m := 0, 0, copyOf(t, l.key, numbers...)
	for _, name := range names(t, sound) {
		if strings.HasSuffix(name, "/vkey") || strings.HasSuffix(name, "/epoch") {
			continue
		}
		path := filepath.Join(sound, name)
		data, err := os.ReadFile(path)
		must(t, err)
		for bit := range len(data) * 8 {
			bad := slices.Clone(data)
			bad[bit/8] ^= 1 << (bit % 8)
			must(t, os.WriteFile(path, bad, 0o644))
			got, err := read(t, sound, m)
			if err != nil {
				t.Fatalf("%s bit %d: %v", name, bit, err)
			}
			if got.Refused != "" {
				refused++
			} else if strings.HasSuffix(name, "/checkpoint") {
				spare++
			} else if strings.Contains(name, "/tile/0/") {
				if len(got.Damaged) != 1 || !strings.HasSuffix(name, got.Damaged[0]) || got.Settled != 3 {
					t.Errorf("%s bit %d: %+v", name, bit, got)
				}
			} else if !strings.HasSuffix(name, "/size") {
				t.Errorf("%s bit %d: nothing was refused: %+v", name, bit, got)
			}
			if compareCopy(t, l, m); m.Size() > 0 { // else the next flip finds it as empty as a new one
				must(t, m.Close())
				m = copyOf(t, l.key, numbers...)
			}
		}
		must(t, os.WriteFile(path, data, 0o644))
	}
	if refused == 0 || spare > 4 { // the end of a signature in base64 has up to four bits that mean nothing
		t.Errorf("%d flipped bits were refused, %d of the checkpoint were not", refused, spare)
	}
	if got, err := read(t, sound, m); err != nil || got.Refused != "" || got.Settled != 3 {
		t.Errorf("the sound stick gives %+v, %v", got, err)
	}
	compareCopy(t, l, m)
}

// compareCopy compares all that a copy holds with the log, wraps too.
func compareCopy(t *testing.T, l *writtenLog, m *tlog.Mirror) {
	t.Helper()
	ours, err := m.Leaves(0, int(m.Next()))
	must(t, err)
	theirs, err := l.Leaves(0, int(m.Next()))
	must(t, err)
	if !slices.EqualFunc(ours, theirs, bytes.Equal) {
		t.Fatal("the copy has other records than the log")
	}
	parts, _, err := m.Parts(0, m.Next(), numbers...)
	must(t, err)
	for _, p := range parts {
		of, err := l.Part(p.Index, p.Number)
		must(t, err)
		if !bytes.Equal(of.Body, p.Body) || !bytes.Equal(of.Wrap, p.Wrap) {
			t.Fatalf("part %d of record %d is not the log's", p.Number, p.Index)
		}
	}
}
