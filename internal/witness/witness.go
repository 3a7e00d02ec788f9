// Package witness cosigns checkpoints of other people's logs by C2SP tlog-witness and holds no record: per log it keeps the newest
// checkpoint that it cosigned, and beside it the signed checkpoints that it had to refuse, as evidence.
//
// It is run by an outsider: a court, a data-protection office. A cosignature says that the log only grew since the last one. Two
// promises carry it. What was cosigned is on the disk before the cosignature leaves (store.go tells each crash). And one key signs
// in one process only: a lock keeps a second one out of the directory. Whoever restores the directory from a backup breaks both,
// and must take a new key.
//
// It is trusted for nothing else. Whoever takes it over can withhold cosignatures, or cosign a second history of a log whose key he
// has too; he learns origins, sizes and hashes, which are public.
package witness

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/roster"
	"tims/internal/tlog"
)

// Options of a witness.
type Options struct {
	Dir    string      // made if it is not there
	Signer note.Signer // makes cosignatures (C2SP tlog-cosignature v1)
	Key    string      // its verifier key
	// Logs are verifier keys of logs to cosign, one for each origin.
	Logs []string
	// Countries are foundings of TIMS countries: the logs of their nodes are known by epoch statements.
	Countries []roster.Founding
	Journal   *slog.Logger // nil for none
}

// A Witness is one open witness.
type Witness struct {
	opt       Options
	own       note.Verifier
	store     *store
	countries map[string]*country // never changes
	admitting sync.Mutex          // one new log at a time
	mu        sync.RWMutex
	logs      map[string]*heldLog // by origin
}

// A heldLog is one log that the witness cosigns.
type heldLog struct {
	origin  string
	key     string   // the log's verifier key
	country *country // nil for a log that Options.Logs names
	epoch   roster.SignedEpoch

	mu   sync.Mutex // one checkpoint at a time: comparing and storing are one act
	kept []kept
	last atomic.Pointer[cosigned]
}

// A cosigned is the newest checkpoint that was cosigned, as it lies on the disk.
type cosigned struct {
	tlog.Checkpoint
	note  []byte // with the log's signature and the witness's line
	lines []byte
	at    time.Time
}

// Open opens the witness of a directory and takes its lock. Every file is verified again. It ends with Close.
func Open(opt Options) (_ *Witness, err error) {
	if opt.Journal == nil {
		opt.Journal = slog.New(slog.DiscardHandler)
	}
	w := &Witness{opt: opt, countries: map[string]*country{}, logs: map[string]*heldLog{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open witness %s: %w", opt.Dir, err), w.Close())
		}
	}()
	if w.own, err = cosign.NewVerifierForCosignatureV1(opt.Key); err != nil {
		return nil, fmt.Errorf("witness's verifier key: %w", err)
	}
	if opt.Signer == nil || opt.Signer.Name() != w.own.Name() || opt.Signer.KeyHash() != w.own.KeyHash() {
		return nil, errors.New("the witness's signer is not that of its verifier key")
	}
	if w.store, err = openStore(opt.Dir); err != nil {
		return nil, err
	}
	for _, key := range opt.Logs {
		if err := w.openNamed(key); err != nil {
			return nil, err
		}
	}
	for _, f := range opt.Countries {
		if err := w.openCountry(f); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Close gives the directory back. Requests under way fail.
func (w *Witness) Close() error {
	if w.store == nil {
		return nil
	}
	return w.store.close()
}

// Key is the verifier key of the witness's cosignatures, as policies name it.
func (w *Witness) Key() string { return w.opt.Key }

// openNamed takes up a log of the administrator's list.
func (w *Witness) openNamed(key string) error {
	v, err := note.NewVerifier(key)
	if err != nil {
		return fmt.Errorf("key of a log: %w", err)
	}
	if _, twice := w.logs[v.Name()]; twice || len(w.logs) == maxLogs {
		return fmt.Errorf("log %s stands twice, or there are more than %d", v.Name(), maxLogs)
	}
	return w.open(&heldLog{origin: v.Name(), key: key})
}

// open reads what is stored of a log and puts it into service.
func (w *Witness) open(l *heldLog) error {
	last := &cosigned{Checkpoint: tlog.Checkpoint{Origin: l.origin}}
	b, err := w.store.read(logPath(l.origin))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	default:
		if last, err = w.parse(l, b); err != nil {
			return fmt.Errorf("what was cosigned of %s: %w", l.origin, err)
		}
	}
	l.last.Store(last)
	if l.kept, err = w.store.evidenceOf(l.origin); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs[l.origin] = l
	return nil
}

// parse reads a stored checkpoint by the witness's own cosignature, which covers its text: it stays in force where the log has
// changed its key since. A file that anything has touched ends the start: going on from zero would cosign a second history.
func (w *Witness) parse(l *heldLog, b []byte) (*cosigned, error) {
	log, err := note.NewVerifier(l.key)
	if err != nil {
		return nil, err
	}
	n, err := note.Open(b, note.VerifierList(w.own, log))
	if err != nil {
		return nil, err
	}
	own := slices.IndexFunc(n.Sigs, func(s note.Signature) bool { return s.Name == w.own.Name() && s.Hash == w.own.KeyHash() })
	if own < 0 {
		return nil, errors.New("not signed by this witness's key")
	}
	sig := n.Sigs[own]
	at, err := cosign.CoSigV1Timestamp(sig)
	if err != nil {
		return nil, err
	}
	head, err := tlog.ParseHead(n.Text)
	if err != nil || head.Origin != l.origin {
		return nil, errors.New("no checkpoint of this log")
	}
	line := fmt.Appendf(nil, "— %s %s\n", sig.Name, sig.Base64)
	head.Note = bytes.Replace(b, line, nil, 1)
	return &cosigned{head, b, line, at}, nil
}

// log finds a log that may be submitted.
func (w *Witness) log(origin string) (*heldLog, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	l, ok := w.logs[origin]
	return l, ok
}

// Evidence lists what is kept of a log.
func (w *Witness) Evidence(origin string) ([]Evidence, error) {
	l, ok := w.log(origin)
	if !ok {
		return nil, tlog.ErrUnknownOrigin
	}
	l.mu.Lock()
	names := make([]string, len(l.kept))
	for i, k := range l.kept {
		names[i] = k.file
	}
	l.mu.Unlock()
	out := []Evidence{}
	for _, name := range names {
		e, err := w.store.readEvidence(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // settled meanwhile: it was of the history that was cosigned
		}
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// cosign signs the text of a checkpoint.
func (w *Witness) cosign(l *heldLog, cp tlog.Checkpoint) (*cosigned, error) {
	end := bytes.LastIndex(cp.Note, []byte("\n\n")) + 1
	msg, err := note.Sign(&note.Note{Text: string(cp.Note[:end])}, w.opt.Signer)
	if err != nil {
		return nil, fmt.Errorf("cosign checkpoint: %w", err)
	}
	return w.parse(l, slices.Concat(cp.Note, msg[end+1:]))
}

func logPath(origin string) string { return filepath.Join(logsDir, tlog.DirName(origin)) }

// countryOf is the first part of an origin.
func countryOf(origin string) string {
	c, _, _ := strings.Cut(origin, "/")
	return c
}
