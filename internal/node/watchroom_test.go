package node

import (
	"errors"
	"fmt"
	"testing"

	"tims/internal/border"
	"tims/internal/invented"
	"tims/internal/watchlist"
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
