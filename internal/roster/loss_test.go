package roster

import (
	"encoding/hex"
	"errors"
	"testing"

	"tims/internal/record"
)

func sampleLoss() Loss {
	return Loss{List: "sdn", Origin: "al/tirana/1", Release: 7, Sets: [][32]byte{{1}}, Count: 3, Settled: true}
}

func TestLossGolden(t *testing.T) {
	const golden = "a60163" + "73646e" + "026b" + "616c2f746972616e612f31" + "0307" + "0481" + "5820" +
		"0100000000000000000000000000000000000000000000000000000000000000" + "0503" + "07f5"
	if got := hex.EncodeToString(record.Marshal(sampleLoss())); got != golden {
		t.Error(got)
	}
}

func TestLosses(t *testing.T) {
	s := begin(t)
	loss := func(s *State, change func(*Loss), names ...string) Approved {
		l := sampleLoss()
		change(&l)
		return approved(s.Next(ChainAlertLosses, record.Marshal(l), noon), names...)
	}
	same := func(*Loss) {}
	first := loss(s, same, "Agim", "Bora")
	one := apply(t, s, first)
	two := apply(t, one, loss(one, func(l *Loss) { l.Release = 8 }, "Agim", "Cela"))
	if len(s.Losses) != 0 || len(one.Losses) != 1 || len(two.Losses) != 2 || two.Losses[1].Release != 8 {
		t.Errorf("%d, %d, %d losses", len(s.Losses), len(one.Losses), len(two.Losses))
	}
	if _, err := s.Apply(loss(s, same, "Agim", "Stranger"), noon); !errors.Is(err, ErrApprovals) {
		t.Errorf("approved by one: %v", err)
	}
	if _, err := two.Apply(first, noon); !errors.Is(err, ErrKnown) {
		t.Errorf("played again: %v", err)
	}
	var proof *Evidence
	if _, err := two.Apply(loss(s, func(l *Loss) { l.Count = 4 }, "Agim", "Bora"), noon); !errors.As(err, &proof) {
		t.Errorf("another on the same base: %v", err)
	}
	for what, change := range map[string]func(*Loss){
		"no list":            func(l *Loss) { l.List = "" },
		"no origin":          func(l *Loss) { l.Origin = "tirana" },
		"no release":         func(l *Loss) { l.Release = 0 },
		"nothing":            func(l *Loss) { l.Count, l.Settled = 0, false },
		"less than it holds": func(l *Loss) { l.Count, l.Versions = 1, make([][32]byte, 2) },
	} {
		if _, err := s.Apply(loss(s, change, "Agim", "Bora"), noon); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
	if _, err := s.Apply(approved(s.Next(ChainAlertLosses, []byte("all"), noon), "Agim", "Bora"), noon); !errors.Is(err, record.ErrFormat) {
		t.Errorf("bytes that are no loss: %v", err)
	}
}

func TestRosterAt(t *testing.T) {
	s := begin(t)
	next := sampleRoster()
	next.Nodes[2].Dropped = true
	after := apply(t, s, approved(s.Next(ChainRoster, record.Marshal(next), noon), "Agim", "Bora"))
	if r, ok := after.RosterAt(0); !ok || r.Nodes[2].Dropped {
		t.Error("not the founding's")
	}
	if r, ok := after.RosterAt(1); !ok || !r.Nodes[2].Dropped {
		t.Error("not the first")
	}
	if _, ok := after.RosterAt(2); ok {
		t.Error("one that is to come")
	}
}
