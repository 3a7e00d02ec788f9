package roster

import (
	"testing"
)

func sampleEpoch() Epoch {
	return Epoch{Number: 2, Origin: "al/kakavija/2", LogKey: "al/kakavija/2+11111111+log", MirrorKey: "al/kakavija/2/mirror+22222222+mirror",
		Predecessor: &Head{Origin: "al/kakavija/1", Size: 70_000, Root: [32]byte{1}},
		Cosigned:    &Head{Origin: "al/kakavija/1", Size: 69_990, Root: [32]byte{2}}}
}

func TestParseOrigin(t *testing.T) {
	for _, row := range []struct {
		origin, country, node string
		epoch                 uint32
	}{
		{"al/kakavija/1", "al", "kakavija", 1},
		{"xk/post-7/4294967295", "xk", "post-7", 4294967295},
		{"al/a/10", "al", "a", 10},
	} {
		country, node, epoch, err := ParseOrigin(row.origin)
		if err != nil || country != row.country || node != row.node || epoch != row.epoch {
			t.Errorf("%s: %s %s %d %v", row.origin, country, node, epoch, err)
		}
		if got := Origin(country, node, epoch); got != row.origin {
			t.Errorf("%s is written back as %s", row.origin, got)
		}
	}
	for _, origin := range []string{"", "al", "al/kakavija", "al/kakavija/", "al/kakavija/0", "al/kakavija/01", "al/kakavija/+1",
		"al/kakavija/-1", "al/kakavija/4294967296", "al/kakavija/1/", "/al/kakavija/1", "al//1", "al/kakavija/1 ", " al/kakavija/1",
		"AL/kakavija/1", "alb/kakavija/1", "a/kakavija/1", "é/kakavija/1", "a1/kakavija/1", "al/Kakavija/1", "al/7post/1", "al/kaka vija/1",
		"al/kakavija/1\n", "al/kakavija\n/1", "al/kakavija/1_0", "al/kakavija/0x1"} {
		if _, _, _, err := ParseOrigin(origin); err == nil {
			t.Errorf("%q is taken for an origin", origin)
		}
	}
}

func TestVerifyEpoch(t *testing.T) {
	at := func(node string, number uint32) Epoch {
		o := Origin("al", node, number)
		return Epoch{Number: number, Origin: o, LogKey: o + "+11111111+log", MirrorKey: o + "/mirror+22222222+mirror"}
	}
	with := func(change func(*Epoch)) Epoch {
		e := sampleEpoch()
		change(&e)
		return e
	}
	for _, row := range []struct {
		name string
		e    Epoch
		key  byte
		node string // "" where refused
	}{
		{"as it should be", sampleEpoch(), 11, "kakavija"},
		{"first epoch", at("kakavija", 1), 11, "kakavija"},
		{"last of the first identity", at("kakavija", 4), 11, "kakavija"},
		{"second identity too early", at("kakavija", 4), 12, ""},
		{"first of the second identity", at("kakavija", 5), 12, "kakavija"},
		{"first identity too late", at("kakavija", 5), 11, ""},
		{"far epoch", at("kakavija", 1<<32-1), 12, "kakavija"},
		{"before any identity", at("rinas", 1), 13, ""},
		{"identity of another node", at("rinas", 2), 11, ""},
		{"approver's key", at("rinas", 2), 1, ""},
		{"unknown node", at("durres", 1), 11, ""},
		{"dropped node, for its old log", at("tirana", 1), 10, "tirana"},
		{"another country", with(func(e *Epoch) { e.Origin, e.LogKey = "xk/kakavija/2", "xk/kakavija/2+11111111+log" }), 11, ""},
		{"another number", with(func(e *Epoch) { e.Number = 3 }), 11, ""},
		{"no origin", with(func(e *Epoch) { e.Origin = "" }), 11, ""},
		{"log key of another origin", with(func(e *Epoch) { e.LogKey = "al/kakavija/1+11111111+log" }), 11, ""},
		{"mirror key of another node", with(func(e *Epoch) { e.MirrorKey = "al/tirana/1/mirror+22222222+mirror" }), 11, ""},
		{"mirror key of another epoch", with(func(e *Epoch) { e.MirrorKey = "al/kakavija/1/mirror+22222222+mirror" }), 11, ""},
		{"no mirror key", with(func(e *Epoch) { e.MirrorKey = "" }), 11, ""},
		{"log key without name", with(func(e *Epoch) { e.LogKey = "+11111111+log" }), 11, ""},
	} {
		s := begin(t)
		s.Roster.Nodes[0].Dropped = true
		n, err := s.VerifyEpoch(SignEpoch(row.e, key(row.key)))
		if (err == nil) != (row.node != "") || n.Name != row.node {
			t.Errorf("%s: %q, %v", row.name, n.Name, err)
		}
	}
}

// Every field of a statement is signed.
func TestEpochSignatureBindsEveryField(t *testing.T) {
	s, signed := begin(t), SignEpoch(sampleEpoch(), key(11))
	if _, err := s.VerifyEpoch(signed); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*SignedEpoch){
		"log key":        func(e *SignedEpoch) { e.Epoch.LogKey += "x" },
		"mirror key":     func(e *SignedEpoch) { e.Epoch.MirrorKey += "x" },
		"no predecessor": func(e *SignedEpoch) { e.Epoch.Predecessor = nil },
		"shorter predecessor": func(e *SignedEpoch) {
			e.Epoch.Predecessor = &Head{Origin: "al/kakavija/1", Size: 69_999, Root: [32]byte{1}}
		},
		"other root": func(e *SignedEpoch) {
			e.Epoch.Predecessor = &Head{Origin: "al/kakavija/1", Size: 70_000, Root: [32]byte{3}}
		},
		"no cosigned": func(e *SignedEpoch) { e.Epoch.Cosigned = nil },
		"heads exchanged": func(e *SignedEpoch) {
			e.Epoch.Predecessor, e.Epoch.Cosigned = e.Epoch.Cosigned, e.Epoch.Predecessor
		},
		"no signature":    func(e *SignedEpoch) { e.Signature = nil },
		"short signature": func(e *SignedEpoch) { e.Signature = e.Signature[:63] },
	} {
		e := signed
		change(&e)
		if _, err := s.VerifyEpoch(e); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestVerifyTwo(t *testing.T) {
	s := begin(t)
	first := sampleEpoch()
	second := first
	second.LogKey = "al/kakavija/2+33333333+other"
	next := first
	next.Number, next.Origin, next.LogKey, next.MirrorKey = 3, "al/kakavija/3", "al/kakavija/3+11111111+log", "al/kakavija/3/mirror+22222222+mirror"
	for name, c := range map[string]struct {
		first, second SignedEpoch
		convicts      bool
	}{
		"two":              {SignEpoch(first, key(11)), SignEpoch(second, key(11)), true},
		"the same twice":   {SignEpoch(first, key(11)), SignEpoch(first, key(11)), false},
		"two numbers":      {SignEpoch(first, key(11)), SignEpoch(next, key(11)), false},
		"another's second": {SignEpoch(first, key(11)), SignEpoch(second, key(12)), false},
		"another's first":  {SignEpoch(first, key(12)), SignEpoch(second, key(11)), false},
	} {
		if err := s.VerifyTwo(TwoEpochs{First: c.first, Second: c.second}); (err == nil) != c.convicts {
			t.Errorf("%s: %v", name, err)
		}
	}
}
