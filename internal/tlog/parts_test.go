package tlog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
)

func TestPartsAndCursor(t *testing.T) {
	l := newLog(t)
	fill(t, l, 10, 0, 1)
	appendOne(t, l, testEntry(10, ""))
	appendOne(t, l, testEntry(11, "", 2))
	m := newMirror(t, testRefs)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 12)))
	all, _, err := l.Parts(0, 12, 0, 1, 2)
	must(t, err)
	if _, err := m.AddParts(all[:1]); !errors.As(err, new(*ConflictError)) {
		t.Errorf("a part before its leaf: %v", err)
	}
	o, err := l.Offer(0, 12)
	must(t, err)
	must(t, second(m.Extend(12, o)))

	odd := slices.DeleteFunc(slices.Clone(all), func(p IndexedPart) bool { return p.Number != 1 })
	for _, c := range []struct {
		what  string
		parts []IndexedPart
		want  uint64
	}{
		{"nothing", nil, 0},
		{"half of leaf 0", all[:1], 0},
		{"the other half", all[1:2], 1},
		{"the same again", all[:2], 1},
		{"all of number 1", odd, 1},
		{"a later leaf", all[6:8], 1},
		{"up to it", all[2:6], 4},
		{"the rest but the last", all[8 : len(all)-1], 11},
		{"the last", all[len(all)-1:], 12},
	} {
		var missing *MissingPartsError
		_, err := m.Settle(12)
		if !errors.As(err, &missing) || missing.Cursor != m.Cursor() {
			t.Errorf("before %s: %v", c.what, err)
		}
		if got, err := m.AddParts(c.parts); got != c.want || err != nil || m.Cursor() != got {
			t.Errorf("%s: cursor %d, want %d: %v", c.what, got, c.want, err)
		}
		m.reopen(t)
	}
	lines, err := m.Settle(12)
	must(t, err)
	checkMirror(t, l, m, 12, lines)
	again, err := m.Settle(12)
	if err != nil || !bytes.Equal(again, lines) {
		t.Errorf("settled again with another answer: %v", err)
	}
	checkSound(t, m.Reader)
}

func TestPartsRefused(t *testing.T) {
	l := newLog(t)
	fill(t, l, 3, 1, 2)
	m := newMirror(t, testRefs)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 3)))
	o, err := l.Offer(0, 3)
	must(t, err)
	must(t, second(m.Extend(3, o)))
	good, _, err := l.Parts(0, 3, 1, 2)
	must(t, err)
	bend := func(i int, fn func(*IndexedPart)) []IndexedPart {
		out := slices.Clone(good)
		out[i].Body = slices.Clone(out[i].Body)
		fn(&out[i])
		return out
	}
	for what, parts := range map[string][]IndexedPart{
		"a flipped bit":  bend(5, func(p *IndexedPart) { p.Body[3] ^= 4 }),
		"a cut body":     bend(5, func(p *IndexedPart) { p.Body = p.Body[1:] }),
		"no body":        bend(5, func(p *IndexedPart) { p.Body = nil }),
		"another number": bend(5, func(p *IndexedPart) { p.Number = 1 }),
		"another leaf":   bend(5, func(p *IndexedPart) { p.Index = 1 }),
		"a long wrap":    bend(5, func(p *IndexedPart) { p.Wrap = make([]byte, MaxWrap+1) }),
		"a long body":    bend(5, func(p *IndexedPart) { p.Body = make([]byte, MaxPart+1) }),
	} {
		var bad *PartError
		if _, err := m.AddParts(parts); !errors.As(err, &bad) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := m.Part(0, 1); !errors.Is(err, ErrNotHere) {
			t.Fatalf("%s: a part of the batch was stored", what)
		}
	}
	if _, err := m.AddParts(make([]IndexedPart, MaxPartsBatch+1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("a long batch: %v", err)
	}
	unwanted := bend(0, func(p *IndexedPart) { p.Number = 7 })
	if cursor, err := m.AddParts(unwanted); err != nil || cursor != 0 {
		t.Errorf("a part that no leaf names: cursor %d, %v", cursor, err)
	}
	if _, err := m.Part(0, 7); !errors.Is(err, ErrNotHere) {
		t.Errorf("it was stored: %v", err)
	}
	if cursor, err := m.AddParts(good); err != nil || cursor != 3 {
		t.Errorf("the good ones: cursor %d, %v", cursor, err)
	}
}

func TestWantThatFails(t *testing.T) {
	l := newLog(t)
	fill(t, l, 4, 1)
	bad := errors.New("cannot read this leaf")
	failing := true
	m := newMirror(t, func(leaf []byte) ([]PartRef, error) {
		if failing && bytes.Contains(leaf, []byte(`"N":2,`)) {
			return nil, bad
		}
		return testRefs(leaf)
	})
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 4)))
	o, err := l.Offer(0, 4)
	must(t, err)
	must(t, second(m.Extend(4, o)))
	parts, _, err := l.Parts(0, 4, 1)
	must(t, err)
	if _, err := m.AddParts(parts); !errors.Is(err, bad) {
		t.Errorf("parts of a leaf that cannot be read: %v", err)
	}
	failing = false
	if cursor, err := m.AddParts(parts); cursor != 4 || err != nil {
		t.Errorf("once it can: cursor %d, %v", cursor, err)
	}
}

func TestBlobs(t *testing.T) {
	l := newLog(t)
	m := newMirror(t, nil)
	body := bytes.Repeat([]byte("release "), MaxBlob/8)
	hash := sha256.Sum256(body)
	for _, s := range []struct {
		add func([32]byte, []byte) error
		r   *Reader
	}{{l.AddBlob, l.Reader}, {m.AddBlob, m.Reader}} {
		if err := s.add(hash, body[1:]); !errors.Is(err, ErrNotRecorded) {
			t.Errorf("a blob of another hash: %v", err)
		}
		long := append(slices.Clone(body), 0)
		if err := s.add(sha256.Sum256(long), long); !errors.Is(err, ErrNotRecorded) {
			t.Errorf("a long blob: %v", err)
		}
		if has, err := s.r.HasBlob(hash); has || err != nil {
			t.Errorf("held before: %v %v", has, err)
		}
		must(t, s.add(hash, body))
		must(t, s.add(hash, body))
		got, err := s.r.Blob(hash)
		if has, _ := s.r.HasBlob(hash); !has || err != nil || !bytes.Equal(got, body) {
			t.Errorf("held after: %v, %d bytes, %v", has, len(got), err)
		}
	}
}
