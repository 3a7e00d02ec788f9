package portal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tims/internal/record"
	"tims/internal/roster"
)

// begin reads the founding and puts the changes that were taken in force again. Approvals are counted anew.
func (p *Portal) begin() error {
	b, err := readBounded(filepath.Join(p.opt.Dir, foundingFile), maxFile)
	if err != nil {
		return fmt.Errorf("read founding: %w", err)
	}
	var f roster.Founding
	if err := record.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("read founding: %w", err)
	}
	if err := f.Valid(); err != nil {
		return fmt.Errorf("founding: %w", err)
	}
	if p.opt.Founding != [32]byte{} && f.Hash() != p.opt.Founding {
		return errors.New("the founding in this directory is not the one whose hash was given")
	}
	if p.zone, err = time.LoadLocation(f.TimeZone); err != nil {
		return fmt.Errorf("time zone of the founding: %w", err)
	}
	if p.state, err = roster.Begin(f); err != nil {
		return err
	}
	return p.readChanges()
}

func (p *Portal) readChanges() error {
	file, err := os.Open(filepath.Join(p.opt.Dir, changesFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read approved changes: %w", err)
	}
	defer file.Close()
	for {
		c, err := roster.ReadChange(file)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			p.state, err = p.state.Apply(c, 0)
		}
		if err != nil {
			return fmt.Errorf("read approved changes: %w", err)
		}
	}
}

// learn takes approved changes from anybody, each before the next is read: a change counts by its approvals alone.
func (p *Portal) learn(r io.Reader) error {
	state, before := p.State(), len(p.State().Changes)
	for {
		c, err := roster.ReadChange(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			state, err = p.next(state, c)
		}
		if err != nil {
			return err
		}
	}
	return p.enforce(state.Changes[before:])
}

// next applies one change; one that is in force changes nothing.
func (p *Portal) next(s *roster.State, c roster.Approved) (*roster.State, error) {
	next, err := s.Apply(c, p.now())
	var lying *roster.Evidence
	switch {
	case errors.Is(err, roster.ErrKnown):
		return s, nil
	case errors.As(err, &lying):
		p.opt.Journal.Error("evidence against approvers", "portal", p.Name(), "evidence", lying.Error())
	}
	return next, err
}

// enforce puts changes in force, once they are on the disk. Nobody's connection is waited for meanwhile.
func (p *Portal) enforce(changes []roster.Approved) error {
	p.gov.Lock()
	defer p.gov.Unlock()
	state, err := p.State(), error(nil)
	for _, c := range changes {
		if state, err = p.next(state, c); err != nil {
			return err
		}
	}
	if len(state.Changes) == len(p.State().Changes) {
		return nil
	}
	var b []byte
	for _, c := range state.Changes {
		b = roster.AppendChange(b, c)
	}
	if err := writeDurably(filepath.Join(p.opt.Dir, changesFile), b, 0o600); err != nil {
		return err
	}
	p.mu.Lock()
	p.state = state
	p.mu.Unlock()
	p.opt.Journal.Info("approved changes in force", "portal", p.Name(), "changes", len(state.Changes))
	return nil
}
