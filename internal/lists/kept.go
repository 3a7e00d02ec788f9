package lists

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"tims/internal/border"
	"tims/internal/record"
)

// A Next is one chunk of the next release: one of the release before as it is, or one with new content.
type Next struct {
	Before int    // position in the release before, -1 where the content is new
	Count  int    // of alerts or numbers in it
	Packed []byte // to be sealed; nil where Before says where the sealed bytes are
}

// Rework makes the chunks of the next release of a list out of those of the release before (none for the first) and of all alerts
// that the next one has. A chunk in which nothing changed stays, so that its sealed bytes need not travel again. One that has a
// changed or withdrawn alert is written anew in its place; new alerts, and those of chunks that shrank below a quarter and of a
// last chunk less than half full, go into new chunks at the end. The same release before and the same alerts give the same chunks,
// whatever order the alerts came in. An alert that Validate refuses, one of another list, or a second one with the same id is an error.
func Rework(list string, before [][]border.Alert, now []border.Alert) ([]Next, error) {
	sorted := slices.Clone(now)
	slices.SortStableFunc(sorted, order)
	for i := range sorted {
		if err := sorted[i].Validate(); err != nil {
			return nil, fmt.Errorf("making chunks: %w", err)
		}
		if sorted[i].List != list {
			return nil, errors.New("making chunks: an alert of another list")
		}
		if i > 0 && order(sorted[i-1], sorted[i]) == 0 {
			return nil, errors.New("making chunks: two alerts with one id")
		}
	}
	w := rework{now: sorted, placed: make([]bool, len(sorted))}
	for i, chunk := range before {
		w.keep(i, chunk)
	}
	w.takeBackLast(before)
	for i := range sorted {
		if !w.placed[i] {
			w.loose = append(w.loose, i)
		}
	}
	slices.Sort(w.loose)
	return w.append()
}

type rework struct {
	now    []border.Alert // by id
	placed []bool         // of now: stands in a chunk
	loose  []int          // of now: goes to the end
	out    []Next
	errs   []error
}

// keep puts a chunk of the release before into the next one, as it is or with what is left of it.
func (w *rework) keep(i int, chunk []border.Alert) {
	var stay []int
	same, size := true, 0
	for j := range chunk {
		at, here := slices.BinarySearchFunc(w.now, chunk[j], order)
		if !here || w.placed[at] {
			same = false
			continue
		}
		plain := record.Marshal(w.now[at])
		same = same && bytes.Equal(plain, record.Marshal(chunk[j]))
		size += len(plain)
		stay = append(stay, at)
	}
	switch {
	case len(stay) == 0:
		return
	case same:
		w.out = append(w.out, Next{Before: i, Count: len(chunk)})
	case size < keptChunk/4 || size > maxChunk-8:
		w.loose = append(w.loose, stay...)
	default:
		w.out = append(w.out, w.chunk(stay))
	}
	for _, at := range stay {
		w.placed[at] = true
	}
}

// takeBackLast lets the alerts of a last chunk less than half full go with the new ones, if there are any: otherwise each release
// of a single new alert would leave a chunk of its own behind.
func (w *rework) takeBackLast(before [][]border.Alert) {
	if len(w.out) == 0 || !slices.Contains(w.placed, false) && len(w.loose) == 0 {
		return
	}
	last := w.out[len(w.out)-1]
	if last.Before < 0 {
		return
	}
	size := 0
	var alerts []int
	for _, a := range before[last.Before] {
		at, _ := slices.BinarySearchFunc(w.now, a, order)
		size += len(record.Marshal(a))
		alerts = append(alerts, at)
	}
	if size < keptChunk/2 {
		w.loose, w.out = append(w.loose, alerts...), w.out[:len(w.out)-1]
	}
}

// append fills new chunks with what has no place yet.
func (w *rework) append() ([]Next, error) {
	for from := 0; from < len(w.loose); {
		size, to := 0, from
		for ; to < len(w.loose); to++ {
			n := len(record.Marshal(w.now[w.loose[to]]))
			if to > from && size+n > keptChunk {
				break
			}
			size += n
		}
		w.out = append(w.out, w.chunk(w.loose[from:to]))
		from = to
	}
	return w.out, errors.Join(w.errs...)
}

func (w *rework) chunk(of []int) Next {
	alerts := make([]border.Alert, len(of))
	for i, at := range of {
		alerts[i] = w.now[at]
	}
	plain := record.Marshal(alerts)
	if len(plain) > maxChunk {
		w.errs = append(w.errs, errors.New("making chunks: an alert too large for a chunk"))
	}
	return Next{Before: -1, Count: len(of), Packed: pack(plain)}
}
