package roster

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"tims/internal/record"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) []byte { return key(seed).Public().(ed25519.PublicKey) }

// approvers maps the names of the sample authority, and of one stranger, to their seeds.
var approvers = map[string]byte{"Agim": 1, "Bora": 2, "Cela": 3, "Stranger": 9}

func sampleRoster() Roster {
	return Roster{
		Nodes: []Node{
			{Name: "tirana", Role: Centre, Place: "tirana", Address: "10.0.0.1:7100", Identities: []Identity{{Key: public(10), FromEpoch: 1}},
				Reader: []byte("tirana's reader")},
			{Name: "kakavija", Role: Post, Place: "kakavija", Traffic: "road", Address: "10.0.1.1:7100",
				Identities: []Identity{{Key: public(11), FromEpoch: 1}, {Key: public(12), FromEpoch: 5}}, Reader: []byte("kakavija's reader")},
			{Name: "rinas", Role: Post, Place: "rinas", Traffic: "air", Address: "10.0.2.1:7100", Identities: []Identity{{Key: public(13), FromEpoch: 2}},
				Reader: []byte("rinas's reader")},
		},
		Officers: []Officer{
			{ID: [16]byte{1}, Label: "K-17", Duties: []Duty{BoothOfficer, SecondLine}, Enrol: bytes.Repeat([]byte{7}, 32)},
			{ID: [16]byte{2}, Label: "K-18", Duties: []Duty{BoothOfficer}, Dropped: true},
		},
		Recovery: []byte("recovery key"), Auditor: []byte("auditor's key"),
	}
}

func sampleFounding() Founding {
	return Founding{
		Country: "al", TimeZone: "Europe/Tirane", Parent: "kufi.example",
		Authority: Authority{Threshold: 2, Approvers: []Approver{
			{Name: "Agim", Key: public(1)}, {Name: "Bora", Key: public(2)}, {Name: "Cela", Key: public(3)}}},
		Roster: sampleRoster(), Rulebook: []byte(`{"rulebook":0}`),
	}
}

func begin(t testing.TB) *State {
	t.Helper()
	s, err := Begin(sampleFounding())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// approved signs a change by the named approvers.
func approved(c Change, names ...string) Approved {
	a := Approved{Change: c}
	for _, n := range names {
		a.Approvals = append(a.Approvals, Approve(c, n, key(approvers[n])))
	}
	return a
}

const noon = 1_785_585_600_000 // UTC ms; the not-after of most changes here

// rules drafts and signs a rulebook of the given text upon s.
func rules(s *State, text string, names ...string) Approved {
	return approved(s.Next(ChainRulebook, []byte(text), noon), names...)
}

func apply(t testing.TB, s *State, a Approved) *State {
	t.Helper()
	n, err := s.Apply(a, noon)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// goldenHex gives the values of testdata/golden.txt by name. They were signed by people: a change of any is a new format.
func goldenHex(t testing.TB) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if name, h, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			out[name] = h
		}
	}
	return out
}

func TestGolden(t *testing.T) {
	s := begin(t)
	c := s.Next(ChainRulebook, []byte(`{"rulebook":1}`), noon)
	challenge, founding, state := c.Challenge(), s.Founding.Hash(), StateHash(ChainRulebook, 1, c.Base, c.State)
	e := sampleEpoch()
	want := goldenHex(t)
	for name, got := range map[string][]byte{
		"founding":           record.Marshal(s.Founding),
		"founding-hash":      founding[:],
		"base-of-rulebook-1": c.Base[:],
		"change":             record.Marshal(c),
		"challenge":          challenge[:],
		"state-hash":         state[:],
		"approved":           record.Marshal(approved(c, "Agim", "Cela")),
		"epoch-message":      e.message(),
		"epoch-signed":       record.Marshal(SignEpoch(e, key(11))),
	} {
		if hex.EncodeToString(got) != want[name] {
			t.Errorf("%s %x", name, got)
		}
	}
}

func TestFoundingComesBack(t *testing.T) {
	f := sampleFounding()
	var back Founding
	if err := record.Unmarshal(record.Marshal(f), &back); err != nil {
		t.Fatal(err)
	}
	if back.Hash() != f.Hash() {
		t.Error("the founding hash differs after a round trip")
	}
	// Absent and empty lists are one: a founding made in memory has the hash of the one that was read.
	f.Roster.Officers, f.Rulebook = nil, nil
	g := f
	g.Roster.Officers, g.Rulebook = []Officer{}, []byte{}
	if f.Hash() != g.Hash() {
		t.Error("nil and empty lists have two founding hashes")
	}
}
