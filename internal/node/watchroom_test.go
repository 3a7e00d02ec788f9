package node

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/invented"
	"tims/internal/record"
	"tims/internal/watchlist"
	"tims/internal/watchlist/numbers"
)

func TestPastFits(t *testing.T) {
	many := map[[32]byte]version{}
	for i := range maxHeld + 1 {
		many[[32]byte{byte(i), byte(i >> 8), byte(i >> 16)}] = version{}
	}
	for _, row := range []struct {
		name string
		past past
		room int64
		want error
	}{
		{"nothing", past{}, 0, nil},
		{"as much as there is", past{room: 100}, 100 * heldTimes, nil},
		{"more than there is", past{room: 101}, 100 * heldTimes, errRoom},
		{"as much as is held", past{room: maxHeldRoom}, 1 << 40, nil},
		{"more than is held", past{room: maxHeldRoom + 1}, 1 << 40, errHeld},
		{"too many versions", past{gone: many}, 1 << 40, errHeld},
		{"as many canaries as are looked for", past{canaries: maxCanaries}, 1 << 40, nil},
		{"too many canaries", past{canaries: maxCanaries + 1}, 1 << 40, errHeld},
	} {
		if err := row.past.fits(row.room); !errors.Is(err, row.want) || err != nil && row.want == nil {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// What a node counts for an alert is no less than what the index takes for it.
func TestBytesOfAlerts(t *testing.T) {
	var alerts []border.Alert
	counted := int64(0)
	for d := range invented.Travellers(1, 20_000) {
		a := border.Alert{ID: fmt.Sprint("l:", len(alerts)), List: "l", Kind: border.PersonAlert, Action: border.ActInform,
			Names: []border.AlertName{{Primary: d.Primary, Secondary: d.Secondary}}, Births: []border.PartialDate{d.Birth}, Nations: []string{d.Nationality}, Sex: d.Sex}
		if len(alerts)%2 == 0 {
			a.Names = append(a.Names, border.AlertName{Primary: d.Secondary, Secondary: d.Primary, Alias: true})
			a.Reason, a.Documents = fmt.Sprintf("file %d of the court", len(alerts)), []border.AlertDocument{{Issuer: d.Issuer, Number: d.Number}}
		}
		counted += bytesOf(&a)
		alerts = append(alerts, a)
	}
	if size := int64(watchlist.Build(alerts).Size()); size > counted || counted > 3*size {
		t.Errorf("counted %d bytes, the index has %d", counted, size)
	}
	least := border.Alert{ID: "l:1", List: "l", Kind: border.DocumentAlert, Action: border.ActInform, Documents: []border.AlertDocument{{Number: "A12345678"}}}
	if err := least.Validate(); err != nil || bytesOf(&least) < leastAlert {
		t.Errorf("%v, %d bytes", err, bytesOf(&least))
	}
}

// A release that has more than its record names, or more canaries than are looked for, is left while it is opened.
func TestFacts(t *testing.T) {
	c := factsOf([]border.Alert{{ID: "a", Canary: true}, {ID: "b"}, {ID: "c", Face: make([]byte, 1000)}})
	if c.alerts != 3 || c.canaries != 1 || c.size < 1000 {
		t.Errorf("%+v", c)
	}
	a := &announcement{}
	a.body.Count = 5
	s := sumOf([]chunkFacts{c})
	if err := s.within(a); err != nil {
		t.Error(err)
	}
	s.add(c)
	if err := s.within(a); !errors.Is(err, errChunks) {
		t.Error(err)
	}
	a.body.Count = maxAlerts
	s.add(chunkFacts{canaries: maxCanaries})
	if err := s.within(a); !errors.Is(err, errCanaries) {
		t.Error(err)
	}
}

// Ranges and long numbers count for what they take, and a set counts alike in whatever way it came about.
func TestRoomOfNumbers(t *testing.T) {
	var b, more numbers.Builder
	for i := range 40_000 {
		if err := errors.Join(b.Add(numbers.Entry{Issuer: "ALB", Number: fmt.Sprintf("A%013d", i)}),
			more.Add(numbers.Entry{Issuer: "ALB", Number: fmt.Sprintf("B%07d0", i), To: fmt.Sprintf("B%07d9", i)})); err != nil {
			t.Fatal(err)
		}
	}
	empty := new(numbers.Builder).Set().Size()
	set := b.Set().Changed(&more, new(numbers.Builder))
	if size := set.Size() - empty; roomOfSet(set) < int64(size) || roomOfSet(set) != 80_000*roomOfPaper || roomOfSet(set.Merge()) != roomOfSet(set) {
		t.Errorf("%d bytes counted, merged %d; the set has %d", roomOfSet(set), roomOfSet(set.Merge()), size)
	}
}

// A list that is kept up is no younger for it than one that was released since, and takes its room first at a node that has nothing.
func TestOlderListComesFirst(t *testing.T) {
	w := watching{announced: map[string][]*announcement{
		"crowd": {{written: 20, whole: true, body: record.ListBody{Release: 1}}},
		"sdn":   {{written: 10, left: true, body: record.ListBody{Release: 1}}, {written: 30, whole: true, body: record.ListBody{Release: 2}}},
	}}
	if got := w.byAge(); !slices.Equal(got, []string{"sdn", "crowd"}) {
		t.Error(got)
	}
}
