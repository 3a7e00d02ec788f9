package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// leafWith is bytes that end as a leaf with the opening's claim does.
func leafWith(before int, o Opening) []byte {
	leaf := bytes.Repeat([]byte{0xa5}, before)
	return append(leaf, Receipt{Opening: o}.tail()...)
}

// signPromise stands for a log key: Ed25519 of thirty-two bytes 7.
func signPromise(b []byte) ([]byte, error) {
	return ed25519.Sign(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)), b), nil
}

func promiseHash(r Receipt) string {
	h := r.LeafHash()
	return base64.StdEncoding.EncodeToString(h[:])
}

func TestPromiseNeedsAnEd25519Key(t *testing.T) {
	o := must(NewOpening(fixed()))
	r := must(NewReceipt("al/kakavija/1", 7, leafWith(130, o), o))
	for name, sign := range map[string]func([]byte) ([]byte, error){
		"no key":      func([]byte) ([]byte, error) { return nil, errors.New("no token") },
		"another key": func([]byte) ([]byte, error) { return make([]byte, 72), nil },
	} {
		if _, err := r.Promised(sign); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestReceiptGivesTheLeafHash(t *testing.T) {
	o := must(NewOpening(fixed()))
	for before := range 300 {
		leaf := leafWith(before, o)
		r, err := NewReceipt("al/kakavija/1", 7041, leaf, o)
		if err != nil {
			t.Fatal(err)
		}
		r = must(r.Promised(signPromise))
		want := sha256.Sum256(append([]byte{0}, leaf...))
		again, err := ParseReceipt(r.Text())
		if err != nil || again.LeafHash() != want || again.Text() != r.Text() || again.Origin != "al/kakavija/1" ||
			again.Index != 7041 || again.Opening != o || again.Signature != r.Signature {
			t.Fatalf("%d bytes before the claim: %v, hash %x, want %x", before, err, again.LeafHash(), want)
		}
		other := again
		other.Opening[3] ^= 1
		if other.LeafHash() == want {
			t.Fatal("another opening gives the same leaf")
		}
	}
}

func TestReceiptGolden(t *testing.T) {
	o := must(NewOpening(fixed()))
	r, err := NewReceipt("al/kakavija/1", 7041, leafWith(450, o), o)
	if err != nil {
		t.Fatal(err)
	}
	if promise := string(r.Promise()); promise != "tims/receipt/2\nal/kakavija/1\n7041\n"+promiseHash(r)+"\n" {
		t.Errorf("the log signs %q", promise)
	}
	r = must(r.Promised(signPromise))
	const want = "TIMS2:AIGWC3BPNNQWWYLWNFVGCLZRAAAAAAAAAANYCAAHNPJSSBSHKXRPBQCY26REQ2NHJHLUQW7XLYZY773OZR3D4HCFURCAHJNFUUAACAQDAQCQMBYIBEFAWDANBYH6KDBXOA25EO6F3RIKZJXCONAXKQXBDZWQPZHRC5Y3EOHN6F3PPJVLUS7N63X4HITHFYGAVHCQR22WJHM62JMF5MI2UROCZHYF65B7BH2PPG4B"
	if r.Text() != want {
		t.Errorf("%d characters: %s", len(r.Text()), r.Text())
	}
	long, err := NewReceipt("al/"+strings.Repeat("k", 31)+"/4294967295", 1<<40, leafWith(446, o), o)
	if bytes := (len(long.Text()) - len(ReceiptPrefix)) * 5 / 8; err != nil || bytes >= 300 || bytes < 200 {
		t.Errorf("the longest receipt has %d bytes, %v", bytes, err)
	}
}

func TestReceiptNeedsItsClaim(t *testing.T) {
	o := must(NewOpening(fixed()))
	other := o
	other[0] ^= 1
	for name, leaf := range map[string][]byte{"another claim": leafWith(100, other), "no claim": bytes.Repeat([]byte{1}, 200),
		"a claim that is not the last": append(leafWith(100, o), 0), "nothing": nil} {
		if _, err := NewReceipt("al/kakavija/1", 1, leaf, o); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseReceiptForgivesCopyingAndNothingElse(t *testing.T) {
	o := must(NewOpening(fixed()))
	r, err := NewReceipt("al/kakavija/1", 7, leafWith(130, o), o)
	if err != nil {
		t.Fatal(err)
	}
	text := r.Text()
	for _, in := range []string{text, strings.ToLower(text), " " + text[:20] + "\r\n" + text[20:] + "\n"} {
		if again, err := ParseReceipt(in); err != nil || again.Text() != text {
			t.Errorf("%q: %v", in, err)
		}
	}
	for i := range len(text) {
		c := byte('A')
		if text[i] == c {
			c = 'B'
		}
		if _, err := ParseReceipt(text[:i] + string(c) + text[i+1:]); !errors.Is(err, ErrMalformed) {
			t.Errorf("character %d misread: %v", i, err)
		}
	}
	for _, in := range []string{"", "TIMS2:", "TIMS1:" + text[6:], text[:len(text)-1], text + "A", strings.Repeat(text, 9)} {
		if _, err := ParseReceipt(in); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzParseReceipt(f *testing.F) {
	o := must(NewOpening(fixed()))
	r, _ := NewReceipt("al/kakavija/1", 7, leafWith(130, o), o)
	f.Add(r.Text())
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseReceipt(text)
		if err != nil {
			return
		}
		again, err := ParseReceipt(r.Text())
		if err != nil || again.LeafHash() != r.LeafHash() || again.Text() != r.Text() {
			t.Error("a receipt is not read back")
		}
	})
}
