package portal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A heldLog is the hash-only copy of one log.
type heldLog struct {
	*tlog.Hashes
	node   string
	epoch  roster.SignedEpoch
	second atomic.Pointer[roster.SignedEpoch] // another statement for the same number: evidence
	since  atomic.Int64                       // when it was frozen here, UTC ms; 0 while it is sound
	news   atomic.Int64                       // when it last grew here, UTC ms; 0 since the start
}

func (p *Portal) logDir(origin string) string {
	return filepath.Join(p.opt.Dir, logsDir, tlog.DirName(origin))
}

// openLogs opens the copies in the directory. The statement beside each is verified again: whoever can write to the disk could
// have put a log of his own there. A copy that does not open is left where it is, out of service, and said in the journal.
func (p *Portal) openLogs() error {
	dirs, err := os.ReadDir(filepath.Join(p.opt.Dir, logsDir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("list logs: %w", err)
	}
	for _, d := range dirs {
		dir := filepath.Join(p.opt.Dir, logsDir, d.Name())
		b, err := readBounded(filepath.Join(dir, epochFile), maxFile)
		if errors.Is(err, os.ErrNotExist) {
			continue // a crash came before the statement was written: nothing was stored either
		}
		var e roster.SignedEpoch
		if err == nil {
			err = record.Unmarshal(b, &e)
		}
		if err == nil {
			_, err = p.openLog(e)
		}
		if err != nil {
			p.opt.Journal.Error("a log here cannot be opened", "portal", p.Name(), "directory", d.Name(), "error", err)
		}
	}
	return nil
}

func (p *Portal) openLog(e roster.SignedEpoch) (*heldLog, error) {
	node, err := p.state.VerifyEpoch(e)
	if err != nil {
		return nil, err
	}
	l := &heldLog{node: node.Name, epoch: e}
	if err := p.readSecond(l); err != nil {
		return nil, err
	}
	l.Hashes, err = tlog.OpenHashes(filepath.Join(p.logDir(e.Epoch.Origin), hashesFile), tlog.HashesOptions{Key: e.Epoch.LogKey, Keep: proof.Keep})
	if err != nil {
		return nil, err
	}
	p.logs[e.Epoch.Origin] = l
	p.noteFrozen(l)
	return l, nil
}

// admit accepts an epoch statement on the identity key of the roster. A second statement for one number is evidence: it is kept
// beside the first, and the log is frozen.
func (p *Portal) admit(e roster.SignedEpoch) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	node, err := p.state.VerifyEpoch(e)
	if err != nil {
		return err
	}
	if node.Role == roster.Portal {
		return errors.New("a portal writes no log")
	}
	dir := p.logDir(e.Epoch.Origin)
	if l, ok := p.logs[e.Epoch.Origin]; ok {
		if bytes.Equal(record.Marshal(l.epoch.Epoch), record.Marshal(e.Epoch)) {
			return nil
		}
		return errors.Join(p.keepSecond(l, e), fmt.Errorf("a second epoch statement for %s: evidence, the log is frozen", e.Epoch.Origin))
	}
	epochs := 0
	for _, l := range p.logs {
		if l.node == node.Name {
			epochs++
		}
	}
	if len(p.logs) >= maxLogs || epochs >= maxEpochs {
		return fmt.Errorf("no more logs are accepted of %s: %d are held", node.Name, epochs)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make directory of a log: %w", err)
	}
	if err := errors.Join(syncDir(filepath.Dir(dir)), writeDurably(filepath.Join(dir, epochFile), record.Marshal(e), 0o600)); err != nil {
		return err
	}
	_, err = p.openLog(e)
	return err
}

func (p *Portal) log(origin string) (*heldLog, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	l, ok := p.logs[origin]
	return l, ok
}

// all gives the logs in order of their origins.
func (p *Portal) all() []*heldLog {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := make([]*heldLog, 0, len(p.logs))
	for _, l := range p.logs {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b *heldLog) int { return strings.Compare(a.Origin(), b.Origin()) })
	return out
}

// living gives the log of a node's newest epoch.
func (p *Portal) living(node string) *heldLog {
	var out *heldLog
	for _, l := range p.all() {
		if l.node == node && (out == nil || l.epoch.Epoch.Number > out.epoch.Epoch.Number) {
			out = l
		}
	}
	return out
}

// take verifies one growth and stores it.
func (p *Portal) take(g tlog.Growth) (*heldLog, error) {
	origin, _, _ := strings.Cut(string(g.Note), "\n")
	l, ok := p.log(origin)
	if !ok {
		return nil, tlog.ErrUnknownOrigin
	}
	if l.second.Load() != nil {
		return l, fmt.Errorf("%w: the log is frozen: %s", tlog.ErrProof, l.frozen())
	}
	for _, x := range g.Held { // counts that cannot be are shown nowhere, and keep nothing that came after them away
		if _, err := proof.StatusBody(x.Leaf, x.Part.Body); err != nil {
			return l, &tlog.PartError{Index: x.Index, Number: x.Part.Number, What: "not the open part of a status record"}
		}
	}
	before := l.Next()
	err := l.Extend(g)
	if err == nil && l.Next() > before {
		l.news.Store(p.now())
	}
	p.noteFrozen(l)
	return l, err
}

// cosigners are the verifiers of every node whose epoch statement is here, under their mirror keys.
func (p *Portal) cosigners() note.Verifiers {
	var out []note.Verifier
	seen := map[string]bool{}
	for _, l := range p.all() {
		v, err := cosign.NewVerifierForCosignatureV1(l.epoch.Epoch.MirrorKey)
		if err != nil || seen[l.epoch.Epoch.MirrorKey] {
			continue
		}
		seen[l.epoch.Epoch.MirrorKey] = true
		out = append(out, v)
	}
	return note.VerifierList(out...)
}

// published is what is told of one log to those who push.
func published(l *heldLog) replica.PublishedLog {
	out := replica.PublishedLog{Origin: l.Origin(), Size: l.Size(), Next: l.Next()}
	held, err := l.Held(0, l.Next(), replica.MaxHeldTold)
	if err != nil {
		return out // then they are sent again
	}
	for _, x := range slices.Backward(held) {
		out.Held = append(out.Held, x.Index)
	}
	return out
}
