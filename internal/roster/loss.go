package roster

import (
	"errors"
	"fmt"

	"tims/internal/record"
)

// A Loss lets alerts go: one state of ChainAlertLosses. All losses approved so far together are the governed state; an earlier one is
// never undone, but an alert that is released again afterwards needs a new loss to go again.
type Loss struct {
	List string `cbor:"1,keyasint"`

	// Origin and Release name the release, of those in force then, in which the versions were absent or weaker. A version that a
	// later release has again is not covered. Of single alerts every record counts as a release: its epoch in the upper 24 bits, its
	// index and one in the lower 40.
	Origin  string `cbor:"2,keyasint"`
	Release uint64 `cbor:"3,keyasint"`

	// Sets are the hashes of sealed blobs with the content hashes of the versions that may go, and Count is how many there are.
	Sets  [][32]byte `cbor:"4,keyasint"`
	Count int        `cbor:"5,keyasint"`

	// Versions are content hashes that stand here in clear: of single alerts, whose ids nobody can guess.
	Versions [][32]byte `cbor:"6,keyasint,omitempty"`

	// Settled says that nothing else of the releases before this one waits: whoever begins now needs none of them.
	Settled bool `cbor:"7,keyasint,omitempty"`
}

// Valid says what is wrong with the loss, if anything.
func (l Loss) Valid() error {
	_, _, _, err := ParseOrigin(l.Origin)
	switch {
	case l.List == "" || len(l.List) > maxText:
		return errors.New("a loss without the name of a list, or with one too long")
	case err != nil:
		return fmt.Errorf("origin of a loss: %w", err)
	case l.Release == 0 || l.Count < 0 || l.Count < len(l.Versions):
		return errors.New("a loss without a release, or with a wrong count")
	case l.Count == 0 && !l.Settled:
		return errors.New("a loss of nothing")
	}
	return nil
}

// withLoss adds an approved loss.
func (s *State) withLoss(b []byte) error {
	var l Loss
	if err := errors.Join(record.Unmarshal(b, &l), l.Valid()); err != nil {
		return err
	}
	s.Losses = append(s.Losses[:len(s.Losses):len(s.Losses)], l)
	return nil
}

// RosterAt gives the roster of a number, 0 for the founding's.
func (s *State) RosterAt(number uint64) (Roster, bool) {
	if number == 0 {
		return s.Founding.Roster, true
	}
	for _, a := range s.Changes {
		if a.Change.Chain == ChainRoster && a.Change.Number == number {
			var r Roster
			err := record.Unmarshal(a.Change.State, &r)
			return r, err == nil
		}
	}
	return Roster{}, false
}

// Signers gives the distinct approvers whose signatures on a change hold.
func (a Authority) Signers(c Change, approvals []Approval) []string { return a.counted(c, approvals) }
