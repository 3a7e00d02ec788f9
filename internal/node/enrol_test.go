package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tims/internal/node"
	"tims/internal/passkey"
	"tims/internal/record"
	"tims/internal/roster"
)

const origin = "http://localhost:8401"

func device(t *testing.T, seed byte) *passkey.Software {
	t.Helper()
	s, err := passkey.NewSoftware([32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// enrol makes the passkey of whoever has the code, at one node.
func enrol(t *testing.T, n *node.Node, code string, d *passkey.Software) error {
	t.Helper()
	o, err := n.OfficerOf(code)
	if err != nil {
		return err
	}
	nonce := n.Nonce()
	made, err := d.Make(n.RelyingParty(), origin, passkey.EnrolChallenge(nonce, o.ID))
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.Enrol(t.Context(), code, nonce, made)
	return err
}

// signed is a shift at a node, signed by an officer's passkey with a booth key of its own.
func signed(t *testing.T, n *node.Node, officer [16]byte, d *passkey.Software) (record.ShiftBody, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.SignShift(n.RelyingParty(), origin, n.Nonce(), record.ShiftBody{Officer: officer, Booth: "K1", BoothKey: public})
	if err != nil {
		t.Fatal(err)
	}
	return b, key
}

// open signs in.
func open(t *testing.T, n *node.Node, officer [16]byte, d *passkey.Software) (*node.Shift, error) {
	t.Helper()
	b, _ := signed(t, n, officer, d)
	return n.OpenShift(t.Context(), b)
}

// resumed tries to bring a shift back with its booth key.
func resumed(t *testing.T, n *node.Node, index uint64, key *ecdsa.PrivateKey) error {
	t.Helper()
	nonce := n.Nonce()
	h := sha256.Sum256(append([]byte("tims/resume/1\n"), nonce...))
	r, s, err := ecdsa.Sign(rand.Reader, key, h[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	if _, err = n.ResumeShift(index, nonce, signature); err == nil {
		if _, again := n.ResumeShift(index, nonce, signature); !errors.Is(again, node.ErrNonce) {
			t.Errorf("a signature resumes twice: %v", again)
		}
	}
	return err
}

// A passkey that is made at one post opens a shift at another that has learnt of it and is cut off; a new key in the roster
// takes its place; whoever is dropped is out. After a restart all of it stands.
func TestPasskeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "tirana", "kakavija", "rinas")
		officer, code, mine := c.founded.Founding.Roster.Officers[0].ID, c.founded.Codes["K-01"], device(t, 1)
		kakavija, rinas := c.nodes["kakavija"], c.nodes["rinas"]

		if _, err := open(t, kakavija.Node, officer, mine); !errors.Is(err, node.ErrPasskey) {
			t.Errorf("before anything is enrolled: %v", err)
		}
		if err := enrol(t, kakavija.Node, "WRONG", mine); !errors.Is(err, node.ErrCode) {
			t.Errorf("a wrong code: %v", err)
		}
		if err := enrol(t, kakavija.Node, code, mine); err != nil {
			t.Fatal(err)
		}
		if err := enrol(t, kakavija.Node, code, device(t, 2)); !errors.Is(err, node.ErrEnrolled) {
			t.Errorf("a code makes two passkeys: %v", err)
		}
		c.settle()
		c.wire.sever("rinas")
		b, boothKey := signed(t, rinas.Node, officer, mine)
		s, err := rinas.OpenShift(t.Context(), b)
		if err != nil {
			t.Fatalf("at the post that is cut off: %v", err)
		}
		o, err := rinas.ReadOwn(s.Ref.Index)
		if err != nil || o.Shift == nil || rinas.VerifyShift(*o.Shift) != nil {
			t.Fatalf("the shift's record: %v, %v", o.Shift, err)
		}
		if _, err := open(t, rinas.Node, officer, device(t, 2)); !errors.Is(err, node.ErrPasskey) {
			t.Errorf("another passkey: %v", err)
		}

		c.wire.mend("rinas")
		lost, err := c.officer(node.OfficerChange{Label: "K-01"})
		if err != nil {
			t.Fatal(err)
		}
		if err := enrol(t, rinas.Node, lost, device(t, 3)); err != nil {
			t.Fatal(err)
		}
		c.settle()
		if rinas.Can(s, roster.CheckTravellers) {
			t.Error("a shift under the lost passkey goes on")
		}
		if err := resumed(t, rinas.Node, s.Ref.Index, boothKey); !errors.Is(err, node.ErrPasskey) {
			t.Errorf("a shift under the lost passkey comes back: %v", err)
		}
		if s, err = open(t, rinas.Node, officer, device(t, 3)); err != nil || !rinas.Can(s, roster.CheckTravellers) {
			t.Fatalf("a shift under the new passkey: %v", err)
		}
		for _, restart := range []bool{false, true} {
			if restart {
				c.halt("kakavija")
				c.start("kakavija")
				kakavija = c.nodes["kakavija"]
			}
			if _, err := open(t, kakavija.Node, officer, mine); !errors.Is(err, node.ErrPasskey) {
				t.Errorf("restarted %v, the lost passkey: %v", restart, err)
			}
			if _, err := open(t, kakavija.Node, officer, device(t, 3)); err != nil {
				t.Errorf("restarted %v, the new passkey: %v", restart, err)
			}
			if err := kakavija.VerifyShift(*o.Shift); err != nil {
				t.Errorf("restarted %v, what the lost passkey opened before: %v", restart, err)
			}
		}
		if _, err := c.officer(node.OfficerChange{Label: "K-01", Drop: true}); err != nil {
			t.Fatal(err)
		}
		c.settle()
		if _, err := open(t, kakavija.Node, officer, device(t, 3)); !errors.Is(err, node.ErrOfficer) {
			t.Errorf("a dropped officer: %v", err)
		}
		if rinas.Can(s, roster.CheckTravellers) {
			t.Error("a dropped officer goes on")
		}
	})
}

// Somebody has copied an officer's code: two passkeys are made with it at two posts that are cut off from each other. Each goes by
// what it had first, says that it has evidence, and both go on by the new key of the roster. A statement that arrives before the
// roster that names its key waits for it.
func TestTwoPasskeysOfOneCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "tirana", "kakavija", "rinas")
		officer, code := c.founded.Founding.Roster.Officers[0].ID, c.founded.Codes["K-01"]
		c.wire.sever("kakavija")
		c.wire.sever("rinas")
		if err := enrol(t, c.nodes["kakavija"].Node, code, device(t, 1)); err != nil {
			t.Fatal(err)
		}
		if err := enrol(t, c.nodes["kakavija"].Node, code, device(t, 1)); !errors.Is(err, node.ErrEnrolled) {
			t.Errorf("once more: %v", err)
		}
		time.Sleep(time.Minute)
		if err := enrol(t, c.nodes["rinas"].Node, code, device(t, 2)); err != nil {
			t.Fatal(err)
		}
		c.wire.mend("kakavija")
		c.wire.mend("rinas")
		c.settle()
		for name, mine := range map[string]byte{"kakavija": 1, "rinas": 2} {
			if _, err := open(t, c.nodes[name].Node, officer, device(t, mine)); err != nil {
				t.Errorf("%s, its own: %v", name, err)
			}
			if _, err := open(t, c.nodes[name].Node, officer, device(t, 3-mine)); !errors.Is(err, node.ErrPasskey) {
				t.Errorf("%s, the other's: %v", name, err)
			}
		}

		c.wire.sever("rinas")
		all, fresh, err := node.ChangeOfficer(node.OfficerChange{Label: "K-01"}, c.founded.Founding, c.changes, time.Now(), c.approve)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.nodes["kakavija"].Learn(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		if err := enrol(t, c.nodes["kakavija"].Node, fresh, device(t, 4)); err != nil {
			t.Fatal(err)
		}
		c.settle()
		c.wire.mend("rinas")
		c.settle()
		for _, restart := range []bool{false, true} {
			if restart {
				c.halt("rinas")
				c.start("rinas")
			}
			for seed, want := range map[byte]error{1: node.ErrPasskey, 2: node.ErrPasskey, 4: nil} {
				if _, err := open(t, c.nodes["rinas"].Node, officer, device(t, seed)); !errors.Is(err, want) {
					t.Errorf("restarted %v, passkey %d: %v, want %v", restart, seed, err, want)
				}
			}
		}
	})
}

