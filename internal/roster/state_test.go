package roster

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"

	"tims/internal/record"
)

func TestChainRules(t *testing.T) {
	s0 := begin(t)
	first := rules(s0, "one", "Agim", "Bora")
	s1 := apply(t, s0, first)
	second := rules(s1, "two", "Agim", "Cela")
	with := func(change func(*Change)) Approved {
		c := s1.Next(ChainRulebook, []byte("x"), noon)
		change(&c)
		return approved(c, "Agim", "Bora")
	}
	for _, row := range []struct {
		name string
		at   *State
		a    Approved
		want error
	}{
		{"its turn", s1, second, nil},
		{"repeat", s1, first, ErrKnown},
		{"repeat with other approvals", s1, approved(first.Change, "Bora", "Cela"), ErrKnown},
		{"repeat without approvals", s1, approved(first.Change), ErrKnown},
		{"earlier one is missing", s0, second, ErrBase},
		{"wrong base", s1, with(func(c *Change) { c.Base[0] ^= 1 }), ErrBase},
		{"base of another chain", s1, with(func(c *Change) { c.Base = s1.Next(ChainExport, nil, 0).Base }), ErrBase},
		{"past base of another chain", s1, with(func(c *Change) { c.Chain, c.Number, c.Base = ChainExport, 1, first.Change.Base }), ErrBase},
		{"number again", s1, with(func(c *Change) { c.Number = 1 }), ErrBase},
		{"number skipped", s1, with(func(c *Change) { c.Number = 3 }), ErrBase},
		{"number 0", s1, with(func(c *Change) { c.Number = 0 }), ErrBase},
		{"number 2^63-1", s1, with(func(c *Change) { c.Number = math.MaxInt64 }), ErrBase},
		{"number 2^64-1", s1, with(func(c *Change) { c.Number = math.MaxUint64 }), ErrBase},
		{"another number upon a past base", s1, with(func(c *Change) { c.Base = first.Change.Base }), ErrBase},
		{"too late", s1, with(func(c *Change) { c.NotAfter = noon - 1 }), ErrExpired},
		{"at the last moment", s1, with(func(c *Change) { c.NotAfter = noon }), nil},
		{"too late, without approvals", s1, approved(s1.Next(ChainRulebook, nil, 0)), ErrApprovals},
	} {
		n, err := row.at.Apply(row.a, noon)
		if !errors.Is(err, row.want) || (n == nil) != (row.want != nil) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
	for _, chain := range []Chain{0, 7, 255} {
		a := with(func(c *Change) { c.Chain = chain })
		if n, err := s1.Apply(a, noon); err == nil || n != nil {
			t.Errorf("chain %d: %v", chain, err)
		}
	}
	if n, err := s1.Apply(with(func(c *Change) { c.NotAfter = 1 }), 0); err != nil || n.Number(ChainRulebook) != 2 {
		t.Errorf("replay does not ask the hour: %v", err)
	}
}

func TestApplyLeavesTheStateBefore(t *testing.T) {
	s0 := begin(t)
	s1 := apply(t, s0, rules(s0, "one", "Agim", "Bora"))
	s2 := apply(t, s1, rules(s1, "two", "Agim", "Bora"))
	s3 := apply(t, s2, rules(s2, "three", "Agim", "Bora"))
	// Two successors at once: they must not write into one list of changes.
	s4, s4b := apply(t, s3, rules(s3, "four", "Agim", "Bora")), apply(t, s3, rules(s3, "vier", "Agim", "Bora"))
	for i, row := range []struct {
		s    *State
		text string
	}{{s0, `{"rulebook":0}`}, {s1, "one"}, {s2, "two"}, {s3, "three"}, {s4, "four"}, {s4b, "vier"}} {
		n := min(i, 4)
		if string(row.s.Rulebook) != row.text || row.s.Number(ChainRulebook) != uint64(n) || len(row.s.Changes) != n {
			t.Errorf("state %d: rulebook %s, number %d, %d changes", i, row.s.Rulebook, row.s.Number(ChainRulebook), len(row.s.Changes))
		}
		if n > 0 && string(row.s.Changes[n-1].Change.State) != row.text {
			t.Errorf("state %d hands on %s", i, row.s.Changes[n-1].Change.State)
		}
	}
}

// What one node hands on rebuilds the same state at another, and nothing is applied a second time.
func TestChangesRebuildTheState(t *testing.T) {
	s := begin(t)
	r := sampleRoster()
	r.Officers[0].Dropped = true
	s = apply(t, s, approved(s.Next(ChainRoster, record.Marshal(r), noon), "Agim", "Bora"))
	s = apply(t, s, rules(s, "one", "Bora", "Cela"))
	s = apply(t, s, approved(s.Next(ChainErasure, []byte("anything"), noon), "Bora", "Cela"))
	again := begin(t)
	for _, a := range s.Changes {
		var back Approved
		if err := record.Unmarshal(record.Marshal(a), &back); err != nil {
			t.Fatal(err)
		}
		n, err := again.Apply(back, 0)
		if err != nil {
			t.Fatal(err)
		}
		again = n
	}
	if !reflect.DeepEqual(again, s) {
		t.Error("another state came of the same changes")
	}
	for _, a := range s.Changes {
		if _, err := again.Apply(a, 0); !errors.Is(err, ErrKnown) {
			t.Errorf("applied a second time: %v", err)
		}
	}
}

func TestTwoSuccessorsConvict(t *testing.T) {
	s0 := begin(t)
	one, other := rules(s0, "one", "Agim", "Bora"), rules(s0, "other", "Bora", "Cela")
	for _, row := range []struct{ first, second Approved }{{one, other}, {other, one}} {
		s := apply(t, s0, row.first)
		s = apply(t, s, rules(s, "later", "Agim", "Cela"))
		n, err := s.Apply(row.second, noon)
		var e *Evidence
		if !errors.As(err, &e) || n != nil {
			t.Fatalf("%v", err)
		}
		want := &Evidence{Chain: ChainRulebook, Number: 1, Approvers: []string{"Bora"}, Taken: row.first, Other: row.second}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("%+v, want %+v", e, want)
		}
		if string(s.Rulebook) != "later" {
			t.Error("the first taken is no longer in force")
		}
	}
	s := apply(t, s0, one)
	var e *Evidence
	if _, err := s.Apply(approved(other.Change, "Bora"), noon); errors.As(err, &e) || !errors.Is(err, ErrApprovals) {
		t.Errorf("one signature alone is no second successor: %v", err)
	}
	later := other.Change
	later.NotAfter++
	if _, err := apply(t, s0, other).Apply(approved(later, "Agim", "Bora"), noon); !errors.As(err, &e) {
		t.Errorf("the same state under another not-after is another change: %v", err)
	}
}

