// Package replica carries the growth of logs between nodes: it pushes to mirrors by C2SP tlog-mirror, and pulls for
// followers. A source answers a pull with the very bytes it would have pushed, so one door (tlog.Mirror) verifies both.
// Nothing here is believed: what arrives is offered to a mirror, which verifies before it stores.
package replica

import (
	"errors"
	"fmt"

	"tims/internal/tlog"
)

// A Source is a log that can be carried on: a node's own, or a copy of another's.
type Source interface {
	Origin() string
	Size() uint64
	Checkpoint() []byte
	ConsistencyProof(older, newer uint64) ([]tlog.Hash, error)
	Offer(start, end uint64) (tlog.Offer, error)
	Parts(from, to uint64, numbers ...uint8) ([]tlog.IndexedPart, uint64, error)
	Blob(hash [32]byte) ([]byte, error)
	Tile(path string) ([]byte, error)
}

// Paths below a peer's address. The first two are those of C2SP tlog-mirror.
const (
	pathCheckpoint = "/add-checkpoint"
	pathEntries    = "/add-entries"
	pathRecords    = "/add-records"
	pathParts      = "/add-parts"
	pathPull       = "/pull/"

	// PathCompare shows a peer the checkpoints of a log that are held here, and asks for its own (compare.go).
	PathCompare = "/compare"
)

// A StatusError is a refusal or failure of the other side. It names nothing that the other side said beyond its status.
type StatusError struct{ Status int }

func (e *StatusError) Error() string { return fmt.Sprintf("peer answered with status %d", e.Status) }

// ErrRounds ends an exchange about one log that makes no progress. The line to the peer is as good as before.
var ErrRounds = errors.New("peer keeps asking and nothing moves")
