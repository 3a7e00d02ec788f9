package seal

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"testing"
)

// ghashElement is an element of GF(2^128) in the bit order of NIST SP 800-38D, 6.3: the first bit is the coefficient of 1.
type ghashElement [16]byte

func (a ghashElement) plus(b ghashElement) ghashElement {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}

func (a ghashElement) times(b ghashElement) ghashElement {
	var z ghashElement
	for i := range 128 {
		if a[i/8]>>(7-i%8)&1 == 1 {
			z = z.plus(b)
		}
		low := b[15] & 1
		for j := 15; j > 0; j-- {
			b[j] = b[j]>>1 | b[j-1]<<7
		}
		b[0] >>= 1
		if low == 1 {
			b[0] ^= 0xe1
		}
	}
	return z
}

func (a ghashElement) power(n int) ghashElement {
	r := ghashElement{0x80}
	for range n {
		r = r.times(a)
	}
	return r
}

// inverse is a^(2^128-2).
func (a ghashElement) inverse() ghashElement {
	r := ghashElement{0x80}
	for range 127 {
		a = a.times(a)
		r = r.times(a)
	}
	return r
}

func aesBlock(k Key, in [16]byte) (out [16]byte) {
	must(aes.NewCipher(k[:])).Encrypt(out[:], in[:])
	return out
}

// keysWithEqualLength searches two keys whose keystreams agree on the four bytes under the length inside a content, so that
// contents under both have well-formed lengths. By the birthday bound some hundred thousand keys hold such a pair.
func keysWithEqualLength(t *testing.T) (k1, k2 Key) {
	t.Helper()
	counter := [16]byte{15: 2 + saltSize/16} // nonce 0; the block that holds the length
	seen := map[uint32]uint32{}
	for i := range uint32(1 << 20) {
		binary.BigEndian.PutUint32(k2[:], i)
		stream := aesBlock(k2, counter)
		word := binary.BigEndian.Uint32(stream[:])
		if first, ok := seen[word]; ok {
			binary.BigEndian.PutUint32(k1[:], first)
			return k1, k2
		}
		seen[word] = i
	}
	t.Fatal("no two keys found")
	return
}

// twoKeyBody builds a body that AES-GCM opens under both keys. The tag is linear in the first block of ciphertext, by H^e for
// each key, so one division gives the block for which both tags agree. That block is the first half of the salt, which is
// free to be anything.
func twoKeyBody(k1, k2 Key, plaintext, ad []byte) []byte {
	var nonce [nonceSize]byte
	tagOf := func(k Key, ciphertext []byte) ghashElement {
		stream := gcm(k).Seal(nil, nonce[:], make([]byte, len(ciphertext)), nil)
		plain := make([]byte, len(ciphertext))
		for i := range plain {
			plain[i] = ciphertext[i] ^ stream[i]
		}
		return ghashElement(gcm(k).Seal(nil, nonce[:], plain, ad)[len(plain):])
	}
	c := gcm(k1).Seal(nil, nonce[:], pad([32]byte{}, plaintext, Wide.of(len(plaintext))), ad)
	c = c[:len(c)-tagSize]
	clear(c[:16])
	e := len(c)/16 + 1
	h1 := ghashElement(aesBlock(k1, [16]byte{})).power(e)
	h2 := ghashElement(aesBlock(k2, [16]byte{})).power(e)
	first := tagOf(k1, c).plus(tagOf(k2, c)).times(h1.plus(h2).inverse())
	copy(c, first[:])
	tag := tagOf(k1, c)
	return append(append(nonce[:], c...), tag[:]...)
}

// The director seals a crossing so that the court's key shows one thing and the post's another, and wraps a key to each.
func TestBodyThatOpensUnderTwoKeys(t *testing.T) {
	k1, k2 := keysWithEqualLength(t)
	body := twoKeyBody(k1, k2, bytes.Repeat([]byte{'x'}, Wide.Least-lengthSize), testAt.ad(bodyLabel))
	var contents [2]struct {
		salt   [32]byte
		plain  []byte
		commit [32]byte
	}
	for i, k := range []Key{k1, k2} {
		content, err := openFrom(k, body, testAt.ad(bodyLabel))
		if err != nil {
			t.Fatalf("the construction fails: key %d: %v", i+1, err)
		}
		c := &contents[i]
		if c.salt, c.plain, err = unpad(content); err != nil {
			t.Fatalf("the construction fails: key %d: %v", i+1, err)
		}
		c.commit = Commit(testAt.Part, c.salt, c.plain)
	}
	if bytes.Equal(contents[0].plain, contents[1].plain) {
		t.Fatal("the construction fails: both keys open to the same")
	}
	for i, k := range []Key{k1, k2} {
		got, _, err := Open(k, testAt, body, contents[i].commit)
		if err != nil || !bytes.Equal(got, contents[i].plain) {
			t.Errorf("key %d with its own commitment: error %v", i+1, err)
		}
		got, _, err = Open(k, testAt, body, contents[1-i].commit)
		wantError(t, "other key's commitment", err, ErrOtherContent)
		if got != nil {
			t.Error("refused content is handed out")
		}
	}
}