// officer brings a change of an officer into force at the centre.
func (c *country) officer(change node.OfficerChange) (code string, err error) {
	all, code, err := node.ChangeOfficer(change, c.founded.Founding, c.changes, time.Now(), c.approve)
	if err != nil {
		return "", err
	}
	c.changes = all
	_, err = c.nodes["tirana"].Learn(context.Background(), all)
	c.settle()
	return code, err
}

// What is signed serves once, at one node, for one booth and key, in time.
func TestSignInOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "tirana", "kakavija", "rinas")
		officer, mine, n := c.founded.Founding.Roster.Officers[0].ID, device(t, 1), c.nodes["kakavija"].Node
		if err := enrol(t, n, c.founded.Codes["K-01"], mine); err != nil {
			t.Fatal(err)
		}
		c.settle()
		first, _ := signed(t, n, officer, mine)
		if _, err := c.nodes["rinas"].OpenShift(t.Context(), first); !errors.Is(err, node.ErrNonce) {
			t.Errorf("at another node: %v", err)
		}
		if _, err := n.OpenShift(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if _, err := n.OpenShift(t.Context(), first); !errors.Is(err, node.ErrNonce) {
			t.Errorf("again: %v", err)
		}
		late, _ := signed(t, n, officer, mine)
		time.Sleep(passkey.NonceFor)
		if _, err := n.OpenShift(t.Context(), late); !errors.Is(err, node.ErrNonce) {
			t.Errorf("too late: %v", err)
		}
		for name, want := range map[string]error{"booth": passkey.ErrChallenge, "key": passkey.ErrChallenge, "officer": node.ErrOfficer, "none": passkey.ErrFormat} {
			b, _ := signed(t, n, officer, mine)
			switch name {
			case "booth":
				b.Booth = "K2"
			case "key":
				other, _ := signed(t, n, officer, mine)
				b.BoothKey = other.BoothKey
			case "officer":
				b.Officer[0] ^= 1
			case "none":
				b.Passkey = nil
			}
			if _, err := n.OpenShift(t.Context(), b); !errors.Is(err, want) {
				t.Errorf("another %s: %v, want %v", name, err, want)
			}
		}
	})
}

