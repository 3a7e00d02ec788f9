package witness

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// identity is the key that a name always has here.
func identity(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("identity of " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(name string) []byte { return identity(name).Public().(ed25519.PublicKey) }

func node(name string, role roster.Role) roster.Node {
	return roster.Node{Name: name, Role: role, Place: name, Address: "192.0.2.1:7443", Reader: []byte("reader"),
		Identities: []roster.Identity{{Key: public(name), FromEpoch: 1}}}
}

func founding() roster.Founding {
	return roster.Founding{Country: "xk", TimeZone: "UTC", Parent: "kufi.example", Rulebook: []byte(`{}`),
		Authority: roster.Authority{Threshold: 2, Approvers: []roster.Approver{
			{Name: "Agim", Key: public("Agim")}, {Name: "Bora", Key: public("Bora")}, {Name: "Cela", Key: public("Cela")}}},
		Roster: roster.Roster{Nodes: []roster.Node{node("tirana", roster.Centre), node("kakavija", roster.Post), node("pages", roster.Portal)}}}
}

// change approves a roster upon a state by those named.
func change(s *roster.State, edit func(*roster.Roster), names ...string) roster.Approved {
	r := s.Roster
	r.Nodes = slices.Clone(r.Nodes)
	edit(&r)
	a := roster.Approved{Change: s.Next(roster.ChainRoster, record.Marshal(r), time.Now().Add(time.Hour).UnixMilli())}
	for _, n := range names {
		a.Approvals = append(a.Approvals, roster.Approve(a.Change, n, identity(n)))
	}
	return a
}

func begin(t testing.TB, changes ...roster.Approved) *roster.State {
	t.Helper()
	s, err := roster.Begin(founding())
	must(t, err)
	for _, c := range changes {
		s, err = s.Apply(c, 0)
		must(t, err)
	}
	return s
}

// statement is an epoch of a node whose log key is that of its origin and salt.
func statement(t testing.TB, name string, number uint32, salt string) roster.SignedEpoch {
	t.Helper()
	origin := roster.Origin("xk", name, number)
	_, logKey := noteKeys(t, origin, salt)
	_, mirrorKey := noteKeys(t, origin+roster.MirrorSuffix, salt)
	return roster.SignEpoch(roster.Epoch{Number: number, Origin: origin, LogKey: logKey, MirrorKey: mirrorKey}, identity(name))
}

// ownLog is a TIMS log of n leaves.
func ownLog(t testing.TB, origin, salt string, n int) *tlog.Log {
	t.Helper()
	signer, vkey := noteSigner(t, origin, salt)
	l, err := tlog.Open(filepath.Join(t.TempDir(), "log.db"), tlog.Options{Key: vkey, Signer: signer})
	must(t, err)
	t.Cleanup(func() { l.Close() })
	grow(t, l, salt, n)
	return l
}

func grow(t testing.TB, l *tlog.Log, story string, n int) {
	t.Helper()
	for i := int(l.Size()); i < n; i++ {
		e := tlog.Entry{Leaf: append([]byte(story+" leaf "), byte(i))}
		binary.BigEndian.PutUint64(e.Act[:], uint64(i+1))
		_, err := l.Append(t.Context(), e)
		must(t, err)
	}
}

func countrySite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, opt: optionsOf(t, filepath.Join(t.TempDir(), "witness"), "")}
	s.opt.Countries = []roster.Founding{founding()}
	s.start()
	return s
}

func (s *site) epoch(status int, e roster.SignedEpoch) {
	s.t.Helper()
	if rec := s.do("POST", "/tims/epoch", string(record.Marshal(e))); rec.Code != status {
		s.t.Errorf("statement of %s: status %d (%q), want %d", e.Epoch.Origin, rec.Code, rec.Body, status)
	}
}

func (s *site) changes(status int, cs ...roster.Approved) {
	s.t.Helper()
	if rec := s.do("POST", "/tims/changes?country=xk", string(roster.EncodeChanges(cs))); rec.Code != status {
		s.t.Errorf("changes: status %d (%q), want %d", rec.Code, rec.Body, status)
	}
}

