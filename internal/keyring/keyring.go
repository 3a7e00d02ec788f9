// Package keyring keeps a node's private keys and the named keys it has opened. Here they lie in one file that only the
// node's user may read; a token takes their place without another package noticing.
//
// Each key has one use: the identity key signs TLS certificates and epoch statements, the log key checkpoints, the mirror
// key cosignatures, the reader's key opens wraps, the shadow key encrypts the projection at rest.
package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/seal"
)

// A Ring is the keys of one node in one epoch.
type Ring struct {
	file   file
	reader *seal.Reader

	mu    sync.RWMutex
	named map[string]seal.Key // opened keys by the canonical bytes of their names
	stays []seal.KeyName      // of these the stay keys, which every check asks for
}

// file is the form on disk.
type file struct {
	Country  string `json:"country"`
	Node     string `json:"node"`
	Epoch    uint32 `json:"epoch"`
	Identity []byte `json:"identity"` // Ed25519 seeds
	Log      []byte `json:"log"`
	Mirror   []byte `json:"mirror"`
	Reader   []byte `json:"reader"` // private half, form of package seal
	Shadow   []byte `json:"shadow"` // 64 bytes
}

// Create makes new keys for a node and writes them durably to path, which must not exist yet: keys are never overwritten.
func Create(path, country, node string, epoch uint32) (*Ring, error) {
	reader, err := seal.GenerateReader(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make reader's key: %w", err)
	}
	f := file{Country: country, Node: node, Epoch: epoch, Identity: random(32), Log: random(32), Mirror: random(32),
		Reader: reader.Private(), Shadow: random(64)}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode keys: %w", err)
	}
	if err := writeNew(path, b); err != nil {
		return nil, fmt.Errorf("write keys of node %s: %w", node, err)
	}
	return &Ring{file: f, reader: reader, named: map[string]seal.Key{}}, nil
}

// Open reads the keys of a node.
func Open(path string) (*Ring, error) {
	b, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, errors.New("open keys: the file is damaged; restore it from its sealed copy or give the node new keys")
	}
	if len(f.Identity) != 32 || len(f.Log) != 32 || len(f.Mirror) != 32 || len(f.Shadow) != 64 || f.Epoch == 0 {
		return nil, errors.New("open keys: a key is missing or has a wrong length")
	}
	reader, err := seal.ParseReader(f.Reader)
	if err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	return &Ring{file: f, reader: reader, named: map[string]seal.Key{}}, nil
}

// Country, Node and Epoch name the node and the life of its log that these keys belong to.
func (r *Ring) Country() string { return r.file.Country }
func (r *Ring) Node() string    { return r.file.Node }
func (r *Ring) Epoch() uint32   { return r.file.Epoch }

// Identity is the key by which the roster knows the node.
func (r *Ring) Identity() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(r.file.Identity) }

// Reader opens wraps addressed to this node.
func (r *Ring) Reader() *seal.Reader { return r.reader }

// Shadow is the key under which the projection lies on disk.
func (r *Ring) Shadow() [64]byte { return [64]byte(r.file.Shadow) }

// Log signs checkpoints of the origin; vkey is its verifier key (C2SP signed-note).
func (r *Ring) Log(origin string) (signer note.Signer, vkey string, err error) {
	skey, vkey, err := noteKeys(origin, r.file.Log)
	if err != nil {
		return nil, "", err
	}
	if signer, err = note.NewSigner(skey); err != nil {
		return nil, "", fmt.Errorf("log key: %w", err)
	}
	return signer, vkey, nil
}

// Mirror makes Ed25519 cosignatures (C2SP tlog-cosignature v1) under the name; vkey is its verifier key.
func (r *Ring) Mirror(name string) (signer note.Signer, vkey string, err error) {
	skey, vkey, err := noteKeys(name, r.file.Mirror)
	if err != nil {
		return nil, "", err
	}
	return cosignatureV1(skey, vkey)
}

// noteKeys writes an Ed25519 seed in the two text forms of signed-note.
func noteKeys(name string, seed []byte) (skey, vkey string, err error) {
	pub := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if vkey, err = note.NewEd25519VerifierKey(name, pub); err != nil {
		return "", "", fmt.Errorf("note key: %w", err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return "", "", fmt.Errorf("note key: %w", err)
	}
	hash := hexOf(v.KeyHash())
	return "PRIVATE+KEY+" + name + "+" + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, seed...)), vkey, nil
}

func hexOf(hash uint32) string { return fmt.Sprintf("%x", binary.BigEndian.AppendUint32(nil, hash)) }

// Open tries each wrap of a named key and keeps the key if one is addressed to this node and accept, if not nil, takes it. It
// reports whether the key is known now.
func (r *Ring) Open(name seal.KeyName, wraps [][]byte, accept func(seal.Key) bool) bool {
	if _, ok := r.Key(name); ok {
		return true
	}
	for _, w := range wraps {
		if id, err := seal.WrapReader(w); err != nil || id != r.reader.ID() {
			continue
		}
		if key, err := seal.OpenWrap(name, w, r.reader); err == nil && (accept == nil || accept(key)) {
			r.Add(name, key)
			return true
		}
	}
	return false
}

// Add keeps a named key that this node made.
func (r *Ring) Add(name seal.KeyName, key seal.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.named[string(name.Bytes())]; !known {
		if _, _, ok := name.Stay(); ok {
			r.stays = append(r.stays, name)
		}
	}
	r.named[string(name.Bytes())] = key
}

// Stays lists the names of the stay keys that are known here.
func (r *Ring) Stays() []seal.KeyName {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.stays)
}

// Key gives a named key that was opened or made here.
func (r *Ring) Key(name seal.KeyName) (seal.Key, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.named[string(name.Bytes())]
	return k, ok
}

// readPrivate reads a file that nobody but its owner may read.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 || info.Size() > maxFile {
		return nil, fmt.Errorf("%s must be readable by its owner alone (mode 0600) and under %d bytes", path, maxFile)
	}
	return os.ReadFile(path)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand
	return b
}

// writeNew writes a file that did not exist, durably: file and directory are synced before it returns.
func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Names lists the named keys that are known here.
func (r *Ring) Names() []seal.KeyName {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]seal.KeyName, 0, len(r.named))
	for b := range r.named {
		if name, err := seal.ParseKeyName([]byte(b)); err == nil {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b seal.KeyName) int { return bytes.Compare(a.Bytes(), b.Bytes()) })
	return out
}
