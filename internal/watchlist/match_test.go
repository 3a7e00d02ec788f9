package watchlist

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tims/internal/border"
	"tims/internal/translit"
)

func born(s string) border.PartialDate {
	d, err := border.ParsePartialDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func person(id, primary, secondary, birth, nation, sex string) border.Alert {
	a := border.Alert{ID: id, List: "made", Kind: border.PersonAlert, Action: border.ActArrest, Sex: sex,
		Names: []border.AlertName{{Primary: primary, Secondary: secondary}}}
	if birth != "" {
		a.Births = []border.PartialDate{born(birth)}
	}
	if nation != "" {
		a.Nations = []string{nation}
	}
	return a
}

var wanted = List{
	person("mladic", "MLADIĆ", "Ratko", "1942-03-12", "BIH", "M"),
	person("tikriti", "AL-TIKRITI", "Barzan Abd al-Ghafur Sulayman", "1960-??-??", "IRQ", "M"),
	person("rahman", "ABD AL-RAHMAN", "Umar", "1957-05-03", "EGY", "M"),
	person("husayn", "HUSAYN", "Muhammad", "1965-11-20", "YEM", "M"),
	person("garcia", "GARCIA LOPEZ", "Maria Elena", "1970-07-31", "MEX", "F"),
	person("kim", "KIM", "Yong Chol", "1962-02-18", "PRK", ""),
	person("mueller", "MÜLLER", "Jörg", "1980-04-09", "D", "M"),
	person("oconnor", "O'CONNOR", "Sean Patrick", "1975-01-01", "IRL", "M"),
	person("yerevan", "PODGORNOVA", "Yevgeniya Aleksandrovna", "1980-07-16", "RUS", "F"),
}

// Each line is a traveller and the alert that must be hit, or none.
func TestVariations(t *testing.T) {
	x := Build(wanted)
	for _, c := range []struct{ kind, primary, secondary, birth, nation, sex, want string }{
		{"as listed", "MLADIC", "RATKO", "1942-03-12", "BIH", "M", "mladic"},
		{"surname and given name exchanged", "RATKO", "MLADIC", "1942-03-12", "BIH", "M", "mladic"},
		{"all in one identifier", "RATKO MLADIC", "", "1942-03-12", "", "", "mladic"},
		{"other transliteration", "MLADITCH", "RATKO", "1942-03-12", "SRB", "M", "mladic"},
		{"letter dropped, no birth date", "MLADC", "RATKO", "", "BIH", "", "mladic"},
		{"day and month exchanged", "MLADIC", "RADKO", "1942-12-03", "BIH", "M", "mladic"},
		{"particle joined", "ALTIKRITI", "BARZAN ABDALGHAFUR", "1960-08-01", "IRQ", "M", "tikriti"},
		{"particle in another form, names missing", "EL TIKRITI", "BARZAN", "1960-08-01", "IRQ", "M", "tikriti"},
		{"particle left out", "TIKRITI", "BARZAN SULAYMAN", "1960-08-01", "IRQ", "M", "tikriti"},
		{"three words as one", "ABDULRAHMAN", "OMAR", "1957-05-03", "EGY", "M", "rahman"},
		{"vowels as another country writes them", "HOUSSEIN", "MOHAMED", "1965-11-20", "YEM", "M", "husayn"},
		{"second surname missing", "GARCIA", "MARIA ELENA", "1970-07-31", "MEX", "F", "garcia"},
		{"given names joined", "GARCIA LOPEZ", "MARIAELENA", "1970-07-31", "MEX", "F", "garcia"},
		{"initial", "GARCIA LOPEZ", "M E", "1970-07-31", "MEX", "F", "garcia"},
		{"two-part given name as one", "KIM", "YONGCHOL", "1962-02-18", "PRK", "M", "kim"},
		{"long form of marks", "MUELLER", "JOERG", "1980-04-09", "D", "M", "mueller"},
		{"short form of marks", "MULLER", "JORG", "1980-04-09", "D", "M", "mueller"},
		{"apostrophe as a blank, year only", "O CONNOR", "SEAN", "1975-09-30", "IRL", "M", "oconnor"},
		{"first letter wrong", "KLADIC", "RATKO", "1942-03-12", "BIH", "M", "mladic"},

		{"common names, born otherwise, other nation", "GARCIA", "MARIA", "1991-01-19", "ESP", "F", ""},
		{"same birth date and nation, other name", "SANCHEZ", "LUCIA", "1970-07-31", "MEX", "F", ""},
		{"surname alone", "MLADIC", "JELENA", "1988-06-02", "SRB", "F", ""},
		{"common words", "KIM", "CHOL SU", "1990-02-18", "KOR", "M", ""},
		{"nothing known", "", "", "", "", "", ""},
	} {
		q := Query{Primary: c.primary, Secondary: c.secondary, Nationality: c.nation, Sex: c.sex, Birth: born(c.birth)}
		var got []string
		for _, h := range x.Match(q) {
			got = append(got, h.AlertID)
		}
		if d := cmp.Diff(strings.Fields(c.want), append([]string{}, got...)); d != "" {
			q.Least = map[border.AlertKind]float64{border.PersonAlert: -20}
			t.Errorf("%s: %s\n%+v", c.kind, d, x.Match(q))
		}
	}
}

func TestTruncatedName(t *testing.T) {
	x := Build(wanted)
	q := Query{Primary: "PODGORNOVA", Secondary: "YEVGENIYA ALEKSAND"}
	least := map[border.AlertKind]float64{border.PersonAlert: 0}
	q.Least = least
	whole := x.Match(q)[0].Score
	q.Truncated = true
	if cut := x.Match(q)[0].Score; cut <= whole {
		t.Errorf("a full name field scores %.1f, one with room %.1f", cut, whole)
	}
	short := Query{Primary: "PODGORNOVA", Secondary: "YEV", Truncated: true}
	if len(x.Match(short)) != 1 {
		t.Error("the beginning of a given name in a full field is not taken for it")
	}
}

func TestQueryOf(t *testing.T) {
	line := strings.Repeat("<", 44)
	for _, c := range []struct {
		primary, secondary string
		zone               []string
		cut                bool
	}{
		{"PODGORNOVA", "YEVGENIYA ALEKSANDROVN", nil, false},
		{"PODGORNOVA", "YEVGENIYA ALEKSAND", []string{"", "", ""}, true},
		{"PODGORNOVA", "YEVGENIYA ALEKSAN", []string{"", "", ""}, false},
		{"PODGORNOVA DE LA CRUZ", "YEVGENIYA ALEKSA", []string{line, line}, true},
		{"PODGORNOVA", "YEVGENIYA ALEKSAND", []string{line[:36], line[:36]}, false},
	} {
		d := border.Document{Primary: c.primary, Secondary: c.secondary, Zone: c.zone, Issuer: "RUS", Number: "1", Nationality: "RUS"}
		if q := QueryOf(d); q.Truncated != c.cut || q.Issuer != "RUS" || q.Primary != c.primary {
			t.Errorf("%d lines, %d letters: %+v", len(c.zone), len(c.primary)+len(c.secondary), q)
		}
	}
}

func TestBirthWeight(t *testing.T) {
	for _, c := range []struct {
		seen, listed string
		want         float64
	}{
		{"1974-08-12", "1974-08-12", birthSame}, {"1974-01-01", "1974-01-01", birthFirstJan},
		{"1974-12-08", "1974-08-12", birthSwapped}, {"1974-08-12", "1974-??-??", birthYear},
		{"1974-08-12", "1974-08-??", birthMonth}, {"1974-08-13", "1974-08-12", birthPart},
		{"1974-08-12", "1974-01-01", birthPart}, {"1974-03-25", "1974-08-12", birthSameYear},
		{"1973-08-12", "1974-08-12", birthTypo}, {"1984-08-12", "1974-08-12", birthTypo},
		{"1974-09-??", "1974-08-??", birthSameYear}, {"1975-02-03", "1974-??-??", birthNext},
		{"1976-02-03", "1974-08-12", birthNear}, {"1979-02-03", "1974-08-12", birthOff},
		{"1990-02-03", "1974-08-12", birthFar}, {"????-08-12", "1974-08-12", birthTypo},
		{"????-??-??", "1974-08-12", 0}, {"????-08-13", "1974-08-12", 0},
	} {
		seen := border.PartialDate{}
		if c.seen != "????-??-??" {
			seen = born(c.seen)
		}
		if got, _ := birthWeight(seen, born(c.listed)); got != c.want {
			t.Errorf("%s against %s: %.1f, want %.1f", c.seen, c.listed, got, c.want)
		}
	}
	if w, day := births(born("1974-08-12"), []border.PartialDate{born("1990-01-02"), born("1974-??-??")}); w != birthYear || day.Year != 1974 {
		t.Errorf("of several dates the best counts, got %.1f for %v", w, day)
	}
}

func TestExact(t *testing.T) {
	x := Build(List{
		{ID: "stolen", List: "made", Kind: border.DocumentAlert, Documents: []border.AlertDocument{{Issuer: "ALB", Number: "BG 123-456"}}},
		{ID: "bearer", List: "made", Kind: border.PersonAlert, Names: []border.AlertName{{Primary: "HOXHA"}},
			Documents: []border.AlertDocument{{Number: "BG123456"}}},
		{ID: "car", List: "made", Kind: border.VehicleAlert, Vehicles: []border.AlertVehicle{{Country: "ALB", Plate: "AA 0I5 BO"}}},
	})
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Issuer: "ALB", Number: "BG123456"}, "stolen bearer"},
		{Query{Number: "BG123456"}, "bearer stolen"},
		{Query{Issuer: "GRC", Number: "BG123456"}, "bearer"},
		{Query{Issuer: "ALB", Number: "BG123457"}, ""},
		{Query{Issuer: "ALB", Number: "BG123456", Primary: "DURAND", Secondary: "LUC"}, "stolen bearer"},
		{Query{Plate: "AA 0I5 BO", Country: "ALB"}, "car"},
		{Query{Plate: "aa-015-80", Country: "ALB"}, "car"},
		{Query{Plate: "AA015BO"}, "car"},
		{Query{Plate: "AA 0I5 BO", Country: "GRC"}, ""},
		{Query{Plate: "AA 016 BO", Country: "ALB"}, ""},
	} {
		var got []string
		for _, h := range x.Match(c.q) {
			got = append(got, h.AlertID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.q, got, c.want)
		}
	}
}

