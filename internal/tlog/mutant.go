//go:build !mutant

package tlog

// Faults that only a build with the tag mutant can have: the harness must catch each (docs/design/simulation.md).
const (
	mutantAckEarly   = false // acknowledges whatever becomes of the commit
	mutantRetrySync  = false // goes on after a failed commit
	mutantAnyOld     = false // does not compare the old size of add-checkpoint
	mutantUnverified = false // stores entries that no proof leads to
	mutantRepair     = false // mends a tree from its own bad leaf
)

// How SQLite waits for the disk, as it is set and as it reads back.
const synchronous, synchronousIs = "FULL", "2"
