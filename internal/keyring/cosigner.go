package keyring

import (
	"encoding/json"
	"errors"
	"fmt"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// cosigner is the form on disk of a key that only cosigns: a witness's. It is no node's and stands in no roster.
type cosigner struct {
	Name string `json:"name"`
	Seed []byte `json:"seed"` // Ed25519
}

// CreateCosigner makes a cosigner's key (C2SP tlog-cosignature v1) under a name and writes it durably to path, which must not
// exist yet. vkey is its verifier key.
func CreateCosigner(path, name string) (vkey string, err error) {
	c := cosigner{name, random(32)}
	if _, vkey, err = c.signer(); err != nil {
		return "", err
	}
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode cosigner's key: %w", err)
	}
	if err := writeNew(path, b); err != nil {
		return "", fmt.Errorf("write cosigner's key: %w", err)
	}
	return vkey, nil
}

// OpenCosigner reads such a key.
func OpenCosigner(path string) (signer note.Signer, vkey string, err error) {
	b, err := readPrivate(path)
	if err != nil {
		return nil, "", fmt.Errorf("open cosigner's key: %w", err)
	}
	var c cosigner
	if err := json.Unmarshal(b, &c); err != nil || len(c.Seed) != 32 {
		return nil, "", errors.New("open cosigner's key: the file is damaged")
	}
	return c.signer()
}

func (c cosigner) signer() (note.Signer, string, error) {
	skey, vkey, err := noteKeys(c.Name, c.Seed)
	if err != nil {
		return nil, "", err
	}
	return cosignatureV1(skey, vkey)
}

// cosignatureV1 turns the two text forms of an Ed25519 key into a signer of cosignatures and its verifier key.
func cosignatureV1(skey, vkey string) (note.Signer, string, error) {
	signer, err := cosign.NewSignerForCosignatureV1(skey)
	if err != nil {
		return nil, "", fmt.Errorf("cosigner's key: %w", err)
	}
	if vkey, err = cosign.VKeyToCosignatureV1(vkey); err != nil {
		return nil, "", fmt.Errorf("cosigner's key: %w", err)
	}
	return signer, vkey, nil
}
