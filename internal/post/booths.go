package post

import (
	"net/url"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
)

// A booth is what the face knows of an open shift: whose it is, its direction, and the party before it. The log knows who is in
// the party; the rest is what an officer typed and can type again.
type booth struct {
	shift     *node.Shift
	direction border.Direction
	party     record.Act   // of those before the booth; zero where the next document begins one
	vehicle   node.Vehicle // of the party
	driver    uint64       // index of the check of whom the officer chose; 0 takes the first
	more      bool         // the next document joins the party though everybody in it is decided
	last      reading
	shown     uint64 // index of the record whose receipt is before the officer, 0 for none
	restored  bool   // the log was asked for a party that was left open
	referred  bool   // somebody of this shift is, or may be, with the second line
	memory    *memory
}

// reading is the last document read at a booth, with what is known of the reading itself and stands in no record.
type reading struct {
	read  bool
	index uint64
	notes []mrz.Fault // of the keyboard, such as a repair
}

// memory is what is kept of the members of a booth's party, by the index of the check. It is safe for concurrent use.
type memory struct {
	mu     sync.Mutex
	drafts map[uint64]url.Values // what was typed and not decided
	looked map[uint64]weighed
	tally  tally
}

// weighed is what the rules advised on a member, and under which draft and vehicle.
type weighed struct {
	advice  border.Advice
	hits    int // on the person or document: the vehicle's are the party's
	alerted bool
	vehicle node.Vehicle
	draft   string
	at      time.Time
}

func (m *memory) draft(check uint64) url.Values {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.drafts[check]
}

func (m *memory) keep(check uint64, draft url.Values) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.drafts == nil {
		m.drafts = map[uint64]url.Values{}
	}
	if _, ok := m.drafts[check]; ok || len(m.drafts) < maxParty {
		m.drafts[check] = draft
	}
}

// advice gives what was advised on a member, if it was under this draft and vehicle and not long ago.
func (m *memory) advice(check uint64, draft string, v node.Vehicle) (weighed, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w, ok := m.looked[check]
	return w, ok && w.draft == draft && w.vehicle == v && time.Since(w.at) < weighedFor
}

func (m *memory) weigh(check uint64, w weighed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.looked == nil || len(m.looked) >= 2*maxParty {
		m.looked = map[uint64]weighed{}
	}
	m.looked[check] = w
}

// forget begins another party.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drafts, m.looked = nil, nil
}

// booths keeps the settings of the open shifts by the shift's record, so that they outlive a session that the booth key
// opened again. After a restart the party comes back from the log (Face.restore).
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

// update changes the settings of a shift and gives them as they are then; change must be short.
func (b *booths) update(s *node.Shift, change func(*booth)) booth {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.at(s.Ref)
	k.shift = s
	change(&k.booth)
	return k.booth
}

// begin forgets the party: the next document begins another.
func (b *booth) begin() {
	b.party, b.vehicle, b.driver, b.more = record.Act{}, node.Vehicle{}, 0, false
	b.memory.forget()
}

// take makes a party of the log the booth's own.
func (b *booth) take(g node.Gathered) {
	b.begin()
	b.party, b.vehicle, b.direction = g.Party, g.Vehicle, g.Direction
}

func (b *booths) at(shift record.Ref) *kept {
	now := time.Now()
	k := b.known[shift]
	if k == nil {
		b.makeRoom(now)
		k = &kept{booth: booth{direction: border.Entry, memory: new(memory)}}
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
	checks map[uint64]record.Ref // by the shift that decided it
}

func (s *settled) put(check uint64, shift record.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checks == nil || len(s.checks) >= maxSettled {
		s.checks = map[uint64]record.Ref{}
	}
	s.checks[check] = shift
}

// by says whether this shift decided the check.
func (s *settled) by(check uint64, shift record.Ref) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	by, ok := s.checks[check]
	return ok && by == shift
}

func (s *settled) has(check uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.checks[check]
	return ok
}
