package seal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// counting is the fixed source of golden bytes: 0, 1, 2 … 255, 0 …
type counting byte

func (c *counting) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(*c)
		*c++
	}
	return len(b), nil
}

func fixed() io.Reader { return new(counting) }

var (
	testAct  = [16]byte{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf}
	testAt   = Address{Origin: "al/kakavija/1", Act: testAct, Part: 2}
	testText = []byte("crossing")
)

// otherPlaces differ from testAt in one element each.
func otherPlaces() map[string]Address {
	places := map[string]Address{"origin": testAt, "act": testAt, "part": testAt}
	a := places["origin"]
	a.Origin = "al/kakavija/2"
	places["origin"] = a
	a = places["act"]
	a.Act[15]++
	places["act"] = a
	a = places["part"]
	a.Part++
	places["part"] = a
	return places
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func equalHex(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if h := hex.EncodeToString(got); h != want {
		t.Errorf("%s\n got %s\nwant %s", what, h, want)
	}
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}

// flipEach calls open with b after each single-bit change, a bit in every byte, and with b cut or lengthened by one.
func flipEach(t *testing.T, b []byte, open func([]byte) error) {
	t.Helper()
	for i := range b {
		b[i] ^= 1 << (i % 8)
		if open(b) == nil {
			t.Errorf("opens with byte %d changed", i)
		}
		b[i] ^= 1 << (i % 8)
	}
	if open(b[:len(b)-1]) == nil || open(append(b[:len(b):len(b)], 0)) == nil {
		t.Error("opens with another length")
	}
	if err := open(b); err != nil {
		t.Errorf("does not open unchanged: %v", err)
	}
}

func TestKeyNeverPrints(t *testing.T) {
	key := must(NewKey(fixed()))
	reader := must(GenerateReader(fixed()))
	seed := hex.EncodeToString(key[:])
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d"} {
		out := fmt.Sprintf(verb, key) + fmt.Sprintf(verb, Sealed{Key: key}.Key) + fmt.Sprintf(verb, struct{ K Key }{key})
		if strings.Count(out, "key(hidden)") != 3 {
			t.Errorf("%s prints %s", verb, out)
		}
		if out := fmt.Sprintf(verb, reader); !strings.HasPrefix(out, "reader(") || strings.Contains(out, seed) {
			t.Errorf("%s prints %s", verb, out)
		}
	}
}

// A source that runs dry must never leave half-random keys behind.
func TestDrySource(t *testing.T) {
	sealWith := map[string]func(io.Reader) error{
		"NewKey":         func(r io.Reader) error { _, err := NewKey(r); return err },
		"NewOpening":     func(r io.Reader) error { _, err := NewOpening(r); return err },
		"GenerateReader": func(r io.Reader) error { _, err := GenerateReader(r); return err },
		"Seal":           func(r io.Reader) error { _, err := Seal(r, testAt, Wide, testText); return err },
		"WrapKey": func(r io.Reader) error {
			_, err := WrapKey(r, Key{}, BucketID{Origin: testAt.Origin}, testAt, Key{})
			return err
		},
		"SealChunk": func(r io.Reader) error { _, err := SealChunk(r, Key{}, ChunkAt{Total: 1}, nil); return err },
		"Split":     func(r io.Reader) error { _, err := Split(r, make([]byte, 32), 3, 2); return err },
	}
	needs := map[string]int64{
		"NewKey": 32, "NewOpening": 16, "GenerateReader": 32, "Seal": 32 + 32 + 12, "WrapKey": 12, "SealChunk": 12,
		"Split": 8 + 2*(32+8),
	}
	for name, call := range sealWith {
		for n := range needs[name] {
			if call(io.LimitReader(fixed(), n)) == nil {
				t.Errorf("%s is content with %d bytes", name, n)
			}
		}
		if err := call(io.LimitReader(fixed(), needs[name])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
