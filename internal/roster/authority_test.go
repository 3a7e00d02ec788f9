package roster

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tims/internal/record"
)

func TestThresholdIsMoreThanHalf(t *testing.T) {
	for n := 0; n <= 7; n++ {
		for threshold := -1; threshold <= 8; threshold++ {
			a := Authority{Threshold: threshold}
			for i := range n {
				a.Approvers = append(a.Approvers, Approver{Name: fmt.Sprint(i), Key: public(byte(i + 1))})
			}
			want := n > 0 && 2*threshold > n && threshold <= n
			if got := a.Valid() == nil; got != want {
				t.Errorf("%d of %d: valid %v, want %v", threshold, n, got, want)
			}
		}
	}
}

func TestAuthorityValid(t *testing.T) {
	for name, change := range map[string]func(*Authority){
		"one name twice": func(a *Authority) { a.Approvers[1].Name = "Agim" },
		"one key twice":  func(a *Authority) { a.Approvers[1].Key = a.Approvers[0].Key },
		"short key":      func(a *Authority) { a.Approvers[1].Key = a.Approvers[1].Key[1:] },
		"no name":        func(a *Authority) { a.Approvers[1].Name = "" },
		"long name":      func(a *Authority) { a.Approvers[1].Name = strings.Repeat("a", maxText+1) },
		"too many": func(a *Authority) {
			a.Approvers = nil
			for i := range maxApprovers + 1 {
				a.Approvers = append(a.Approvers, Approver{Name: fmt.Sprint(i), Key: public(byte(i))})
			}
			a.Threshold = len(a.Approvers)
		},
	} {
		a := sampleFounding().Authority
		change(&a)
		if a.Valid() == nil {
			t.Errorf("%s: valid", name)
		}
	}
}

func TestApprovalsAreCounted(t *testing.T) {
	s := begin(t)
	c := s.Next(ChainRulebook, []byte("{}"), noon)
	other := c
	other.State = []byte("{ }")
	sign := func(name string) Approval { return Approve(c, name, key(approvers[name])) }
	wrong := sign("Bora")
	wrong.Signature = bytes.Clone(wrong.Signature)
	wrong.Signature[5] ^= 1
	for _, row := range []struct {
		name      string
		approvals []Approval
		applied   bool
	}{
		{"two of three", []Approval{sign("Agim"), sign("Bora")}, true},
		{"another two, in another order", []Approval{sign("Cela"), sign("Agim")}, true},
		{"all three", []Approval{sign("Agim"), sign("Bora"), sign("Cela")}, true},
		{"two and a stranger", []Approval{sign("Stranger"), sign("Agim"), sign("Bora")}, true},
		{"nobody", nil, false},
		{"one", []Approval{sign("Agim")}, false},
		{"one person twice", []Approval{sign("Agim"), sign("Agim")}, false},
		{"one and a stranger", []Approval{sign("Agim"), sign("Stranger")}, false},
		{"one key under two names", []Approval{sign("Agim"), Approve(c, "Bora", key(approvers["Agim"]))}, false},
		{"name of another case", []Approval{sign("Agim"), Approve(c, "bora", key(approvers["Bora"]))}, false},
		{"approval for another change", []Approval{sign("Agim"), Approve(other, "Bora", key(approvers["Bora"]))}, false},
		{"a bit wrong", []Approval{sign("Agim"), wrong}, false},
		{"no signature", []Approval{sign("Agim"), {Approver: "Bora"}}, false},
		{"more than an authority has", append(make([]Approval, maxApprovers), sign("Agim"), sign("Bora")), false},
	} {
		n, err := s.Apply(Approved{Change: c, Approvals: row.approvals}, noon)
		if row.applied && (err != nil || string(n.Rulebook) != "{}") || !row.applied && (n != nil || !errors.Is(err, ErrApprovals)) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// Every field of a change stands in the challenge.
func TestChallengeBindsEveryField(t *testing.T) {
	c := begin(t).Next(ChainRulebook, []byte("{}"), noon)
	seen := map[[32]byte]string{c.Challenge(): "as is"}
	for name, change := range map[string]func(*Change){
		"chain":     func(c *Change) { c.Chain = ChainExport },
		"number":    func(c *Change) { c.Number++ },
		"base":      func(c *Change) { c.Base[31] ^= 1 },
		"not-after": func(c *Change) { c.NotAfter++ },
		"state":     func(c *Change) { c.State = nil },
	} {
		d := c
		change(&d)
		if twin, ok := seen[d.Challenge()]; ok {
			t.Errorf("%s and %s have one challenge", name, twin)
		}
		seen[d.Challenge()] = name
	}
}

func TestAuthorityChangesItselfAlone(t *testing.T) {
	s := begin(t)
	next := Authority{Threshold: 1, Approvers: []Approver{{Name: "Stranger", Key: public(9)}}}
	c := s.Next(ChainAuthority, record.Marshal(next), noon)
	if _, err := s.Apply(approved(c, "Stranger"), noon); !errors.Is(err, ErrApprovals) {
		t.Errorf("the new authority put itself in: %v", err)
	}
	n := apply(t, s, approved(c, "Agim", "Bora"))
	if n.Number(ChainAuthority) != 1 || len(s.Authority.Approvers) != 3 {
		t.Errorf("number %d; the state before has %d approvers", n.Number(ChainAuthority), len(s.Authority.Approvers))
	}
	if _, err := n.Apply(rules(n, "{}", "Agim", "Bora", "Cela"), noon); !errors.Is(err, ErrApprovals) {
		t.Errorf("the authority before still approves: %v", err)
	}
	apply(t, n, rules(n, "{}", "Stranger"))

	weak := next
	weak.Threshold = 0
	if _, err := n.Apply(approved(n.Next(ChainAuthority, record.Marshal(weak), noon), "Stranger"), noon); err == nil {
		t.Error("an authority that needs nobody was taken")
	}
	twin := s.Next(ChainAuthority, record.Marshal(s.Authority), noon)
	var e *Evidence
	if _, err := n.Apply(approved(twin, "Bora", "Cela"), noon); !errors.As(err, &e) || len(e.Approvers) != 1 || e.Approvers[0] != "Bora" {
		t.Errorf("a second successor, approved by the authority of that time: %v", err)
	}
	if _, err := n.Apply(approved(twin, "Stranger"), noon); !errors.Is(err, ErrApprovals) {
		t.Errorf("evidence by who was no approver then: %v", err)
	}
}
