package witness

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// evidence reads what is kept of the foreign log, over HTTP and from the disk, verified from itself.
func (s *site) evidence(l *foreignLog) []Evidence {
	s.t.Helper()
	rec := s.do("GET", "/tims/evidence?origin="+l.signer.Name(), "")
	var out []Evidence
	must(s.t, json.Unmarshal(rec.Body.Bytes(), &out))
	listed, err := List(s.opt.Dir)
	must(s.t, err)
	if len(listed) != len(out) {
		s.t.Errorf("%d pieces listed, %d served", len(listed), len(out))
	}
	for _, e := range out {
		if err := e.Check(); err != nil {
			s.t.Errorf("evidence %s: %v", e.Kind, err)
		}
		if e.Found.IsZero() || e.Proves() == "" {
			s.t.Errorf("evidence without a time or a meaning: %+v", e)
		}
	}
	return out
}

func kinds(found []Evidence) (out string) {
	for _, e := range found {
		out += string(e.Kind) + " "
	}
	return strings.TrimSpace(out)
}

func TestForkOfTheSameSizeConvicts(t *testing.T) {
	l, fork := newForeign(t, foreignName, "", 9), newForeign(t, foreignName, "fork", 9)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 5))
	s.add(422, fork.body(5, 5))
	s.add(422, fork.body(5, 5))
	s.add(409, fork.body(0, 5)) // whatever size it begins from: the signature is what convicts
	found := s.evidence(l)
	if kinds(found) != "fork" || !found[0].Convicts() || found[0].Theirs != string(fork.at(5)) {
		t.Fatalf("kept: %+v", found)
	}
	s.restart()
	if kinds(s.evidence(l)) != "fork" {
		t.Error("the evidence is gone after a start")
	}
	s.add(200, l.body(5, 9)) // tlog-witness: what continues is cosigned. Only a country's own log is closed
	for what, bend := range map[string]func(*Evidence){
		"another key":      func(e *Evidence) { e.Key = newForeign(t, "example.com/other", "", 0).vkey },
		"one tree":         func(e *Evidence) { e.Theirs = e.Ours },
		"another size":     func(e *Evidence) { e.Theirs = string(fork.at(6)) },
		"nothing":          func(e *Evidence) { e.Theirs = "" },
		"a bent signature": func(e *Evidence) { e.Ours = string(bent(l.at(5))) },
		"another name":     func(e *Evidence) { e.Origin = "example.com/other" },
		"no kind":          func(e *Evidence) { e.Kind = "" },
	} {
		e := found[0]
		bend(&e)
		if e.Check() == nil {
			t.Errorf("convicts with %s", what)
		}
	}
}

// A checkpoint without a proof that verifies asks a question. It is answered when that size is cosigned.
func TestUnprovenIsSettled(t *testing.T) {
	l, fork := newForeign(t, foreignName, "", 40), newForeign(t, foreignName, "fork", 40)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 5))
	s.add(422, fork.body(5, 8))             // a true fork
	s.add(422, request(5, nil, l.at(9)))    // an honest checkpoint, sent by anybody with a wrong proof
	s.add(422, request(5, nil, fork.at(9))) // and a false one of its size
	s.add(422, request(5, l.proof(5, 7), l.at(6)))
	found := s.evidence(l)
	if kinds(found) != "unproven unproven unproven unproven" || found[0].Convicts() {
		t.Fatalf("kept: %s", kinds(found))
	}
	if len(found[3].Proof) != len(l.proof(5, 7)) {
		t.Errorf("%d hashes of the proof are kept", len(found[3].Proof))
	}
	s.restart()
	s.add(200, l.body(5, 9))
	after := s.evidence(l)
	if kinds(after) != "unproven unproven fork" && kinds(after) != "fork unproven unproven" {
		t.Fatalf("after size 9 was cosigned: %s", kinds(after))
	}
	for _, e := range after {
		if e.Kind == Fork && e.Theirs != string(fork.at(9)) {
			t.Error("the honest checkpoint is called a fork")
		}
		if e.Kind == Unproven && e.Theirs == string(l.at(9)) {
			t.Error("the honest checkpoint is still in doubt")
		}
	}
	s.restart()
	if len(s.evidence(l)) != 3 {
		t.Error("settled evidence comes back at a start")
	}
}

// Neither a flood before a true fork nor one behind it washes it away, and the room is bounded.
func TestEvidenceIsBounded(t *testing.T) {
	const flood = maxUnproven + 4
	l, fork := newForeign(t, foreignName, "", 100), newForeign(t, foreignName, "fork", 100)
	for _, before := range []int{0, 3, 7, flood} {
		s := newSite(t, l.vkey)
		s.add(200, l.body(0, 5))
		spam := func(from, to int) {
			for i := from; i < to; i++ {
				s.add(422, request(5, nil, l.at(int64(10+i))))
			}
		}
		spam(0, before)
		s.add(422, fork.body(5, 99))
		after := flood
		if before == flood {
			after = flood + maxUnproven/2 - 1
		}
		spam(before, after)
		found, kept := s.evidence(l), false
		for _, e := range found {
			kept = kept || e.Theirs == string(fork.at(99))
		}
		if len(found) != maxUnproven || !kept {
			t.Errorf("after %d others: %d kept, the fork among them: %v", before, len(found), kept)
		}
	}
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 5))
	for i := range 2 * maxForks {
		s.add(422, newForeign(t, foreignName, fmt.Sprint("fork ", i), 5).body(5, 5))
	}
	if found := s.evidence(l); len(found) != maxForks {
		t.Errorf("%d forks are kept", len(found))
	}
}

// The largest evidence that there can be fits the bound under which files are read again.
func TestLargestEvidence(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	s := newSite(t, l.vkey)
	more := strings.Repeat("<", maxText-300) + "\n" // each of which JSON writes in six bytes
	s.add(200, request(0, nil, l.at(5, more)))
	s.add(422, request(5, make([]sumdb.Hash, 63), l.at(9, more)))
	s.restart()
	if found := s.evidence(l); kinds(found) != "unproven" || len(found[0].Proof) != 63 {
		t.Errorf("kept: %s", kinds(found))
	}
}

// Evidence that the disk does not take refuses the checkpoint all the same; what it settles stays until it is stored.
func TestEvidenceOnAFullDisk(t *testing.T) {
	l, fork := newForeign(t, foreignName, "", 20), newForeign(t, foreignName, "fork", 20)
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 5))
	s.add(422, fork.body(5, 9))
	dir := filepath.Join(s.opt.Dir, evidenceDir)
	must(t, os.Rename(dir, dir+"-away"))
	s.add(422, fork.body(5, 8))
	must(t, os.Rename(dir+"-away", dir))
	if kinds(s.evidence(l)) != "unproven" {
		t.Errorf("kept: %s", kinds(s.evidence(l)))
	}
	s.add(422, fork.body(5, 8))
	if kinds(s.evidence(l)) != "unproven unproven" {
		t.Errorf("kept once there is room: %s", kinds(s.evidence(l)))
	}
}
