package witness

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tims/internal/tlog"
)

// A lastAnswer looks at the disk in the moment in which the first byte leaves.
type lastAnswer struct {
	*httptest.ResponseRecorder
	look func()
}

func (a *lastAnswer) Write(b []byte) (int, error) {
	if a.look != nil {
		a.look()
		a.look = nil
	}
	return a.ResponseRecorder.Write(b)
}

func (s *site) file(l *foreignLog) string {
	return filepath.Join(s.opt.Dir, logsDir, tlog.DirName(l.signer.Name()))
}

// syncs records what is synced, by name, and fails where fail says so.
func (s *site) syncs(fail func(name string) bool) *[]string {
	names := &[]string{}
	s.w.store.sync = func(f *os.File) error {
		name := filepath.Base(f.Name())
		if strings.HasPrefix(name, unfinished) {
			name = unfinished
		}
		*names = append(*names, name)
		if fail(name) {
			return syscall.EIO
		}
		return f.Sync()
	}
	return names
}

func never(string) bool { return false }

func TestPersistsBeforeItAnswers(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	s := newSite(t, l.vkey)
	synced := s.syncs(never)
	for _, size := range []int64{4, 9} {
		*synced = nil
		looked := false
		rec := &lastAnswer{httptest.NewRecorder(), func() {
			looked = true
			b, err := os.ReadFile(s.file(l))
			must(t, err)
			cp, err := tlog.OpenCheckpoint(l.vkey, b)
			must(t, err)
			if cp.Size != uint64(size) {
				t.Errorf("the answer for size %d leaves while the disk has %d", size, cp.Size)
			}
			if want := []string{unfinished, logsDir}; !slices.Equal(*synced, want) {
				t.Errorf("synced before the answer: %q, want %q", *synced, want)
			}
		}}
		old := s.w.logs[foreignName].last.Load().Size
		s.h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", strings.NewReader(l.body(int64(old), size))))
		if rec.Code != 200 || !looked {
			t.Fatalf("status %d, looked %v", rec.Code, looked)
		}
	}
}

// A crash before the rename leaves the old checkpoint and a file that the next start removes.
func TestCrashBeforeTheRename(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 4))
	must(t, s.w.Close())
	left := filepath.Join(s.opt.Dir, logsDir, unfinished+"123")
	must(t, os.WriteFile(left, l.at(9)[:40], 0o600))
	s.start()
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the leftover stays: %v", err)
	}
	if rec := s.add(409, l.body(9, 9)); rec.Body.String() != "4\n" {
		t.Errorf("at %q", rec.Body)
	}
	s.add(200, l.body(4, 9))
}

// A crash between the disk and the answer: the client never heard of it, asks again from the old size, and is told the new one.
func TestCrashBeforeTheAnswer(t *testing.T) {
	l, fork := newForeign(t, foreignName, "", 9), newForeign(t, foreignName, "fork", 9)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 4))
	if _, err := s.w.Add(tlog.AddCheckpoint{Old: 4, Proof: l.proof(4, 9), Checkpoint: l.at(9)}); err != nil {
		t.Fatal(err)
	}
	s.restart()
	if rec := s.add(409, l.body(4, 9)); rec.Body.String() != "9\n" {
		t.Errorf("at %q", rec.Body)
	}
	if rec := s.add(200, l.body(9, 9)); cosignedSize(t, l, l.at(9), rec.Body.Bytes()) != 9 {
		t.Error("the same checkpoint is not cosigned again")
	}
	s.add(422, fork.body(9, 9))
}

func TestFailingDisk(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 4))
	s.syncs(func(name string) bool { return name == unfinished })
	s.add(503, l.body(4, 9))
	s.w.store.sync = (*os.File).Sync
	if rec := s.add(409, l.body(9, 9)); rec.Body.String() != "4\n" {
		t.Errorf("a checkpoint that is not on the disk counts: %q", rec.Body)
	}
	s.add(200, l.body(4, 6)) // a file that failed leaves the old one, and the next begins anew

	s.syncs(func(name string) bool { return name == logsDir })
	s.add(503, l.body(6, 9))
	s.w.store.sync = (*os.File).Sync
	s.add(503, l.body(6, 9)) // which file a power cut would leave is not known: nothing is signed on top
	s.restart()
	rec := s.add(409, l.body(0, 9))
	if rec.Body.String() != "9\n" {
		t.Errorf("at %q", rec.Body)
	}
	s.add(200, l.body(9, 9))
}

