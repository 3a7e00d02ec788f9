package seal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

func TestSealGolden(t *testing.T) {
	s := must(Seal(fixed(), testAt, Wide, testText))
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
	police, slip := Room{224, 128}, Room{128, 128}
	for _, c := range []struct {
		room        Room
		plain, body int
	}{
		{Wide, 0, 316}, {Wide, 1, 316}, {Wide, 252, 316}, {Wide, 253, 572}, {Wide, 508, 572}, {Wide, 509, 828},
		{Wide, MaxPlaintext - 4, 60 + MaxPlaintext}, {Wide, MaxPlaintext, 60 + MaxPlaintext + 256},
		{slip, 0, 188}, {slip, 124, 188}, {slip, 125, 316}, {slip, 253, 444},
		{police, 0, 284}, {police, 220, 284}, {police, 221, 412}, {police, 348, 412}, {police, 349, 540},
		{Room{32, 32}, 28, 92}, {Room{32, 32}, 29, 124}, {Room{1024, 1024}, 0, 1084}, {Room{1024, 1024}, MaxPlaintext, 60 + MaxPlaintext + 1024},
	} {
		plain := bytes.Repeat([]byte{7}, c.plain)
		s, err := Seal(fixed(), testAt, c.room, plain)
		if err != nil {
			t.Fatalf("%v, %d bytes: %v", c.room, c.plain, err)
		}
		if len(s.Body) != c.body {
			t.Errorf("%v, %d bytes: body of %d, want %d", c.room, c.plain, len(s.Body), c.body)
		}
		got, salt, err := Open(s.Key, testAt, s.Body, s.Commit)
		if err != nil || !bytes.Equal(got, plain) || salt != s.Salt {
			t.Errorf("%v, %d bytes: opens otherwise, error %v", c.room, c.plain, err)
		}
	}
	if _, err := Seal(fixed(), testAt, Wide, make([]byte, MaxPlaintext+1)); err == nil {
		t.Error("a plaintext over the limit is sealed")
	}
	for _, room := range []Room{{}, {0, 128}, {128, 0}, {-128, 128}, {129, 128}, {128, 4}, {2048, 128}, {128, 2048}} {
		_, err := Seal(fixed(), testAt, room, testText)
		wantError(t, fmt.Sprint("room ", room), err, ErrMalformed)
	}
}

func TestCheckBody(t *testing.T) {
	for length, ok := range map[int]bool{
		-1: false, 0: false, 60: false, 67: false, 68: true, 69: false, 92: true, 124: true, 188: true, 284: true, 315: false, 316: true, 572: true,
		60 + MaxPlaintext + 1024: true, 60 + MaxPlaintext + 1032: false,
	} {
		if got := CheckBody(length) == nil; got != ok {
			t.Errorf("body of %d bytes: %v, want %v", length, got, ok)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	s := must(Seal(fixed(), testAt, Wide, testText))
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
		s, err := Seal(fixed(), at, Wide, testText)
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
	f.Add(pad([32]byte{1}, nil, 32))
	f.Add(pad([32]byte{2}, testText, 256))
	f.Add(pad([32]byte{3}, make([]byte, 252), 256))
	f.Add(pad([32]byte{4}, testText, 1024))
	f.Add(pad([32]byte{5}, testText, 2048))
	f.Fuzz(func(t *testing.T, content []byte) {
		salt, plain, err := unpad(content)
		if err == nil && !bytes.Equal(pad(salt, plain, len(content)-saltSize), content) {
			t.Errorf("%x decodes but encodes to otherwise", content)
		}
	})
}

func TestUnpadIsStrict(t *testing.T) {
	good := pad([32]byte{1}, testText, 256)
	for _, n := range []uint32{253, 1 << 8, 1 << 16, 1 << 31} {
		b := bytes.Clone(good)
		binary.BigEndian.PutUint32(b[saltSize:], n)
		_, _, err := unpad(b)
		wantError(t, fmt.Sprint("length ", n, " inside"), err, ErrMalformed)
	}
	short := bytes.Clone(good)
	binary.BigEndian.PutUint32(short[saltSize:], 7)
	_, _, err := unpad(short)
	wantError(t, "text behind its length", err, ErrMalformed)
	for i := saltSize + lengthSize + len(testText); i < len(good); i++ {
		b := bytes.Clone(good)
		b[i] = 1
		_, _, err := unpad(b)
		wantError(t, "padding not zero", err, ErrMalformed)
	}
	for what, content := range map[string][]byte{"nothing": {}, "a salt alone": good[:32], "half a grain": good[:36],
		"a byte too many": append(bytes.Clone(good), 0), "more zeros than any room": pad([32]byte{1}, nil, 1056)} {
		_, _, err := unpad(content)
		wantError(t, what, err, ErrMalformed)
	}
}

func BenchmarkSeal500(b *testing.B) {
	plain := make([]byte, 500)
	bucket := BucketID{Origin: testAt.Origin}
	source := fixed()
	b.SetBytes(500)
	b.ReportAllocs()
	for b.Loop() {
		s := must(Seal(source, testAt, Wide, plain))
		must(WrapKey(source, Key{}, bucket, testAt, s.Key))
	}
}

func BenchmarkOpen500(b *testing.B) {
	s := must(Seal(fixed(), testAt, Wide, make([]byte, 500)))
	b.SetBytes(500)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Open(s.Key, testAt, s.Body, s.Commit); err != nil {
			b.Fatal(err)
		}
	}
}
