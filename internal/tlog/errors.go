package tlog

import (
	"errors"
	"fmt"
)

// The three outcomes of a write are: recorded (no error), ErrNotRecorded and
// ErrNotKnown. After a commit whose outcome the disk did not tell, the log or
// mirror stops; only opening the file again can tell, and Log.ByAct then does.
var (
	// ErrNotRecorded: nothing of the call is stored, and nothing will be.
	ErrNotRecorded = errors.New("not recorded")
	// ErrFull: ErrNotRecorded, for the disk has no room.
	ErrFull = errors.New("the disk is full")
	// ErrNotKnown: the call may or may not be stored; ask again by its act.
	ErrNotKnown = errors.New("not known whether recorded")
	// ErrStopped: an earlier write ended in ErrNotKnown, or another process
	// writes to the file. This call stored nothing; whether the earlier one
	// did is told after the file is opened again.
	ErrStopped = errors.New("stopped until opened again")
	// ErrClosed: the log or mirror has been closed. The call stored nothing.
	ErrClosed = errors.New("closed")
	// ErrNotHere: the leaf, part, blob or tile asked for is not held.
	ErrNotHere = errors.New("not held here")
)

// Refusals of a mirror, with the HTTP status that tlog-witness and tlog-mirror
// give them.
var (
	// ErrMalformed (400): the request is not in the form of the specification.
	ErrMalformed = errors.New("malformed request")
	// ErrSignature (403): no valid signature by the log's key.
	ErrSignature = errors.New("not signed by the log's key")
	// ErrUnknownOrigin (404): the checkpoint or upload is of another log.
	ErrUnknownOrigin = errors.New("unknown log origin")
	// ErrProof (422): a proof does not verify, or there is no checkpoint yet
	// that it could be verified against.
	ErrProof = errors.New("proof does not verify")
	// ErrHalted (422): the mirror takes nothing more of this log (Halt).
	ErrHalted = errors.New("nothing more is taken of this log")
)

// KnownActError: the log has a leaf for this act. The caller compares contents
// and answers with the first receipt, or refuses.
type KnownActError struct{ Index uint64 }

func (e *KnownActError) Error() string {
	return fmt.Sprintf("the act is already recorded at index %d", e.Index)
}

// ConflictError (409): the caller's idea of the mirror is stale. Size is the
// pending checkpoint to use, Next the first entry that is not here.
type ConflictError struct{ Size, Next uint64 }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("mirror is at pending checkpoint %d, next entry %d", e.Size, e.Next)
}

// PartialError (202): at least one package was stored, but not all up to the
// upload's end. The caller goes on at Next with the same Size.
type PartialError struct{ Size, Next uint64 }

func (e *PartialError) Error() string {
	return fmt.Sprintf("upload to %d stored up to entry %d", e.Size, e.Next)
}

// MissingPartsError: the entries are here, but a wanted part of the leaf at
// Cursor is not; all parts of earlier leaves are.
type MissingPartsError struct{ Cursor uint64 }

func (e *MissingPartsError) Error() string {
	return fmt.Sprintf("parts are missing from index %d on", e.Cursor)
}

// PartError: a part that does not fit its leaf. Nothing of its batch is stored.
type PartError struct {
	Index  uint64
	Number uint8
	What   string
}

func (e *PartError) Error() string {
	return fmt.Sprintf("part %d of leaf %d: %s", e.Number, e.Index, e.What)
}