func submission(t testing.TB, l *tlog.Log, old uint64) string {
	t.Helper()
	proof, err := l.ConsistencyProof(old, l.Size())
	must(t, err)
	return string(tlog.AddCheckpoint{Old: old, Proof: proof, Checkpoint: l.Checkpoint()}.Encode())
}

func TestEpochStatements(t *testing.T) {
	s := countrySite(t)
	good := statement(t, "kakavija", 1, "")
	l := ownLog(t, "xk/kakavija/1", "", 6)
	s.add(404, submission(t, l, 0))
	foreign := good
	foreign.Epoch.Origin = "al/kakavija/1"
	unsigned := good
	unsigned.Signature = bytes.Repeat([]byte{1}, 64)
	badKey := good.Epoch
	badKey.LogKey = "xk/kakavija/1+nonsense"
	for _, c := range []struct {
		status int
		e      roster.SignedEpoch
	}{
		{404, foreign}, {422, unsigned}, {422, statement(t, "durres", 1, "")}, {422, statement(t, "pages", 1, "")},
		{422, roster.SignEpoch(good.Epoch, identity("tirana"))}, {422, roster.SignEpoch(badKey, identity("kakavija"))},
	} {
		s.epoch(c.status, c.e)
	}
	if rec := s.do("POST", "/tims/epoch", string(record.Marshal(good))+"x"); rec.Code != 400 {
		t.Errorf("trailing bytes: %d", rec.Code)
	}
	if rec := s.do("POST", "/tims/epoch", strings.Repeat("x", maxEpoch+1)); rec.Code != 400 {
		t.Errorf("an endless statement: %d", rec.Code)
	}
	s.add(404, submission(t, l, 0))
	s.epoch(200, good)
	s.epoch(200, good)
	s.add(200, submission(t, l, 0))
	s.restart()
	s.add(200, submission(t, l, 6))
	// The next life of the log is followed without anybody's doing; the tail of the old one is still taken.
	next := ownLog(t, "xk/kakavija/2", "", 3)
	s.add(404, submission(t, next, 0))
	s.epoch(200, statement(t, "kakavija", 2, ""))
	s.add(200, submission(t, next, 0))
	grow(t, l, "", 8)
	s.add(200, submission(t, l, 6))
}

func TestTwoStatementsCloseTheLog(t *testing.T) {
	s := countrySite(t)
	l := ownLog(t, "xk/kakavija/1", "", 6)
	s.epoch(200, statement(t, "kakavija", 1, ""))
	s.add(200, submission(t, l, 0))
	s.epoch(422, statement(t, "kakavija", 1, "thief"))
	s.restart()
	found, err := s.w.Evidence("xk/kakavija/1")
	must(t, err)
	if kinds(found) != "epochs" || !found[0].Convicts() {
		t.Fatalf("kept: %+v", found)
	}
	must(t, found[0].Check())
	for what, bend := range map[string]func(*Evidence){
		"one statement":   func(e *Evidence) { e.Second = e.First },
		"another key":     func(e *Evidence) { e.Identity = public("tirana") },
		"no key":          func(e *Evidence) { e.Identity = nil },
		"another name":    func(e *Evidence) { e.Origin = "xk/kakavija/2" },
		"another epoch":   func(e *Evidence) { e.Second = record.Marshal(statement(t, "kakavija", 2, "")) },
		"half a document": func(e *Evidence) { e.Second = e.Second[1:] },
	} {
		e := found[0]
		bend(&e)
		if e.Check() == nil {
			t.Errorf("convicts with %s", what)
		}
	}
	grow(t, l, "", 9)
	s.add(422, submission(t, l, 6))
	next := ownLog(t, "xk/kakavija/2", "", 3)
	s.epoch(200, statement(t, "kakavija", 2, "")) // the way out
	s.add(200, submission(t, next, 0))
}

