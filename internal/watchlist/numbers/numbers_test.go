package numbers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func built(t testing.TB, entries ...Entry) *Set {
	var b Builder
	for _, e := range entries {
		if err := b.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.Set()
}

func found(s *Set, number string) []Entry {
	var out []Entry
	s.Find(number, func(e Entry) { out = append(out, e) })
	slices.SortFunc(out, func(a, b Entry) int { return int(a.Tag) - int(b.Tag) })
	return out
}

var some = []Entry{
	{"ALB", "BA1234567", "", 1}, {"D", "BA1234567", "", 2}, {"", "BA1234567", "", 3}, {"UTO", "0", "", 4},
	{"UTO", "L898902C36543210", "", 5}, {"AN OLD STATE", "77", "", 6}, {"ITA", "YA0000100", "YA0000199", 7},
	{"ITA", "YA0000150", "YA0000150", 8}, {"FRA", "YA0000000", "YA9999999", 9}, {"ZZZ", "ZZZZZZZZZ", "", MaxTag},
}

func TestFind(t *testing.T) {
	s := built(t, some...)
	for number, want := range map[string][]Tag{
		"BA1234567": {1, 2, 3}, "ba 1234567": {1, 2, 3}, "0": {4}, "00": nil, "L898902C36543210": {5}, "77": {6},
		"YA0000099": {9}, "YA0000100": {7, 9}, "YA0000150": {7, 8, 9}, "YA0000199": {7, 9}, "YA0000200": {9}, "YA000100": nil,
		"ZZZZZZZZZ": {MaxTag}, "BA1234568": nil, "": nil, "<<<": nil,
	} {
		var got []Tag
		for _, e := range found(s, number) {
			got = append(got, e.Tag)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", number, d)
		}
	}
	if s.Len() != len(some) {
		t.Errorf("%d entries", s.Len())
	}
}

// The letters that are taken for digits are the digits, on both sides.
// An entry is itself alone, whatever range holds it and whoever else has its number.
func TestHasIsExact(t *testing.T) {
	here := []Entry{{"ALB", "AA000001", "AA999999", 0}, {"ALB", "AA000005", "AA000009", 0}, {"GRC", "AA000005", "AA000009", 2},
		{"ALB", "AA000007", "", 0}, {"GRC", "AA000007", "", 3}, {"ALB", "123456789012", "", 0}, {"GRC", "123456789012", "", 0}}
	s := built(t, here...)
	for _, e := range here {
		if !s.Has(e) {
			t.Errorf("%+v is not there", e)
		}
	}
	for _, e := range []Entry{{"ALB", "AA000005", "AA000008", 0}, {"GRC", "AA000005", "AA000009", 0}, {"ALB", "AA000006", "AA000009", 0},
		{"GRC", "AA000007", "", 0}, {"SRB", "AA000007", "", 0}, {"SRB", "123456789012", "", 0}, {"ALB", "123456789012", "", 1}} {
		if s.Has(e) {
			t.Errorf("%+v is there", e)
		}
	}
	if s.Keyless() != 5 || s.Len() != 7 {
		t.Errorf("%d of %d have no key", s.Keyless(), s.Len())
	}
}

func TestFindAlike(t *testing.T) {
	s := built(t, Entry{"ALB", "BO12I", "", 1}, Entry{"ALB", "X0O1", "X0O9", 2})
	for _, number := range []string{"B0121", "BO12I", "bo 121", "X0O5", "x005"} {
		if len(found(s, number)) != 1 {
			t.Errorf("%s is not found", number)
		}
	}
}

// Keys stand in chunks that travel and stay for years.
func TestWireGolden(t *testing.T) {
	for e, want := range map[Entry]uint64{{Issuer: "ALB", Number: "BA1234567"}: 0x67669da689d841f, {Number: "0"}: 0x329bdbac5fdc0000, {Issuer: "D", Number: "C01X00T47"}: 0x3590baaed8230004} {
		key, ok := Key(e)
		if back, fine := OfKey(key); !ok || !fine || back != e || key != want {
			t.Errorf("%+v: %#x, %+v", e, key, back)
		}
	}
	for _, key := range []uint64{1 << keyBits, 1<<keyBits - 1, 7} {
		if e, ok := OfKey(key); ok {
			t.Errorf("%#x is %+v", key, e)
		}
	}
	if _, ok := Key(Entry{Number: "A1", To: "A9"}); ok {
		t.Error("a range has a key")
	}
}

func TestAddRefuses(t *testing.T) {
	for _, e := range []Entry{{}, {Number: "---"}, {Number: "1", Tag: MaxTag + 1}, {Number: "A10", To: "A09"}, {Number: "A1", To: "A10"},
		{Number: "A1", To: "B2"}, {Number: "A1", To: "AB"}, {Number: string(make([]byte, 65))}, {Number: fmt.Sprint(1, "0000000000", "0000000000")[0:1] + fmt.Sprintf("%064d", 1)}} {
		if err := new(Builder).Add(e); err == nil {
			t.Errorf("%+v is taken", e)
		}
	}
}

var anyEntry = rapid.Custom(func(t *rapid.T) Entry {
	return Entry{Issuer: rapid.StringMatching(`[A-Z]{0,3}`).Draw(t, "issuer"), Number: rapid.StringMatching(`[A-C0-2]{1,10}`).Draw(t, "number"),
		Tag: Tag(rapid.IntRange(0, 2).Draw(t, "tag"))}
})

// A set with changes, merged, written or not, is the set that a map would be.
func TestSetIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[Entry]bool{}
		var b Builder
		for _, e := range rapid.SliceOfN(anyEntry, 0, 50).Draw(t, "built") {
			want[e] = true
			if err := b.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		s := b.Set()
		for range 3 {
			gone, added := rapid.SliceOfN(anyEntry, 0, 5).Draw(t, "gone"), rapid.SliceOfN(anyEntry, 0, 5).Draw(t, "added")
			for e := range want {
				if len(gone) < 7 {
					gone = append(gone, e)
				}
			}
			for _, e := range gone {
				delete(want, e)
			}
			for _, e := range added {
				want[e] = true
			}
			next, err := s.With(added, gone)
			if err != nil {
				t.Fatal(err)
			}
			s = next
			merged := s.Merge()
			opened, err := Open(written(t, s))
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []*Set{s, merged, opened} {
				got := map[Entry]bool{}
				for e := range x.All {
					got[e] = true
					if !slices.Contains(found(x, e.Number), e) {
						t.Fatalf("%+v is not found", e)
					}
				}
				if d := cmp.Diff(want, got); d != "" || x.Len() != len(want) {
					t.Fatal(x.Len(), d)
				}
				walked(t, x, want)
			}
		}
	})
}

