package roster

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"tims/internal/record"
)

// A Founding is the document from which a country begins. Its hash is given by hand to whoever joins.
type Founding struct {
	Country   string    `cbor:"1,keyasint"` // two lower-case letters, the first part of every origin
	TimeZone  string    `cbor:"2,keyasint"` // IANA name; days of stay are counted in it
	Parent    string    `cbor:"3,keyasint"` // domain of the booths
	Authority Authority `cbor:"4,keyasint"`
	Roster    Roster    `cbor:"5,keyasint"`
	Rulebook  []byte    `cbor:"6,keyasint"` // the founding rulebook, JSON

	// StayKeys are the nation's stay keys, wrapped to the founding nodes and the recovery key.
	StayKeys []record.WrappedKey `cbor:"7,keyasint"`

	// StayKeyHash is SHA-256("tims/stay-key/1\n" ‖ key) of stay key number 1: whoever wraps it to a new node later cannot
	// give it another key, under which nobody's stays would be found.
	StayKeyHash [32]byte `cbor:"8,keyasint"`
}

// Hash is SHA-256("tims/founding/1\n" ‖ canonical founding).
func (f Founding) Hash() [32]byte {
	return sha256.Sum256(append([]byte("tims/founding/1\n"), record.Marshal(f)...))
}

// Valid says what is wrong with the founding, if anything.
func (f Founding) Valid() error {
	if !countryName.MatchString(f.Country) {
		return errors.New("the country is two lower-case letters")
	}
	if err := errors.Join(f.Authority.Valid(), f.Roster.Valid()); err != nil {
		return err
	}
	if n := len(record.Marshal(f)); n > maxState {
		return fmt.Errorf("founding of %d bytes, at most %d", n, maxState)
	}
	return nil
}

// A link is one state of a chain.
type link struct {
	number    uint64
	hash      [32]byte
	approved  Approved  // the change that made it; empty at founding
	authority Authority // whose approvals counted for it
}

// State is all governed states as this node knows them: a fold of the founding and of approved changes. It is a value to
// be replaced, not shared while it changes.
type State struct {
	Founding  Founding
	Authority Authority
	Roster    Roster
	Rulebook  []byte
	Losses    []Loss     // approved, in order
	Changes   []Approved // applied, in order: what this node hands on to others
	tip       map[Chain]link
	past      map[[32]byte]link     // by base: the successor that was taken
	former    map[[16]byte][][]byte // by officer: enrolment keys that an earlier roster named
}

// Begin is the state at founding.
func Begin(f Founding) (*State, error) {
	if err := f.Valid(); err != nil {
		return nil, fmt.Errorf("founding: %w", err)
	}
	s := &State{Founding: f, Authority: f.Authority, Roster: f.Roster, Rulebook: f.Rulebook,
		tip: map[Chain]link{}, past: map[[32]byte]link{}}
	base := f.Hash()
	for chain, b := range map[Chain][]byte{
		ChainRoster: record.Marshal(f.Roster), ChainRulebook: f.Rulebook, ChainAuthority: record.Marshal(f.Authority),
		ChainAlertLosses: nil, ChainExport: nil, ChainErasure: nil,
	} {
		s.tip[chain] = link{hash: StateHash(chain, 0, base, b)}
	}
	return s, nil
}

// Next drafts the change that would replace a chain's present state.
func (s *State) Next(chain Chain, state []byte, notAfter int64) Change {
	t := s.tip[chain]
	return Change{Chain: chain, Number: t.number + 1, Base: t.hash, NotAfter: notAfter, State: state}
}

// Number is how many changes a chain has had.
func (s *State) Number(chain Chain) uint64 { return s.tip[chain].number }

var (
	// ErrKnown says that the change is already in force or was. Nothing is to be done.
	ErrKnown = errors.New("change is already applied")
	// ErrBase says that the change does not build on this node's state: an earlier change is missing here.
	ErrBase = errors.New("change builds on a state that this node does not have")
	// ErrExpired says that the change came after its not-after.
	ErrExpired = errors.New("change came after its not-after")
)

// Evidence is proof that approvers signed two successors of one state. The first taken stays in force.
type Evidence struct {
	Chain     Chain
	Number    uint64
	Approvers []string // who signed both
	Taken     Approved // in force here
	Other     Approved // as good as the one taken, had it come first
}

