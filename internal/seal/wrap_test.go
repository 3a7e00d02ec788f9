package seal

import (
	"bytes"
	"testing"
	"time"
)

var testBucket = BucketID{Origin: testAt.Origin, Class: 3, Month: 322, Generation: 1}

func filled(b byte) (k Key) {
	for i := range k {
		k[i] = b
	}
	return k
}

func TestWrapGolden(t *testing.T) {
	wrap := must(WrapKey(fixed(), filled(0x11), testBucket, testAt, filled(0x22)))
	equalHex(t, "wrap", wrap, "01"+"03"+"0142"+"01"+"000102030405060708090a0b"+
		"31c19431598117d6369af1bde68dd504eb83224a3757700d8bc29d5ddf62410c"+"1c1808de918578ad567400bdde30ea45")
	if got := must(ParseWrap(testAt.Origin, wrap)); got != testBucket {
		t.Errorf("wrap is read as of %v", got)
	}
	if got := must(UnwrapKey(filled(0x11), testAt, wrap)); got != filled(0x22) {
		t.Error("wrap opens to another key")
	}
}

func TestUnwrapRefuses(t *testing.T) {
	wrap := must(WrapKey(fixed(), filled(0x11), testBucket, testAt, filled(0x22)))
	flipEach(t, wrap, func(b []byte) error { _, err := UnwrapKey(filled(0x11), testAt, b); return err })
	for what, at := range otherPlaces() {
		_, err := UnwrapKey(filled(0x11), at, wrap)
		wantError(t, "other "+what, err, ErrNotOpened)
	}
	_, err := UnwrapKey(filled(0x12), testAt, wrap)
	wantError(t, "other key", err, ErrNotOpened)
	other := testBucket
	other.Origin = "al/durres/1"
	_, err = WrapKey(fixed(), filled(0x11), other, testAt, filled(0x22))
	wantError(t, "bucket of another log", err, ErrMalformed)
}

func TestMonthOf(t *testing.T) {
	for _, c := range []struct {
		year  int
		month time.Month
		want  uint16
		ok    bool
	}{
		{2000, time.January, 0, true}, {2000, time.December, 11, true}, {2001, time.January, 12, true},
		{2026, time.November, 322, true}, {7461, time.April, 65535, true}, {7461, time.May, 0, false},
		{1999, time.December, 0, false}, {2026, 0, 0, false}, {2026, 13, 0, false},
	} {
		got, err := MonthOf(c.year, c.month)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%d-%d: %d, error %v", c.year, c.month, got, err)
		}
	}
}

func FuzzParseWrap(f *testing.F) {
	f.Add("al/kakavija/1", must(WrapKey(fixed(), Key{}, testBucket, testAt, Key{})))
	f.Add("", make([]byte, wrapSize))
	f.Fuzz(func(t *testing.T, origin string, wrap []byte) {
		bucket, err := ParseWrap(origin, wrap)
		if err != nil {
			return
		}
		again := append(bucket.header([]byte{wrapVersion}), wrap[wrapHeader:]...)
		if !bytes.Equal(again, wrap) || bucket.Origin != origin || len(wrap) != wrapSize {
			t.Errorf("%x decodes but encodes to %x", wrap, again)
		}
	})
}
