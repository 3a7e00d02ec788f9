package post

import (
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
)

// A booth is what the face knows of an open shift: whose it is, and the settings that go from traveller to traveller.
type booth struct {
	shift     *node.Shift
	direction border.Direction
	vehicle   node.Vehicle // kept from traveller to traveller, for they come in cars
	last      reading
}

// reading is the last document read at a booth, with what is known of the reading itself and stands in no record.
type reading struct {
	read  bool
	index uint64
	notes []mrz.Fault // of the keyboard, such as a repair
}

// booths keeps the settings of the open shifts by the shift's record, so that they outlive a session that the booth key
// opened again. Losing them costs an officer one key: the direction.
type booths struct {
	mu    sync.Mutex
	known map[record.Ref]*kept
}

type kept struct {
	booth
	used time.Time
}

// of gives the booth of a shift; a new one begins at entry.
func (b *booths) of(s *node.Shift) booth {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.at(s.Ref)
	k.shift = s
	return k.booth
}

// update changes the settings of a shift; change must be short.
func (b *booths) update(s *node.Shift, change func(*booth)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.at(s.Ref).booth)
}

func (b *booths) at(shift record.Ref) *kept {
	now := time.Now()
	k := b.known[shift]
	if k == nil {
		b.makeRoom(now)
		k = &kept{booth: booth{direction: border.Entry}}
		b.known[shift] = k
	}
	k.used = now
	return k
}

// makeRoom forgets the shifts that are over, and if that is not enough the one longest unused.
func (b *booths) makeRoom(now time.Time) {
	if b.known == nil {
		b.known = map[record.Ref]*kept{}
	}
	var oldest record.Ref
	at := now
	for ref, k := range b.known {
		if now.Sub(k.used) >= shiftFor {
			delete(b.known, ref)
		} else if !k.used.After(at) {
			oldest, at = ref, k.used
		}
	}
	if len(b.known) >= maxBooths {
		delete(b.known, oldest)
	}
}

// settled remembers which checks were decided here a moment ago: the list of open checks may lag behind.
type settled struct {
	mu     sync.Mutex
	checks map[uint64]struct{}
}

func (s *settled) put(check uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checks == nil || len(s.checks) >= maxSettled {
		s.checks = map[uint64]struct{}{}
	}
	s.checks[check] = struct{}{}
}

func (s *settled) has(check uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.checks[check]
	return ok
}
