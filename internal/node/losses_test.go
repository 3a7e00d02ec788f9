package node

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
)

// What of earlier versions is held, for all that can become of an alert.
func TestGone(t *testing.T) {
	alert := func(action border.Action, reason string) border.Alert {
		return border.Alert{ID: "l:1", List: "l", Kind: border.DocumentAlert, Action: action, Reason: reason,
			Documents: []border.AlertDocument{{Number: "A1"}}}
	}
	inform, arrest := alert(border.ActInform, ""), alert(border.ActArrest, "")
	noted := alert(border.ActInform, "as before")
	at := func(release uint64) rank { return rank{release, "al/centre/1"} }
	for _, row := range []struct {
		name    string
		seen    []version
		present *border.Alert
		lost    map[[32]byte]rank
		gone    int    // versions that need a loss
		held    string // actions that stay matched
	}{
		{"unchanged", []version{{alert: arrest, last: at(1)}}, &arrest, nil, 0, ""},
		{"absent", []version{{alert: arrest, last: at(1)}}, nil, nil, 1, "arrest"},
		{"weakened", []version{{alert: arrest, last: at(1)}}, &inform, nil, 1, "arrest"},
		{"made stronger", []version{{alert: inform, last: at(1)}}, &arrest, nil, 0, ""},
		{"another reason", []version{{alert: inform, last: at(1)}}, &noted, nil, 0, ""},
		{"made stronger, then withdrawn", []version{{alert: inform, last: at(1)}, {alert: arrest, last: at(2)}}, nil, nil, 2, "arrest"},
		{"withdrawn, and only the stronger is lost", []version{{alert: inform, last: at(1)}, {alert: arrest, last: at(2)}}, nil,
			map[[32]byte]rank{alertHash(&arrest): at(3)}, 1, "inform"},
		{"two that cover each other: the newer", []version{{alert: inform, last: at(1)}, {alert: noted, last: at(2)}}, nil, nil, 2, "inform"},
		{"lost", []version{{alert: arrest, last: at(1)}}, nil, map[[32]byte]rank{alertHash(&arrest): at(2)}, 0, ""},
		{"lost before it was listed again", []version{{alert: arrest, last: at(1)}, {alert: arrest, last: at(4)}}, nil,
			map[[32]byte]rank{alertHash(&arrest): at(2)}, 1, "arrest"},
		{"lost by the release that had it", []version{{alert: arrest, last: at(2)}}, nil, map[[32]byte]rank{alertHash(&arrest): at(2)}, 1, "arrest"},
	} {
		present := map[string]*border.Alert{}
		if row.present != nil {
			present["l:1"] = row.present
		}
		for range 2 {
			of := gone(row.seen, present, row.lost)
			var held []string
			for _, a := range heaviest(of) {
				held = append(held, a.Action.String())
			}
			if len(of) != row.gone || fmt.Sprint(held) != "["+row.held+"]" {
				t.Errorf("%s: %d gone, held %v", row.name, len(of), held)
			}
			slices.Reverse(row.seen)
		}
	}
}

func TestRanks(t *testing.T) {
	in := []rank{{1, "a"}, {1, "b"}, {2, "a"}, {10, "a"}}
	out := []rank{in[3], in[1], in[2], in[0]}
	slices.SortFunc(out, rank.compare)
	if !slices.Equal(in, out) {
		t.Error(out)
	}
}

func TestLossDraftFile(t *testing.T) {
	d := LossDraft{Change: roster.Change{Chain: roster.ChainAlertLosses, Number: 1, State: []byte("loss")}, Sets: [][]byte{{1, 2}, {}, {3}}}
	b := d.Encode()
	back, err := DecodeLoss(b)
	if err != nil || !bytes.Equal(back.Encode(), b) || len(back.Sets) != 3 || back.Change.Challenge() != d.Change.Challenge() {
		t.Errorf("%+v, %v", back, err)
	}
	for n := range len(b) {
		back, err := DecodeLoss(b[:n])
		if err == nil && len(back.Sets) == 3 || err != nil && !errors.Is(err, ErrDraft) {
			t.Errorf("of %d bytes: %v", n, err)
		}
	}
}

func FuzzDecodeLoss(f *testing.F) {
	f.Add(LossDraft{Sets: [][]byte{{1}}}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := DecodeLoss(b); err == nil && !bytes.Equal(d.Encode(), b) {
			t.Error("a draft has two forms")
		} else if err != nil && !errors.Is(err, ErrDraft) && !errors.Is(err, record.ErrFormat) {
			t.Error(err)
		}
	})
}