func TestForkClosesACountrysLog(t *testing.T) {
	s := countrySite(t)
	l, fork := ownLog(t, "xk/kakavija/1", "", 6), ownLog(t, "xk/kakavija/1", "", 0)
	grow(t, fork, "fork", 6)
	s.epoch(200, statement(t, "kakavija", 1, ""))
	s.add(200, submission(t, l, 0))
	s.add(422, submission(t, fork, 6))
	s.restart()
	grow(t, l, "", 9)
	s.add(422, submission(t, l, 6))
	other := ownLog(t, "xk/tirana/1", "", 2)
	s.epoch(200, statement(t, "tirana", 1, ""))
	s.add(200, submission(t, other, 0)) // others go on
}

func TestChangesFromAnybody(t *testing.T) {
	s := countrySite(t)
	l := ownLog(t, "xk/kakavija/1", "", 6)
	s.epoch(200, statement(t, "kakavija", 1, ""))
	s.add(200, submission(t, l, 0))

	st := begin(t)
	join := change(st, func(r *roster.Roster) { r.Nodes = append(r.Nodes, node("durres", roster.Post)) }, "Agim", "Cela")
	one := change(st, func(r *roster.Roster) { r.Nodes = append(r.Nodes, node("morina", roster.Post)) }, "Bora")
	drop := change(begin(t, join), func(r *roster.Roster) { r.Nodes[1].Dropped = true }, "Agim", "Bora")

	s.epoch(422, statement(t, "durres", 1, ""))
	s.changes(422, one)
	s.changes(422, drop) // builds on what is not here
	s.changes(200, join)
	s.changes(200, join)
	s.restart()
	s.epoch(200, statement(t, "durres", 1, ""))
	if rec := s.add(200, submission(t, l, 6)); rec.Header().Get(replica.HeaderChanges) != "1" {
		t.Errorf("%q changes are told", rec.Header().Get(replica.HeaderChanges))
	}
	// A list that breaks off: what came whole stays.
	b := roster.EncodeChanges([]roster.Approved{join, drop})
	if rec := s.do("POST", "/tims/changes?country=xk", string(append(b, 0, 0, 1))); rec.Code != 400 {
		t.Errorf("a broken list: %d", rec.Code)
	}
	if rec := s.add(403, submission(t, l, 6)); rec.Header().Get(replica.HeaderChanges) != "2" {
		t.Errorf("%q changes are told", rec.Header().Get(replica.HeaderChanges))
	}
	s.epoch(422, statement(t, "kakavija", 2, ""))
	s.restart()
	s.add(403, submission(t, l, 6))
	if rec := s.do("GET", "/"+tlog.DirName("xk/kakavija/1")+"/checkpoint", ""); rec.Code != 200 {
		t.Errorf("what was cosigned of a dropped node is not shown: %d", rec.Code)
	}
}

func TestLogsOfOneNodeAreBounded(t *testing.T) {
	s := countrySite(t)
	for i := range uint32(maxEpochs) {
		must(t, s.w.Admit(statement(t, "kakavija", i+1, "")))
	}
	s.epoch(422, statement(t, "kakavija", maxEpochs+1, ""))
	s.epoch(200, statement(t, "tirana", 1, ""))
	s.restart()
	s.epoch(422, statement(t, "kakavija", maxEpochs+1, ""))
}

// A named key counts more than a country's statement.
func TestNamedLogOfACountry(t *testing.T) {
	s := countrySite(t)
	must(t, s.w.Close())
	l := ownLog(t, "xk/kakavija/1", "named", 6)
	s.opt.Logs = []string{l.Key()}
	s.start()
	s.epoch(422, statement(t, "kakavija", 1, ""))
	s.epoch(200, statement(t, "kakavija", 1, "named"))
	s.add(200, submission(t, l, 0))
}

