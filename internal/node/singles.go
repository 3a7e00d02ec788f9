package node

import (
	"cmp"
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
	sizes map[string]int64              // bytesOf all versions of a list
}

// A single is one alert with its versions, oldest first: by the epoch of the log and the index in it, whatever order they came in.
type single struct {
	versions  []singleVersion
	ended     record.Ref // the newest record that withdraws it
	withdrawn bool       // by the newest record about it
}

type singleVersion struct {
	at      record.Ref
	alert   border.Alert
	written int64
}

// note takes a record of an alert or of its withdrawal. A record taken twice changes nothing. False where it is none that
// counts: of a node that writes no alerts, of another node's list, or one too many.
func (s *singles) note(o *Opened, role roster.Role) bool {
	if role != roster.Centre && role != roster.Post {
		return false
	}
	list, at := SingleList(o.Node), record.Ref{Origin: o.Origin, Index: o.Index}
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Withdrawn != nil {
		if len(o.Withdrawn.ID) > maxField {
			return false
		}
		x := s.of(list, o.Withdrawn.ID)
		if x == nil {
			return false
		}
		if x.ended.Origin == "" || inLifeOf(x.ended, at) < 0 {
			x.ended = at
		}
		x.settle()
		return true
	}
	a := o.Single.Alert
	if a.List != list || a.Validate() != nil {
		return false
	}
	x := s.of(list, a.ID)
	if x == nil || len(x.versions) >= maxVersions || s.crowded(list, &a) {
		return false
	}
	i, known := slices.BinarySearchFunc(x.versions, at, func(v singleVersion, at record.Ref) int { return inLifeOf(v.at, at) })
	if known {
		return false
	}
	x.versions = slices.Insert(x.versions, i, singleVersion{at, a, o.Leaf.Written})
	s.sizes[list] += bytesOf(&a)
	x.settle()
	return true
}

// of gives an alert of a list, a new one where there is none yet; nil where the list is full. s.mu is held.
func (s *singles) of(list, id string) *single {
	if s.lists == nil {
		s.lists, s.sizes = map[string]map[string]*single{}, map[string]int64{}
	}
	if s.lists[list] == nil {
		s.lists[list] = map[string]*single{}
	}
	x := s.lists[list][id]
	if x == nil && len(s.lists[list]) < maxSingles {
		x = &single{}
		s.lists[list][id] = x
	}
	return x
}

// full says that a further version of an alert would count nowhere: its author must hear of it, and not rely on it.
func (s *singles) full(a *border.Alert) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.crowded(a.List, a) {
		return true
	}
	if x := s.lists[a.List][a.ID]; x != nil {
		return len(x.versions) >= maxVersions
	}
	return len(s.lists[a.List]) >= maxSingles
}

// crowded says that the list has no memory left for an alert, or as many canaries as are looked for. s.mu is held.
func (s *singles) crowded(list string, a *border.Alert) bool {
	if s.sizes[list]+bytesOf(a) > maxSingleRoom {
		return true
	}
	if !a.Canary {
		return false
	}
	count := 0
	for id, x := range s.lists[list] {
		if id != a.ID && len(x.versions) > 0 && x.versions[0].alert.Canary {
			count++
		}
	}
	return count >= maxCanaries
}

// settle says whether the newest record withdraws the alert.
func (x *single) settle() {
	x.withdrawn = x.ended.Origin != "" && (len(x.versions) == 0 || inLifeOf(x.versions[len(x.versions)-1].at, x.ended) < 0)
}

// inLifeOf orders records of one node's logs as they were written: by the number of the epoch, not its text, then by index.
func inLifeOf(a, b record.Ref) int {
	_, _, of, _ := roster.ParseOrigin(a.Origin)
	_, _, by, _ := roster.ParseOrigin(b.Origin)
	return cmp.Or(cmp.Compare(of, by), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Origin, b.Origin))
}

// stands says why an alert of that id can neither be changed nor withdrawn; nil where it stands in a list of single alerts.
func (s *singles) stands(list, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch x := s.lists[list][id]; {
	case x == nil || len(x.versions) == 0:
		return ErrNoAlert
	case x.withdrawn:
		return ErrEnding
	}
	return nil
}
