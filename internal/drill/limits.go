package drill

import "time"

// Bounds and measures of an exercise.
const (
	syncEvery     = 500 * time.Millisecond // of the nodes: short, so that an act of seconds shows what a country shows in minutes
	statusEvery   = 30 * time.Second
	flagsEvery    = time.Second            // between two looks at what posts call mirrored and witnessed
	startWithin   = 60 * time.Second       // for a node to answer: with every process of a country starting on two cores at once
	stopWithin    = 20 * time.Second       // for a node to end by itself; it is killed then
	quietFor      = 6 * time.Second        // of undisturbed traffic to compare with, at most
	healWithin    = 3 * time.Minute        // for everything accepted to be at every centre after an act
	foundWithin   = 60 * time.Second       // from the contact of two histories until that log is frozen everywhere: the promise of T2
	proveWithin   = 20 * time.Second       // for an isolated node to prove its log
	askWithin     = 60 * time.Second       // for a booth's open acts to become certain after an act
	warmFor       = 2 * time.Second        // before anything is measured: the first pages of a process are its slowest
	answerWithin  = 15 * time.Second       // for one answer at a booth: longer is no answer
	askAgain      = 200 * time.Millisecond // between two tries of an act that has no answer
	maxRefused    = 20                     // answers "not recorded" to one act, after which the traveller goes to paper
	openingWithin = 300 * time.Millisecond // that a node's start takes at least: within it a kill may find it on its way
	killTries     = 3                      // waits for a moment to kill in, before the node answers
	codeEvery     = 20 * time.Millisecond  // at what nodes' processes start and run: a process that lives shorter is not seen
	lookEvery     = 200 * time.Millisecond // at the state of nodes
	restartAfter  = 300 * time.Millisecond // as the service manager's RestartSec is set in deploy/, shorter
	bombWithin    = 10 * time.Second       // for a refusal on a busy machine, where a second is promised on a quiet one
	stickWithin   = 30 * time.Second       // for a hostile stick to be read or refused
	stickNames    = 100_000                // names at the top of a hostile stick: fifty times what is ever listed
	maxPage       = 4 << 20                // bytes of a page that a booth reads
	maxSaid       = 64 << 10               // bytes of a command's output that are kept for its error
	maxSamples    = 200_000                // answers kept: an hour at 50 a second
	maxChart      = 1200                   // answers drawn in one chart: more cover each other
	maxProblems   = 8                      // of a kind that a verdict names; all are counted
	chunk         = 32 << 10               // bytes that a line carries at a time
)

// Bounds on what is asked for.
const (
	Shortest = time.Second // shorter shows nothing
	Longest  = 24 * time.Hour
	MostRate = 500.0 // crossings a second: the booths' software shares the machine with the country
)
