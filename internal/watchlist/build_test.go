package watchlist

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
)

var oddParts = []string{"AL", "BIN", "DR", "ABD", "RAHMAN", "él", "Müller", "O'Neill", "محمد", "Иванов", "陳大文", "ABCDEFGHIJKL", "ABCDEFGHIJKLM",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ", "x", "Haji", "ab cd", "12", "LO", "`", "[", "{", "@", "AÉ"}

func oddName(r *rand.Rand) string {
	var parts []string
	for range r.IntN(12) {
		parts = append(parts, oddParts[r.IntN(len(oddParts))])
	}
	return strings.Join(parts, strings.Repeat(" ", 1+r.IntN(2)))
}

// What is cut out of a name for the index are the words and joins that a search sees in it.
func TestCutIsWordsAndJoins(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	v := newVocabulary(&phrases{})
	for n := range 3000 {
		primary, secondary := oddName(r), oddName(r)
		if n < 2*maxWords {
			primary, secondary = strings.Repeat("AL ", n), strings.Repeat(" bin", n/4) // particles alone
		}
		c := &v.cut
		for i, f := range forms(primary, secondary) {
			if whole := c.name(v, primary, secondary); whole != (plain(primary) && plain(secondary)) {
				t.Fatalf("%q, %q: %t", primary, secondary, whole)
			} else if !whole {
				c.form(v, f)
			} else if i > 0 {
				t.Fatalf("%q, %q has several forms", primary, secondary)
			}
			ws := words(f.primary, f.secondary)
			var got, want []string
			for i, w := range ws {
				first := slices.IndexFunc(ws, func(o word) bool { return o.text == w.text })
				want = append(want, fmt.Sprint(w.text, w.primary, w.particle, !w.particle && first == i))
			}
			for i, w := range c.words {
				got = append(got, fmt.Sprint(string(c.letters[w.from:w.to]), w.primary, w.particle, c.posted(i)))
			}
			var hashes []uint64
			for _, j := range joins(ws) {
				if h := skeletonHash(j.text)>>32<<32 | uint64(jointSignOf(j.text)); !slices.Contains(hashes, h) {
					hashes = append(hashes, h)
				}
			}
			if d := cmp.Diff(want, got) + cmp.Diff(hashes, c.joins(nil)); d != "" {
				t.Fatalf("%q, %q: %s", primary, secondary, d)
			}
		}
	}
}

func randomWord(r *rand.Rand, letters string, most int) string {
	b := make([]byte, 1+r.IntN(most))
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

func TestCodesSortAsALexicon(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 20_000 {
		a, b := randomWord(r, "AZ", codeLetters), randomWord(r, "AZM", codeLetters)
		if x, y := codeOf([]byte(a)), codeOf([]byte(b)); x < y != (inLexicon(a, b) < 0) || x >= longCode {
			t.Fatalf("%s and %s: %x and %x", a, b, x, y)
		} else if got := string(appendCode(nil, y)); got != b {
			t.Fatalf("%s became %s", b, got)
		}
	}
}

func TestVocabularyFindsEachWordAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	v, ids := newVocabulary(&phrases{}), map[string]uint32{}
	for range 50_000 {
		text := randomWord(r, "ABC", maxLetters)
		id := v.id(v.code([]byte(text)))
		if known, ok := ids[text]; ok && known != id || !ok && int(id) != len(ids) {
			t.Fatalf("%s is %d, was %d", text, id, known)
		}
		ids[text] = id
	}
}

func TestSortKeyed(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for _, n := range []int{0, 1, 2, 5000} {
		for _, mask := range []uint64{0, 7, 7 << 40, 0xffff, ^uint64(0)} {
			all := make([]keyed[int], n)
			for i := range all {
				all[i] = keyed[int]{r.Uint64() & mask, i}
			}
			want := slices.Clone(all)
			slices.SortStableFunc(want, func(a, b keyed[int]) int {
				if a.key < b.key {
					return -1
				}
				return min(1, int(min(a.key-b.key, 1)))
			})
			if got := sortKeyed(all); !slices.Equal(got, want) {
				t.Errorf("%d with %x", n, mask)
			}
		}
	}
}

// manyAlerts have phrases of their own, faces, and names of every kind, in more pieces than there are workers.
func manyAlerts(n int) List {
	r := rand.New(rand.NewPCG(5, 1))
	out := make(List, n)
	for i := range out {
		out[i] = border.Alert{ID: fmt.Sprint("x:", i), List: "l", Kind: border.PersonAlert, Action: border.ActRefuse, Reason: fmt.Sprint("reason ", i/3*r.IntN(2)),
			Names:     []border.AlertName{{Primary: randomWord(r, "AEIKLMNRS", 9), Secondary: oddName(r)}, {Primary: randomWord(r, "AEIKLMNRS", 9)}}[r.IntN(2):],
			Births:    []border.PartialDate{{Year: 1950 + r.IntN(50)}, {Year: 1950 + r.IntN(50), Month: 1, Day: 1}}[:r.IntN(3)],
			Documents: []border.AlertDocument{{Issuer: "ALB", Number: fmt.Sprint(r.IntN(n))}}, Face: make([]byte, r.IntN(2))}
	}
	return out
}

func TestBuildDoesNotDependOnTheProcessors(t *testing.T) {
	all := manyAlerts(12 * pieceAlerts)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := written(t, Build(all))
	for _, n := range []int{2, 5} {
		runtime.GOMAXPROCS(n)
		if got := written(t, Build(all[:700], all[700:])); !bytes.Equal(got, want) {
			t.Errorf("with %d", n)
		}
	}
}

// A word that the large segment has too is weighed from there, as if it had been compared with everybody again.
func TestWithWeighsAsAllDo(t *testing.T) {
	all := manyAlerts(4000)
	x := Build(all[:3000])
	other := x.layers[0].seg
	s := x.With(all[3000:], nil).layers[1].seg
	ids, shares := make([]uint32, s.words.len()), make([]float64, s.words.len())
	known := 0
	for i := range ids {
		ids[i] = uint32(i)
		in := s.names(int32(i))
		if id, ok := other.words.find(s.words.text(int32(i))); ok {
			in += other.names(id)
			known++
		}
		shares[i] = share(in, s.nameCount()+other.nameCount())
	}
	if known == 0 || known == len(ids) {
		t.Fatalf("%d of %d words are known", known, len(ids))
	}
	weigh(&s.words, ids, shares, s.sounds, other.population(), 1, func(id uint32, want *weighting) {
		if got := s.weighting(int32(id)); got != *want {
			t.Errorf("%s: %v, want %v", s.words.text(int32(id)), got, *want)
		}
	})
}

// No bearer who is like a word is ruled out, and nobody counts twice.
func TestBearersAreAllCompared(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	common := map[string]float64{}
	for range 1000 {
		common[randomWord(r, "AEIKLMNRSTH", 5+r.IntN(maxLetters-4))] = r.Float64() / 1000
	}
	b := bearersOf(common)
	var distinct []string
	for range 150 {
		w := b.lexicon.text(int32(r.IntN(b.lexicon.len())))
		at := r.IntN(len(w))
		distinct = append(distinct, w, w[:at]+randomWord(r, "AEIKL", 1)+w[at+1:], randomWord(r, "AEIKLMN", 7))
	}
	slices.Sort(distinct)
	l := newLexicon(slices.Compact(distinct))
	ids, sounds := make([]uint32, l.len()), newU64s(l.len())
	for i := range ids {
		ids[i] = uint32(i)
		sounds.set(i, hashOf(sound(l.text(int32(i)))))
	}
	near := 0
	weigh(l, ids, make([]float64, l.len()), sounds, b, 1, func(id uint32, got *weighting) {
		var mass, listed [likenesses]float64
		p := newPattern(l.text(int32(id)))
		for o := range int32(b.lexicon.len()) {
			k, ok := likenessOf(p.jaroWinkler(b.lexicon.text(o), p.sign.prefix(b.signs[o])))
			if !ok || k >= lenient || b.lexicon.text(o) == p.text {
				continue
			}
			if b.sounds[o] == sounds.at(int(id)) {
				k = sounded
			}
			near++
			mass[k] += b.share[o]
			listed[k] += b.listed[o]
		}
		if want := weightingOf(&mass, &listed, popular()[p.text], 0); *got != want {
			t.Errorf("%s: %v, want %v", p.text, *got, want)
		}
	})
	if near < 2*len(ids) {
		t.Errorf("only %d are like another", near)
	}
}

// A row is found by its own key only.
func TestRowIsKey(t *testing.T) {
	keys := []Key{{"l", "x:7"}, {"l", "x:07"}, {"l", "x:"}, {"l", "x"}, {"l", "x:70"}, {"m", "x:7"}, {"", ""}, {"", "7"}, {"l", "x:0"}, {"l", "x:18446744073709551616"}}
	var all List
	for i, k := range keys {
		all = append(all, border.Alert{List: k.List, ID: k.ID, Sex: []string{"", "F", "X"}[i%3], Births: make([]border.PartialDate, i%4), Nations: []string{"ALB", "USA"}[:i%3], Until: border.Date(i % 2)})
	}
	s := Build(all).layers[0].seg
	for i := range keys {
		if got := s.keyOf(uint32(i)); got != keys[i] {
			t.Errorf("%v is read as %v", keys[i], got)
		}
		for _, k := range keys {
			r := s.row(uint32(i))
			if r.skipFacts(); r.isKey(k) != (k == keys[i]) {
				t.Errorf("%v and %v", keys[i], k)
			}
		}
	}
}
