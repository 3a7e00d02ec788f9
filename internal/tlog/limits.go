package tlog

import "time"

// Bounds of what is stored and of what is taken from the wire.
const (
	// MaxLeaf bounds a leaf of an own log in bytes: a record is a few hundred.
	MaxLeaf = 8 << 10
	// MaxEntry bounds a leaf of a mirrored log: the uint16 length prefix of
	// tlog-tiles entry bundles.
	MaxEntry = 65535
	// MaxParts bounds the parts of one leaf: slip, person, police, media.
	MaxParts = 4
	// MaxPart bounds the body of a part in bytes: one compressed image.
	MaxPart = 1 << 20
	// MaxWrap bounds the wrap of a part in bytes: one wrapped AES key with its
	// suite and bucket name is about a hundred.
	MaxWrap = 4 << 10
	// MaxBlob bounds a blob in bytes: releases of lists travel in such chunks,
	// so that a thin line repeats at most one of them.
	MaxBlob = 1 << 20
	// MaxPartsBatch bounds the parts that one AddParts call takes, MaxBatchBytes
	// their bodies (and what one read hands out): one transaction stays in memory.
	MaxPartsBatch = 4096
	MaxBatchBytes = 8 << 20
	// PackageSize is the alignment of entry packages (tlog-mirror), which is
	// that of tiles and entry bundles (tlog-tiles).
	PackageSize = 256
	// MaxPackages is how many packages a client puts into one add-entries
	// request (tlog-mirror, implementation considerations).
	MaxPackages = 32
	// MaxGrowth bounds the hashes of one Growth: 256 KiB, which is stored in some
	// tens of milliseconds and repeated on a thin line at most once.
	MaxGrowth = 8192
	// MaxHeld bounds the leaves that one Growth carries in full, MaxHeldPart the
	// part of each in bytes: counts of an hour are under two hundred.
	MaxHeld     = 256
	MaxHeldPart = 4 << 10
	// MaxProof bounds the hashes of a proof: 63 in tlog-witness and tlog-mirror.
	MaxProof = 63
	// MaxEvidence bounds encoded evidence in bytes: two notes with one signature
	// each and a proof of MaxProof hashes are under eight thousand.
	MaxEvidence = 16 << 10
)

const (
	// maxGroup and maxGroupBytes bound one group commit. What a crash can leave
	// behind the stored checkpoint is at most one group.
	maxGroup      = 256
	maxGroupBytes = 8 << 20
	// idleStore is how long a log waits for a next transaction to carry its
	// newest checkpoint before it spends one of its own on it.
	idleStore = time.Second
	// maxPending is how many pending checkpoints a mirror accepts as upload_end:
	// tlog-mirror asks for the last several.
	maxPending = 8
	// maxExcess is how many entries an add-entries request may repeat that are
	// here already: less than one package, for a client resumes at next entry.
	maxExcess = PackageSize - 1
	// maxSize bounds an index so that index*256+number fits an SQLite integer.
	maxSize = 1 << 55
	// maxNote bounds a signed note: 16 signatures of 5 kB in base64 with names
	// (signed-note asks for that many).
	maxNote = 128 << 10
	// maxOrigin bounds the origin on the wire; ours are country/node/epoch.
	maxOrigin = 1 << 10
	// maxCosigners bounds the cosigners a log remembers: the mirrors and
	// witnesses of one country.
	maxCosigners = 64
	// maxTroubles ends the list of a verification: past it the file is lost.
	maxTroubles = 1000
	// verifyBatch is how many rows a verification reads in one go, so that it
	// never holds back the WAL of a running node.
	verifyBatch = 256
	// walPages is after how many pages the WAL is carried into the database: at
	// 16 MiB a page of the index of acts, whose keys are random, is written once
	// for several commits. walBytes bounds the file that a long read lets grow.
	walPages = 4096
	walBytes = 64 << 20
	// busyTimeout is how long a connection waits for another process's lock.
	busyTimeout = 10 * time.Second
	// slotSize is that of a sector of every disk and stick made today: a write of
	// one slot tears no other.
	slotSize = 4096
	// fenceConfirm is how long after the last group of a crowd the fence says that
	// it was committed: no group waits for it, and a crash later than that is told
	// apart from a log that was set back by its last group.
	fenceConfirm = 20 * time.Millisecond
	// fenceWait bounds how long a commit waits for the second device before it is
	// given up: a slow stick syncs in a tenth of that.
	fenceWait = time.Second
	// fenceRetry is how often a lost second device is looked for again.
	fenceRetry = 30 * time.Second
)
