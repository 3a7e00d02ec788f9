package node

import (
	"slices"
	"sync"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
)

// singles are the alerts written one by one, as the logs have them: all versions, oldest first. What of them is in force is
// decided where releases are decided, by one rule.
type singles struct {
	mu    sync.Mutex
	lists map[string]map[string]*single // by list and id
}

// A single is one alert with its versions.
type single struct {
	versions  []singleVersion
	withdrawn bool // by the newest record about it
}

type singleVersion struct {
	at    record.Ref
	alert border.Alert
}

// note takes a record of an alert or of its withdrawal. A record taken twice changes nothing. False where it is none that
// counts: of a node that writes no alerts, of another node's list, or one too many.
func (s *singles) note(o *Opened, role roster.Role) bool {
	if role != roster.Centre && role != roster.Post {
		return false
	}
	list := SingleList(o.Node)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists = map[string]map[string]*single{}
	}
	of := s.lists[list]
	if of == nil {
		of = map[string]*single{}
		s.lists[list] = of
	}
	if o.Withdrawn != nil {
		if x := of[o.Withdrawn.ID]; x != nil {
			x.withdrawn = true
		}
		return of[o.Withdrawn.ID] != nil
	}
	a := o.Single.Alert
	if a.List != list || a.Validate() != nil || of[a.ID] == nil && len(of) >= maxSingles {
		return false
	}
	x := of[a.ID]
	if x == nil {
		x = &single{}
		of[a.ID] = x
	}
	at := record.Ref{Origin: o.Origin, Index: o.Index}
	if slices.ContainsFunc(x.versions, func(v singleVersion) bool { return v.at == at }) || len(x.versions) >= maxVersions {
		return false
	}
	x.versions, x.withdrawn = append(x.versions, singleVersion{at, a}), false
	return true
}

// wrote reports whether an alert of that id stands in a list of single alerts.
func (s *singles) wrote(list, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.lists[list][id]
	return x != nil && !x.withdrawn
}
