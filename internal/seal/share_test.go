package seal

import (
	"bytes"
	"fmt"
	"math/bits"
	"testing"
)

func TestShareGolden(t *testing.T) {
	secret := []byte("@ABCDEFGHIJKLMNO")
	shares := must(Split(fixed(), secret, 3, 2))
	for i, want := range []string{
		"01" + "0001020304050607" + "02" + "01" + "494a4f4c55565350515257546d6e6b68" + "44017714a8d54749" + "a25501e9",
		"01" + "0001020304050607" + "02" + "02" + "5257585d66636c697a7f70750e0b0401" + "3f7c0065fb801810" + "bafe074f",
		"01" + "0001020304050607" + "02" + "03" + "5b5c55527770797e63646d6a2f282126" + "16572d4acab32d27" + "7f1029bd",
	} {
		equalHex(t, fmt.Sprintf("share %d", i+1), shares[i], want)
	}
	if info := must(ParseShare(shares[2])); info != (ShareInfo{[8]byte{0, 1, 2, 3, 4, 5, 6, 7}, 2, 3}) {
		t.Errorf("share says %v", info)
	}
}

// Every choice of shares rebuilds if it has the threshold, and no other does.
func TestEveryChoiceOfShares(t *testing.T) {
	source := fixed()
	for _, c := range []struct{ n, k, size int }{{3, 2, 34}, {2, 2, 16}, {5, 3, 32}, {5, 5, 64}, {8, 4, 17}} {
		secret := make([]byte, c.size)
		must(source.Read(secret))
		shares := must(Split(source, secret, c.n, c.k))
		for choice := range 1 << c.n {
			var some [][]byte
			for i := range c.n {
				if choice>>i&1 == 1 {
					some = append([][]byte{shares[i]}, some...)
				}
			}
			got, err := Combine(some)
			if enough := bits.OnesCount(uint(choice)) >= c.k; enough {
				if err != nil || !bytes.Equal(got, secret) {
					t.Errorf("%d of %d, choice %b: error %v", c.k, c.n, choice, err)
				}
			} else {
				wantError(t, "too few", err, ErrShares)
			}
		}
	}
}

func TestRecoveryKeyFromShares(t *testing.T) {
	r := must(GenerateReader(fixed()))
	shares := must(Split(fixed(), r.Private(), 3, 2))
	again := must(ParseReader(must(Combine([][]byte{shares[2], shares[0]}))))
	if again.ID() != r.ID() {
		t.Error("the shares rebuild another reader")
	}
}

// For each place of a share and each byte of a secret, the 256 random coefficients give 256 different values: seen alone, a
// share of two is as likely under any secret.
func TestOneShareTellsNothing(t *testing.T) {
	for x := byte(1); x <= MaxShares; x++ {
		for secret := range 256 {
			var seen [256]bool
			for c := range 256 {
				seen[gfEval([]byte{byte(secret), byte(c)}, x)] = true
			}
			for v, ok := range seen {
				if !ok {
					t.Fatalf("share %d of secret byte %d is never %d", x, secret, v)
				}
			}
		}
	}
}

func TestCombineRefuses(t *testing.T) {
	source := fixed()
	secret := make([]byte, 32)
	a, b := must(Split(source, secret, 3, 2)), must(Split(source, secret, 3, 2))
	_, err := Combine([][]byte{a[0], b[1]})
	wantError(t, "two sets", err, ErrShares)
	_, err = Combine([][]byte{a[0], a[0]})
	wantError(t, "the same twice", err, ErrShares)
	_, err = Combine(nil)
	wantError(t, "none", err, ErrShares)

	forged := must(parseShare(a[1]))
	for i := range forged.values {
		forged.values[i]++
		_, err = Combine([][]byte{a[0], forged.encode()})
		wantError(t, "forged share", err, ErrShares)
		_, err = Combine([][]byte{a[0], forged.encode(), a[2]})
		wantError(t, "forged share among three", err, ErrShares)
		forged.values[i]--
	}
	forged.threshold = 3
	_, err = Combine([][]byte{a[0], forged.encode(), a[2]})
	wantError(t, "other threshold", err, ErrShares)

	flipEach(t, a[1], func(x []byte) error { _, err := Combine([][]byte{a[0], x}); return err })
}

func TestSplitRefuses(t *testing.T) {
	for _, c := range []struct{ size, n, k int }{
		{15, 3, 2}, {65, 3, 2}, {32, 3, 1}, {32, 3, 0}, {32, 2, 3}, {32, MaxShares + 1, 2}, {32, 3, -1},
	} {
		_, err := Split(fixed(), make([]byte, c.size), c.n, c.k)
		wantError(t, fmt.Sprint(c), err, ErrMalformed)
	}
}

func TestParseShareLimits(t *testing.T) {
	good := must(parseShare(must(Split(fixed(), make([]byte, 32), 3, 2))[0]))
	for what, s := range map[string]share{
		"threshold 1":  {good.set, 1, 1, good.values},
		"threshold 17": {good.set, 17, 1, good.values},
		"index 0":      {good.set, 2, 0, good.values},
		"index 17":     {good.set, 2, 17, good.values},
		"short":        {good.set, 2, 1, make([]byte, minSecret+checkSize-1)},
		"long":         {good.set, 2, 1, make([]byte, maxSecret+checkSize+1)},
	} {
		_, err := ParseShare(s.encode())
		wantError(t, what, err, ErrMalformed)
	}
}

func FuzzParseShare(f *testing.F) {
	for _, s := range must(Split(fixed(), make([]byte, 16), 3, 2)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		// The checksum would hide all else from the fuzzer, so it is mended first; the raw bytes are tried too.
		mended := bytes.Clone(b)
		if n := len(b) - sumSize; n >= 0 {
			copy(mended[n:], shareSum(mended[:n]))
		}
		for _, b := range [][]byte{b, mended} {
			if s, err := parseShare(b); err == nil && !bytes.Equal(s.encode(), b) {
				t.Errorf("%x decodes but encodes to %x", b, s.encode())
			}
		}
	})
}

func TestField(t *testing.T) {
	if p := gfMul(0x57, 0x83); p != 0xc1 { // FIPS 197, 4.2
		t.Errorf("57 times 83 is %x", p)
	}
	for a := range 256 {
		want := byte(1)
		if a == 0 {
			want = 0
		}
		if p := gfMul(byte(a), gfInv(byte(a))); p != want {
			t.Errorf("%x times its inverse is %x", a, p)
		}
		for b := range 256 {
			if gfMul(byte(a), byte(b)) != gfMul(byte(b), byte(a)) ||
				gfMul(byte(a), byte(b)^0x35) != gfMul(byte(a), byte(b))^gfMul(byte(a), 0x35) {
				t.Fatalf("%x and %x break a law of the field", a, b)
			}
		}
	}
}
