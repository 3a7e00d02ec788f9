package node

import (
	"errors"
	"path/filepath"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/tlog"
)

// EpochStages is the number of the last stage of BeginEpochUpTo.
const EpochStages = 6

// BeginEpochUpTo does the first steps of the beginning of an epoch in a node's directory and then stops, as a crash does.
func BeginEpochUpTo(dir string, stage int) (err error) {
	n := newNode(Options{Dir: dir})
	if n.ring, err = keyring.Open(filepath.Join(dir, keysFile)); err != nil {
		return err
	}
	if err := n.begin(); err != nil {
		return err
	}
	if err := n.openLog(true); err != nil {
		return err
	}
	size := n.log.Size()
	if err := n.log.Close(); err != nil {
		return err
	}
	next := filepath.Join(dir, nextKeysFile)
	steps := []func() error{
		func() error {
			return n.writeSetBack(setBack{Origin: n.origin, Held: size, Known: size, Epoch: 2, At: n.Now(), Why: whyFence})
		},
		func() error { // retired, and not moved yet
			signer, vkey, err := n.ring.Log(n.origin)
			return errors.Join(err, tlog.Retire(filepath.Join(dir, logFile), tlog.Options{Key: vkey, Signer: signer}))
		},
		func() error { return n.retire(n.epoch) },
		func() error { return n.ring.Next(next, 2) },
		func() error { // stated, and the keys not in force yet
			later, err := keyring.Open(next)
			if err != nil {
				return err
			}
			e, err := n.nextStatement(n.ring, later)
			return errors.Join(err, writeDurably(filepath.Join(dir, epochFile), record.Marshal(e)))
		},
		n.turn,
		func() error { return nil },
	}
	for _, step := range steps[:stage+1] {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