// The client of package replica against a witness behind a real connection, from the first word to the cosignature in the log.
func TestClient(t *testing.T) {
	s := countrySite(t)
	srv := httptest.NewServer(s.h)
	defer srv.Close()
	c := &replica.Client{HTTP: srv.Client(), Base: srv.URL}
	join := change(begin(t), func(r *roster.Roster) { r.Nodes = append(r.Nodes, node("durres", roster.Post)) }, "Agim", "Cela")
	l := ownLog(t, "xk/durres/1", "", 7)
	own, err := cosign.NewVerifierForCosignatureV1(s.opt.Key)
	must(t, err)
	ask := func(l replica.Source, old uint64, epoch []byte, changes ...roster.Approved) ([]byte, uint64, error) {
		sub := replica.Submission{Source: l, Old: old, Epoch: epoch, Count: len(changes)}
		if changes != nil {
			sub.Changes = func() []byte { return roster.EncodeChanges(changes) }
		}
		return c.Witness(t.Context(), sub)
	}
	refused := func(err error, status int) {
		t.Helper()
		var e *replica.StatusError
		if !errors.As(err, &e) || e.Status != status {
			t.Errorf("error %v, want status %d", err, status)
		}
	}
	told := record.Marshal(statement(t, "durres", 1, ""))
	_, _, err = ask(l, 0, nil)
	refused(err, 404)
	_, _, err = ask(l, 0, told)
	refused(err, 422) // durres is not in the roster here
	for _, step := range []struct {
		size int
		old  uint64
	}{{7, 3}, {7, 7}, {9, 7}, {12, 0}} { // a wrong idea of the witness costs one request
		grow(t, l, "", step.size)
		msg, size, err := ask(l, step.old, told, join)
		must(t, err)
		kept, err := l.AddCosignatures(msg, note.VerifierList(own))
		must(t, err)
		if size != l.Size() || kept != 1 && step.old != 7 {
			t.Errorf("size %d of %d, %d kept", size, l.Size(), kept)
		}
	}
	if at := l.Cosigned(); len(at) != 1 || at[0].Size != 12 || at[0].Name != witnessName {
		t.Errorf("cosigned: %+v", at)
	}
	// A change that the witness has not heard of comes along with the next checkpoint.
	drop := change(begin(t, join), func(r *roster.Roster) { r.Nodes[1].Dropped = true }, "Agim", "Bora")
	grow(t, l, "", 13)
	must(t, third(ask(l, 12, told, join, drop)))
	if n, _ := s.w.changesOf("xk/durres/1"); n != 2 {
		t.Errorf("%d changes at the witness", n)
	}
	// A log that was rolled back, and one that another history took the place of.
	behind := ownLog(t, "xk/durres/1", "", 5)
	var back *replica.BehindError
	if _, _, err := ask(behind, 0, told); !errors.As(err, &back) || back.Size != 13 {
		t.Errorf("a log that was rolled back: %v", err)
	}
	fork := ownLog(t, "xk/durres/1", "", 0)
	grow(t, fork, "fork", 13)
	_, _, err = ask(fork, 13, told)
	refused(err, 422)
	if _, _, err := ask(ownLog(t, "xk/tirana/1", "", 0), 0, nil); err == nil {
		t.Error("a log that nobody knows is cosigned")
	}
}

func third(_ []byte, _ uint64, err error) error { return err }

// Half a founding, or another country's changes, end the start.
func TestCountryDirectory(t *testing.T) {
	s := countrySite(t)
	s.epoch(200, statement(t, "kakavija", 1, ""))
	must(t, s.w.Close())
	dirs, err := filepath.Glob(filepath.Join(s.opt.Dir, countryDir, "xk-*"))
	must(t, err)
	if len(dirs) != 1 {
		t.Fatalf("directories %q", dirs)
	}
	for name, b := range map[string][]byte{changesFile: {0, 0, 0, 9, 1}, tlog.DirName("xk/kakavija/1"): {1},
		tlog.DirName("xk/kakavija/2"): record.Marshal(statement(t, "kakavija", 1, ""))} {
		path := filepath.Join(dirs[0], name)
		was, _ := os.ReadFile(path)
		must(t, os.WriteFile(path, b, 0o600))
		if w, err := Open(s.opt); err == nil {
			w.Close()
			t.Errorf("opened with another %s", name)
		}
		must(t, os.Remove(path))
		if was != nil {
			must(t, os.WriteFile(path, was, 0o600))
		}
	}
	s.start()
	s.opt.Countries = append(s.opt.Countries, founding())
	must(t, s.w.Close())
	if w, err := Open(s.opt); err == nil {
		w.Close()
		t.Error("opened with one country twice")
	}
}
