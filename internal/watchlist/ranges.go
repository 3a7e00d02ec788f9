package watchlist

import (
	"cmp"
	"slices"
	"strconv"

	"tims/internal/border"
)

// ranges are the listed ranges of document numbers, ordered by series and first number. A series is what stands before
// the counting digits, and how many of them there are.
type ranges struct {
	keys   u64s // hash of the series
	from   u64s
	to     u64s
	upTo   u64s // the highest end in the series so far, so that a search knows when to stop
	alerts u32s
}

type listedRange struct {
	key, from, to uint64
	alert         uint32
}

// seriesOf parts the key of a number (border.NumberKey) into its series and its counting digits; false where no range could hold it.
func seriesOf(number string) (key, count uint64, ok bool) {
	at := len(number)
	for at > 0 && number[at-1] >= '0' && number[at-1] <= '9' {
		at--
	}
	count, err := strconv.ParseUint(number[at:], 10, 64)
	return hashOf(number[:at], strconv.Itoa(len(number)-at)), count, err == nil
}

// rangeOf gives the range that a document item names; false where it is a single number.
func rangeOf(d border.AlertDocument) (listedRange, bool) {
	if n, ok := d.Range(); !ok || n < 2 {
		return listedRange{}, false
	}
	key, from, okFrom := seriesOf(border.NumberKey(d.Number))
	other, to, okTo := seriesOf(border.NumberKey(d.To))
	return listedRange{key: key, from: from, to: to}, okFrom && okTo && key == other && from <= to
}

func newRanges(all []listedRange) ranges {
	slices.SortFunc(all, func(a, b listedRange) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.alert, b.alert))
	})
	n := len(all)
	r := ranges{newU64s(n), newU64s(n), newU64s(n), newU64s(n), newU32s(n)}
	for i, v := range all {
		most := v.to
		if i > 0 && all[i-1].key == v.key {
			most = max(most, r.upTo.at(i-1))
		}
		r.keys.set(i, v.key)
		r.from.set(i, v.from)
		r.to.set(i, v.to)
		r.upTo.set(i, most)
		r.alerts.set(i, v.alert)
	}
	return r
}

// holding visits the alerts with a range that may hold the bare number.
func (r *ranges) holding(number string, visit func(alert uint32)) {
	key, n, ok := seriesOf(number)
	if !ok {
		return
	}
	i := bisect(0, r.keys.len(), func(i int) bool { return r.keys.at(i) > key || r.keys.at(i) == key && r.from.at(i) > n })
	for i--; i >= 0 && r.keys.at(i) == key && r.upTo.at(i) >= n; i-- {
		if r.to.at(i) >= n {
			visit(r.alerts.at(i))
		}
	}
}

// names reports whether the item names the bare number, alone or in its range.
func names(d border.AlertDocument, number string) bool {
	if border.NumberKey(d.Number) == number {
		return true
	}
	r, ok := rangeOf(d)
	if !ok {
		return false
	}
	key, n, ok := seriesOf(number)
	return ok && key == r.key && r.from <= n && n <= r.to
}