// walked compares a walk by keys, alone and against another set, with the map.
func walked(t *rapid.T, s *Set, want map[Entry]bool) {
	var other Builder
	wanted, lacks := []uint64{}, []uint64{}
	for e := range want {
		key, ok := Key(e)
		if !ok {
			if !slices.Contains(slices.Collect(s.Papers), e) {
				t.Fatalf("%+v is passed over", e)
			}
			continue
		}
		if wanted = append(wanted, key); key&(1<<issuerBits) == 0 {
			lacks = append(lacks, key)
		} else if err := other.Add(e); err != nil {
			t.Fatal(err)
		}
		if e.Tag == 0 && !s.HasKey(key) {
			t.Fatalf("%+v has a key that is not there", e)
		}
	}
	slices.Sort(wanted)
	slices.Sort(lacks)
	if d := cmp.Diff(wanted, slices.Collect(s.Keys), cmpopts.EquateEmpty()); d != "" {
		t.Fatal(d)
	}
	o := other.Set()
	if d := cmp.Diff(lacks, slices.Collect(s.KeysWithout(o)), cmpopts.EquateEmpty()); d != "" {
		t.Fatal(d)
	}
	for range o.KeysWithout(s) {
		t.Fatal("a part has what the whole lacks")
	}
	if len(s.PapersWithout(s)) != 0 || len(s.PapersWithout(o)) != len(slices.Collect(s.Papers)) {
		t.Fatal("papers")
	}
}

// A part that is packed in pieces is one that is packed at once, and many keys are those that came, in whatever order.
func TestManyInOnePart(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var keys []uint64
	for len(keys) < 5000 {
		key := r.Uint64() & (1<<restBits - 1)
		if valid(key) {
			keys = append(keys, key)
		}
	}
	var random, ascending Builder
	for _, key := range slices.Concat(keys, keys[:100]) {
		if !random.AddKey(key) {
			t.Fatal("a valid key is refused")
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		ascending.AddKey(key)
	}
	a, b := random.Set(), ascending.Set()
	if d := cmp.Diff(keys, slices.Collect(a.Keys)); d != "" || !bytes.Equal(written(t, a), written(t, b)) {
		t.Error(d)
	}
	for _, key := range keys {
		if !a.HasKey(key) || a.HasKey(key^1<<issuerBits) != slices.Contains(keys, key^1<<issuerBits) {
			t.Fatal("a key is not found, or one that is not there")
		}
	}
}

// The arithmetic by which a key is judged is the way through the entry.
func TestValidKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Uint64().Draw(t, "key") >> rapid.IntRange(0, 3).Draw(t, "shift")
		if rapid.Bool().Draw(t, "near") { // most others are none
			issuer, number := rapid.StringMatching(`[A-Z]{0,3}`).Draw(t, "issuer"), rapid.StringMatching(`[A-Z0-9]{1,9}`).Draw(t, "number")
			key, _ = keyOf(issuer, number)
			key ^= rapid.SampledFrom([]uint64{0, 0, 1, 1 << 14, 1 << 62}).Draw(t, "flip")
		}
		e := Entry{Issuer: issuerOf(key & (1<<issuerBits - 1)), Number: numberOf(key >> issuerBits & numberMask)}
		back, ok := Key(e)
		if want := ok && back == key; valid(key) != want {
			t.Fatalf("%x: %+v is valid: %v", key, e, !want)
		}
	})
}

func TestKeysComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		issuer, number := rapid.StringMatching(`[A-Z]{0,3}`).Draw(t, "issuer"), rapid.StringMatching(`[A-Z0-9]{1,9}`).Draw(t, "number")
		k, ok := keyOf(issuer, number)
		if !ok || k>>keyBits != 0 || numberOf(k>>issuerBits) != number || issuerOf(k&(1<<issuerBits-1)) != issuer {
			t.Fatalf("%s %s: %x %s %s", issuer, number, k, numberOf(k>>issuerBits), issuerOf(k&(1<<issuerBits-1)))
		}
	})
}

type fataler interface{ Fatal(...any) }

func written(t fataler, s *Set) []byte {
	var b bytes.Buffer
	if n, err := s.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	return b.Bytes()
}

func TestOpenRefuses(t *testing.T) {
	whole := written(t, built(t, some...))
	for i := 0; i < len(whole); i += 1 + len(whole)/300 {
		b := bytes.Clone(whole)
		b[i] ^= 4
		if _, err := Open(b); err == nil {
			t.Errorf("byte %d changed, and no error", i)
		}
		if _, err := Open(whole[:i]); err == nil {
			t.Errorf("cut at %d, and no error", i)
		}
	}
}

// Whatever bytes pass for a set, searching them ends without a fault.
func FuzzOpen(f *testing.F) {
	whole := written(f, built(f, some...))
	for i := 0; i < len(whole); i += 211 {
		f.Add(whole, uint32(i), byte(i|1))
	}
	f.Fuzz(func(t *testing.T, b []byte, at uint32, with byte) {
		b = bytes.Clone(b)
		if len(b) < 4 {
			return
		}
		b[int(at)%len(b)] ^= with
		binary.LittleEndian.PutUint32(b[len(b)-4:], crc32.Checksum(b[:len(b)-4], castagnoli))
		s, err := Open(b)
		if err != nil {
			return
		}
		for e := range s.All {
			s.Find(e.Number, func(Entry) {})
			s.Find(e.To, func(Entry) {})
		}
	})
}

// BenchmarkNumbers builds a set of TIMS_BENCH_NUMBERS numbers, a million unless told, looks numbers up, and says what they
// take. The numbers are those of states: a letter or two and seven digits that count.
func BenchmarkNumbers(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("TIMS_BENCH_NUMBERS"))
	if err != nil {
		n = 1_000_000
	}
	states := [8]string{"ALB", "ITA", "D", "FRA", "GRC", "SYR", "AFG", "UKR"}
	entry := func(r *rand.Rand) Entry {
		v := r.Uint64()
		number := []byte{byte('A' + v>>60), byte('A' + v>>56&15), 0, 0, 0, 0, 0, 0, 0}
		for i, d := 2, v>>8&(1<<40-1); i < 9; i, d = i+1, d/10 {
			number[i] = byte('0' + d%10)
		}
		return Entry{Issuer: states[v&7], Number: string(number), Tag: Tag(v >> 3 & 3)}
	}
	var set *Set
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			r, build := rand.New(rand.NewPCG(1, 1)), &Builder{}
			for range n {
				if err := build.Add(entry(r)); err != nil {
					b.Fatal(err)
				}
			}
			set = build.Set()
		}
		b.ReportMetric(float64(set.Size())/float64(set.Len()), "bytes/number")
		b.ReportMetric(float64(set.Len())*float64(b.N)/b.Elapsed().Seconds(), "numbers/s")
	})
	for name, seed := range map[string]uint64{"listed": 1, "unlisted": 2} {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(seed, 1))
			asked := make([]string, min(n, 1<<20))
			for i := range asked {
				asked[i] = entry(r).Number
			}
			i, hits := 0, 0
			for b.Loop() {
				set.Find(asked[i%len(asked)], func(Entry) { hits++ })
				i++
			}
			b.ReportMetric(float64(hits)/float64(i), "hits/look-up")
		})
	}
}
