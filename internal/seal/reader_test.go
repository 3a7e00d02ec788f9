package seal

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
	"testing"
)

// A wrap of filled(0x22) under the name of testBucket to the reader of fixed(). HPKE draws its own randomness, so the golden
// bytes can only be opened, not made again.
//
//go:embed testdata/keywrap.hex
var goldenKeyWrap string

func TestReaderGolden(t *testing.T) {
	r := must(GenerateReader(fixed()))
	equalHex(t, "private", r.Private(), "0001"+"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
	public := r.Public()
	sum := sha256.Sum256(public)
	id := r.ID()
	equalHex(t, "SHA-256 of public", sum[:], "a20a07452f98d6a06e528edb03516ecc05cb466a9c365a9575872582a17eee74")
	equalHex(t, "id", id[:], "a20a07452f98d6a06e528edb03516ecc")
	if len(public) != 1218 || public[0] != 0 || public[1] != 1 {
		t.Errorf("public key of %d bytes, suite %x", len(public), public[:2])
	}
	name := must(BucketName(testBucket))
	wrap := must(hex.DecodeString(strings.TrimSpace(goldenKeyWrap)))
	if got, err := OpenWrap(name, wrap, r); err != nil || got != filled(0x22) {
		t.Errorf("golden wrap: error %v", err)
	}
}

func TestWrapToReader(t *testing.T) {
	name := must(BucketName(testBucket))
	r := must(GenerateReader(fixed()))
	wrap := must(WrapToReader(name, filled(0x22), r.Public()))
	if len(wrap) != 1186 {
		t.Errorf("wrap of %d bytes, want 1186", len(wrap))
	}
	if id := must(WrapReader(wrap)); id != r.ID() || must(ReaderIDOf(r.Public())) != id {
		t.Error("wrap is addressed to another reader")
	}
	again := must(ParseReader(r.Private()))
	if got, err := OpenWrap(name, wrap, again); err != nil || got != filled(0x22) {
		t.Errorf("stored reader: error %v", err)
	}
	flipEach(t, wrap, func(b []byte) error { _, err := OpenWrap(name, b, r); return err })
}

func TestOpenWrapRefuses(t *testing.T) {
	name := must(BucketName(testBucket))
	source := fixed()
	r, other := must(GenerateReader(source)), must(GenerateReader(source))
	wrap := must(WrapToReader(name, filled(0x22), r.Public()))
	_, err := OpenWrap(name, wrap, other)
	wantError(t, "other reader", err, ErrOtherReader)

	forOther := bytes.Clone(wrap)
	id := other.ID()
	copy(forOther[2:], id[:])
	_, err = OpenWrap(name, forOther, other)
	wantError(t, "re-addressed", err, ErrNotOpened)

	later := testBucket
	later.Generation++
	for _, wrong := range []KeyName{must(BucketName(later)), must(StayName("al", 1)), ListName(testAct), {}} {
		_, err = OpenWrap(wrong, wrap, r)
		wantError(t, "other name", err, ErrNotOpened)
	}

	newer := append([]byte{0, 2}, make([]byte, 4000)...)
	_, err = OpenWrap(name, newer, r)
	wantError(t, "newer wrap", err, ErrUnknownSuite)
	_, err = WrapToReader(name, Key{}, newer)
	wantError(t, "newer reader", err, ErrUnknownSuite)
	_, err = ParseReader(newer)
	wantError(t, "newer private key", err, ErrUnknownSuite)
	_, err = WrapToReader(KeyName{}, Key{}, r.Public())
	wantError(t, "no name", err, ErrMalformed)
	_, err = WrapToReader(name, Key{}, r.Public()[:1217])
	wantError(t, "short public key", err, ErrMalformed)
	_, err = ReaderIDOf(nil)
	wantError(t, "no public key", err, ErrMalformed)
}

func FuzzParseReader(f *testing.F) {
	f.Add(must(GenerateReader(fixed())).Private())
	f.Add([]byte{0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseReader(b)
		if err == nil && !bytes.Equal(r.Private(), b) {
			t.Errorf("%x decodes but encodes to %x", b, r.Private())
		}
	})
}

func FuzzReaderPublic(f *testing.F) {
	f.Add(must(GenerateReader(fixed())).Public())
	f.Add(append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 1216)...)) // coefficients not reduced
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := parsePublic(b)
		if err == nil && !bytes.Equal(key.Bytes(), b[2:]) {
			t.Errorf("%x decodes but encodes to %x", b[2:], key.Bytes())
		}
	})
}

func FuzzOpenWrap(f *testing.F) {
	r := must(GenerateReader(fixed()))
	name := ListName(testAct)
	f.Add(must(WrapToReader(name, filled(9), r.Public())))
	f.Fuzz(func(t *testing.T, wrap []byte) {
		id, err := WrapReader(wrap)
		if err == nil && (!bytes.Equal(id[:], wrap[2:18]) || len(wrap) != 1186) {
			t.Errorf("%x is read as of %x", wrap, id)
		}
		if key, err := OpenWrap(name, wrap, r); err == nil && key != filled(9) {
			t.Error("a forged wrap opens")
		}
	})
}

func BenchmarkWrapToReader(b *testing.B) {
	public := must(GenerateReader(fixed())).Public()
	name := must(BucketName(testBucket))
	for b.Loop() {
		must(WrapToReader(name, Key{}, public))
	}
}

func BenchmarkOpenWrap(b *testing.B) {
	r := must(GenerateReader(fixed()))
	name := must(BucketName(testBucket))
	wrap := must(WrapToReader(name, Key{}, r.Public()))
	for b.Loop() {
		must(OpenWrap(name, wrap, r))
	}
}
