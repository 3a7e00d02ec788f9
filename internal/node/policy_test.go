package node

import (
	"crypto/ed25519"
	"crypto/sha256"
	"strconv"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/proof"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// policyCountry is a roster in words: name, role, place, neighbours.
func policyCountry(t *testing.T, nodes ...string) (roster.Roster, map[string]roster.Epoch) {
	t.Helper()
	var r roster.Roster
	newest := map[string]roster.Epoch{}
	for _, words := range nodes {
		f := strings.Fields(words)
		n := roster.Node{Name: f[0], Role: roster.Role(f[1]), Neighbours: f[3:]}
		if f[2] != "-" {
			n.Place = strings.ReplaceAll(f[2], "_", " ")
		}
		r.Nodes = append(r.Nodes, n)
		seed := sha256.Sum256([]byte(n.Name))
		origin := roster.Origin("al", n.Name, 1)
		log, err := note.NewEd25519VerifierKey(origin, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		seed[0]++
		mirror, err := note.NewEd25519VerifierKey(origin+roster.MirrorSuffix, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
		if err == nil {
			mirror, err = cosign.VKeyToCosignatureV1(mirror)
		}
		if err != nil {
			t.Fatal(err)
		}
		newest[n.Name] = roster.Epoch{Number: 1, Origin: origin, LogKey: log, MirrorKey: mirror}
	}
	return r, newest
}

func TestMirroredPolicy(t *testing.T) {
	for _, c := range []struct {
		what, writer string
		nodes        []string
		places       int
		cosigned     string // who has signed
		want         bool
	}{
		{"a centre and a neighbour", "a", []string{"c centre T", "a post A b", "b post B"}, 2, "c b", true},
		{"the neighbour is named by the other", "b", []string{"c centre T", "a post A b", "b post B"}, 2, "c a", true},
		{"the centre alone", "a", []string{"c centre T", "a post A b", "b post B"}, 2, "c", false},
		{"two centres at one place", "a", []string{"c centre T", "d centre T", "a post A"}, 1, "c d", false},
		{"two centres at two places", "a", []string{"c centre T", "d centre U", "a post A"}, 2, "c d", true},
		{"a second node of its own place", "a", []string{"c centre T", "a post A", "b post A"}, 1, "c b", false},
		{"nobody", "a", []string{"a post A"}, 0, "", false},
		{"a post that is no neighbour", "a", []string{"c centre T", "a post A", "b post B"}, 1, "c b", false},
		{"a portal", "a", []string{"c centre T", "a post A", "p portal P"}, 1, "c p", false},
		{"a node without a place", "a", []string{"c centre -", "d centre U", "a post A"}, 1, "c d", false},
		{"a centre is mirrored by all posts", "c", []string{"c centre T", "a post A", "b post B"}, 2, "a b", true},
		{"places that a policy cannot tell apart", "a", []string{"c centre Two_Towns", "d centre Two-Towns", "e centre Two/Towns", "a post A"}, 3, "c e", true},
	} {
		r, newest := policyCountry(t, c.nodes...)
		writer, _ := r.Node(c.writer)
		text, places := mirroredPolicy(r, writer, newest)
		p, err := proof.ParsePolicy([]byte(text))
		if err != nil {
			t.Errorf("%s: %v\n%s", c.what, err, text)
			continue
		}
		signed := map[string]bool{}
		for name := range strings.FieldsSeq(c.cosigned) {
			v, err := cosign.NewVerifierForCosignatureV1(newest[name].MirrorKey)
			if err != nil {
				t.Fatal(err)
			}
			signed[v.Name()+strconv.Itoa(int(v.KeyHash()))] = true
		}
		got := p.Satisfied(func(name string, hash uint32) bool { return signed[name+strconv.Itoa(int(hash))] })
		if got != c.want || places != c.places {
			t.Errorf("%s: satisfied %v with %d places, want %v with %d\n%s", c.what, got, places, c.want, c.places, text)
		}
		if len(p.Logs) != 1 || p.Logs[0].Name() != newest[c.writer].Origin {
			t.Errorf("%s: the policy is for another log", c.what)
		}
	}
}

// A large country's policy stays within what a log remembers of cosigners, with a mirror of every place it can.
func TestMirroredPolicyOfManyPosts(t *testing.T) {
	nodes := []string{"c centre T"}
	for i := range 200 {
		nodes = append(nodes, "p"+strconv.Itoa(i)+" post P"+strconv.Itoa(i/2))
	}
	r, newest := policyCountry(t, nodes...)
	text, places := mirroredPolicy(r, r.Nodes[0], newest)
	p, err := proof.ParsePolicy([]byte(text))
	if err != nil || len(p.Witnesses()) != maxMirrorKeys || places != maxMirrorKeys {
		t.Errorf("%d witnesses at %d places: %v", len(p.Witnesses()), places, err)
	}
}

func TestSatisfiedTo(t *testing.T) {
	r, newest := policyCountry(t, "c centre T", "d centre U", "e centre V", "a post A")
	writer, _ := r.Node("a")
	text, _ := mirroredPolicy(r, writer, newest)
	p, err := proof.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []tlog.Cosigned
	for name, size := range map[string]uint64{"c": 9, "d": 5, "e": 7} {
		v, err := cosign.NewVerifierForCosignatureV1(newest[name].MirrorKey)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, tlog.Cosigned{Name: v.Name(), KeyHash: v.KeyHash(), Size: size})
	}
	if got := satisfiedTo(p, all); got != 7 {
		t.Errorf("mirrored to %d, want 7", got)
	}
	if got := satisfiedTo(nil, all); got != 0 {
		t.Errorf("without a policy %d", got)
	}
}
