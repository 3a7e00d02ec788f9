package passkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"tims/internal/record"
)

// A Software authenticator keeps one resident ES256 passkey in memory and says of everybody that he is verified. It is for
// the demonstration and for tests, where no person is; what it signs is verified like any other passkey's. The same seed
// always gives the same passkey.
type Software struct {
	id  []byte
	key *ecdsa.PrivateKey
}

// NewSoftware makes the passkey of a seed.
func NewSoftware(seed [32]byte) (*Software, error) {
	scalar := digest("tims/software-passkey/1\n", seed[:])
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil { // one seed in 2^32
		return nil, fmt.Errorf("make a software passkey: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("make a software passkey: %w", err)
	}
	id := digest("tims/software-credential/1\n", point)
	return &Software{id: id[:], key: key}, nil
}

// Credential is the passkey's id.
func (s *Software) Credential() []byte { return s.id }

// Make answers as a browser does that has made the passkey at an origin.
func (s *Software) Make(p Party, origin string, challenge [32]byte) (Made, error) {
	point, err := s.key.PublicKey.Bytes()
	if err != nil {
		return Made{}, fmt.Errorf("make a software passkey: %w", err)
	}
	// COSE_Key of RFC 9053: key type 2 (EC2), algorithm -7 (ES256), curve 1 (P-256), x and y.
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 32), point[33:]...)
	data := append(s.data(p, flagAttested), make([]byte, 16)...) // no make of authenticator
	data = binary.BigEndian.AppendUint16(data, uint16(len(s.id)))
	data = append(append(data, s.id...), cose...)
	// {"fmt": "none", "attStmt": {}, "authData": data} in CBOR.
	object := append([]byte{0xa3}, "\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"...)
	object = append(binary.BigEndian.AppendUint16(object, uint16(len(data))), data...)
	return Made{Credential: s.id, ClientData: clientData("webauthn.create", origin, challenge), Attestation: object}, nil
}

// Sign answers a challenge as a browser at an origin does. The nonce is for the caller to add.
func (s *Software) Sign(p Party, origin string, challenge [32]byte) (record.Passkey, error) {
	a := record.Passkey{Credential: s.id, ClientData: clientData("webauthn.get", origin, challenge), Authenticator: s.data(p, 0)}
	hash := sha256.Sum256(a.ClientData)
	signed := sha256.Sum256(append(a.Authenticator[:len(a.Authenticator):len(a.Authenticator)], hash[:]...))
	var err error
	if a.Signature, err = ecdsa.SignASN1(rand.Reader, s.key, signed[:]); err != nil {
		return a, fmt.Errorf("sign with a software passkey: %w", err)
	}
	return a, nil
}

// SignShift signs a shift: it fills in the passkey of a body that has officer, booth and booth key.
func (s *Software) SignShift(p Party, origin string, nonce []byte, b record.ShiftBody) (record.ShiftBody, error) {
	a, err := s.Sign(p, origin, ShiftChallenge(nonce, b.Booth, b.BoothKey))
	a.Nonce = nonce
	b.Passkey = &a
	return b, err
}

// data is authenticator data: SHA-256 of the relying party, flags, a counter that stays 0.
func (s *Software) data(p Party, flags byte) []byte {
	party := sha256.Sum256([]byte(p.Parent))
	return append(party[:], flags|flagPresent|flagVerified, 0, 0, 0, 0)
}

func clientData(ceremony, origin string, challenge [32]byte) []byte {
	b, _ := json.Marshal(struct { // text always encodes
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}{ceremony, text(challenge), origin, false})
	return b
}