func TestInForce(t *testing.T) {
	day, err := border.NewDate(2026, 11, 21)
	if err != nil {
		t.Fatal(err)
	}
	a := person("late", "MLADIC", "RATKO", "1942-03-12", "BIH", "M")
	a.Until = day.AddDays(-1)
	x := Build(List{a})
	q := Query{Primary: "MLADIC", Secondary: "RATKO", Birth: born("1942-03-12")}
	if len(x.Match(q)) != 1 {
		t.Error("asked without a day, an alert that ended is still found")
	}
	if q.On = day; len(x.Match(q)) != 0 {
		t.Error("an alert that ended yesterday hits")
	}
	if q.On = a.Until; len(x.Match(q)) != 1 {
		t.Error("an alert does not hit on its last day")
	}
}

func TestUnnamed(t *testing.T) {
	x := Build(List{person("thai", "สมชาย", "ใจดี", "", "", ""), person("latin", "IVANOV", "IVAN", "", "", "")})
	if d := cmp.Diff([]string{"thai"}, x.Unnamed()); d != "" || x.Len() != 2 {
		t.Error(d, x.Len())
	}
}

// A name of more particles than words are looked at is found by them.
func TestNameOfParticlesWithoutEnd(t *testing.T) {
	name := strings.Repeat("AL ", maxWords) + "TIKRITI"
	x := Build(List{person("1", name, "", "1960-03-04", "IRQ", "M")})
	if hits := x.Match(Query{Primary: name}); len(hits) != 1 {
		t.Errorf("%d hits", len(hits))
	}
}

