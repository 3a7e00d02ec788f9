package seal

import (
	"bytes"
	"errors"
	"testing"
)

func sealedFile(t testing.TB, plain []byte, pieces int) []byte {
	t.Helper()
	var b bytes.Buffer
	f := must(NewFileWriter(&b, fixed(), filled(0x44)))
	for len(plain) > 0 {
		n := min(len(plain), pieces)
		must(f.Write(plain[:n]))
		plain = plain[n:]
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFile(t *testing.T) {
	for _, n := range []int{0, 1, fileFrame - 1, fileFrame, fileFrame + 1, 3*fileFrame + 77} {
		plain := make([]byte, n)
		for i := range plain {
			plain[i] = byte(i * 7)
		}
		sealed := sealedFile(t, plain, 100_001)
		if other := sealedFile(t, plain, fileFrame); !bytes.Equal(sealed, other) {
			t.Errorf("%d bytes: the pieces in which it was written are seen", n)
		}
		if got, err := OpenFile(filled(0x44), bytes.Clone(sealed)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %v", n, err)
		}
		for what, broken := range map[string][]byte{
			"without its end": sealed[:len(sealed)-1], "with something behind it": append(bytes.Clone(sealed), 0),
			"without its last frame": sealed[:max(fileSalt, len(sealed)-(n%fileFrame)-tagSize)],
			"with a bit changed": func() []byte {
				b := bytes.Clone(sealed)
				b[len(b)/2] ^= 1
				return b
			}(),
		} {
			if _, err := OpenFile(filled(0x44), bytes.Clone(broken)); !errors.Is(err, ErrNotOpened) && !errors.Is(err, ErrMalformed) {
				t.Errorf("%d bytes %s: %v", n, what, err)
			}
		}
	}
	_, err := OpenFile(filled(0x45), sealedFile(t, []byte("x"), 1))
	wantError(t, "other key", err, ErrNotOpened)
}

func TestFileGolden(t *testing.T) {
	equalHex(t, "file", sealedFile(t, []byte("index"), 5), "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"+
		"5276a1720748c1fe96f2907577df6b106ca9731428")
}
