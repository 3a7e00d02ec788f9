package roster

import (
	"errors"
	"testing"

	"tims/internal/record"
)

// FuzzApply feeds changes as they come from parcels and peers. None may panic, and none may be applied that two persons of
// the authority have not signed.
func FuzzApply(f *testing.F) {
	s0 := begin(f)
	first := rules(s0, "one", "Agim", "Bora")
	s1 := apply(f, s0, first)
	signed := map[[32]byte]bool{}
	seed := func(c Change, enough bool, names ...string) {
		if enough {
			signed[c.Challenge()] = true
		}
		f.Add(record.Marshal(approved(c, names...)))
	}
	seed(first.Change, true, "Agim", "Bora")
	seed(s0.Next(ChainRulebook, []byte("other"), noon), true, "Bora", "Cela")
	seed(s1.Next(ChainRulebook, []byte("two"), noon), true, "Agim", "Cela")
	seed(s1.Next(ChainRulebook, []byte("three"), noon), false, "Agim")
	seed(s1.Next(ChainRulebook, []byte("four"), noon), false, "Agim", "Agim", "Stranger")
	seed(s1.Next(ChainRoster, record.Marshal(sampleRoster()), noon), true, "Agim", "Bora")
	seed(s1.Next(ChainAuthority, record.Marshal(s1.Authority), noon), true, "Agim", "Bora")
	seed(s1.Next(ChainExport, nil, 0), true, "Bora", "Cela")
	f.Fuzz(func(t *testing.T, b []byte) {
		var a Approved
		if record.Unmarshal(b, &a) != nil {
			return
		}
		n, err := s1.Apply(a, 0)
		var e *Evidence
		if (err == nil || errors.As(err, &e)) && !signed[a.Change.Challenge()] {
			t.Errorf("%x counts as approved: %v", b, err)
		}
		if (err == nil) != (n != nil) {
			t.Errorf("%x: state %v with error %v", b, n != nil, err)
		}
	})
}

func FuzzVerifyEpoch(f *testing.F) {
	s := begin(f)
	e := sampleEpoch()
	f.Add(record.Marshal(SignEpoch(e, key(11))))
	f.Add(record.Marshal(SignEpoch(e, key(9))))
	want := string(e.message())
	f.Fuzz(func(t *testing.T, b []byte) {
		var got SignedEpoch
		if record.Unmarshal(b, &got) != nil {
			return
		}
		if _, err := s.VerifyEpoch(got); err == nil && string(got.Epoch.message()) != want {
			t.Errorf("%x is accepted and was never signed", b)
		}
	})
}
