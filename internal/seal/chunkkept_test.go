package seal

import (
	"bytes"
	"testing"
)

const testList = "stolen"

func TestKeptChunkGolden(t *testing.T) {
	key := filled(0x33)
	chunk := must(SealKept(key, testList, []byte("alerts")))
	equalHex(t, "chunk", chunk, "e9cfd70e388cba6592d6e68586e9a8e8d69926988f78b70b88536fb807f610be"+
		"0dd6b4e21dc3aa9331ec1b0b"+"1a7404f964bc"+"52fb0e24c6219cd83e10a1fde0822a7c")
	if again := must(SealKept(key, testList, []byte("alerts"))); !bytes.Equal(chunk, again) {
		t.Error("the same chunk is sealed to other bytes")
	}
	if got := must(OpenKept([]Key{filled(0x35), key}, testList, chunk)); string(got) != "alerts" {
		t.Errorf("opens to %q", got)
	}
	other := must(SealKept(key, testList, []byte("alertz")))
	if bytes.Equal(chunk[32:44], other[32:44]) {
		t.Error("two plaintexts share a nonce")
	}
}

func TestOpenKeptRefuses(t *testing.T) {
	keys := []Key{filled(0x33)}
	chunk := must(SealKept(keys[0], testList, []byte("alerts")))
	flipEach(t, chunk, func(b []byte) error { _, err := OpenKept(keys, testList, b); return err })
	for what, open := range map[string]func() ([]byte, error){
		"other list": func() ([]byte, error) { return OpenKept(keys, "stolen2", chunk) },
		"other key":  func() ([]byte, error) { return OpenKept([]Key{filled(0x34)}, testList, chunk) },
		"no key":     func() ([]byte, error) { return OpenKept(nil, testList, chunk) },
		"a chunk of one release": func() ([]byte, error) {
			return OpenKept(keys, testList, must(SealChunk(fixed(), keys[0], testChunk, []byte("alerts"))))
		},
	} {
		_, err := open()
		wantError(t, what, err, ErrOtherContent)
	}
	_, err := OpenKept(keys, testList, nil)
	wantError(t, "no chunk", err, ErrMalformed)
	_, err = OpenKept(keys, testList, make([]byte, minChunk+MaxChunk+1))
	wantError(t, "too long", err, ErrMalformed)
	_, err = SealKept(keys[0], testList, make([]byte, MaxChunk+1))
	wantError(t, "a chunk over the limit", err, ErrMalformed)
	_, err = SealKept(keys[0], "", nil)
	wantError(t, "no list", err, ErrMalformed)
}

func FuzzOpenKept(f *testing.F) {
	f.Add(must(SealKept(filled(9), testList, testText)))
	f.Fuzz(func(t *testing.T, chunk []byte) {
		if plain, err := OpenKept([]Key{filled(9)}, testList, chunk); err == nil && !bytes.Equal(plain, testText) {
			t.Error("a forged chunk opens")
		}
	})
}
