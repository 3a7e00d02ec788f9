package drill

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"tims/internal/record"
)

// An oracle is the list kept outside all nodes: every act that a booth ever asked for, what it was told, and how long it waited.
type oracle struct {
	mu      sync.Mutex
	acts    map[record.Act]*act
	answers []Answer
	why     string               // the last answer that was none, in words
	living  map[string]livingLog // by post
	plain   map[string][]*act    // by post: acknowledged in its living log, and not both mirrored and witnessed yet
}

// An act as the booth knows it.
type act struct {
	post  string
	kind  record.Kind
	asked time.Time
	told  time.Time // when it was acknowledged; zero while it was not
	index uint64    // of the record, as acknowledged
	safe  bool      // some other node had cosigned it before an act against its post began
	gone  bool      // counted as lost with its post's own files in an act before: nobody else had it

	// What the post has called it, once and for ever.
	mirrored, witnessed bool
	forgot              bool // given up: the booth was told that it is not recorded
}

// An Answer is what one booth waited for.
type Answer struct {
	At   time.Time
	Post string
	Took time.Duration
	OK   bool // false: no answer, or one that says that nothing is certain
	Said bool // with OK false: the post said in words that nothing is recorded
}

func newOracle() *oracle {
	return &oracle{acts: map[record.Act]*act{}, living: map[string]livingLog{}, plain: map[string][]*act{}}
}

// asked notes an act before it goes out: what is asked for may come to stand in a log, answer or none.
func (o *oracle) asked(a record.Act, post string, kind record.Kind) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.acts[a] == nil {
		o.acts[a] = &act{post: post, kind: kind, asked: time.Now()}
	}
}

func (o *oracle) told(a record.Act, index string) error {
	i, err := strconv.ParseUint(index, 10, 64)
	if err != nil {
		return fmt.Errorf("the post names record %q", index)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.acts[a]
	if known.told.IsZero() {
		o.plain[known.post] = append(o.plain[known.post], known)
	}
	known.told, known.index = time.Now(), i
	return nil
}

// another says whether a record was acknowledged to another act of the same post.
func (o *oracle) another(a record.Act, index string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for b, known := range o.acts {
		if b != a && !known.told.IsZero() && known.post == o.acts[a].post && strconv.FormatUint(known.index, 10) == index {
			return true
		}
	}
	return false
}

func (o *oracle) forget(a record.Act) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.acts[a].forgot = true
}

func (o *oracle) answered(a Answer, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.why = a.Post + ": " + err.Error()
	}
	if len(o.answers) >= maxSamples {
		o.answers = slices.Delete(o.answers, 0, maxSamples/2)
	}
	o.answers = append(o.answers, a)
}

// between gives the answers of a stretch of time.
func (o *oracle) between(from, to time.Time) (out []Answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.answers {
		if !a.At.Before(from) && a.At.Before(to) {
			out = append(out, a)
		}
	}
	return out
}

// refusals lists the answers of a post that were none: true where it said so in words.
func (o *oracle) refusals(post string) (out []bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.answers {
		if a.Post == post && !a.OK {
			out = append(out, a.Said)
		}
	}
	return out
}

// acknowledged counts the acts of a stretch of time that got a receipt.
func (o *oracle) acknowledged(from, to time.Time) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.acts {
		if !a.told.IsZero() && !a.told.Before(from) && a.told.Before(to) {
			n++
		}
	}
	return n
}

// copied notes that other nodes had signed for everything of a post's log below a size: none of it may ever be lost.
func (o *oracle) copied(post string, below uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.acts {
		if a.post == post && !a.told.IsZero() && a.index < below {
			a.safe = true
		}
	}
}

// A Judgement is what the oracle finds in the country's logs. Empty lists are what every act promises.
type Judgement struct {
	Acknowledged int      `json:"acknowledged"`
	Mirrored     int      `json:"mirrored"`               // of these, those that their posts have called mirrored
	Witnessed    int      `json:"witnessed"`              // and witnessed
	Lost         []string `json:"lost,omitempty"`         // acknowledged, and not in the log of its post or not at a centre
	Unmirrored   int      `json:"unmirrored,omitempty"`   // of these, those that no other node had when the post's own files were destroyed
	Doubled      []string `json:"doubled,omitempty"`      // in a post's logs more than once
	Invented     []string `json:"invented,omitempty"`     // in a log, and no booth asked for it
	Inconsistent []string `json:"inconsistent,omitempty"` // two copies of one log that disagree
	Unsound      []string `json:"unsound,omitempty"`      // what `tims verify` or an outsider's check found
	Other        []string `json:"other,omitempty"`        // broken promises of the act itself
}

// Good says whether every promise held.
func (j Judgement) Good() bool {
	return len(j.Lost)+len(j.Doubled)+len(j.Invented)+len(j.Inconsistent)+len(j.Unsound)+len(j.Other) == 0
}

// byMachine are the kinds that nodes write by themselves, or officers by signing in. Every other record is an act of an officer at
// a booth: if no booth asked for it, somebody has invented it.
var byMachine = map[record.Kind]bool{record.Shift: true, record.Enrolment: true, record.Rulebook: true, record.Roster: true,
	record.Keys: true, record.Status: true, record.Alarm: true, record.Isolation: true, record.DrillBegin: true, record.DrillEnd: true,
	record.List: true, record.MessageReceipt: true}

// judge compares the list with all copies of all logs. wiped names a post whose own files the act destroyed: of its records, those
// that were only local may be gone, and are counted apart. What was called mirrored, or had any other node's signature just before,
// may not.
func (o *oracle) judge(w world, wiped string) Judgement {
	o.mu.Lock()
	defer o.mu.Unlock()
	var j Judgement
	j.Inconsistent = w.disagreements()
	at := map[record.Act][]string{} // logs in which an act stands, once for each record
	for _, log := range w.logs() {
		for i, l := range log.Leaves {
			at[l.Act] = append(at[l.Act], fmt.Sprintf("record %d of %s", i, log.Origin))
			if a := o.acts[l.Act]; byMachine[l.Kind] {
				continue
			} else if a == nil || a.kind != l.Kind {
				j.Invented = append(j.Invented, fmt.Sprintf("%v, record %d of %s", l.Kind, i, log.Origin))
			}
		}
	}
	for a, known := range o.acts {
		places := at[a]
		if len(places) > 1 {
			j.Doubled = append(j.Doubled, fmt.Sprintf("%v of %s: %v", known.kind, known.post, places))
		}
		if known.told.IsZero() || known.gone && len(places) == 0 {
			continue
		}
		j.count(known)
		if where := w.missing(a, known.post); where != "" {
			if known.post == wiped && !known.safe && !known.mirrored && len(places) == 0 {
				j.Unmirrored++
				known.gone = true
				continue
			}
			j.Lost = append(j.Lost, fmt.Sprintf("record %d of %s (%s): not at %s", known.index, known.post, known.called(), where))
		}
	}
	for _, list := range [][]string{j.Lost, j.Doubled, j.Invented} {
		slices.Sort(list)
	}
	return j
}

func (j *Judgement) count(a *act) {
	j.Acknowledged++
	if a.mirrored {
		j.Mirrored++
	}
	if a.witnessed {
		j.Witnessed++
	}
}

// called names the flags that the post has given an act.
func (a *act) called() string {
	out := "local"
	if a.mirrored {
		out += ", mirrored"
	}
	if a.witnessed {
		out += ", witnessed"
	}
	return out
}