func (e *Evidence) Error() string {
	return fmt.Sprintf("two approved changes number %d of chain %d replace the same state; signed twice by %s",
		e.Number, e.Chain, strings.Join(e.Approvers, ", "))
}

// Apply checks a change against this node's state, counts the approvals and returns the state after it; s stays as it is.
// now is UTC ms, or 0 when the change is replayed from a log in which it already was in force.
func (s *State) Apply(a Approved, now int64) (*State, error) {
	c := a.Change
	tip, ok := s.tip[c.Chain]
	if !ok {
		return nil, fmt.Errorf("chain %d is not governed", c.Chain)
	}
	if taken, ok := s.past[c.Base]; ok && taken.approved.Change.Chain == c.Chain && taken.number == c.Number {
		return nil, taken.against(a)
	}
	if c.Base != tip.hash || c.Number != tip.number+1 {
		return nil, ErrBase
	}
	if n := len(s.Authority.counted(c, a.Approvals)); n < s.Authority.Threshold {
		return nil, fmt.Errorf("%w: %d of %d", ErrApprovals, n, s.Authority.Threshold)
	}
	if now != 0 && c.NotAfter < now {
		return nil, ErrExpired
	}
	return s.with(a)
}

// against judges another change of the state that l replaced, by the authority of that time: a later authority knows
// nothing of who signed then.
func (l link) against(a Approved) error {
	if l.approved.Change.Challenge() == a.Change.Challenge() {
		return ErrKnown
	}
	signers := l.authority.counted(a.Change, a.Approvals)
	if len(signers) < l.authority.Threshold {
		return ErrApprovals
	}
	taken := l.authority.counted(l.approved.Change, l.approved.Approvals)
	return &Evidence{a.Change.Chain, a.Change.Number, both(taken, signers), l.approved, a}
}

func (s *State) with(a Approved) (*State, error) {
	c := a.Change
	if len(c.State) > maxState {
		return nil, fmt.Errorf("state of %d bytes, at most %d", len(c.State), maxState)
	}
	n := *s
	switch c.Chain {
	case ChainRoster:
		n.Roster = Roster{}
		if err := errors.Join(record.Unmarshal(c.State, &n.Roster), n.Roster.Valid()); err != nil {
			return nil, fmt.Errorf("roster number %d: %w", c.Number, err)
		}
		if err := keepsHistory(s.Roster, n.Roster); err != nil {
			return nil, fmt.Errorf("roster number %d: %w", c.Number, err)
		}
		n.former = formerEnrols(s.former, s.Roster, n.Roster)
	case ChainAuthority:
		n.Authority = Authority{}
		if err := errors.Join(record.Unmarshal(c.State, &n.Authority), n.Authority.Valid()); err != nil {
			return nil, fmt.Errorf("authority number %d: %w", c.Number, err)
		}
	case ChainRulebook:
		n.Rulebook = c.State
	case ChainAlertLosses:
		if err := n.withLoss(c.State); err != nil {
			return nil, fmt.Errorf("loss of alerts number %d: %w", c.Number, err)
		}
	}
	l := link{c.Number, StateHash(c.Chain, c.Number, c.Base, c.State), a, s.Authority}
	n.tip, n.past = map[Chain]link{c.Chain: l}, map[[32]byte]link{c.Base: l}
	for k, v := range s.tip {
		if k != c.Chain {
			n.tip[k] = v
		}
	}
	for k, v := range s.past {
		n.past[k] = v
	}
	n.Changes = append(s.Changes[:len(s.Changes):len(s.Changes)], a)
	return &n, nil
}

// keepsHistory refuses a roster that forgets a node or one of its identity keys: the logs they signed must stay verifiable.
// A node is dropped, never left out.
func keepsHistory(old, new Roster) error {
	for _, o := range old.Nodes {
		n, ok := new.Node(o.Name)
		if !ok || len(n.Identities) < len(o.Identities) {
			return fmt.Errorf("node %s or one of its identity keys is left out; mark it dropped instead", o.Name)
		}
		for i, id := range o.Identities {
			if string(n.Identities[i].Key) != string(id.Key) || n.Identities[i].FromEpoch != id.FromEpoch {
				return fmt.Errorf("an earlier identity key of node %s is changed", o.Name)
			}
		}
	}
	return nil
}

func both(a, b []string) []string {
	var out []string
	for _, x := range a {
		for _, y := range b {
			if x == y {
				out = append(out, x)
			}
		}
	}
	return out
}
