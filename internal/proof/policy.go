package proof

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// A Policy says which logs and cosigners somebody trusts (C2SP tlog-policy).
type Policy struct {
	Logs      []note.Verifier
	logKeys   []string // of Logs, as they were written
	witnesses map[string]note.Verifier
	urls      map[string]string // of witnesses, by their names
	groups    map[string]group
	quorum    string
}

type group struct {
	least   int
	members []string
}

// ErrPolicy is wrapped by every error about a policy file.
var ErrPolicy = errors.New("not a policy file (C2SP tlog-policy)")

// ParsePolicy reads a policy file strictly.
func ParsePolicy(b []byte) (*Policy, error) {
	p, err := parseLines(b)
	if err == nil && p.quorum == "" {
		err = fmt.Errorf("%w: no quorum line", ErrPolicy)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// ParseLogs reads the verifier keys of the logs of a policy file, for whoever asks for no quorum: a file of log lines is enough.
func ParseLogs(b []byte) ([]string, error) {
	p, err := parseLines(b)
	if err != nil {
		return nil, err
	}
	return p.logKeys, nil
}

func parseLines(b []byte) (*Policy, error) {
	p := &Policy{witnesses: map[string]note.Verifier{}, urls: map[string]string{}, groups: map[string]group{}}
	if len(b) > maxPolicy {
		return nil, fmt.Errorf("%w: over %d bytes", ErrPolicy, maxPolicy)
	}
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' || c == 0x7f {
			return nil, fmt.Errorf("%w: a control character", ErrPolicy)
		}
	}
	seen := policySeen{keys: map[string]bool{}, members: map[string]bool{}}
	for i, line := range strings.Split(string(b), "\n") {
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if err := p.line(fields, seen); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrPolicy, i+1, err)
		}
	}
	return p, nil
}

// policySeen are keys and group members that may not come twice.
type policySeen struct{ keys, members map[string]bool }

func (p *Policy) line(f []string, seen policySeen) error {
	if len(p.Logs)+len(p.witnesses)+len(p.groups) >= maxNames {
		return fmt.Errorf("more than %d names", maxNames)
	}
	switch {
	case f[0] == "log" && (len(f) == 2 || len(f) == 3):
		v, err := note.NewVerifier(f[1])
		if err != nil || seen.twice(f[1]) {
			return errors.New("a log needs a verifier key of its own")
		}
		p.Logs, p.logKeys = append(p.Logs, v), append(p.logKeys, f[1])
	case f[0] == "witness" && (len(f) == 3 || len(f) == 4):
		v, err := cosign.NewVerifierForCosignatureV1(f[2])
		if err != nil || seen.twice(f[2]) || !p.free(f[1]) {
			return errors.New("a witness needs a name and a cosigner's verifier key of its own")
		}
		p.witnesses[f[1]] = v
		if len(f) == 4 {
			p.urls[f[1]] = f[3]
		}
	case f[0] == "group" && len(f) > 3:
		return p.group(f[1], f[2], f[3:], seen)
	case f[0] == "quorum" && len(f) == 2 && p.quorum == "":
		if f[1] != "none" && p.free(f[1]) {
			return errors.New("the quorum is named before it is defined")
		}
		p.quorum = f[1]
	default:
		return errors.New("none of log, witness, group and quorum as they are written")
	}
	return nil
}

// twice says whether a key came before, whatever its name and id. A key is all behind the second plus: it may have more of them.
func (s policySeen) twice(vkey string) bool {
	var key string
	if parts := strings.SplitN(vkey, "+", 3); len(parts) == 3 {
		key = parts[2]
	}
	if len(key) > 2 {
		key = key[2:] // the type takes the first byte; what is left of it is in the next character
	}
	was := s.keys[key]
	s.keys[key] = true
	return was
}

func (p *Policy) free(name string) bool {
	_, witness := p.witnesses[name]
	_, grouped := p.groups[name]
	return name != "none" && !witness && !grouped
}

func (p *Policy) group(name, least string, members []string, seen policySeen) error {
	g := group{members: members}
	switch least {
	case "any":
		g.least = 1
	case "all":
		g.least = len(members)
	default:
		n, err := strconv.Atoi(least)
		if err != nil || strconv.Itoa(n) != least || n < 1 || n > len(members) {
			return errors.New("a group needs all, any or a number of its members")
		}
		g.least = n
	}
	for _, m := range members {
		if m == "none" || p.free(m) || seen.members[m] {
			return errors.New("a member of a group is not defined before it, or is a member already")
		}
		seen.members[m] = true
	}
	if !p.free(name) {
		return errors.New("a name stands twice")
	}
	p.groups[name] = g
	return nil
}

// Satisfied says whether those who have cosigned make up the quorum. cosigned are names and key hashes as in a note.
func (p *Policy) Satisfied(cosigned func(name string, hash uint32) bool) bool {
	var holds func(name string) bool
	holds = func(name string) bool {
		if v, ok := p.witnesses[name]; ok {
			return cosigned(v.Name(), v.KeyHash())
		}
		g := p.groups[name]
		n := 0
		for _, m := range g.members {
			if holds(m) {
				n++
			}
		}
		return g.least > 0 && n >= g.least
	}
	return p.quorum == "none" || holds(p.quorum)
}

// Witnesses are the verifiers of all cosigners of the policy.
func (p *Policy) Witnesses() []note.Verifier {
	var out []note.Verifier
	for _, v := range p.witnesses {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b note.Verifier) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// A Witness is a cosigner of a policy as it names him. Its URL is the submission prefix of tlog-witness, empty where the policy
// gives none.
type Witness struct {
	Name, URL string
	Key       note.Verifier
}

// Named gives the cosigners of the policy in order of their names.
func (p *Policy) Named() []Witness {
	var out []Witness
	for _, name := range slices.Sorted(maps.Keys(p.witnesses)) {
		out = append(out, Witness{name, p.urls[name], p.witnesses[name]})
	}
	return out
}