func TestOneProcessPerDirectory(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	s := newSite(t, l.vkey)
	if w, err := Open(s.opt); err == nil {
		w.Close()
		t.Fatal("two processes share a directory")
	}
	s.add(200, l.body(0, 9))
	s.restart()
	if w, err := Open(s.opt); err == nil {
		w.Close()
		t.Error("two processes share a directory after a start")
	}
}

// What lies in the directory is believed by the witness's own signature alone.
func TestTouchedFilesEndTheStart(t *testing.T) {
	l, other := newForeign(t, foreignName, "", 9), newForeign(t, "example.com/other", "", 9)
	for what, touch := range map[string]func(*site, []byte) []byte{
		"one bit of the size":     func(_ *site, b []byte) []byte { b[len(foreignName)+1] ^= 1; return b },
		"cut off":                 func(_ *site, b []byte) []byte { return b[:len(b)-1] },
		"empty":                   func(*site, []byte) []byte { return nil },
		"without our cosignature": func(*site, []byte) []byte { return l.at(5) },
		"of another log": func(s *site, _ []byte) []byte {
			s.add(200, other.body(0, 9))
			b, err := os.ReadFile(s.file(other))
			must(t, err)
			return b
		},
		"too large": func(_ *site, b []byte) []byte { return append(b, make([]byte, maxStored)...) },
	} {
		s := newSite(t, l.vkey, other.vkey)
		s.add(200, l.body(0, 5))
		b, err := os.ReadFile(s.file(l))
		must(t, err)
		b = touch(s, b)
		must(t, s.w.Close())
		must(t, os.WriteFile(s.file(l), b, 0o600))
		if w, err := Open(s.opt); err == nil {
			w.Close()
			t.Errorf("opened with a file %s", what)
		}
	}
}

// A log may change its key: what was cosigned stays in force. The witness may not change its own in one directory.
func TestKeysThatChange(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 5))
	must(t, s.w.Close())
	l.signer, l.vkey = noteSigner(t, foreignName, "second key")
	s.opt.Logs = []string{l.vkey}
	s.start()
	s.add(409, l.body(0, 9))
	s.add(200, l.body(5, 9))
	must(t, s.w.Close())
	s.opt.Logs = nil
	s.start()
	s.add(404, l.body(9, 9))
	if rec := s.do("GET", "/"+tlog.DirName(foreignName)+"/checkpoint", ""); rec.Code != 200 {
		t.Errorf("a log that is no longer cosigned is not shown: %d", rec.Code)
	}
	must(t, s.w.Close())
	s.opt = optionsOf(t, s.opt.Dir, "second key", l.vkey)
	if w, err := Open(s.opt); err == nil {
		w.Close()
		t.Error("another witness's key goes on in this directory")
	}
}

// Each single bit of a stored checkpoint: the file is refused, or says the same.
func TestFlippedBits(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 5))
	b, err := os.ReadFile(s.file(l))
	must(t, err)
	held, refused := s.w.logs[foreignName], 0
	want := held.last.Load().Checkpoint
	for bit := range 8 * len(b) {
		b[bit/8] ^= 1 << (bit % 8)
		got, err := s.w.parse(held, b)
		b[bit/8] ^= 1 << (bit % 8)
		if err != nil {
			refused++
		} else if got.Size != want.Size || got.Root != want.Root {
			t.Errorf("bit %d: read as size %d", bit, got.Size)
		}
	}
	if text := 8 * len(textOf(b)); refused < text {
		t.Errorf("%d of %d flips refused, the text alone has %d", refused, 8*len(b), text)
	}
}
