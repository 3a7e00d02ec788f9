package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"tims/internal/tlog"
)

// Add is tlog-witness add-checkpoint: it judges a checkpoint and, where it continues what was cosigned, gives the signature lines.
// They are on the disk when it returns. Errors are the refusals of package tlog: ErrMalformed, ErrUnknownOrigin, ErrSignature,
// *ConflictError with the size to begin at, ErrProof; any other is trouble of the witness itself, and nothing is signed.
func (w *Witness) Add(a tlog.AddCheckpoint) (lines []byte, err error) {
	origin, _, _ := bytes.Cut(a.Checkpoint, []byte("\n"))
	l, ok := w.log(string(origin))
	if !ok {
		return nil, tlog.ErrUnknownOrigin
	}
	cp, err := tlog.OpenCheckpoint(l.key, a.Checkpoint)
	if err != nil {
		return nil, err
	}
	if !l.trusted() {
		return nil, fmt.Errorf("%w: the node's key stands no longer in the roster", tlog.ErrSignature)
	}
	if a.Old > cp.Size || len(cp.Note) > maxText {
		return nil, fmt.Errorf("%w: from size %d to %d, %d bytes", tlog.ErrMalformed, a.Old, cp.Size, len(cp.Note))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	last := l.last.Load()
	if err := w.judge(l, last, cp, a); err != nil {
		return nil, err
	}
	if bytes.Equal(last.Note, cp.Note) && time.Since(last.at) < repeatSpan {
		return last.lines, nil
	}
	next, err := w.cosign(l, cp)
	if err != nil {
		return nil, err
	}
	if err := w.store.write(logPath(l.origin), next.note); err != nil && !mutantAnswerFirst {
		return nil, err
	}
	l.last.Store(next)
	w.settle(l)
	return next.lines, nil
}

// judge compares a signed checkpoint with the last cosigned one, and keeps what speaks against the log.
func (w *Witness) judge(l *heldLog, last *cosigned, cp tlog.Checkpoint, a tlog.AddCheckpoint) error {
	if last.note != nil && cp.Size == last.Size && cp.Root != last.Root {
		w.keep(l, l.fork(last, string(cp.Note)), cp.Size, cp.Root)
	}
	if a.Old != last.Size && !mutantAnyOld {
		return &tlog.ConflictError{Size: last.Size}
	}
	if l.country != nil && l.convicted() {
		return fmt.Errorf("%w: the log has signed two histories and is closed", tlog.ErrProof)
	}
	err := tlog.CheckConsistency(a.Proof, last.Checkpoint, cp)
	if errors.Is(err, tlog.ErrProof) && last.Size > 0 && cp.Size > last.Size {
		w.keep(l, l.unproven(last, cp, a.Proof), cp.Size, cp.Root)
	}
	return err
}

// checkpoint finds the last cosigned checkpoint of a log by the lower-case hex of its origin's hash, with the log's signature and
// the witness's. A log that is no longer configured is served from its file like any other.
func (w *Witness) checkpoint(name string) ([]byte, bool) {
	if sum, err := hex.DecodeString(name); err != nil || len(sum) != sha256.Size || hex.EncodeToString(sum) != name {
		return nil, false
	}
	b, err := w.store.read(filepath.Join(logsDir, name))
	return b, err == nil
}
