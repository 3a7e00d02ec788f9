package tlog

import (
	"errors"
	"fmt"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Evidence is an error that tells of lying rather than of failing: a log that
// does not fit its own signed checkpoint, or a log key that signed two trees of
// which neither continues the other. It halts the log or mirror, is kept in the
// mirror's file, and is never retried.
type Evidence struct {
	Origin string
	What   string
	// Ours and Theirs are signed notes. Theirs is empty when a log contradicts
	// its own file. In the evidence of a mirror it is not larger than Ours.
	Ours, Theirs []byte
	// OurRoot is the root that the tree of Ours has at the size of Theirs, and
	// Proof the consistency proof from there to Ours.
	OurRoot Hash
	Proof   []Hash
}

func (e *Evidence) Error() string {
	return fmt.Sprintf("evidence about log %s: %s", e.Origin, e.What)
}

// Check tells whether e, without anything else, proves to a stranger that the
// holder of the log key (a note verifier key) signed two inconsistent
// checkpoints. It returns nil if it does.
func (e *Evidence) Check(key string) error {
	k, err := parseKey(key)
	if err != nil {
		return err
	}
	ours, err := k.openExtended(e.Ours)
	if err != nil {
		return fmt.Errorf("our checkpoint: %w", err)
	}
	theirs, err := k.openExtended(e.Theirs)
	if err != nil {
		return fmt.Errorf("their checkpoint: %w", err)
	}
	if theirs.root == e.OurRoot {
		return errors.New("the two checkpoints agree")
	}
	if theirs.size == ours.size {
		if ours.root != e.OurRoot {
			return errors.New("the stated root is not that of our checkpoint")
		}
		return nil
	}
	if theirs.size == 0 || theirs.size > ours.size {
		return errors.New("their checkpoint is not within ours")
	}
	err = sumdb.CheckTree(e.Proof, int64(ours.size), ours.root, int64(theirs.size), e.OurRoot)
	if err != nil {
		return fmt.Errorf("consistency with our checkpoint: %w", err)
	}
	return nil
}
