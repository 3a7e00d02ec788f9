package seal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

func TestSealGolden(t *testing.T) {
	s := must(Seal(fixed(), testAt, testText))
	equalHex(t, "key", s.Key[:], "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
	equalHex(t, "salt", s.Salt[:], "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f")
	equalHex(t, "commit", s.Commit[:], "05b8320c55a33be5d5d6a500a46d8a1a7c51bbed873da7adacc188847eea76c9")
	equalHex(t, "head of body", s.Body[:60], "404142434445464748494a4b"+
		"c2988c000219a124e5ed3d1db7493d7449f7606f830039144f7e74deab2ed3e4"+
		"9808f3a4"+"bdcbb027529d6508"+"910ddfda")
	equalHex(t, "tag of body", s.Body[len(s.Body)-16:], "3f86d277e63827e02ec370c76067a117")
	equalHex(t, "hash", s.Hash[:], "098e151565e8977fea6767a88542061d8013e50a0bfe702976b78a1b37eb9505")
	if len(s.Body) != 316 {
		t.Errorf("body of %d bytes, want 316", len(s.Body))
	}
}

func TestSealOpenLengths(t *testing.T) {
	for _, c := range []struct{ plain, body int }{
		{0, 316}, {1, 316}, {252, 316}, {253, 572}, {508, 572}, {509, 828},
		{MaxPlaintext - 4, 60 + MaxPlaintext}, {MaxPlaintext, 60 + MaxPlaintext + 256},
	} {
		plain := bytes.Repeat([]byte{7}, c.plain)
		s, err := Seal(fixed(), testAt, plain)
		if err != nil {
			t.Fatalf("%d bytes: %v", c.plain, err)
		}
		if len(s.Body) != c.body {
			t.Errorf("%d bytes: body of %d, want %d", c.plain, len(s.Body), c.body)
		}
		got, salt, err := Open(s.Key, testAt, s.Body, s.Commit)
		if err != nil || !bytes.Equal(got, plain) || salt != s.Salt {
			t.Errorf("%d bytes: opens otherwise, error %v", c.plain, err)
		}
	}
	if _, err := Seal(fixed(), testAt, make([]byte, MaxPlaintext+1)); err == nil {
		t.Error("a plaintext over the limit is sealed")
	}
}

func TestCheckBody(t *testing.T) {
	for length, ok := range map[int]bool{
		-1: false, 0: false, 60: false, 315: false, 316: true, 317: false, 572: true,
		60 + MaxPlaintext + 256: true, 60 + MaxPlaintext + 512: false,
	} {
		if got := CheckBody(length) == nil; got != ok {
			t.Errorf("body of %d bytes: %v, want %v", length, got, ok)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	s := must(Seal(fixed(), testAt, testText))
	open := func(b []byte) error { _, _, err := Open(s.Key, testAt, b, s.Commit); return err }
	flipEach(t, s.Body, open)
	for what, at := range otherPlaces() {
		_, _, err := Open(s.Key, at, s.Body, s.Commit)
		wantError(t, "other "+what, err, ErrNotOpened)
	}
	_, _, err := Open(Key{1}, testAt, s.Body, s.Commit)
	wantError(t, "other key", err, ErrNotOpened)
	_, _, err = Open(s.Key, testAt, s.Body, Commit(testAt.Part, s.Salt, []byte("another")))
	wantError(t, "other commitment", err, ErrOtherContent)
	_, _, err = Open(s.Key, testAt, nil, s.Commit)
	wantError(t, "no body", err, ErrMalformed)
}

func TestOriginLimits(t *testing.T) {
	for length, ok := range map[int]bool{0: false, 1: true, MaxOrigin: true, MaxOrigin + 1: false} {
		at := Address{Origin: strings.Repeat("o", length)}
		bucket := BucketID{Origin: at.Origin}
		s, err := Seal(fixed(), at, testText)
		_, _, openErr := Open(s.Key, at, s.Body, s.Commit)
		_, wrapErr := WrapKey(fixed(), Key{}, bucket, at, Key{})
		_, nameErr := BucketName(bucket)
		_, stayErr := StayName(at.Origin, 1)
		for what, err := range map[string]error{"Seal": err, "Open": openErr, "WrapKey": wrapErr, "BucketName": nameErr, "StayName": stayErr} {
			if (err == nil) != ok {
				t.Errorf("%s: origin of %d bytes: error %v", what, length, err)
			}
		}
	}
}

// An origin that ends in bytes of an act must not be taken for another origin with another act.
func TestAdditionalDataIsUnambiguous(t *testing.T) {
	a := Address{Origin: "al/x", Act: [16]byte{'y'}}
	b := Address{Origin: "al/xy", Act: [16]byte{}}
	if bytes.Equal(a.ad(bodyLabel), b.ad(bodyLabel)) {
		t.Error("two addresses share additional data")
	}
	equalHex(t, "additional data", testAt.ad(bodyLabel),
		"74696d732f626f64792f310a"+"000d"+"616c2f6b616b6176696a612f31"+"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"+"02")
}

func FuzzUnpad(f *testing.F) {
	f.Add(pad([32]byte{1}, nil))
	f.Add(pad([32]byte{2}, testText))
	f.Add(pad([32]byte{3}, make([]byte, 252)))
	f.Add(append(pad([32]byte{4}, testText), make([]byte, padStep)...)) // a step too many
	f.Fuzz(func(t *testing.T, content []byte) {
		salt, plain, err := unpad(content)
		if err == nil && !bytes.Equal(pad(salt, plain), content) {
			t.Errorf("%x decodes but encodes to %x", content, pad(salt, plain))
		}
	})
}

func TestUnpadIsStrict(t *testing.T) {
	good := pad([32]byte{1}, testText)
	for _, n := range []uint32{0, 7, 253, 1 << 8, 1 << 16, 1 << 31} {
		b := bytes.Clone(good)
		binary.BigEndian.PutUint32(b[saltSize:], n)
		_, _, err := unpad(b)
		wantError(t, fmt.Sprint("length ", n, " inside"), err, ErrMalformed)
	}
	for i := saltSize + lengthSize + len(testText); i < len(good); i++ {
		b := bytes.Clone(good)
		b[i] = 1
		_, _, err := unpad(b)
		wantError(t, "padding not zero", err, ErrMalformed)
	}
	_, _, err := unpad(append(good, make([]byte, padStep)...))
	wantError(t, "a step too many", err, ErrMalformed)
}

func BenchmarkSeal500(b *testing.B) {
	plain := make([]byte, 500)
	bucket := BucketID{Origin: testAt.Origin}
	source := fixed()
	b.SetBytes(500)
	b.ReportAllocs()
	for b.Loop() {
		s := must(Seal(source, testAt, plain))
		must(WrapKey(source, Key{}, bucket, testAt, s.Key))
	}
}

func BenchmarkOpen500(b *testing.B) {
	s := must(Seal(fixed(), testAt, make([]byte, 500)))
	b.SetBytes(500)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Open(s.Key, testAt, s.Body, s.Commit); err != nil {
			b.Fatal(err)
		}
	}
}
