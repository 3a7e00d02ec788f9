package node

import (
	"context"
	"errors"

	"tims/internal/record"
)

// ErrExercise: what an exercise is said to be is none.
var ErrExercise = errors.New("an exercise names 1 to 64 acts, each by its short id")

// Exercise records that an exercise begins or ends at this node, so that whoever reads the log later knows which of its troubles
// were made on purpose. It changes nothing else: a node under exercise works by the same rules.
func (n *Node) Exercise(ctx context.Context, begins bool, d record.DrillOpen) error {
	if len(d.Acts) == 0 || len(d.Acts) > maxExercise || !text(maxDeedText, d.By) {
		return ErrExercise
	}
	for _, id := range d.Acts {
		if id == "" || !text(maxActID, id) {
			return ErrExercise
		}
	}
	kind := record.DrillEnd
	if begins {
		kind = record.DrillBegin
	}
	_, err := n.append(ctx, draft{kind: kind, act: newAct(), contents: []content{{record.Open, d}}})
	return err
}
