package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tims/internal/tlog"
)

// What a TIMS witness takes beside tlog-witness. Another maker's answers 404 and is none the worse for it.
const (
	PathWitnessEpoch   = "/tims/epoch"   // POST: a signed epoch statement, canonical roster.SignedEpoch
	PathWitnessChanges = "/tims/changes" // POST ?country=xx: approved changes, roster.EncodeChanges
	// HeaderChanges is in a TIMS witness's answers to add-checkpoint: how many approved changes of the log's country it has.
	HeaderChanges = "Tims-Changes"
)

// A Submission asks a witness to cosign a log as it is now.
type Submission struct {
	Source Source
	Old    uint64 // the size that this witness cosigned last, as Witness said it; 0 where nothing is known
	// Epoch is the log's signed epoch statement: a witness that follows the country learns the log by it. nil for none.
	Epoch []byte
	// Changes gives the approved changes in force here, Count how many they are. They are sent where the witness refuses the
	// statement without them, or has fewer. nil for none.
	Changes func() []byte
	Count   int
}

// A BehindError says that the witness has cosigned a larger tree than the source holds. Of a node's own log it means that the log
// was rolled back, or that somebody else writes with its key.
type BehindError struct{ Size uint64 }

func (e *BehindError) Error() string {
	return fmt.Sprintf("the witness has cosigned size %d, which is beyond this log", e.Size)
}

// Witness submits the source's checkpoint to any server that speaks C2SP tlog-witness; Base is its submission prefix without the
// final slash, http or https. It gives the checkpoint with the lines that the witness answered, unverified: AddCosignatures takes
// it and keeps what known keys signed. size is that of the checkpoint, to be given as Old the next time.
//
// Errors: *BehindError; *StatusError with 404 (the witness does not know this log), 403 (nor its key), 422 (it has cosigned
// another tree: this log, or somebody with its key, shows two histories), 429 and 503 (ask later). A source without a checkpoint
// is tlog.ErrNotHere.
func (c *Client) Witness(ctx context.Context, s Submission) (note []byte, size uint64, err error) {
	old, introduced := s.Old, false
	for range maxWitnessRounds {
		a, err := addCheckpoint(s.Source, old)
		if errors.Is(err, tlog.ErrNotHere) && old > 0 {
			return nil, old, &BehindError{old}
		}
		if err != nil {
			return nil, 0, fmt.Errorf("checkpoint for the witness: %w", err)
		}
		answer, err := c.submit(ctx, a)
		switch {
		case err != nil:
			return nil, 0, fmt.Errorf("ask witness: %w", err)
		case answer.status == http.StatusConflict && answer.size != old:
			old = answer.size
		case answer.status == http.StatusNotFound && s.Epoch != nil && !introduced:
			introduced = true
			if err := c.introduce(ctx, s); err != nil {
				return nil, 0, err
			}
		case answer.status != http.StatusOK:
			return nil, 0, &StatusError{answer.status}
		default:
			if s.Changes != nil && answer.changes < s.Count {
				// A change, such as a node dropped, must not wait to be asked for. If it does not arrive, the next submission
				// says so again, and the cosignature stands either way.
				_ = c.handChanges(ctx, s)
			}
			return append(a.Checkpoint[:len(a.Checkpoint):len(a.Checkpoint)], answer.lines...), noteSize(a.Checkpoint), nil
		}
	}
	return nil, 0, ErrRounds
}

// A witnessAnswer is what came back from add-checkpoint.
type witnessAnswer struct {
	status  int
	lines   []byte // of 200
	size    uint64 // of 409
	changes int    // in force at a TIMS witness; of another there is nothing to bring up to date
}

func (c *Client) submit(ctx context.Context, a tlog.AddCheckpoint) (out witnessAnswer, err error) {
	resp, err := c.do(ctx, http.MethodPost, pathCheckpoint, bytes.NewReader(a.Encode()), "")
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	out = witnessAnswer{status: resp.StatusCode, changes: int(^uint(0) >> 1)}
	if n, err := strconv.Atoi(resp.Header.Get(HeaderChanges)); err == nil && n >= 0 {
		out.changes = n
	}
	switch resp.StatusCode {
	case http.StatusOK:
		out.lines, err = readLines(resp.Body)
	case http.StatusConflict:
		out.size, err = tlog.DecodeSize(resp.Body)
	}
	return out, err
}

// readLines reads signature lines. Anything else is refused, so that no answer adds to the text of the note.
func readLines(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxWitnessLines+1))
	if err != nil {
		return nil, err
	}
	if len(b) == 0 || len(b) > maxWitnessLines || b[len(b)-1] != '\n' {
		return nil, fmt.Errorf("%w: the witness answered no signature lines", tlog.ErrMalformed)
	}
	for line := range bytes.Lines(b) {
		if !bytes.HasPrefix(line, []byte("— ")) {
			return nil, fmt.Errorf("%w: the witness answered no signature lines", tlog.ErrMalformed)
		}
	}
	return b, nil
}

// introduce makes a log known: its epoch statement, and where that is refused the country's changes and the statement again. A
// witness that has no such door gives its first answer, 404.
func (c *Client) introduce(ctx context.Context, s Submission) error {
	err := c.Post(ctx, PathWitnessEpoch, s.Epoch)
	var refused *StatusError
	if errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity && s.Changes != nil {
		if err := c.handChanges(ctx, s); err != nil {
			return err
		}
		err = c.Post(ctx, PathWitnessEpoch, s.Epoch)
	}
	if err != nil {
		return fmt.Errorf("state epoch to witness: %w", err)
	}
	return nil
}

func (c *Client) handChanges(ctx context.Context, s Submission) error {
	country, _, _ := strings.Cut(s.Source.Origin(), "/")
	if err := c.Post(ctx, PathWitnessChanges+"?country="+url.QueryEscape(country), s.Changes()); err != nil {
		return fmt.Errorf("hand changes to witness: %w", err)
	}
	return nil
}
