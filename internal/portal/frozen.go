package portal

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// What a log is frozen on, as words of the JSON and of keys.
const (
	codeHistories  = "split-view" // its key has signed two histories
	codeStatements = "two-epochs" // its node's identity key has signed two statements for its epoch
)

// code says what the log is frozen on, "" where it is sound.
func (l *heldLog) code() string {
	switch {
	case l.Evidence() != nil:
		return codeHistories
	case l.second.Load() != nil:
		return codeStatements
	}
	return ""
}

// frozen says why nothing more is taken of the log, empty where it is sound.
func (l *heldLog) frozen() string {
	switch l.code() {
	case codeHistories:
		return l.Evidence().What
	case codeStatements:
		return "its identity key has signed two statements for one epoch"
	}
	return ""
}

// noteFrozen writes down since when a frozen log is frozen here. It is asked after everything that may freeze one, and at each
// start, so that a crash in between is made good.
func (p *Portal) noteFrozen(l *heldLog) {
	if l.code() == "" || l.since.Load() > 0 {
		return
	}
	path := filepath.Join(p.logDir(l.Origin()), frozenFile)
	if b, err := readBounded(path, maxFile); err == nil {
		if since, err := strconv.ParseInt(string(b), 10, 64); err == nil && since > 0 {
			l.since.Store(since)
			return
		}
	}
	now := p.now()
	if !l.since.CompareAndSwap(0, now) {
		return
	}
	p.opt.Journal.Error("a log contradicts itself and is frozen", "portal", p.Name(), "log", l.Origin(), "why", l.frozen())
	if err := writeDurably(path, strconv.AppendInt(nil, now, 10), 0o600); err != nil {
		p.opt.Journal.Error("since when a log is frozen could not be written", "portal", p.Name(), "log", l.Origin(), "error", err)
	}
}

// keepSecond keeps the first statement that contradicts the one of a log. p.mu is held.
func (p *Portal) keepSecond(l *heldLog, e roster.SignedEpoch) error {
	if l.second.Load() != nil {
		return nil
	}
	l.second.Store(&e)
	p.noteFrozen(l)
	return writeDurably(filepath.Join(p.logDir(l.Origin()), secondFile), record.Marshal(e), 0o600)
}

// readSecond reads it again. p.mu is held, or nobody else is there yet.
func (p *Portal) readSecond(l *heldLog) error {
	b, err := readBounded(filepath.Join(p.logDir(l.epoch.Epoch.Origin), secondFile), maxFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var e roster.SignedEpoch
	if err == nil {
		err = record.Unmarshal(b, &e)
	}
	if err == nil {
		err = p.state.VerifyTwo(roster.TwoEpochs{First: l.epoch, Second: e})
	}
	if err != nil {
		return fmt.Errorf("second epoch statement of %s: %w", l.epoch.Epoch.Origin, err)
	}
	l.second.Store(&e)
	return nil
}

// takeComparison takes what convicts a log's key, from whichever node found it, and shows what is kept here. What a peer shows
// convicts by its signatures or is nothing, as between nodes.
func (p *Portal) takeComparison(w http.ResponseWriter, r *http.Request) {
	peer, err := p.peerOf(*r.TLS)
	if err != nil || !p.pushing.Take(peer) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer p.pushing.Give(peer)
	var found *heldLog
	replica.CompareHandler(func(origin string) (replica.Comparable, bool) {
		l, ok := p.log(origin)
		found = l
		return l, ok
	})(w, r)
	if found != nil {
		p.noteFrozen(found)
	}
}

// A Contradiction is a log of which nothing more is taken, as /crossings.json has it.
type Contradiction struct {
	Origin   string `json:"origin"`
	Node     string `json:"node"`
	Label    string `json:"label"`
	Code     string `json:"code"`     // "split-view" or "two-epochs"
	Since    int64  `json:"since"`    // UTC ms, by this portal's clock
	Size     uint64 `json:"size"`     // records known here
	Past     bool   `json:"past"`     // its node goes on under a later identity
	Evidence string `json:"evidence"` // address of what `tims evidence check` judges
}

// Contradictions lists the frozen logs, the newest first.
func (p *Portal) Contradictions() []Contradiction {
	out := []Contradiction{}
	for _, l := range p.all() {
		code := l.code()
		if code == "" {
			continue
		}
		c := Contradiction{Origin: l.Origin(), Node: l.node, Label: p.label(l.node), Code: code, Since: l.since.Load(), Size: l.Size(),
			Past: p.living(l.node) != l, Evidence: "/evidence/" + tlog.DirName(l.Origin())}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Contradiction) int { return cmp.Compare(b.Since, a.Since) })
	return out
}

// label is how people call a node.
func (p *Portal) label(name string) string {
	for _, pl := range p.opt.Places {
		if pl.Name == name && pl.Label != "" {
			return pl.Label
		}
	}
	n, _ := p.State().Roster.Node(name)
	return cmp.Or(n.Place, name)
}

// evidence is what convicts, in the form that `tims evidence check` reads, and the name of such a file.
func (l *heldLog) evidence() (name string, b []byte) {
	switch l.code() {
	case codeHistories:
		return "evidence.json", append(l.Evidence().Encode(), '\n')
	case codeStatements:
		return "evidence.epochs", record.Marshal(roster.TwoEpochs{First: l.epoch, Second: *l.second.Load()})
	}
	return "", nil
}

// serveEvidence hands out both checkpoints, or both statements, that froze a log. No traveller is in them.
func (p *Portal) serveEvidence(w http.ResponseWriter, r *http.Request) {
	l, ok := p.byDir(r.PathValue("log"))
	if !ok || l.code() == "" {
		p.pages.Fail(w, r, http.StatusNotFound)
		return
	}
	name, b := l.evidence()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Write(b)
}