// An approved change cannot be used again after it was undone: the state has its old content, but not its old number.
func TestNoReplayAfterUndoing(t *testing.T) {
	s0 := begin(t)
	open := rules(s0, "open", "Agim", "Bora")
	s1 := apply(t, s0, open)
	s2 := apply(t, s1, rules(s1, string(s0.Rulebook), "Agim", "Bora"))
	if !bytes.Equal(s2.Rulebook, s0.Rulebook) || s2.Next(ChainRulebook, nil, 0).Base == open.Change.Base {
		t.Fatal("the undone state has the name of the first")
	}
	if _, err := s2.Apply(open, noon); !errors.Is(err, ErrKnown) {
		t.Errorf("old change again: %v", err)
	}
	again := open
	again.Change.Number, again.Change.Base = 3, s2.Next(ChainRulebook, nil, 0).Base
	if _, err := s2.Apply(again, noon); !errors.Is(err, ErrApprovals) {
		t.Errorf("old approvals under a new base: %v", err)
	}
}

// What was approved in an exercise, by the same persons with the same keys, is void in the country.
func TestNoReplayFromAnotherFounding(t *testing.T) {
	f := sampleFounding()
	f.Parent = "exercise.example"
	drill, err := Begin(f)
	if err != nil {
		t.Fatal(err)
	}
	real := begin(t)
	if _, err := real.Apply(rules(drill, "open", "Agim", "Bora"), noon); !errors.Is(err, ErrBase) {
		t.Errorf("first change of an exercise: %v", err)
	}
	drill, real = apply(t, drill, rules(drill, "one", "Agim", "Bora")), apply(t, real, rules(real, "one", "Agim", "Bora"))
	if _, err := real.Apply(rules(drill, "open", "Agim", "Bora"), noon); !errors.Is(err, ErrBase) {
		t.Errorf("second change of an exercise: %v", err)
	}
}

