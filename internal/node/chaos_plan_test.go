package node_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// A planner draws the next step of a simulation from its seed. It knows what it has broken, so that it can mend it.
type planner struct {
	*drill
	rng              *rand.Rand
	posts, centres   []string
	cut, down, wiped map[string]bool
	sky, disk        map[string]string
	set              map[string]bool // clocks
	grown            map[string]bool // posts that were busy while cut
	shaky            map[string]bool // posts whose disk failed syncs, until somebody has tried it when it was sound again
}

func newPlanner(d *drill, rng *rand.Rand) *planner {
	p := &planner{drill: d, rng: rng, cut: map[string]bool{}, down: map[string]bool{}, wiped: map[string]bool{}, sky: map[string]string{},
		disk: map[string]string{}, set: map[string]bool{}, grown: map[string]bool{}, shaky: map[string]bool{}}
	for _, name := range d.names {
		if strings.HasPrefix(name, "centre") {
			p.centres = append(p.centres, name)
		} else {
			p.posts = append(p.posts, name)
		}
	}
	return p
}

// A choice is a step that may come next, and how often beside the others.
type choice struct {
	weight int
	line   string
	then   func()
}

func pick[T any](rng *rand.Rand, of []T) T { return of[rng.IntN(len(of))] }

func (p *planner) up(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return p.down[n] || p.wiped[n] })
}

// next gives one step.
func (p *planner) next() string {
	all := append(p.work(), append(p.breaking(), p.mending()...)...)
	total := 0
	for _, c := range all {
		total += c.weight
	}
	at := p.rng.IntN(total)
	for _, c := range all {
		if at -= c.weight; at < 0 {
			if c.then != nil {
				c.then()
			}
			return c.line
		}
	}
	panic("unreachable: the weights add up to the total")
}

var (
	waits = []time.Duration{time.Second, time.Minute, time.Minute, 20 * time.Minute, 20 * time.Minute, time.Hour, time.Hour, 5 * time.Hour, 30 * time.Hour}
	jumps = []time.Duration{-400 * 24 * time.Hour, -26 * time.Hour, -90 * time.Minute, 90 * time.Minute, 26 * time.Hour, 400 * 24 * time.Hour}
)

// work is what people do.
func (p *planner) work() (out []choice) {
	out = append(out, choice{12, "wait " + pick(p.rng, waits).String(), nil})
	if posts := p.up(p.posts); len(posts) > 0 {
		post := pick(p.rng, posts)
		way := pick(p.rng, []string{"entries", "entries", "exits"})
		out = append(out,
			choice{30, fmt.Sprintf("try %s %d %s", post, 1+p.rng.IntN(3), way), func() { p.grown[post] = p.cut[post] }},
			choice{4, fmt.Sprintf("repeat-old %s %d", post, 1+p.rng.IntN(3)), nil},
			choice{2, "letter " + post, nil})
	}
	if centres := p.up(p.centres); len(centres) > 0 {
		out = append(out, choice{3, "new-list " + pick(p.rng, centres), nil})
	}
	if len(p.unheard) > 0 {
		out = append(out, choice{8, "again", nil})
	}
	for _, post := range p.up(p.posts) { // a disk that failed, and one that works again under a log that must not believe it
		if p.shaky[post] {
			out = append(out, choice{10, fmt.Sprintf("try %s %d entries", post, 1+p.rng.IntN(2)), func() { p.shaky[post] = p.disk[post] != "" }})
		}
	}
	return out
}

// breaking is what goes wrong, and what is done on purpose.
func (p *planner) breaking() (out []choice) {
	any := pick(p.rng, p.names)
	if !p.cut[any] {
		out = append(out, choice{6, "cut " + any, func() { p.cut[any] = true }}, choice{2, fmt.Sprintf("flap %s %d", any, 2+p.rng.IntN(4)), nil})
	}
	if w := string(pick(p.rng, weathers)); p.sky[any] == "" {
		out = append(out, choice{8, "sky " + any + " " + w, func() { p.sky[any] = w }})
	}
	up := p.up(p.names)
	if len(up) < 2 {
		return out
	}
	x, other := up[0], up[1]
	p.rng.Shuffle(len(up), func(i, j int) { up[i], up[j] = up[j], up[i] })
	x, other = up[0], up[1]
	out = append(out, choice{2, "intrude " + x + " " + other, nil},
		choice{2, "halt " + x, func() { p.down[x] = true }},
		choice{4, "clock " + x + " " + pick(p.rng, jumps).String(), func() { p.set[x] = true }})
	if p.disk[x] == "" {
		how := pick(p.rng, []string{"power", "power", "kill"})
		state := pick(p.rng, []string{"full", "failing"})
		out = append(out, choice{16, fmt.Sprintf("crash %s %s %d %d", x, how, 1+p.rng.IntN(60), 1+p.rng.IntN(4)), nil},
			choice{7, "disk " + x + " " + state, func() { p.disk[x], p.shaky[x] = state, state == "failing" }})
	}
	if len(p.wiped) < 2 {
		out = append(out, choice{3, "lose " + x, func() { p.wiped[x], p.disk[x] = true, "" }})
	}
	if c := p.up(p.centres); len(c) > 0 {
		for _, post := range p.up(p.posts) {
			if p.cut[post] && p.grown[post] {
				out = append(out, choice{10, "courier " + post + " " + pick(p.rng, c), func() { p.grown[post] = false }})
			}
		}
	}
	return out
}

// mending is what is put right in the course of things.
func (p *planner) mending() (out []choice) {
	for _, name := range p.names {
		if p.cut[name] {
			out = append(out, choice{3, "mend " + name, func() { p.cut[name] = false }})
		}
		if p.sky[name] != "" {
			out = append(out, choice{3, "sky " + name + " fair", func() { p.sky[name] = "" }})
		}
		if p.disk[name] != "" && !p.wiped[name] && !p.down[name] {
			out = append(out, choice{5, "disk " + name + " sound", func() { p.disk[name] = "" }})
		}
		if p.wiped[name] && p.reachable() {
			out = append(out, choice{6, "replace " + name, func() { delete(p.wiped, name) }})
		}
		if p.down[name] && p.disk[name] == "" {
			what := pick(p.rng, []string{"start " + name, "delete-projection " + name})
			out = append(out, choice{5, what, func() { p.down[name] = strings.HasPrefix(what, "delete") }})
		}
		if p.set[name] {
			out = append(out, choice{2, "clock " + name + " 0s", func() { p.set[name] = false }})
		}
	}
	return out
}

// reachable says that an approved change can be carried to every node that is not lost: none is switched off, and none has a
// clock by which the change is over.
func (p *planner) reachable() bool {
	for _, name := range p.names {
		if p.down[name] || p.set[name] {
			return false
		}
	}
	return true
}

// healing puts everything right and lets the nodes bring each other up to date.
func (p *planner) healing() (out []string) {
	for _, name := range p.names {
		out = append(out, "mend "+name, "sky "+name+" fair", "disk "+name+" sound", "clock "+name+" 0s")
	}
	for _, name := range p.names {
		if !p.wiped[name] {
			out = append(out, "restart "+name) // also what a failed sync has stopped
		}
	}
	for _, name := range p.names {
		if p.wiped[name] {
			out = append(out, "replace "+name)
		}
	}
	return append(out, "settle", "again", "settle", "account")
}
