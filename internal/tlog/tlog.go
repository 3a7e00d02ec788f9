// Package tlog keeps a node's own append-only log and verified mirrors of
// other nodes' logs, with the sealed parts of each record beside its leaf.
//
// A log is one SQLite file. A leaf, the tree hashes it completes and its parts
// enter in one transaction that is on the disk (WAL, synchronous=FULL) before
// the checkpoint over them is signed. A mirror is the same file with another
// front door: nothing is stored that is not proven to stand under a checkpoint
// signed by the log's key, and nothing is cosigned that is not on the disk.
//
// Formats are those of C2SP: signed-note, tlog-checkpoint, tlog-tiles,
// tlog-cosignature and tlog-mirror. Parts travel beside them; no leaf hash,
// tile or bundle ever contains a part. The file format, the crash stories and
// who is trusted with what are in docs/design/log.md.
package tlog

import sumdb "golang.org/x/mod/sumdb/tlog"

// Hash is a Merkle tree hash of RFC 6962 section 2.1 (SHA-256).
type Hash = sumdb.Hash

// A Part is one sealed body that belongs to a leaf. Numbers tell the parts of
// one leaf apart. Body is a ciphertext that never changes; Wrap is its key,
// wrapped. A log cannot open either.
type Part struct {
	Number uint8
	Wrap   []byte // at most MaxWrap bytes
	Body   []byte // at most MaxPart bytes
}

// An IndexedPart is a part and the index of its leaf. From the wire it is
// unverified until Mirror.AddParts has taken it; from a Reader it is as stored.
// The hash in the leaf covers Body only: whether Wrap opens it, only a holder
// of the bucket key can tell.
type IndexedPart struct {
	Index uint64
	Part
}

// A PartRef is what a leaf says of one of its parts: its number, the SHA-256
// of its body and the body's length in bytes.
type PartRef struct {
	Number uint8
	Sealed [32]byte
	Length uint64
}

// An Entry is what Log.Append takes: a leaf, the act it records and its parts.
type Entry struct {
	Act   [16]byte // random, made where the act began; stored once per log
	Leaf  []byte   // 1 to MaxLeaf bytes, opaque to this package
	Parts []Part   // at most MaxParts, numbers distinct
}

// Appended tells where an entry stands. Checkpoint is signed over the first
// tree that contains it and must not be modified.
type Appended struct {
	Index      uint64
	LeafHash   Hash
	Size       uint64
	Checkpoint []byte
}