func TestRulebookChain(t *testing.T) {
	s := begin(t)
	for i, text := range []string{"one", "two", "two", ""} {
		s = apply(t, s, rules(s, text, "Agim", "Cela"))
		if string(s.Rulebook) != text || s.Number(ChainRulebook) != uint64(i+1) || s.Number(ChainRoster) != 0 {
			t.Errorf("%d: rulebook %q number %d", i, s.Rulebook, s.Number(ChainRulebook))
		}
	}
	if _, err := s.Apply(rules(s, string(make([]byte, maxState)), "Agim", "Cela"), noon); err != nil {
		t.Errorf("longest state: %v", err)
	}
	if n, err := s.Apply(rules(s, string(make([]byte, maxState+1)), "Agim", "Cela"), noon); err == nil || n != nil {
		t.Error("a state beyond the bound was taken")
	}
}

// The largest state with the most approvals fits one part of a record, or nobody could read what is in force.
func TestLargestChangeCanBeRead(t *testing.T) {
	a := Approved{Change: Change{Chain: ChainRulebook, Number: math.MaxUint64, NotAfter: math.MaxInt64, State: make([]byte, maxState)}}
	for range maxApprovers {
		a.Approvals = append(a.Approvals, Approval{Approver: string(make([]byte, maxText)), Signature: make([]byte, 64)})
	}
	var back Approved
	if err := record.Unmarshal(record.Marshal(a), &back); err != nil {
		t.Error(err)
	}
}

func TestRosterChangesKeepHistory(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*Roster)
		taken  bool
	}{
		{"officer dropped", func(r *Roster) { r.Officers[0].Dropped = true }, true},
		{"node dropped", func(r *Roster) { r.Nodes[1].Dropped = true }, true},
		{"node added", func(r *Roster) {
			r.Nodes = append(r.Nodes, Node{Name: "durres", Role: Post, Identities: []Identity{{Key: public(20), FromEpoch: 1}}})
		}, true},
		{"new keys for a node", func(r *Roster) {
			r.Nodes[0].Identities = append(r.Nodes[0].Identities, Identity{Key: public(20), FromEpoch: 2})
		}, true},
		{"nodes in another order", func(r *Roster) { r.Nodes[0], r.Nodes[2] = r.Nodes[2], r.Nodes[0] }, true},
		{"node left out", func(r *Roster) { r.Nodes = r.Nodes[:2] }, false},
		{"node renamed", func(r *Roster) { r.Nodes[2].Name = "vlore" }, false},
		{"last identity left out", func(r *Roster) { r.Nodes[1].Identities = r.Nodes[1].Identities[:1] }, false},
		{"first identity left out", func(r *Roster) { r.Nodes[1].Identities = r.Nodes[1].Identities[1:] }, false},
		{"identity replaced", func(r *Roster) { r.Nodes[0].Identities[0].Key = public(20) }, false},
		{"identity for other epochs", func(r *Roster) { r.Nodes[1].Identities[1].FromEpoch = 6 }, false},
		{"not valid", func(r *Roster) { r.Nodes[0].Role = "king" }, false},
	} {
		s := begin(t)
		r := sampleRoster()
		row.change(&r)
		n, err := s.Apply(approved(s.Next(ChainRoster, record.Marshal(r), noon), "Agim", "Bora"), noon)
		if (err == nil) != row.taken || (n == nil) == row.taken {
			t.Errorf("%s: %v", row.name, err)
		}
		if row.taken && !bytes.Equal(record.Marshal(n.Roster), record.Marshal(r)) {
			t.Errorf("%s: another roster is in force", row.name)
		}
	}
	s := begin(t)
	for _, state := range [][]byte{nil, {0xff}, append(record.Marshal(sampleRoster()), 0)} {
		if n, err := s.Apply(approved(s.Next(ChainRoster, state, noon), "Agim", "Bora"), noon); err == nil || n != nil {
			t.Errorf("roster %x was taken", state)
		}
	}
}

func TestFoundingValid(t *testing.T) {
	for name, change := range map[string]func(*Founding){
		"country of three":      func(f *Founding) { f.Country = "alb" },
		"country in capitals":   func(f *Founding) { f.Country = "AL" },
		"country of one letter": func(f *Founding) { f.Country = "é" },
		"country with a slash":  func(f *Founding) { f.Country = "a/" },
		"weak authority":        func(f *Founding) { f.Authority.Threshold = 1 },
		"roster not valid":      func(f *Founding) { f.Roster.Nodes[0].Name = "" },
		"too long":              func(f *Founding) { f.Rulebook = make([]byte, maxState) },
	} {
		f := sampleFounding()
		change(&f)
		if s, err := Begin(f); err == nil || s != nil {
			t.Errorf("%s: a country began", name)
		}
	}
}
