package lists

import (
	"bytes"
	"errors"
	"iter"
	"slices"

	"tims/internal/border"
	"tims/internal/record"
)

// A Diff says what a new edition of a list does to the one before it, with the first ids of each kind.
type Diff struct {
	Old       int    `json:"old"` // alerts before
	Now       int    `json:"now"`
	Unchanged int    `json:"unchanged"`
	Added     Change `json:"added"`
	Changed   Change `json:"changed"`   // without matching anybody less
	Weakened  Change `json:"weakened"`  // some traveller is matched less: border.Alert.Weakens
	Withdrawn Change `json:"withdrawn"` // no longer there
}

// A Change is how many alerts became something, and the first of them by id.
type Change struct {
	Count int      `json:"count"`
	First []string `json:"first"`
}

// Losses is how many alerts the authority must approve before they are matched less.
func (d *Diff) Losses() int { return d.Weakened.Count + d.Withdrawn.Count }

// Shrinkage is what share of the old alerts is lost, in percent: withdrawn, or matched less. Both count, for an issuer who
// changes the form of his dates weakens all of his list and withdraws nothing.
func (d *Diff) Shrinkage() float64 {
	if d.Old == 0 {
		return 0
	}
	return 100 * float64(d.Losses()) / float64(d.Old)
}

var errOrder = errors.New("comparing lists: alerts are not in the order of list and id, or one is there twice")

// Compare tells two editions apart. Both come in the order in which chunks hold them, list and id, each once; so two editions
// of any length are compared with one alert of each in memory. At most first ids of each kind are kept.
func Compare(old, now iter.Seq2[border.Alert, error], first int) (Diff, error) {
	d := Diff{Added: Change{First: []string{}}, Changed: Change{First: []string{}}, Weakened: Change{First: []string{}}, Withdrawn: Change{First: []string{}}}
	before, stopOld := iter.Pull2(old)
	defer stopOld()
	after, stopNow := iter.Pull2(now)
	defer stopNow()
	a, okA, err := ordered(before, nil)
	if err != nil {
		return d, err
	}
	b, okB, err := ordered(after, nil)
	for err == nil && (okA || okB) {
		side := compareSides(a, b, okA, okB)
		switch {
		case side < 0:
			d.Withdrawn.note(a.ID, first)
		case side > 0:
			d.Added.note(b.ID, first)
		default:
			d.both(a, b, first)
		}
		var errA, errB error
		if side <= 0 {
			d.Old++
			a, okA, errA = ordered(before, a)
		}
		if side >= 0 {
			d.Now++
			b, okB, errB = ordered(after, b)
		}
		err = errors.Join(errA, errB)
	}
	return d, err
}

// compareSides says which of two alerts comes first: below zero the old one, above it the new one.
func compareSides(a, b *border.Alert, okA, okB bool) int {
	switch {
	case !okB:
		return -1
	case !okA:
		return 1
	}
	return order(*a, *b)
}

// ordered takes the next alert, which must come behind the one before it.
func ordered(next func() (border.Alert, error, bool), last *border.Alert) (*border.Alert, bool, error) {
	a, err, ok := next()
	switch {
	case err != nil:
		return nil, false, err
	case ok && last != nil && order(*last, a) >= 0:
		return nil, false, errOrder
	}
	return &a, ok, nil
}

func (d *Diff) both(old, now *border.Alert, first int) {
	switch {
	case bytes.Equal(record.Marshal(old), record.Marshal(now)):
		d.Unchanged++
	case now.Weakens(old):
		d.Weakened.note(now.ID, first)
	default:
		d.Changed.note(now.ID, first)
	}
}

func (c *Change) note(id string, first int) {
	if c.Count++; len(c.First) < first {
		c.First = append(c.First, id)
	}
}

// Sort brings alerts into the order of Compare, in their own place. Of two with one id the first stays; how many were dropped
// is told, for a number that its issuer gave to two persons is to be asked about.
func Sort(alerts []border.Alert) (sorted []border.Alert, twice int) {
	slices.SortStableFunc(alerts, order)
	sorted = slices.CompactFunc(alerts, func(a, b border.Alert) bool { return order(a, b) == 0 })
	return sorted, len(alerts) - len(sorted)
}

// All gives sorted alerts to Compare.
func All(sorted []border.Alert) iter.Seq2[border.Alert, error] {
	return func(yield func(border.Alert, error) bool) {
		for i := range sorted {
			if !yield(sorted[i], nil) {
				return
			}
		}
	}
}