// A captured node hands an officer another node's nonce, with a booth key of its own: his browser says where he was.
func TestSignInElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "tirana", "kakavija")
		officer, mine := c.founded.Founding.Roster.Officers[0].ID, device(t, 1)
		if err := enrol(t, c.nodes["kakavija"].Node, c.founded.Codes["K-01"], mine); err != nil {
			t.Fatal(err)
		}
		c.halt("kakavija")
		c.hosts = []string{"10.0.0.7", "kakavija.localhost"}
		c.start("kakavija")
		n := c.nodes["kakavija"].Node
		for at, want := range map[string]error{"https://rinas.localhost:8443": passkey.ErrOrigin, origin: passkey.ErrOrigin, "https://kakavija.localhost": nil} {
			b, _ := signed(t, n, officer, mine)
			b, err := mine.SignShift(n.RelyingParty(), at, b.Passkey.Nonce, b)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := n.OpenShift(t.Context(), b); !errors.Is(err, want) {
				t.Errorf("signed at %s: %v, want %v", at, err, want)
			}
		}
	})
}

// A shift comes back by its booth key until it is ended, also over a restart, and not after the working day.
func TestShiftEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "tirana", "kakavija")
		officer, mine, n := c.founded.Founding.Roster.Officers[0].ID, device(t, 1), c.nodes["kakavija"].Node
		if err := enrol(t, n, c.founded.Codes["K-01"], mine); err != nil {
			t.Fatal(err)
		}
		begin := func() (*node.Shift, *ecdsa.PrivateKey) {
			b, key := signed(t, n, officer, mine)
			s, err := n.OpenShift(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			return s, key
		}
		left, leftKey := begin()
		stays, staysKey := begin()
		if err := resumed(t, n, left.Ref.Index, staysKey); !errors.Is(err, node.ErrBoothSignature) {
			t.Errorf("another booth's key: %v", err)
		}
		if err := resumed(t, n, left.Ref.Index, leftKey); err != nil {
			t.Errorf("before the end: %v", err)
		}
		if err := n.EndShift(t.Context(), left); err != nil {
			t.Fatal(err)
		}
		if n.Can(left, roster.CheckTravellers) || !n.Can(stays, roster.CheckTravellers) {
			t.Error("an ended shift goes on, or an open one does not")
		}
		for range 2 {
			if err := resumed(t, n, left.Ref.Index, leftKey); !errors.Is(err, node.ErrShift) {
				t.Errorf("ended: %v", err)
			}
			if err := resumed(t, n, stays.Ref.Index, staysKey); err != nil {
				t.Errorf("open: %v", err)
			}
			c.halt("kakavija")
			c.start("kakavija")
			n = c.nodes["kakavija"].Node
		}
		time.Sleep(13 * time.Hour)
		if err := resumed(t, n, stays.Ref.Index, staysKey); !errors.Is(err, node.ErrShift) {
			t.Errorf("after the working day: %v", err)
		}
	})
}
