package watchlist

import (
	"fmt"
	"reflect"
	"testing"

	"tims/internal/border"
)

// What is remembered changes no answer: asked again, with all of it known, every query gets the same hits.
func TestRememberedGainsChangeNothing(t *testing.T) {
	x := inventedIndex(2000)
	first := map[int][]border.Hit{}
	for round := range 3 {
		for i, q := range travellersOf(5, 60) {
			q.Least = map[border.AlertKind]float64{border.PersonAlert: float64(i % 10)}
			q.Truncated = i%4 == 0
			hits := x.Match(q)
			if round == 0 {
				first[i] = hits
			} else if !reflect.DeepEqual(hits, first[i]) {
				t.Fatalf("query %d: %d hits in round %d, %d in the first", i, len(hits), round, len(first[i]))
			}
		}
	}
	if len(x.layers[0].seg.gained.young) == 0 {
		t.Fatal("nothing is remembered")
	}
}

// However many words are asked for, two generations are kept, and a word asked for again outlives the others.
func TestGainCacheIsBounded(t *testing.T) {
	c := gainCache{most: 100 * (wordBytes + gainBytes)}
	for i := range 10_000 {
		c.put(fmt.Sprint(i), []gain{{id: int32(i)}})
		if len(c.young) > 100 || len(c.old) > 100 {
			t.Fatalf("%d and %d words", len(c.young), len(c.old))
		}
		if g := c.get("0"); g == nil || g.gains[0].id != 0 {
			t.Fatalf("lost after %d", i)
		}
	}
	if c.get("1") != nil {
		t.Fatal("a word not asked for again is still there")
	}
	c.put("large", make([]gain, 10_000))
	if c.get("large") != nil {
		t.Fatal("a word larger than a generation was kept")
	}
}
