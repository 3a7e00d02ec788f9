package node

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"tims/internal/proof"
	"tims/internal/roster"
)

// Policy files of a node's directory (C2SP tlog-policy), one for each flag beside "local". The first the node writes itself; the
// second is the operator's, and where there is none nothing is said of witnesses.
const (
	mirroredFile  = "mirrored.policy"
	witnessedFile = "witnessed.policy"
)

// policies are what the flags are judged by.
type policies struct {
	mu        sync.RWMutex
	state     *governed // and held: what the present ones were made of
	held      int
	mirrored  map[string]mirrored // by writer: this node, and at a centre everybody
	witnessed *proof.Policy       // nil where the operator named none; never changes once the node is open
}

// mirrored is the policy for the log of one writer.
type mirrored struct {
	*proof.Policy
	places int // other places that mirror it
}

// writePolicies makes the policies anew where the roster or the epochs that are known have changed, and puts this node's own into
// its directory, whole or not at all.
func (n *Node) writePolicies() error {
	state, all := n.state.Load(), n.mirrors.all()
	n.policies.mu.RLock()
	same := n.policies.state == state && n.policies.held == len(all)
	n.policies.mu.RUnlock()
	if same || n.beside {
		return nil
	}
	newest := map[string]roster.Epoch{n.Name(): n.epoch.Epoch}
	for _, h := range all {
		if e := h.epoch.Epoch; h.node != n.Name() && e.Number > newest[h.node].Number {
			newest[h.node] = e
		}
	}
	made := map[string]mirrored{}
	for _, node := range state.Roster.Nodes {
		if node.Name != n.Name() && (n.Self().Role != roster.Centre || node.Role == roster.Portal) {
			continue
		}
		if newest[node.Name].Origin == "" {
			continue // no log of it is known here
		}
		text, places := mirroredPolicy(state.Roster, node, newest)
		p, err := proof.ParsePolicy([]byte(text))
		if err != nil {
			return fmt.Errorf("policy of the mirrors of %s: %w", node.Name, err)
		}
		made[node.Name] = mirrored{p, places}
		if node.Name == n.Name() {
			if err := n.writePolicy(text); err != nil {
				return err
			}
		}
	}
	n.favourPolicies(made, all)
	n.policies.mu.Lock()
	defer n.policies.mu.Unlock()
	n.policies.state, n.policies.held, n.policies.mirrored = state, len(all), made
	return nil
}

// favourPolicies tells the logs whose cosignatures are judged by here, so that those of long ended epochs give way first.
func (n *Node) favourPolicies(made map[string]mirrored, all []*held) {
	favoured := func(writer string) func(name string, hash uint32) bool {
		type cosigner struct {
			name string
			hash uint32
		}
		named := map[cosigner]bool{}
		for _, p := range []*proof.Policy{made[writer].Policy, n.policies.witnessed} {
			if p == nil {
				continue
			}
			for _, v := range p.Witnesses() {
				named[cosigner{v.Name(), v.KeyHash()}] = true
			}
		}
		own, _, _ := strings.Cut(n.epoch.Epoch.MirrorKey, "+")
		return func(name string, hash uint32) bool { return name == own || named[cosigner{name, hash}] }
	}
	n.log.Favour(favoured(n.Name()))
	for _, h := range all {
		h.Favour(favoured(h.node))
	}
}

func (n *Node) writePolicy(text string) error {
	path := filepath.Join(n.opt.Dir, mirroredFile)
	if was, err := readBounded(path); err == nil && string(was) == text {
		return nil
	}
	return writeDurably(path, []byte(text))
}

