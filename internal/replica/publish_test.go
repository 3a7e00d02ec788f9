package replica

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

var published = Published{Changes: 3, Logs: []PublishedLog{{"al/kakavija/1", 7041, 7050, []uint64{12, 7001}}, {"al/rinas/2", 0, 0, nil}}}

func TestPublishedGolden(t *testing.T) {
	const want = "tims/published/1\nchanges 3\nlog 7041 7050 12,7001 al/kakavija/1\nlog 0 0 - al/rinas/2\n"
	if got := string(published.Encode()); got != want {
		t.Errorf("%q", got)
	}
	again, err := DecodePublished([]byte(want))
	if err != nil || !reflect.DeepEqual(again, published) {
		t.Errorf("%+v, %v", again, err)
	}
	for _, bad := range []string{"", "tims/published/1\n", want[:len(want)-1], want + "\n", strings.Replace(want, "7041", "07041", 1),
		strings.Replace(want, "log 0", "tree 0", 1), strings.Replace(want, "12,", "12,,", 1), strings.Replace(want, "3\n", "-3 \n", 1),
		strings.Replace(want, "12,", strings.Repeat("1,", MaxHeldTold), 1)} {
		if _, err := DecodePublished([]byte(bad)); err == nil {
			t.Errorf("taken: %q", bad)
		}
	}
}

func FuzzDecodePublished(f *testing.F) {
	f.Add(published.Encode())
	f.Add([]byte("tims/published/1\nchanges 0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := DecodePublished(b); err == nil && !bytes.Equal(p.Encode(), b) {
			t.Error("two spellings of one list")
		}
	})
}
