package record

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"
	"testing"
)

// verifyBooth is what an outside verifier does with the booth key of the shift.
func verifyBooth(t *testing.T, key, message, signature []byte) bool {
	t.Helper()
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256(message)
	return ecdsa.Verify(pub, h[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}

func TestBoothMessage(t *testing.T) {
	l, g := fullLeaf(), golden(t)
	message := l.BoothMessage()
	if !bytes.Equal(message, g["booth-message"]) {
		t.Fatalf("booth-message %x", message)
	}
	if !verifyBooth(t, g["booth-key"], message, g["booth-signature"]) {
		t.Error("the signature of the golden file does not hold")
	}
	for i := range message {
		other := bytes.Clone(message)
		other[i] ^= 1
		if verifyBooth(t, g["booth-key"], other, g["booth-signature"]) {
			t.Errorf("signature holds with byte %d changed", i)
		}
	}
}

// What the officer signs must differ wherever the act differs.
func TestBoothMessageBindsEverything(t *testing.T) {
	with := func(change func(*Leaf)) []byte {
		l := fullLeaf()
		change(&l)
		return l.BoothMessage()
	}
	seen := map[string]string{}
	for name, m := range map[string][]byte{
		"as is":         with(func(*Leaf) {}),
		"other act":     with(func(l *Leaf) { l.Act = Act{} }),
		"refusal":       with(func(l *Leaf) { l.Kind = Refusal }),
		"fewer parts":   with(func(l *Leaf) { l.Parts = l.Parts[:3] }),
		"no parts":      with(func(l *Leaf) { l.Parts = nil }),
		"other commits": with(func(l *Leaf) { l.Parts[0].Commit = [32]byte{} }),
		"other part":    with(func(l *Leaf) { l.Parts = []PartRef{{Part: Body, Commit: l.Parts[0].Commit}} }),
		"one part":      with(func(l *Leaf) { l.Parts = l.Parts[:1] }),
		"other shift":   with(func(l *Leaf) { l.Shift.Index++ }),
		"no shift":      with(func(l *Leaf) { l.Shift = nil }),
		"other about":   with(func(l *Leaf) { l.About[1].Index++ }),
		"other log":     with(func(l *Leaf) { l.About[0].Origin = "al/durres/2" }),
		"about fewer":   with(func(l *Leaf) { l.About = l.About[:1] }),
		"shift as about": with(func(l *Leaf) {
			l.About = append([]Ref{*l.Shift}, l.About...)
			l.Shift = &l.About[0]
		}),
	} {
		if twin, ok := seen[string(m)]; ok {
			t.Errorf("%s and %s sign the same bytes", name, twin)
		}
		seen[string(m)] = name
	}
	// Sealed hash and length are the node's to choose, and so are its times.
	if same := with(func(l *Leaf) {
		l.Parts[0].Sealed, l.Parts[0].Length, l.Written, l.Floor = [32]byte{}, 0, 1, 1
	}); seen[string(same)] != "as is" {
		t.Error("the message depends on the ciphertext or the time")
	}
}
