//go:build !mutant

package witness

// Faults that only a build with the tag mutant can have: the harness must catch each (docs/design/simulation.md).
const (
	mutantAnswerFirst = false // answers whatever becomes of the write
	mutantAnyOld      = false // does not compare the old size of add-checkpoint
)
