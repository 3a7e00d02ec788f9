package tlog

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// The two histories part after 4 leaves. What a reader of one says to checkpoints of both, by size.
func TestCompareJudgesWhatItCanProve(t *testing.T) {
	l, other := newLog(t), fork(t, 4, 16)
	fill(t, l, 12)
	settled := newMirror(t, nil)
	feed(t, l, settled.Mirror, 10)
	upload := newMirror(t, nil) // all leaves are here, nothing is settled
	must(t, upload.AddCheckpoint(checkpointFor(t, l, upload.Mirror, 10)))
	o, err := l.Offer(0, 10)
	must(t, err)
	must(t, second(upload.Extend(10, o)))
	bare := newMirror(t, nil) // a pending checkpoint and no leaf
	must(t, bare.AddCheckpoint(checkpointFor(t, l, bare.Mirror, 10)))

	const agrees, convicts, beyond = "agrees", "convicts", "beyond"
	for _, c := range []struct {
		what   string
		note   []byte
		want   map[string]string // by reader
		unsure string            // what a mirror says that has no leaf
	}{
		{"its own beginning", checkpointAt(t, l, 3), nil, beyond},
		{"its own at the size of the checkpoint", checkpointAt(t, l, 10), nil, agrees},
		{"the empty tree", checkpointAt(t, other, 0), nil, agrees},
		{"the other's common beginning", checkpointAt(t, other, 4), nil, beyond},
		{"the other's, one behind the fork", checkpointAt(t, other, 5), map[string]string{"log": convicts, "settled": convicts, "upload": convicts}, beyond},
		{"the other's, smaller", checkpointAt(t, other, 9), map[string]string{"log": convicts, "settled": convicts, "upload": convicts}, beyond},
		{"the other's, of equal size", checkpointAt(t, other, 10), map[string]string{"log": convicts, "settled": convicts, "upload": convicts}, convicts},
		{"the other's, larger than a mirror", checkpointAt(t, other, 11), map[string]string{"log": convicts, "settled": beyond, "upload": beyond}, beyond},
		{"its own, larger than a mirror", checkpointAt(t, l, 12), map[string]string{"log": agrees, "settled": beyond, "upload": beyond}, beyond},
		{"the other's, larger than all", checkpointAt(t, other, 20), map[string]string{"log": beyond, "settled": beyond, "upload": beyond}, beyond},
	} {
		for reader, compare := range map[string]func([]byte) (*Evidence, error){"log": l.Compare, "settled": settled.Compare,
			"upload": upload.Compare, "bare": bare.Compare} {
			want := c.want[reader]
			switch {
			case reader == "bare":
				want = c.unsure
			case want == "":
				want = agrees
			}
			e, err := compare(c.note)
			got := agrees
			switch {
			case errors.Is(err, ErrNotHere) && e == nil:
				got = beyond
			case err != nil:
				t.Fatalf("%s, %s: %v", reader, c.what, err)
			case e != nil:
				got = convicts
				must(t, e.Check(l.Key()))
			}
			if got != want {
				t.Errorf("%s, shown %s: %s, want %s", reader, c.what, got, want)
			}
		}
	}
	for what, m := range map[string]*mirrorSetup{"settled": settled, "upload": upload, "bare": bare} {
		if m.Evidence() != nil {
			t.Errorf("%s was frozen by a look", what)
		}
	}
}

func TestCompareRefusesWhatTheLogDidNotSign(t *testing.T) {
	l := newLog(t)
	fill(t, l, 8)
	m := newMirror(t, nil)
	feed(t, l, m.Mirror, 8)
	good := checkpointAt(t, l, 8)
	_, stranger := testKeys(t, testOrigin+"x")
	if stranger == l.Key() {
		t.Fatal("the stranger has the log's key")
	}
	for what, c := range map[string]struct {
		note []byte
		want error
	}{
		"bent":          {bytes.Replace(good, []byte("\n8\n"), []byte("\n7\n"), 1), ErrSignature},
		"unsigned":      {good[:bytes.Index(good, []byte("\n\n"))+2], ErrMalformed},
		"of another":    {append([]byte("xk/other/1"), good[len(testOrigin):]...), ErrUnknownOrigin},
		"not a note":    {[]byte(testOrigin + "\n"), ErrMalformed},
		"over its size": {append(bytes.Clone(good), make([]byte, maxNote)...), ErrMalformed},
	} {
		for reader, compare := range map[string]func([]byte) (*Evidence, error){"log": l.Compare, "mirror": m.Compare} {
			if e, err := compare(c.note); e != nil || !errors.Is(err, c.want) {
				t.Errorf("%s, a note %s: %v %v", reader, what, e, err)
			}
		}
	}
}

