package parcel

import "tims/internal/tlog"

// Bounds of what is read from a stick. Whoever carried it may have put anything there.
const (
	// maxNames bounds the names that are listed at the top of a stick: four times the logs that a node holds at most. Nothing
	// below the top is ever listed: each name there follows from a signed size.
	maxNames = 2048
	// maxSmallFile bounds epoch statements, notes, sizes and the label.
	maxSmallFile = 128 << 10
	// maxBundle bounds an entry bundle: 256 entries of our own logs with their lengths.
	maxBundle = tlog.PackageSize * (2 + tlog.MaxLeaf)
	// maxTile bounds a hash tile: 256 hashes.
	maxTile = tlog.PackageSize * 32
	// maxFrame bounds one frame of a pack in memory: parts are gathered up to frameSize, and the last of them may be as large
	// as a part can be.
	frameSize = 512 << 10
	maxFrame  = frameSize + tlog.MaxPart + tlog.MaxWrap + 64
	// maxPack ends a pack that never ends: 256 leaves with every part of each at its bound.
	maxPack = tlog.PackageSize * tlog.MaxParts * (tlog.MaxPart + tlog.MaxWrap + 128)
	// maxCosigned bounds the notes with cosignatures of one log.
	maxCosigned = 64
	// maxUnsynced is after how many files written the stick is told to keep them: few enough that a pulled stick loses
	// seconds of work.
	maxUnsynced = 64
	// MaxChanges bounds the file of approved changes; its reader counts each change besides.
	MaxChanges     = 64 << 20
	maxDamagedTold = 16 // bad hash tiles of one log that are named: who reads them brings another stick
)
