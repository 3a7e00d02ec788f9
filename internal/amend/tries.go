package amend

import (
	"errors"
	"sync"

	"tims/internal/record"
)

// errTries: the shift has tried too many codes. It is said before the record is looked for, so that it tells nothing of it.
var errTries = errors.New("too many codes were tried in this shift")

// tries counts wrong codes by shift. It is memory alone: a start of the node forgives what a minute would.
type tries struct {
	mu sync.Mutex
	by map[record.Ref]window
}

// A window is how many codes were tried since a moment, UTC ms.
type window struct {
	since int64
	n     int
}

// take lets a shift try a code, counted as a wrong one until it is given back: requests side by side get no more.
func (t *tries) take(shift record.Ref, now int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.by[shift]
	if w.over(now) {
		w = window{since: now}
	}
	if w.n >= maxTries {
		return false
	}
	w.n++
	if t.by == nil {
		t.by = map[record.Ref]window{}
	}
	if len(t.by) >= maxShifts {
		t.forget(now)
	}
	t.by[shift] = w
	return true
}

// give takes back the count of a code that was right.
func (t *tries) give(shift record.Ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w, ok := t.by[shift]; ok && w.n > 0 {
		w.n--
		t.by[shift] = w
	}
}

// forget makes room: what is over, or where nothing is, the oldest.
func (t *tries) forget(now int64) {
	var oldest record.Ref
	least := now
	for shift, w := range t.by {
		if w.over(now) {
			delete(t.by, shift)
		} else if w.since <= least {
			oldest, least = shift, w.since
		}
	}
	if len(t.by) >= maxShifts {
		delete(t.by, oldest)
	}
}

// over says that a window counts no longer; one of a clock that was set back counts anew.
func (w window) over(now int64) bool {
	return now < w.since || now-w.since >= triesFor.Milliseconds()
}
