package seal

import (
	"bytes"
	"testing"
)

var testChunk = ChunkAt{List: testAct, Index: 1, Total: 3}

func TestChunkGolden(t *testing.T) {
	chunk := must(SealChunk(fixed(), filled(0x33), testChunk, []byte("alerts")))
	equalHex(t, "chunk", chunk, "f491989173258627283fcabc7d0bca8d8887b8591bcbe2e2036de0a8ea222f8e"+
		"000102030405060708090a0b"+"79cb6b489f13"+"22f48a70b99d2c8c1af36f3519add491")
	if got := must(OpenChunk(filled(0x33), testChunk, chunk)); string(got) != "alerts" {
		t.Errorf("opens to %q", got)
	}
}

func TestOpenChunkRefuses(t *testing.T) {
	key := filled(0x33)
	chunk := must(SealChunk(fixed(), key, testChunk, []byte("alerts")))
	flipEach(t, chunk, func(b []byte) error { _, err := OpenChunk(key, testChunk, b); return err })
	for _, c := range []struct {
		what string
		at   ChunkAt
		want error
	}{
		{"other position", ChunkAt{testAct, 0, 3}, ErrNotOpened},
		{"shortened list", ChunkAt{testAct, 1, 2}, ErrNotOpened},
		{"other list", ChunkAt{[16]byte{}, 1, 3}, ErrOtherContent},
		{"beyond the end", ChunkAt{testAct, 3, 3}, ErrMalformed},
		{"too many", ChunkAt{testAct, 1, MaxChunks + 1}, ErrMalformed},
	} {
		_, err := OpenChunk(key, c.at, chunk)
		wantError(t, c.what, err, c.want)
	}
	_, err := OpenChunk(filled(0x34), testChunk, chunk)
	wantError(t, "other key", err, ErrOtherContent)
	_, err = OpenChunk(key, testChunk, nil)
	wantError(t, "no chunk", err, ErrMalformed)
	_, err = SealChunk(fixed(), key, ChunkAt{}, nil)
	wantError(t, "list without chunks", err, ErrMalformed)
}

func TestChunkLimits(t *testing.T) {
	at := ChunkAt{Index: MaxChunks - 1, Total: MaxChunks}
	for _, n := range []int{0, MaxChunk} {
		plain := make([]byte, n)
		if got, err := OpenChunk(Key{}, at, must(SealChunk(fixed(), Key{}, at, plain))); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: error %v", n, err)
		}
	}
	if _, err := SealChunk(fixed(), Key{}, at, make([]byte, MaxChunk+1)); err == nil {
		t.Error("a chunk over the limit is sealed")
	}
	_, err := OpenChunk(Key{}, at, make([]byte, minChunk+MaxChunk+1))
	wantError(t, "too long", err, ErrMalformed)
}

func FuzzOpenChunk(f *testing.F) {
	f.Add(must(SealChunk(fixed(), filled(9), testChunk, testText)))
	f.Fuzz(func(t *testing.T, chunk []byte) {
		if plain, err := OpenChunk(filled(9), testChunk, chunk); err == nil && !bytes.Equal(plain, testText) {
			t.Error("a forged chunk opens")
		}
	})
}
