package portal

import (
	"bytes"
	"net/url"
	"path/filepath"
	"testing"

	"tims/internal/keyring"
	"tims/internal/seal"
)

// A receipt that the log's key signed and whose record is not there is evidence; one that it did not sign is a forgery.
func TestPromiseWithoutItsRecord(t *testing.T) {
	c := found(t)
	first, text := c.cross("kakavija")
	c.holds(first)
	opening := seal.Opening{5}
	claim := opening.Claim()
	leaf := append(bytes.Repeat([]byte{0xa5}, 200), append([]byte{0x0b, 0x58, 0x20}, claim[:]...)...)
	erased, err := seal.NewReceipt(first.Ref.Origin, first.Ref.Index, leaf, opening)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(filepath.Join(c.dir, "kakavija", "keys"))
	if err != nil {
		t.Fatal(err)
	}
	signer, _, err := ring.Log(first.Ref.Origin)
	if err != nil {
		t.Fatal(err)
	}
	if erased, err = erased.Promised(signer.Sign); err != nil {
		t.Fatal(err)
	}
	_, page := c.post("/receipt", url.Values{"text": {erased.Text()}})
	mustContain(t, page, "evidence that the log was changed")
	real, err := seal.ParseReceipt(text)
	if err != nil {
		t.Fatal(err)
	}
	real.Signature[0] ^= 1
	_, page = c.post("/receipt", url.Values{"text": {real.Text()}})
	mustContain(t, page, "The log has not signed this receipt")
	if status, _ := c.post("/receipt/proof", url.Values{"text": {erased.Text()}}); status != 404 {
		t.Errorf("a proof of what is not there: status %d", status)
	}
}