// Evidence from elsewhere freezes a copy of either history, and one that is too short to have seen any; and survives a restart.
func TestFreezeOnEvidenceOfOthers(t *testing.T) {
	l, other := newLog(t), fork(t, 4, 16)
	fill(t, l, 20)
	e, err := l.Compare(checkpointAt(t, other, 15))
	must(t, err)
	stranger := *e
	stranger.Origin, stranger.What = "xk/somebody/9", strings.Repeat("<script>", 100)
	stranger.Theirs = append(bytes.Clone(e.Theirs), "— friend.example AAAAAAA=\n"...)
	for what, from := range map[string]struct {
		log  *Log
		size uint64
	}{"ours": {l, 18}, "theirs": {other, 18}, "the common prefix": {l, 2}} {
		t.Run(what, func(t *testing.T) {
			m := newMirror(t, nil)
			feed(t, from.log, m.Mirror, from.size)
			for what, bend := range map[string]func(*Evidence){
				"no proof":         func(e *Evidence) { e.Proof = nil },
				"no contradiction": func(e *Evidence) { e.Theirs = checkpointAt(t, l, 15) },
			} {
				bad := *e
				bend(&bad)
				if err := m.Freeze(&bad); !errors.Is(err, ErrProof) || m.Evidence() != nil {
					t.Fatalf("frozen with %s: %v", what, err)
				}
			}
			must(t, m.Freeze(&stranger))
			must(t, m.Freeze(e)) // again
			m.reopen(t)
			got := m.Evidence()
			if got == nil || got.Origin != testOrigin || got.What != e.What || !bytes.Equal(got.Theirs, e.Theirs) {
				t.Fatalf("kept %+v", got)
			}
			must(t, got.Check(l.Key()))
			if _, err := m.Settle(from.size); !errors.As(err, new(*Evidence)) {
				t.Errorf("a frozen copy settles: %v", err)
			}
			if err := m.AddCheckpoint(checkpointFor(t, from.log, m.Mirror, 20)); !errors.As(err, new(*Evidence)) {
				t.Errorf("a frozen copy grows: %v", err)
			}
			if _, err := m.Leaf(from.size - 1); err != nil || m.Size() != from.size {
				t.Errorf("the prefix is withheld: %v", err)
			}
		})
	}
}

// A log whose own key is convicted says so after a restart, and its booth goes on.
func TestConvictedLogStillAppends(t *testing.T) {
	l, other := newLog(t), fork(t, 4, 16)
	fill(t, l, 10)
	e, err := l.Compare(checkpointAt(t, other, 7))
	must(t, err)
	must(t, l.Freeze(e))
	appendOne(t, l, testEntry(10, ""))
	must(t, l.Close())
	l = openLog(t, l.db.path, testOptions(t))
	if l.Evidence() == nil || l.Size() != 11 {
		t.Fatalf("after a restart: evidence %v, %d leaves", l.Evidence(), l.Size())
	}
	appendOne(t, l, testEntry(11, ""))
	if got := l.Notes(); len(got) != 1 || !bytes.Equal(got[0], checkpointAt(t, l, 12)) {
		t.Errorf("stands behind %q", got)
	}
}

func TestNotesOfAMirror(t *testing.T) {
	l := newLog(t)
	fill(t, l, 20)
	m := newMirror(t, nil)
	var got []uint64
	look := func() []uint64 {
		got = got[:0]
		for _, n := range m.Notes() {
			got = append(got, noteSize(n))
		}
		return got
	}
	if len(look()) != 0 {
		t.Errorf("an empty mirror stands behind %v", got)
	}
	feed(t, l, m.Mirror, 5)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 9)))
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 12)))
	if s := look(); len(s) != 3 || s[0] != 5 || s[1] != 9 || s[2] != 12 {
		t.Errorf("stands behind %v", s)
	}
}

// FuzzDecodeEvidence: what is read is written as it was, and nothing else is read.
func FuzzDecodeEvidence(f *testing.F) {
	l, other := newLog(f), newLog(f)
	fill(f, l, 10)
	fillSalted(f, other, 10, "fork")
	e, err := l.Compare(checkpointAt(f, other, 7))
	must(f, err)
	f.Add(e.Encode())
	f.Add([]byte(`{"Origin":""}{}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEvidence(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("another refusal: %v", err)
			}
			return
		}
		again, err := DecodeEvidence(e.Encode())
		if err != nil || !bytes.Equal(again.Encode(), e.Encode()) {
			t.Errorf("not read again: %v", err)
		}
		if e.Check(l.Key()) == nil { // only the true evidence, however it is spelt
			if theirs, ours := e.Sizes(); theirs != 7 || ours != 10 {
				t.Errorf("convicts with sizes %d and %d", theirs, ours)
			}
		}
	})
}

func TestEvidenceHasABound(t *testing.T) {
	if _, err := DecodeEvidence([]byte(`{"What":"` + strings.Repeat("a", MaxEvidence) + `"}`)); !errors.Is(err, ErrMalformed) {
		t.Errorf("read: %v", err)
	}
	b, err := os.ReadFile("testdata/evidence.json")
	must(t, err)
	e, err := DecodeEvidence(b)
	must(t, err)
	_, key := testKeys(t, testOrigin)
	must(t, e.Check(key))
	if !bytes.Equal(append(e.Encode(), '\n'), b) {
		t.Error("evidence is written otherwise than before")
	}
}