// Whatever aligning every name of every alert would find, Match finds: candidates lose nothing.
func TestCandidatesLoseNothing(t *testing.T) {
	syllable := rapid.SampledFrom(strings.Fields("AL BIN KHA LID MO HA MED MUH AMM AD HUS SEIN SAYN AB DUL RAH MAN A E SHCH YEV GENI OVICH KIM"))
	name := rapid.Custom(func(t *rapid.T) string {
		var w []string
		for range rapid.IntRange(1, 3).Draw(t, "words") {
			w = append(w, strings.Join(rapid.SliceOfN(syllable, 1, 3).Draw(t, "syllables"), ""))
		}
		return strings.Join(w, " ")
	})
	date := rapid.SampledFrom([]string{"", "1960-??-??", "1960-03-04", "1960-04-03", "1961-03-04", "1980-01-01"})
	rapid.Check(t, func(t *rapid.T) {
		var l List
		for i := range rapid.IntRange(1, 30).Draw(t, "alerts") {
			l = append(l, person(fmt.Sprint(i), name.Draw(t, "primary"), name.Draw(t, "secondary"), date.Draw(t, "born"), "IRQ", "M"))
		}
		late := rapid.IntRange(0, len(l)-1).Draw(t, "added later")
		x := Build(l[late:]).With(l[:late], []Key{KeyOf(&l[len(l)-1])})
		q := Query{Primary: name.Draw(t, "asked"), Secondary: name.Draw(t, "given"), Birth: born(date.Draw(t, "birth")),
			Nationality: rapid.SampledFrom([]string{"IRQ", "FRA", ""}).Draw(t, "nation"), Truncated: rapid.Bool().Draw(t, "cut"),
			Least: map[border.AlertKind]float64{border.PersonAlert: rapid.SampledFrom([]float64{10, 10, 16, 5, 0, -20}).Draw(t, "least")}}
		var all []found
		for i := range x.layers {
			all = append(all, pairAll(&x.layers[i], q)...)
		}
		var want []string
		for _, h := range answer(all, nil, maxHits) {
			want = append(want, fmt.Sprintf("%s %.6f", h.AlertID, h.Score))
		}
		var got []string
		for _, h := range x.Match(q) {
			got = append(got, fmt.Sprintf("%s %.6f", h.AlertID, h.Score))
		}
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

// A word that gains a little by an initial may still be paired with one that it is barely like, where the birth date agrees.
func TestBarelyAlikeBesideAGain(t *testing.T) {
	x := Build(List{person("qz", "QZ AL A", "", "1960-03-04", "IRQ", "M")})
	q := Query{Primary: "AQZ", Birth: born("1960-03-04"), Nationality: "IRQ", Sex: "M",
		Least: map[border.AlertKind]float64{border.PersonAlert: 17}}
	if want := pairAll(&x.layers[0], q); len(want) != 1 || len(x.Match(q)) != 1 {
		t.Errorf("aligned %+v, matched %+v", want, x.Match(q))
	}
}

// pairAll aligns every name of every alert.
func pairAll(l *layer, q Query) []found {
	m := &matching{layer: l, seg: l.seg, q: q, best: map[uint32]found{}, looker: l.seg.look(forms(q.Primary, q.Secondary)[0], q.Truncated)}
	for n := range uint32(l.seg.nameCount()) {
		if m.load(l.seg.alertOf.at(int(n))) {
			m.person(n)
		}
	}
	return slices.Collect(maps.Values(m.best))
}

// Whatever stands in a name field, a match ends without a fault and its hits keep the threshold.
func FuzzMatch(f *testing.F) {
	f.Add("MLADIC", "RATKO", "L898902C", true)
	f.Add("Müller<<", "ß-\x00’", "", false)
	f.Add("АЛИ \xff", strings.Repeat("A ", 40)+strings.Repeat("B", 99), "<<<", true)
	x := Build(wanted)
	f.Fuzz(func(t *testing.T, primary, secondary, number string, cut bool) {
		for _, h := range x.Match(Query{Primary: primary, Secondary: secondary, Number: number, Plate: number, Truncated: cut}) {
			if h.Score < DefaultLeast()[h.Kind] {
				t.Errorf("%s: %f", h.AlertID, h.Score)
			}
		}
		for _, w := range words(strings.Fields(strings.Join(translit.Forms(primary, true), " ")), nil) { // an alert's name goes the same way into the index
			if p := newPattern(w.text); len(w.text) > maxLetters || p.jaroWinkler(w.text, p.sign.prefix(p.sign)) < 1-1e-9 {
				t.Errorf("%q is not like itself", w.text)
			}
		}
	})
}
