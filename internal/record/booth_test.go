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
	message := BoothMessage(l.Act, l.Kind, l.Parts)
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
	l := fullLeaf()
	seen := map[string]string{}
	for name, m := range map[string][]byte{
		"as is":         BoothMessage(l.Act, l.Kind, l.Parts),
		"other act":     BoothMessage(Act{}, l.Kind, l.Parts),
		"refusal":       BoothMessage(l.Act, Refusal, l.Parts),
		"fewer parts":   BoothMessage(l.Act, l.Kind, l.Parts[:3]),
		"no parts":      BoothMessage(l.Act, l.Kind, nil),
		"other commits": BoothMessage(l.Act, l.Kind, []PartRef{{Part: Slip}, l.Parts[1], l.Parts[2], l.Parts[3]}),
		"other part":    BoothMessage(l.Act, l.Kind, []PartRef{{Part: Body, Commit: l.Parts[0].Commit}}),
		"one part":      BoothMessage(l.Act, l.Kind, l.Parts[:1]),
	} {
		if twin, ok := seen[string(m)]; ok {
			t.Errorf("%s and %s sign the same bytes", name, twin)
		}
		seen[string(m)] = name
	}
	// Sealed hash and length are the node's to choose; sealing again must not ask the officer again.
	p := l.Parts[0]
	p.Sealed, p.Length = [32]byte{}, 0
	if !bytes.Equal(BoothMessage(l.Act, l.Kind, []PartRef{p}), BoothMessage(l.Act, l.Kind, l.Parts[:1])) {
		t.Error("the message depends on the ciphertext")
	}
}
