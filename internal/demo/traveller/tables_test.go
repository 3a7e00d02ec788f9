package traveller

import (
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/mrz"
)

var someListed = []Listed{
	{ID: "test:1", Primary: "Al-Quraishi", Secondary: "Khalid Yousef", Birth: border.PartialDate{Year: 1971, Month: 3, Day: 9}, Nationality: "IRQ", Sex: "M"},
	{ID: "test:2", Primary: "Ковальчук", Secondary: "Олег", Birth: border.PartialDate{Year: 1966}, Nationality: "UKR"},
	{ID: "test:3", Primary: "Çekirge", Secondary: "Nazlı", Birth: border.PartialDate{Year: 1980, Month: 12}, Nationality: ""},
}

func TestListedPersonsComeUp(t *testing.T) {
	unusable := []Listed{
		{ID: "no year", Primary: "X"}, {ID: "no name", Birth: border.PartialDate{Year: 1970}},
		{ID: "other script", Primary: "王", Birth: border.PartialDate{Year: 1970}},
		{ID: "digit", Primary: "A1", Birth: border.PartialDate{Year: 1970}},
		{ID: "no date", Primary: "X", Birth: border.PartialDate{Year: 1970, Month: 2, Day: 30}},
	}
	s := source(t, 13, func(o *Options) { o.NoFaults, o.Listed = true, append(unusable, someListed...) })
	byID := map[string]Listed{}
	for _, l := range someListed {
		byID[l.ID] = l
	}
	seen, misspelt, trips := map[string]int{}, 0, 0
	for range 8000 {
		tr := s.begin(s.Post())
		for _, v := range tr.people {
			if v.Truth.Listed == "" {
				continue
			}
			l, d := byID[v.Truth.Listed], v.Document
			trips++
			seen[l.ID]++
			same := d.Primary == strings.ReplaceAll(mrz.Transliterate(l.Primary), "<", " ")
			if v.Truth.Misspelt {
				misspelt++
			}
			if same == v.Truth.Misspelt || d.Birth.Year != l.Birth.Year || l.Birth.Day != 0 && d.Birth != l.Birth {
				t.Fatalf("%s: %+v", l.ID, d)
			}
			if l.Nationality != "" && d.Nationality != l.Nationality || len(tr.people) != 1 {
				t.Fatalf("%s: nationality %s, party of %d", l.ID, d.Nationality, len(tr.people))
			}
		}
	}
	if trips < 60 || trips > 140 || misspelt < trips/4 || misspelt > trips*3/5 || len(seen) != len(someListed) {
		t.Errorf("%d listed, %d misspelt, %v", trips, misspelt, seen)
	}
	s.Watch(nil)
	if p := s.begin(Morina); len(s.listed) != 0 || p.people[0].Truth.Listed != "" {
		t.Error("the withdrawn still come")
	}
}

func TestFromAlert(t *testing.T) {
	a := border.Alert{
		ID: "x:1", Kind: border.PersonAlert, Sex: "F", Nations: []string{"ITA"},
		Names:  []border.AlertName{{Primary: "Weak", Weak: true}, {Primary: "Alias", Alias: true}, {Primary: "Strong", Secondary: "Name"}},
		Births: []border.PartialDate{{Year: 1970}, {Year: 1971}},
	}
	want := Listed{ID: "x:1", Primary: "Strong", Secondary: "Name", Birth: border.PartialDate{Year: 1970}, Nationality: "ITA", Sex: "F"}
	if got, ok := FromAlert(&a); !ok || got != want {
		t.Errorf("got %+v, %v", got, ok)
	}
	a.Kind = border.DocumentAlert
	if _, ok := FromAlert(&a); ok {
		t.Error("a document is no person")
	}
}

// TestPatternsApart: no number can be of two patterns of one issuer, and each pattern has numbers enough.
func TestPatternsApart(t *testing.T) {
	for _, n := range nations {
		patterns := strings.Split(n.passport, "|")
		if n.card != "" {
			patterns = append(patterns, strings.Split(n.card, "|")...)
		}
		if n.code == "ALB" {
			patterns = append(patterns, permitPattern, visaPattern)
		}
		patterns = append(patterns, crewPattern)
		apart(t, n.code, patterns, 9)
		if n.plate != "" {
			apart(t, n.code+" plates", strings.Split(n.plate, "|"), 10)
		}
	}
}

