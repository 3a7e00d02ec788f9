package tlog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// A logKey is the key that signs a log's checkpoints. Its name is the origin.
type logKey struct {
	text string // vkey line of signed-note, Ed25519
	note.Verifier
}

func parseKey(vkey string) (logKey, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return logKey{}, fmt.Errorf("log key: %w", err)
	}
	if len(v.Name()) > maxOrigin {
		return logKey{}, errors.New("log key: the origin is too long")
	}
	return logKey{vkey, v}, nil
}

func (k logKey) origin() string { return k.Name() }

// A checkpoint is a tree head whose note carries a valid signature of its log.
type checkpoint struct {
	size uint64
	root Hash
	// note holds the log's signature only; other signatures of the note that
	// it came from are dropped.
	note []byte
}

// openCheckpoint opens a signed note as a checkpoint of k's log. It fails with
// ErrMalformed, ErrUnknownOrigin or ErrSignature; as tlog-witness has it, a bad
// signature under the known key refuses the note whatever else it carries.
// Extension lines, which monitors cannot audit (tlog-checkpoint), are refused:
// one tree head of ours has one text.
func (k logKey) openCheckpoint(msg []byte) (checkpoint, error) {
	c, err := k.openExtended(msg)
	if err == nil && !bytes.HasPrefix(c.note, []byte(headText(k.origin(), c.size, c.root)+"\n")) {
		return checkpoint{}, fmt.Errorf("%w: a checkpoint with extension lines", ErrMalformed)
	}
	return c, err
}

// openExtended is openCheckpoint for any log: extension lines are let pass.
func (k logKey) openExtended(msg []byte) (checkpoint, error) {
	if len(msg) > maxNote {
		return checkpoint{}, fmt.Errorf("%w: the note is over %d bytes", ErrMalformed, maxNote)
	}
	first, _, _ := bytes.Cut(msg, []byte("\n"))
	if string(first) != k.origin() {
		return checkpoint{}, ErrUnknownOrigin
	}
	n, err := note.Open(msg, note.VerifierList(k))
	if err != nil {
		return checkpoint{}, noteError(err)
	}
	c, err := parseHead(n.Text)
	if err != nil {
		return checkpoint{}, err
	}
	c.note, err = note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
	return c, err
}

func noteError(err error) error {
	var bad *note.InvalidSignatureError
	var none *note.UnverifiedNoteError
	if errors.As(err, &bad) || errors.As(err, &none) {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

// parseHead reads the three lines of a checkpoint and passes over extension
// lines. Second spellings of a number or a hash are refused, and so are sizes
// that no log reaches: the arithmetic below has a bound.
func parseHead(text string) (checkpoint, error) {
	var c log.Checkpoint
	more, err := c.Unmarshal([]byte(text))
	if err != nil || string(c.Marshal())+string(more) != text || len(c.Hash) != len(Hash{}) || c.Size >= maxSize ||
		bytes.HasPrefix(more, []byte("\n")) || bytes.Contains(more, []byte("\n\n")) {
		return checkpoint{}, fmt.Errorf("%w: not a checkpoint", ErrMalformed)
	}
	return checkpoint{size: c.Size, root: Hash(c.Hash)}, nil
}

func headText(origin string, size uint64, root Hash) string {
	return string(log.Checkpoint{Origin: origin, Size: size, Hash: root[:]}.Marshal())
}

// signCheckpoint signs a tree head.
func (k logKey) signCheckpoint(signer note.Signer, size uint64, root Hash) (checkpoint, error) {
	msg, err := note.Sign(&note.Note{Text: headText(k.origin(), size, root)}, signer)
	if err != nil {
		return checkpoint{}, fmt.Errorf("signing the checkpoint: %w", err)
	}
	return checkpoint{size: size, root: root, note: msg}, nil
}

// checkSigner makes sure that a signer holds the private key of k. It is asked
// once per opening: verifying takes longer than signing, and a log that verified
// each checkpoint would lose a sixth of its rate.
func (k logKey) checkSigner(signer note.Signer) error {
	if signer == nil {
		return errors.New("log key: there is no signer")
	}
	cp, err := k.signCheckpoint(signer, 0, emptyRoot())
	if err == nil {
		_, err = k.openCheckpoint(cp.note)
	}
	if err != nil {
		return fmt.Errorf("log key: the signer is not that of the verifier key: %w", err)
	}
	return nil
}

// signatureLine returns the line of sig as it stands below a note.
func signatureLine(sig note.Signature) []byte {
	return fmt.Appendf(nil, "— %s %s\n", sig.Name, sig.Base64)
}

// parseDecimal reads a number as the C2SP specifications write them: ASCII
// decimal with no leading zeroes.
func parseDecimal(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%w: not a decimal number", ErrMalformed)
	}
	return n, nil
}

// parseHash reads the only base64 spelling of a hash.
func parseHash(s string) (Hash, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(Hash{}) || strings.ContainsAny(s, "\r\n") {
		return Hash{}, fmt.Errorf("%w: not a hash in base64", ErrMalformed)
	}
	return Hash(b), nil
}
