package invented_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
	"tims/internal/invented"
)

// A list comes out the same each time, a longer one begins with the shorter one, and another seed gives another.
func TestSameSeedSameList(t *testing.T) {
	short := slices.Collect(invented.Alerts(invented.List{Persons: 50, Documents: 20, Vehicles: 20, Seed: 7}))
	long := slices.Collect(invented.Alerts(invented.List{Persons: 90, Documents: 40, Vehicles: 20, Seed: 7}))
	again := slices.Concat(long[:50], long[90:110], long[130:])
	if d := cmp.Diff(short, again); d != "" {
		t.Error(d)
	}
	other := slices.Collect(invented.Alerts(invented.List{Persons: 50, Documents: 20, Vehicles: 20, Seed: 8}))
	for i := range other {
		if cmp.Equal(short[i], other[i]) {
			t.Errorf("%s is the same under another seed", short[i].ID)
		}
	}
}

// Everything made may go on a list, and ids are unique.
func TestAlertsAreValid(t *testing.T) {
	seen := map[string]bool{}
	for a := range invented.Alerts(invented.List{Persons: 20_000, Documents: 2_000, Vehicles: 2_000, Seed: 1}) {
		if err := a.Validate(); err != nil || seen[a.ID] {
			t.Fatalf("%+v: %v, seen %v", a, err, seen[a.ID])
		}
		seen[a.ID] = true
		for _, v := range a.Vehicles {
			if len(v.VIN) != 0 && len(v.VIN) != 17 {
				t.Errorf("identification number %s", v.VIN)
			}
		}
	}
}

// Few words are borne by many, and a list ten times as long has many more different ones.
func TestFrequenciesAreLikeLife(t *testing.T) {
	count := map[string]int{}
	words, at2000 := 0, 0
	n := 0
	for a := range invented.Alerts(invented.List{Persons: 20_000, Seed: 1}) {
		for _, w := range strings.Fields(a.Names[0].Primary + " " + a.Names[0].Secondary) {
			count[w]++
			words++
		}
		if n++; n == 2000 {
			at2000 = len(count)
		}
	}
	top := 0
	for _, c := range count {
		top = max(top, c)
	}
	if share := float64(top) / float64(words); share < 0.005 || share > 0.05 {
		t.Errorf("the commonest word makes up %.4f of all", share)
	}
	if growth := float64(len(count)) / float64(at2000); growth < 2.5 || growth > 8 {
		t.Errorf("%d different words in 2,000 names, %d in 20,000", at2000, len(count))
	}
}

func TestTravellers(t *testing.T) {
	two := slices.Collect(invented.Travellers(3, 2000))
	if d := cmp.Diff(two[:10], slices.Collect(invented.Travellers(3, 10))); d != "" {
		t.Error(d)
	}
	for _, d := range two {
		if strings.Trim(d.Primary+d.Secondary, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") != "" || d.Primary == "" || d.Secondary == "" ||
			d.Birth == (border.PartialDate{}) || d.Nationality == "" {
			t.Errorf("%+v", d)
		}
	}
}
