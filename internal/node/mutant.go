//go:build !mutant

package node

// A fault that only a build with the tag mutant can have: the harness must catch it (docs/design/simulation.md).
const mutantAnyKey = false // believes the name in a peer's certificate whoever signed it
