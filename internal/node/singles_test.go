package node

import (
	"fmt"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
)

// Records of one alert are ordered by the life of their node, in whatever order they come: epoch 10 is after epoch 9.
func TestSinglesKeepTheOrderOfWriting(t *testing.T) {
	version := func(epoch, index uint64, reason string) *Opened {
		o := &Opened{Single: &record.AlertBody{Alert: border.Alert{ID: "x", List: "single:durres", Kind: border.DocumentAlert,
			Action: border.ActInform, Reason: reason, Documents: []border.AlertDocument{{Number: "A1"}}}}}
		o.Origin, o.Node, o.Index = fmt.Sprintf("al/durres/%d", epoch), "durres", index
		return o
	}
	withdrawal := func(epoch, index uint64) *Opened {
		o := &Opened{Withdrawn: &record.AlertChangeBody{ID: "x"}}
		o.Origin, o.Node, o.Index = fmt.Sprintf("al/durres/%d", epoch), "durres", index
		return o
	}
	first, later, last := version(2, 70, "first"), version(9, 5, "later"), version(10, 3, "last")
	for _, c := range []struct {
		name      string
		of        []*Opened
		newest    string
		withdrawn bool
	}{
		{"as written", []*Opened{first, later, last}, "last", false},
		{"by the names of the logs", []*Opened{last, first, later}, "last", false},
		{"withdrawn between two versions", []*Opened{last, withdrawal(9, 6), first, later}, "last", false},
		{"withdrawn after all, heard first", []*Opened{withdrawal(10, 4), last, first}, "last", true},
		{"heard twice", []*Opened{first, last, first, last}, "last", false},
	} {
		var s singles
		for _, o := range c.of {
			s.note(o, roster.Post)
		}
		x := s.lists["single:durres"]["x"]
		if got := x.versions[len(x.versions)-1].alert.Reason; got != c.newest || x.withdrawn != c.withdrawn {
			t.Errorf("%s: %q, withdrawn %t", c.name, got, x.withdrawn)
		}
		if err := s.stands("single:durres", "x"); (err == ErrEnding) != c.withdrawn || !c.withdrawn && err != nil {
			t.Errorf("%s: a withdrawn alert may be changed, or the other way: %v", c.name, err)
		}
	}
	var s singles
	if foreign := version(1, 1, ""); s.note(foreign, roster.Portal) || s.stands("single:durres", "x") != ErrNoAlert {
		t.Error("a portal writes an alert")
	}
	foreign := version(1, 1, "")
	foreign.Node = "kakavija"
	if s.note(foreign, roster.Post) || s.stands("single:kakavija", "x") != ErrNoAlert {
		t.Error("a node writes an alert of another node's list")
	}
}
