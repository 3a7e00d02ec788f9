package drill

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A Score is what an exercise came to.
type Score struct {
	Began   time.Time `json:"began"`
	Seed    uint64    `json:"seed"`
	For     float64   `json:"for_seconds"`
	Rate    float64   `json:"rate"`
	By      string    `json:"by,omitempty"`
	Results []Result  `json:"results"`
}

// Held says whether every promise held that was put to the test. What could not be run here is named, and counts neither way; a score of
// nothing else has shown nothing.
func (s Score) Held() bool {
	return s.count(Held) > 0 && s.count(Held)+s.count(NotRun) == len(s.Results)
}

func (s Score) count(v Verdict) (n int) {
	for _, r := range s.Results {
		if r.Verdict == v {
			n++
		}
	}
	return n
}

// A Verdict on one act.
type Verdict string

// The verdicts. A run that injected none of its faults has shown nothing and has failed.
const (
	Held        Verdict = "held"
	Broken      Verdict = "broken"
	NotInjected Verdict = "not injected"
	NotRun      Verdict = "not run" // it needs what was not given
)

// A Latency of booths' answers, ms.
type Latency struct {
	Answers int     `json:"answers"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Most    float64 `json:"most_ms"`
}

// A Result is what one act came to.
type Result struct {
	ID       string  `json:"act"`
	Verdict  Verdict `json:"verdict"`
	Times    int     `json:"injected"` // how often the fault was really injected
	Acked    int     `json:"acknowledged"`
	Lost     int     `json:"lost"`
	Doubled  int     `json:"doubled"`
	Invented int     `json:"invented"`
	// Known counts all that the country ever acknowledged; of these, Mirrored and Witnessed those that their posts have called so.
	Known     int `json:"known"`
	Mirrored  int `json:"mirrored"`
	Witnessed int `json:"witnessed"`
	// Unmirrored counts records that were only local when their own post's files were destroyed: shown, and nobody's fault.
	Unmirrored int      `json:"unmirrored"`
	Unanswered int      `json:"unanswered"` // questions from booths without a certain answer at the first try, during the act
	Before     Latency  `json:"before"`
	During     Latency  `json:"during"`
	Heal       float64  `json:"heal_seconds"`
	Problems   []string `json:"problems,omitempty"`
	Remarks    []string `json:"remarks,omitempty"` // beside the verdict

	// Moments of the exercise: the first traveller, the act, its end, everything whole again, the last traveller.
	Start    time.Time `json:"start"`
	Injected time.Time `json:"injected_at"`
	Healing  time.Time `json:"healing_at"`
	Healed   time.Time `json:"healed_at"`
	End      time.Time `json:"end"`

	Answers []Answer `json:"-"`
}

// Slower is the booths' p99 during the act against before it, 0 where either is unknown.
func (r Result) Slower() float64 {
	if r.Before.P99 == 0 {
		return 0
	}
	return r.During.P99 / r.Before.P99
}

// sum fills in the counts and the verdict.
func (r *Result) sum(o *oracle, of *run, j Judgement) {
	r.Times, r.Acked = of.times, o.acknowledged(r.Start, r.End)
	r.Lost, r.Doubled, r.Invented, r.Unmirrored = len(j.Lost), len(j.Doubled), len(j.Invented), j.Unmirrored
	r.Known, r.Mirrored, r.Witnessed = j.Acknowledged, j.Mirrored, j.Witnessed
	r.Answers = o.between(r.Start, r.End)
	r.Before, _ = latency(o.between(r.Start, r.Injected))
	r.During, r.Unanswered = latency(o.between(r.Injected, r.Healed))
	r.Heal = r.Healed.Sub(r.Healing).Seconds()
	r.Problems, r.Remarks = of.problems, of.remarks
	for _, list := range [][]string{j.Lost, j.Doubled, j.Invented, j.Inconsistent, j.Unsound, j.Other} {
		r.Problems = append(r.Problems, shorten(list)...)
	}
	if of.act.spotless && r.Unanswered > 0 {
		r.Problems = append(r.Problems, fmt.Sprintf("%d questions from booths had no certain answer at the first try; the last: %s", r.Unanswered, o.why))
	}
	switch {
	case len(r.Problems) > 0 || !j.Good():
		r.Verdict = Broken
	case r.Times == 0:
		r.Verdict = NotInjected
	case r.During.Answers == 0:
		r.Problems = append(r.Problems, "no booth got an answer while it lasted: nothing was shown")
		r.Verdict = Broken
	default:
		r.Verdict = Held
	}
}

// shorten names the first of a list and counts the others.
func shorten(list []string) []string {
	if len(list) <= maxProblems {
		return list
	}
	return append(slices.Clone(list[:maxProblems]), fmt.Sprintf("and %d more", len(list)-maxProblems))
}

// latency gives the percentiles of the certain answers and the number of the others.
func latency(answers []Answer) (l Latency, unanswered int) {
	var took []time.Duration
	for _, a := range answers {
		if a.OK {
			took = append(took, a.Took)
		} else {
			unanswered++
		}
	}
	if len(took) == 0 {
		return l, unanswered
	}
	slices.Sort(took)
	at := func(p float64) float64 { return ms(took[min(int(p*float64(len(took))), len(took)-1)]) }
	return Latency{len(took), at(0.5), at(0.99), ms(took[len(took)-1])}, unanswered
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Table writes the score for people at a terminal.
func (s Score) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "ACT\tINJECTED\tACKNOWLEDGED\tLOST\tDOUBLED\tINVENTED\tP99 BEFORE\tP99 DURING\tHEAL\tVERDICT\t")
	for _, r := range s.Results {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%.1f ms\t%.1f ms\t%.1f s\t%s\t\n", r.ID, r.Times, r.Acked, r.Lost, r.Doubled, r.Invented,
			r.Before.P99, r.During.P99, r.Heal, r.Verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range s.Results {
		if r.Unmirrored > 0 {
			fmt.Fprintf(w, "%s: %d records were only local when their post's files were destroyed, and are gone.\n", r.ID, r.Unmirrored)
		}
		for _, p := range append(r.Problems[:len(r.Problems):len(r.Problems)], r.Remarks...) {
			fmt.Fprintf(w, "%s: %s\n", r.ID, p)
		}
	}
	return nil
}
