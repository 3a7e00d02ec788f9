package watchlist

// A keyed is something to be put in the order of a number.
type keyed[T any] struct {
	key  uint64
	item T
}

const (
	digitBits = 11
	digits    = (64 + digitBits - 1) / digitBits
)

func digitOf(key uint64, d int) uint64 { return key >> (d * digitBits) & (1<<digitBits - 1) }

// sortKeyed sorts by key; what has one key stays as it came. The memory of all is used up.
func sortKeyed[T any](all []keyed[T]) []keyed[T] {
	if len(all) == 0 {
		return all
	}
	var places [digits][1 << digitBits]uint32
	for i := range all {
		for d := range digits {
			places[d][digitOf(all[i].key, d)]++
		}
	}
	other := make([]keyed[T], len(all))
	for d := range digits {
		place := &places[d]
		if place[digitOf(all[0].key, d)] == uint32(len(all)) {
			continue // one digit for all
		}
		next := uint32(0)
		for v, n := range place {
			place[v], next = next, next+n
		}
		for i := range all {
			v := digitOf(all[i].key, d)
			other[place[v]] = all[i]
			place[v]++
		}
		all, other = other, all
	}
	return all
}
