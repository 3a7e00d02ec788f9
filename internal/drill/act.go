package drill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// An Act is one thing that is done to the country. What it is and what is promised of it stand in the catalogues of words, under
// its id; docs/operations/drills.md lists them all.
type Act struct {
	ID string
	// RunBy names the test that runs the act where processes in real time cannot: it needs months, or a fault inside a process.
	RunBy string

	// mixed needs a country of its own in which an earlier release runs beside this one.
	mixed bool
	// spotless promises that no booth goes without an answer while it lasts.
	spotless bool
	// inject does the act and counts what it did with hit. It returns when all is done, or goes on until ctx ends.
	inject func(ctx context.Context, r *run) error
	// heal ends it: what operators do, or what mends by itself. Nil where there is nothing to do.
	heal func(ctx context.Context, r *run) error
	// check looks for what is promised of this act beside the oracle. May be nil.
	check func(ctx context.Context, r *run) error
}

// Group is the letter before the number: D for destroy, C cut, T tamper, A abuse of the degraded mode, R recover, B bad input.
func (a Act) Group() string { return a.ID[:1] }

// acts are all acts in the order of their ids.
var acts = slices.Concat(destroying, cutting, tampering, abusing, recovering, badInput)

// Acts lists every act that this version knows.
func Acts() []Act { return slices.Clone(acts) }

// Choose gives the acts of an id, of a group's letter, or all that processes can run. An act that a test runs is in none of them;
// asked for by its id it is given, so that the command can say who runs it.
func Choose(name string) (out []Act) {
	for _, a := range acts {
		switch {
		case strings.EqualFold(name, a.ID):
			return []Act{a}
		case a.RunBy == "" && (strings.EqualFold(name, a.Group()) || strings.EqualFold(name, "all")):
			out = append(out, a)
		}
	}
	return out
}

// A run is one act under way.
type run struct {
	*Country
	act    Act
	length time.Duration // how long the act lasts
	chance *rand.Rand
	times  int    // how often its fault was really injected
	wiped  string // the post whose own files were destroyed
	note   func(format string, args ...any)

	problems []string
	remarks  []string
	code     *codeWatch // of the act that offers programs
	twice    []string   // the zone of the document that is used at two posts
	undo     []func(ctx context.Context) error
}

// remark notes what a reader of the result should know beside the verdict.
func (r *run) remark(format string, args ...any) {
	r.remarks = append(r.remarks, fmt.Sprintf(format, args...))
}

// hit counts a fault that was really injected.
func (r *run) hit() { r.times++ }

// broken notes that a promise of the act did not hold.
func (r *run) broken(problem string) { r.problems = append(r.problems, problem) }

// onHeal leaves something to be undone when the act ends, in the order in which it was left.
func (r *run) onHeal(f func(ctx context.Context) error) { r.undo = append(r.undo, f) }

// post draws one of the posts.
func (r *run) post() *Node {
	posts := r.Posts()
	return posts[r.chance.IntN(len(posts))]
}
