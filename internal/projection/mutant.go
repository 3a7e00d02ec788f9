//go:build !mutant

package projection

// A fault that only a build with the tag mutant can have: the harness must catch it (docs/design/simulation.md).
const mutantClockOrder = false // takes the records of one log in the order of their times
