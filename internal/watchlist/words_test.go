package watchlist

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tims/internal/border"
	"tims/internal/translit"
)

// Both identifiers take the same form at a time, and a name in another script is divided where it is whole.
func TestFormsOfNames(t *testing.T) {
	for _, c := range []struct{ primary, secondary, want string }{
		{"Müller", "Jörg", "MUELLER<JOERG MULLER<JORG"},
		{"MULLER", "JORG", "MULLER<JORG"},
		{"Müller", "Anna", "MUELLER<ANNA MULLER<ANNA"},
		{"Иванов", "Юрий", "IVANOV<IURII IVANOV<YURY IVANOV<IOURII"},
		{"习近平", "", "XI.JINPING< HSI.CHINPING<"},
		{"习", "近平", "XI<JINPING HSI<CHINPING"},
		{"", "  ", ""},
	} {
		var got []string
		for _, f := range forms(c.primary, c.secondary) {
			got = append(got, strings.Join(f.primary, ".")+"<"+strings.Join(f.secondary, "."))
		}
		if d := cmp.Diff(c.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s %s: %s", c.primary, c.secondary, d)
		}
	}
}

func TestJoins(t *testing.T) {
	for name, want := range map[string]string{
		"AL TIKRITI":                   "ALTIKRITI",
		"ABD AL RAHMAN":                "ABDALRAHMAN ALRAHMAN",
		"MARIA ELENA":                  "MARIAELENA",
		"HAJI ABDUL":                   "",
		"VAN DER BERG":                 "VANDERBERG DERBERG",
		"LI NA":                        "LINA",
		"GARCIA LOPEZ DIAZ":            "GARCIALOPEZ LOPEZDIAZ",
		"DELOS REYES JR":               "DELOSREYES",
		"A B":                          "",
		strings.Repeat("WORDWORD ", 6): strings.TrimSpace(strings.Repeat("WORDWORDWORDWORD ", 5)),
	} {
		var got []string
		for _, j := range joins(words(strings.Fields(name), nil)) {
			got = append(got, j.text)
		}
		if d := cmp.Diff(strings.Fields(want), append([]string{}, got...)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestSound(t *testing.T) {
	for _, alike := range []string{
		"MOHAMMED MUHAMMAD MOHAMED", "HUSSEIN HUSAYN HUSAIN HUSEIN", "AHMAD AHMED", "YUSUF YOUSUF YOUSSOUF", "ABDULLAH ABDULLA",
		"SERGEY SERGEI", "POPOV POPOFF", "ZHUKOV DJUKOV", "SHEVCHENKO SEVCENKO", "KHALID HALID", "QASIM KASIM", "FAYSAL FAISAL",
	} {
		w := strings.Fields(alike)
		for _, o := range w[1:] {
			if sound(w[0]) != sound(o) {
				t.Errorf("%s is %s, %s is %s", w[0], sound(w[0]), o, sound(o))
			}
		}
	}
	for _, other := range []string{"HASSAN HUSSEIN", "IVAN IVANOV", "ALI OLA", "MARIA MARIO", "KIM KAM"} {
		a, b, _ := strings.Cut(other, " ")
		if sound(a) == sound(b) {
			t.Errorf("%s and %s sound the same: %s", a, b, sound(a))
		}
	}
}

func TestSkeleton(t *testing.T) {
	for word, want := range map[string]string{"MOHAMMAD": "MD", "ALAHMAD": "MD", "TIKRITI": "TKRT", "ALTIKRITI": "TKRT", "QASSIM": "KSM", "ELLA": ""} {
		if skeletonHash(word) != hashOf(want) || skeletonHash([]byte(word)) != hashOf(want) {
			t.Errorf("%s has not the skeleton %q", word, want)
		}
	}
}

// plainJaroWinkler follows the definition letter by letter.
func plainJaroWinkler(a, b string) float64 {
	reach := max(max(len(a), len(b))/2-1, 0)
	usedA, usedB := make([]bool, len(a)), make([]bool, len(b))
	k := 0
	for j := range b {
		for i := max(0, j-reach); i <= min(len(a)-1, j+reach); i++ {
			if !usedA[i] && a[i] == b[j] {
				usedA[i], usedB[j] = true, true
				k++
				break
			}
		}
	}
	if k == 0 {
		return 0
	}
	turned, j := 0, 0
	for i := range a {
		if !usedA[i] {
			continue
		}
		for !usedB[j] {
			j++
		}
		if a[i] != b[j] {
			turned++
		}
		j++
	}
	m := float64(k)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(turned/2))/m) / 3
	p := 0
	for p < min(len(a), len(b), 4) && a[p] == b[p] {
		p++
	}
	return jaro + 0.1*float64(p)*(1-jaro)
}

func TestJaroWinkler(t *testing.T) {
	for pair, want := range map[string]float64{ // Winkler's own examples
		"MARTHA MARHTA": 0.9611, "DWAYNE DUANE": 0.8400, "DIXON DICKSONX": 0.8133, "A B": 0, "AB AB": 1,
	} {
		a, b, _ := strings.Cut(pair, " ")
		p := newPattern(a)
		if got := p.jaroWinkler(b, p.sign.prefix(sign(b))); math.Abs(got-want) > 5e-5 {
			t.Errorf("%s: %.4f, want %.4f", pair, got, want)
		}
	}
	word := rapid.StringMatching(`[ABCXYZ]{1,40}|[A-Z]{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		p, s := newPattern(a), sign(b)
		want := plainJaroWinkler(a, b)
		if got := p.jaroWinkler(b, p.sign.prefix(s)); math.Abs(got-want) > 1e-12 {
			t.Fatalf("similarity %f, want %f", got, want)
		}
		for floor, need := range map[float64]*needs{floorFar: needFar, floorClose: needClose, floorLenient: needLenient} {
			if want >= floor && p.sign.shared(s) < int(need.least[len(a)][len(b)][p.sign.prefix(s)]) {
				t.Fatalf("similarity %f, but the signatures deny %f", want, floor)
			}
		}
	})
}

func TestLexiconFindsAllSimilar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-D]{1,9}`), 1, 60, rapid.ID[string]).Draw(t, "words")
		asked := rapid.StringMatching(`[A-D]{1,9}`).Draw(t, "asked")
		want := map[string]bool{}
		for _, w := range all {
			if plainJaroWinkler(asked, w) >= floorFar {
				want[w] = true
			}
		}
		got := map[string]bool{}
		l := newLexicon(all)
		for _, m := range l.similar(&search{}, newPattern(asked), needFar) {
			got[l.text(m.id)] = true
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

// Plain names take a short way to the one form that the long way gives them.
func TestPlainFormIsTheOnlyOne(t *testing.T) {
	name := rapid.StringMatching(`[A-Za-z ]{0,20}`)
	rapid.Check(t, func(t *rapid.T) {
		primary, secondary := name.Draw(t, "primary"), name.Draw(t, "secondary")
		var want []form
		p, s := translit.Forms(primary, secondary == ""), translit.Forms(secondary, false)
		for i := range max(len(p), len(s)) {
			want = append(want, form{nth(p, i), nth(s, i)})
		}
		if got := forms(primary, secondary); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// The number of a document is compared in one form on both sides: O and 0, I and 1, Cyrillic letters that look Latin.
func TestNumbersAreComparedByKey(t *testing.T) {
	x := Build(List{{ID: "a:1", List: "a", Kind: border.DocumentAlert, Action: border.ActSeize, Documents: []border.AlertDocument{
		{Issuer: "UKR", Number: "ОВ 10I-7"}, {Issuer: "ALB", Number: "BO0010", To: "BO0020"}}}})
	for _, number := range []string{"OB1017", "0B1O17", "B00015", "BOO015"} {
		if hits := x.Match(Query{Number: number}); len(hits) != 1 {
			t.Errorf("%s: %d hits", number, len(hits))
		}
	}
	if hits := x.Match(Query{Number: "B00021"}); len(hits) != 0 {
		t.Error("a number behind the range is hit")
	}
}