// mirroredPolicy says by whose signatures the log of a writer is mirrored: those of two mirrors in two places of the roster other
// than its own. A place is one vote however many nodes are there. newest are the epochs in force as far as they are known; a
// mirror whose epoch is not known yet is not named. places is how many other places have a mirror.
func mirroredPolicy(r roster.Roster, writer roster.Node, newest map[string]roster.Epoch) (text string, places int) {
	var b strings.Builder
	own := newest[writer.Name]
	fmt.Fprintf(&b, "# Written by the node from the roster and the epoch statements; a change made here is overwritten.\n"+
		"# %s at %s: mirrored where mirrors in two other places have signed.\n", writer.Name, cmp.Or(writer.Place, "no place"))
	fmt.Fprintf(&b, "log %s\n", own.LogKey)
	var groups []string
	taken := map[string]bool{}
	for _, place := range mirrorsByPlace(r, writer, newest) {
		var members []string
		for _, m := range place {
			fmt.Fprintf(&b, "witness node:%s %s\n", m.Name, newest[m.Name].MirrorKey)
			members = append(members, "node:"+m.Name)
		}
		name := placeName(place[0].Place)
		for taken[name] {
			name += "_"
		}
		taken[name] = true
		fmt.Fprintf(&b, "group %s any %s\n", name, strings.Join(members, " "))
		groups = append(groups, name)
	}
	places = len(groups)
	if places < 2 {
		fmt.Fprintf(&b, "# Places that have a mirror known here: %d. For what lacks stands this node's own mirror key, which\n"+
			"# signs no log of its own: the quorum is not reached before there are two.\n", places)
		fmt.Fprintf(&b, "witness nobody %s\n", own.MirrorKey)
		groups = append(groups, "nobody")
	}
	if places < 2 {
		fmt.Fprintf(&b, "group mirrored all %s\nquorum mirrored\n", strings.Join(groups, " "))
	} else {
		fmt.Fprintf(&b, "group mirrored 2 %s\nquorum mirrored\n", strings.Join(groups, " "))
	}
	return b.String(), places
}

// mirrorsByPlace groups those who mirror a writer's log whole by their places, at most maxMirrorKeys: centres first, and one of
// each place before a second of any.
func mirrorsByPlace(r roster.Roster, writer roster.Node, newest map[string]roster.Epoch) [][]roster.Node {
	var all []roster.Node
	for _, m := range r.Nodes {
		if !m.Dropped && m.Place != "" && m.Place != writer.Place && newest[m.Name].MirrorKey != "" && r.MirrorsWhole(m.Name, writer.Name) {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b roster.Node) int {
		return cmp.Compare(b2i(a.Role != roster.Centre), b2i(b.Role != roster.Centre))
	})
	seen := map[string]int{}
	nth := map[string]int{}
	for _, m := range all {
		nth[m.Name] = seen[m.Place]
		seen[m.Place]++
	}
	slices.SortStableFunc(all, func(a, b roster.Node) int { return cmp.Compare(nth[a.Name], nth[b.Name]) })
	all = all[:min(len(all), maxMirrorKeys)]
	at := map[string]int{}
	var out [][]roster.Node
	for _, m := range all {
		i, ok := at[m.Place]
		if !ok {
			i = len(out)
			at[m.Place] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], m)
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// placeName is a place as a name in a policy, which has no blanks.
func placeName(place string) string {
	return "place:" + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' {
			return r
		}
		return '_'
	}, place)
}

// readWitnesses reads the operator's policy: the file of the options, else the one in the node's directory, else none.
func (n *Node) readWitnesses() error {
	path := n.opt.WitnessPolicy
	if path == "" {
		path = filepath.Join(n.opt.Dir, witnessedFile)
	}
	b, err := readBounded(path)
	if errors.Is(err, os.ErrNotExist) && n.opt.WitnessPolicy == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("policy of the witnesses: %w", err)
	}
	n.policies.witnessed, err = ReadWitnessPolicy(b)
	return err
}

// ReadWitnessPolicy reads a policy of witnesses. One that is satisfied by nobody's signature is refused: the flag would say what
// no one has seen.
func ReadWitnessPolicy(b []byte) (*proof.Policy, error) {
	p, err := proof.ParsePolicy(b)
	switch {
	case err != nil:
		return nil, fmt.Errorf("policy of the witnesses: %w", err)
	case p.Satisfied(func(string, uint32) bool { return false }):
		return nil, errors.New("policy of the witnesses: its quorum is reached without any witness")
	case len(p.Named()) > maxWitnesses:
		return nil, fmt.Errorf("policy of the witnesses: more than %d", maxWitnesses)
	}
	return p, nil
}