func apart(t *testing.T, owner string, patterns []string, longest int) {
	t.Helper()
	for i, p := range patterns {
		if r := newSeries(p, 0); r.room < 90_000 || len(p) > longest {
			t.Errorf("%s: %s has %d numbers", owner, p, r.room)
		}
		for _, q := range patterns[:i] {
			if overlap(p, q) {
				t.Errorf("%s: %s and %s overlap", owner, p, q)
			}
		}
	}
}

func overlap(p, q string) bool {
	if len(p) != len(q) {
		return false
	}
	for i := range len(p) {
		if !strings.ContainsAny(letters(p[i]), letters(q[i])) {
			return false
		}
	}
	return true
}

func letters(class byte) string {
	if a := alphabet(class); a != "" {
		return a
	}
	return string(class)
}

func TestSeriesVisitsEachNumberOnce(t *testing.T) {
	for _, pattern := range []string{"A##", "@#", "*#", "%#%", "#"} {
		r, seen := newSeries(pattern, 7), map[string]bool{}
		for range r.room {
			seen[r.next()] = true
		}
		if uint64(len(seen)) != r.room {
			t.Errorf("%s: %d numbers of %d", pattern, len(seen), r.room)
		}
	}
}

func TestTablesHoldTogether(t *testing.T) {
	if size := len(listedNames) + len(addedNames); size > 300_000 {
		t.Errorf("names are %d bytes", size)
	}
	for post, f := range profiles {
		for _, w := range append(f.lorries, f.mix...) {
			key := w.pool
			if key == "" {
				key = w.code
			}
			if nationOf[w.code] == nil || pools[key] == nil || w.weight <= 0 {
				t.Errorf("%s: %s of %s has no row, names or weight", post, w.code, key)
			}
		}
	}
	for _, code := range spouses {
		if nationOf[code] == nil {
			t.Errorf("%s has no row", code)
		}
	}
	for code := range nationOf {
		if _, ok := mrz.StateName(code); !ok {
			t.Errorf("%s is no code of a zone", code)
		}
	}
	for code, p := range pools {
		if nationOf[code] == nil || len(p.surnames) < 5 || len(p.young["F"]) < 3 || len(p.young["M"]) < 3 {
			t.Errorf("%s: too few names, or of nobody", code)
		}
		all := append([]string{}, p.surnames...)
		for _, sex := range []string{"F", "M"} {
			all = append(append(all, p.young[sex]...), p.adult[sex]...)
		}
		for _, name := range all {
			if z := mrz.Transliterate(name); len(z) < 2 || len([]rune(name)) > len(z)+1 {
				t.Errorf("%s: %q loses letters as %q", code, name, z)
			}
		}
	}
}

func TestFeminine(t *testing.T) {
	for _, c := range []struct{ people, name, want string }{
		{"CZE", "Novák", "Nováková"}, {"CZE", "Veselý", "Veselá"}, {"CZE", "Svoboda", "Svobodová"}, {"CZE", "Němec", "Němcová"},
		{"SVK", "Horváth", "Horváthová"}, {"SVK", "Michálek", "Michálková"},
		{"POL", "Kowalski", "Kowalska"}, {"POL", "Nowak", "Nowak"}, {"BGR", "Ivanov", "Ivanova"}, {"MKD", "Petrovski", "Petrovska"},
		{"RUS", "Golubev", "Golubeva"}, {"GRC", "Papadopoulos", "Papadopoulou"}, {"GRC", "Samaras", "Samara"}, {"GRC", "Georgiou", "Georgiou"},
		{"ALB", "Hoxha", "Hoxha"}, {"D", "Lewandowski", "Lewandowski"},
	} {
		if got := feminine(c.people, c.name); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.people, c.name, got, c.want)
		}
	}
}
