package node

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"tims/internal/record"
	"tims/internal/roster"
)

// Approver signs a change with as many keys as the authority asks for. It runs where the keys are, outside all nodes.
type Approver func(roster.Change) ([]roster.Approval, error)

// changeFor is how long approvers have to bring a change into force.
const changeFor = 24 * time.Hour

// draftRoster makes an approved change of the roster that follows on the changes given.
func draftRoster(f roster.Founding, changes []roster.Approved, now time.Time, approve Approver,
	edit func(*roster.Roster) error) ([]roster.Approved, error) {
	s, err := roster.Begin(f)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if s, err = s.Apply(c, 0); err != nil {
			return nil, fmt.Errorf("change number %d of chain %d: %w", c.Change.Number, c.Change.Chain, err)
		}
	}
	next := s.Roster
	next.Nodes = append([]roster.Node(nil), s.Roster.Nodes...)
	if err := edit(&next); err != nil {
		return nil, err
	}
	change := s.Next(roster.ChainRoster, record.Marshal(next), now.Add(changeFor).UnixMilli())
	approvals, err := approve(change)
	if err != nil {
		return nil, fmt.Errorf("approve the change of the roster: %w", err)
	}
	approved := roster.Approved{Change: change, Approvals: approvals}
	if _, err := s.Apply(approved, now.UnixMilli()); err != nil {
		return nil, fmt.Errorf("change of the roster: %w", err)
	}
	return append(changes[:len(changes):len(changes)], approved), nil
}

// settle writes what a node needs before its first start: the founding, and the changes in force with the one that names it.
func settle(dir string, f roster.Founding, changes []roster.Approved) error {
	return errors.Join(WriteFounding(dir, f), writeDurably(filepath.Join(dir, changesFile), roster.EncodeChanges(changes)))
}

// Rebuild makes an empty node in dir, or goes on with one that an earlier call left half made there, that takes the place of a node that lost everything: new keys, a new epoch, and an
// approved change of the roster that names them. Once opened, its peers learn the change from it, push all logs they hold and
// wrap the living keys to it. It gives the changes in force, for those whom the node cannot reach.
func Rebuild(dir, name string, f roster.Founding, changes []roster.Approved, now time.Time, approve Approver) ([]roster.Approved, error) {
	if made, err := rebuilt(dir, name, f); made != nil || err != nil {
		return made, err
	}
	all, err := draftRoster(f, changes, now, approve, func(r *roster.Roster) error {
		for i := range r.Nodes {
			if r.Nodes[i].Name != name {
				continue
			}
			old := r.Nodes[i].Identities
			epoch := old[len(old)-1].FromEpoch + 1
			fresh, err := keysAgain(dir, f.Country, name, r.Nodes[i].Role, epoch)
			if err != nil {
				return err
			}
			r.Nodes[i].Identities = append(old[:len(old):len(old)], fresh.Identities...)
			r.Nodes[i].Reader = fresh.Reader
			return nil
		}
		return fmt.Errorf("node %s is not in the roster; `tims join` adds a new one", name)
	})
	if err != nil {
		return nil, fmt.Errorf("rebuild %s: %w", name, err)
	}
	return all, settle(dir, f, all)
}

// Join makes a new node in dir and the approved change of the roster that adds it.
func Join(dir string, p PlannedNode, f roster.Founding, changes []roster.Approved, now time.Time, approve Approver) ([]roster.Approved, error) {
	all, err := draftRoster(f, changes, now, approve, func(r *roster.Roster) error {
		if _, taken := r.Node(p.Name); taken {
			return fmt.Errorf("node %s is in the roster already; `tims rebuild` replaces its keys", p.Name)
		}
		entry, err := CreateKeys(dir, f.Country, p.Name, p.Role, 1)
		if err != nil {
			return err
		}
		p.describe(&entry)
		r.Nodes = append(r.Nodes, entry)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("join %s: %w", p.Name, err)
	}
	return all, settle(dir, f, all)
}

// SetNeighbours makes the approved change of the roster that gives a post other neighbours. Whom others name as theirs it does not
// change: it is enough that one of two names the other.
func SetNeighbours(f roster.Founding, changes []roster.Approved, name string, neighbours []string, now time.Time, approve Approver) ([]roster.Approved, error) {
	all, err := draftRoster(f, changes, now, approve, func(r *roster.Roster) error {
		for _, o := range neighbours {
			if other, ok := r.Node(o); !ok || other.Dropped || other.Role != roster.Post || o == name {
				return fmt.Errorf("%s is no other post of the roster", o)
			}
		}
		for i := range r.Nodes {
			if r.Nodes[i].Name == name && r.Nodes[i].Role == roster.Post && !r.Nodes[i].Dropped {
				r.Nodes[i].Neighbours = neighbours
				return nil
			}
		}
		return fmt.Errorf("%s is no post of the roster", name)
	})
	if err != nil {
		return nil, fmt.Errorf("neighbours of %s: %w", name, err)
	}
	return all, nil
}

// Confirm makes an approved change of the roster that changes nothing: by it the authority says that the changes before it are in
// force, also to nodes that hear of them after their not-after.
func Confirm(f roster.Founding, changes []roster.Approved, now time.Time, approve Approver) ([]roster.Approved, error) {
	all, err := draftRoster(f, changes, now, approve, func(*roster.Roster) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("confirm the roster: %w", err)
	}
	return all, nil
}
