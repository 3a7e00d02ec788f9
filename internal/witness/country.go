package witness

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

const changesFile = "changes"

// A country is the governed state of one TIMS country, as far as approved changes have come here. The witness counts approvals
// itself, and believes no node.
type country struct {
	dir   string // below the witness's directory
	gov   sync.Mutex
	state atomic.Pointer[roster.State]
}

// openCountry reads a country's changes and the epoch statements of its logs, and verifies all of them again.
func (w *Witness) openCountry(f roster.Founding) error {
	if _, twice := w.countries[f.Country]; twice {
		return fmt.Errorf("country %s stands twice", f.Country)
	}
	state, err := roster.Begin(f)
	if err != nil {
		return err
	}
	hash := f.Hash()
	c := &country{dir: filepath.Join(countryDir, fmt.Sprintf("%s-%x", f.Country, hash[:8]))} // another founding is another country
	if err := w.store.mkdir(c.dir); err != nil {
		return err
	}
	if state, err = w.readChanges(c, state); err != nil {
		return fmt.Errorf("read approved changes of %s: %w", f.Country, err)
	}
	c.state.Store(state)
	w.countries[f.Country] = c
	return w.openStated(c)
}

func (w *Witness) readChanges(c *country, state *roster.State) (*roster.State, error) {
	f, err := os.Open(filepath.Join(w.opt.Dir, c.dir, changesFile))
	if errors.Is(err, os.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for {
		change, err := roster.ReadChange(f)
		if errors.Is(err, io.EOF) {
			return state, nil
		}
		if err == nil {
			state, err = state.Apply(change, 0)
		}
		if err != nil {
			return nil, err
		}
	}
}

// openStated takes up the logs whose statements lie here. One that the roster has since left without its key stays on the disk
// and is not cosigned.
func (w *Witness) openStated(c *country) error {
	files, err := os.ReadDir(filepath.Join(w.opt.Dir, c.dir))
	if err != nil {
		return err
	}
	for _, file := range files {
		if file.Name() == changesFile {
			continue
		}
		b, err := w.store.read(filepath.Join(c.dir, file.Name()))
		var e roster.SignedEpoch
		if err == nil {
			err = record.Unmarshal(b, &e)
		}
		if err != nil || tlog.DirName(e.Epoch.Origin) != file.Name() {
			return fmt.Errorf("epoch statement %s cannot be read: %w", file.Name(), err)
		}
		if _, named := w.log(e.Epoch.Origin); named {
			continue // the administrator's line counts
		}
		if err := w.open(&heldLog{origin: e.Epoch.Origin, key: e.Epoch.LogKey, country: c, epoch: e}); err != nil {
			return err
		}
	}
	return nil
}

// trusted says whether the log's key still stands: always, where the administrator named it.
func (l *heldLog) trusted() bool {
	if l.country == nil {
		return true
	}
	node, err := l.country.state.Load().VerifyEpoch(l.epoch)
	return err == nil && !node.Dropped
}

// errRefused is wrapped by refusals of statements and changes.
var errRefused = errors.New("refused")

// Admit makes a log known by its node's signed epoch statement. A second statement for one number is evidence, and closes the log.
func (w *Witness) Admit(e roster.SignedEpoch) error {
	c, ok := w.countries[countryOf(e.Epoch.Origin)]
	if !ok {
		return tlog.ErrUnknownOrigin
	}
	node, err := c.state.Load().VerifyEpoch(e)
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	if node.Dropped || node.Role == roster.Portal {
		return fmt.Errorf("%w: node %s is dropped, or a portal, which writes no log", errRefused, node.Name)
	}
	if _, err := note.NewVerifier(e.Epoch.LogKey); err != nil {
		return fmt.Errorf("%w: log key of %s: %w", errRefused, e.Epoch.Origin, err)
	}
	w.admitting.Lock()
	defer w.admitting.Unlock()
	if l, ok := w.log(e.Epoch.Origin); ok {
		return w.again(l, e, node)
	}
	if err := w.room(node.Name, c); err != nil {
		return err
	}
	name := filepath.Join(c.dir, tlog.DirName(e.Epoch.Origin))
	if err := w.store.write(name, record.Marshal(e)); err != nil {
		return err
	}
	w.opt.Journal.Info("log accepted on its epoch statement", "log", e.Epoch.Origin, "logKey", e.Epoch.LogKey)
	return w.open(&heldLog{origin: e.Epoch.Origin, key: e.Epoch.LogKey, country: c, epoch: e})
}

// again judges a statement for a log that is known.
func (w *Witness) again(l *heldLog, e roster.SignedEpoch, node roster.Node) error {
	if l.country == nil {
		if l.key == e.Epoch.LogKey {
			return nil
		}
		return fmt.Errorf("%w: the witness's administrator named another key for %s", errRefused, l.origin)
	}
	first, second := record.Marshal(l.epoch.Epoch), record.Marshal(e.Epoch)
	if bytes.Equal(first, second) {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	ev := Evidence{Kind: Epochs, Origin: l.origin, First: record.Marshal(l.epoch), Second: record.Marshal(e)}
	for _, id := range node.Identities {
		if l.epoch.SignedBy(id.Key) && e.SignedBy(id.Key) {
			ev.Identity = id.Key
			w.keep(l, ev, 0, tlog.Hash{})
		}
	}
	return fmt.Errorf("%w: a second epoch statement for %s", errRefused, l.origin)
}

// room bounds the logs of one node, and all.
func (w *Witness) room(name string, c *country) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	epochs := 0
	for _, l := range w.logs {
		if _, node, _, err := roster.ParseOrigin(l.origin); err == nil && node == name && l.country == c {
			epochs++
		}
	}
	if len(w.logs) >= maxLogs || epochs >= maxEpochs {
		return fmt.Errorf("%w: no more logs are accepted of %s: %d are held", errRefused, name, epochs)
	}
	return nil
}

// Learn takes approved changes of a country from anybody, each before the next is read: a change counts by its approvals alone.
// What came whole and is valid stays, whatever follows.
func (w *Witness) Learn(name string, r io.Reader, now int64) error {
	c, ok := w.countries[name]
	if !ok {
		return tlog.ErrUnknownOrigin
	}
	state := c.state.Load()
	before := len(state.Changes)
	var err error
	for err == nil {
		var change roster.Approved
		if change, err = roster.ReadChange(r); err == nil {
			state, err = w.next(state, change, now)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", errRefused, err)
	}
	return errors.Join(w.enforce(c, state.Changes[before:], now), err)
}

// next applies one change; one that is in force changes nothing, and one that fails leaves the state as it is.
func (w *Witness) next(s *roster.State, change roster.Approved, now int64) (*roster.State, error) {
	next, err := s.Apply(change, now)
	var lying *roster.Evidence
	switch {
	case errors.Is(err, roster.ErrKnown):
		return s, nil
	case errors.As(err, &lying):
		w.opt.Journal.Error("evidence against approvers", "country", s.Founding.Country, "evidence", lying.Error())
	}
	if err != nil {
		return s, err
	}
	return next, nil
}

// enforce puts changes in force once they are on the disk.
func (w *Witness) enforce(c *country, changes []roster.Approved, now int64) error {
	c.gov.Lock()
	defer c.gov.Unlock()
	was := c.state.Load()
	state, err := was, error(nil)
	for _, change := range changes {
		if state, err = w.next(state, change, now); err != nil {
			return fmt.Errorf("%w: %w", errRefused, err)
		}
	}
	if len(state.Changes) == len(was.Changes) {
		return nil
	}
	if err := w.store.write(filepath.Join(c.dir, changesFile), roster.EncodeChanges(state.Changes)); err != nil {
		return err
	}
	c.state.Store(state)
	w.opt.Journal.Info("approved changes in force", "country", state.Founding.Country, "changes", len(state.Changes))
	return nil
}

// changesOf is how many approved changes of a log's country are in force here.
func (w *Witness) changesOf(origin string) (int, bool) {
	c, ok := w.countries[countryOf(origin)]
	if !ok {
		return 0, false
	}
	return len(c.state.Load().Changes), true
}
