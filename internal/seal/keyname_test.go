package seal

import (
	"bytes"
	"testing"
)

func TestKeyNames(t *testing.T) {
	bucket := must(BucketName(testBucket))
	equalHex(t, "bucket", bucket.Bytes(), "01"+"000d"+"616c2f6b616b6176696a612f31"+"03"+"0142"+"01")
	stay := must(StayName("al", 7))
	equalHex(t, "stay", stay.Bytes(), "02"+"0002"+"616c"+"0007")
	list := ListName(testAct)
	equalHex(t, "list", list.Bytes(), "03"+"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf")

	if b, ok := bucket.Bucket(); !ok || b != testBucket || bucket.Kind() != BucketKey {
		t.Errorf("bucket name tells %v, %v", b, ok)
	}
	if nation, n, ok := stay.Stay(); !ok || nation != "al" || n != 7 || stay.Kind() != StayKey {
		t.Errorf("stay name tells %q %d %v", nation, n, ok)
	}
	if l, ok := list.List(); !ok || l != testAct || list.Kind() != ListKey {
		t.Errorf("list name tells %x %v", l, ok)
	}
	for _, name := range []KeyName{{}, bucket, stay, list} {
		_, isBucket := name.Bucket()
		_, _, isStay := name.Stay()
		_, isList := name.List()
		if isBucket != (name == bucket) || isStay != (name == stay) || isList != (name == list) {
			t.Errorf("kind %d answers for another", name.Kind())
		}
	}
	if _, err := StayName("al", 0); err == nil {
		t.Error("stay key 0 has a name")
	}
	if (KeyName{}).Kind() != 0 {
		t.Error("the zero name has a kind")
	}
}

func FuzzParseKeyName(f *testing.F) {
	f.Add(must(BucketName(testBucket)).Bytes())
	f.Add(must(StayName("al", 7)).Bytes())
	f.Add(ListName(testAct).Bytes())
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{2, 0, 2, 'a', 'l', 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		name, err := ParseKeyName(b)
		if err != nil {
			if name.Kind() != 0 {
				t.Error("an error comes with a name")
			}
			return
		}
		if !bytes.Equal(name.Bytes(), b) {
			t.Errorf("%x decodes but encodes to %x", b, name.Bytes())
		}
		// What the accessors tell must name the same key again.
		again := KeyName{}
		if bucket, ok := name.Bucket(); ok {
			again = must(BucketName(bucket))
		} else if nation, n, ok := name.Stay(); ok {
			again = must(StayName(nation, n))
		} else if list, ok := name.List(); ok {
			again = ListName(list)
		}
		if again != name {
			t.Errorf("%x tells of %x", b, again.Bytes())
		}
	})
}
