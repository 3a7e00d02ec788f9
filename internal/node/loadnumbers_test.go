package node

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tims/internal/lists"
)

// Whatever chunks a release has, who reads them all and who reads what has changed find it broken alike, or have the same numbers.
func TestNumbersJudgedAlike(t *testing.T) {
	papers := []lists.Paper{{Issuer: "ITA", Number: "A1", To: "A3"}, {Issuer: "ITA", Number: "A2", To: "A3"}, {Number: "LNGER0123456789"}}
	var keys []uint64
	set := setForTest(t, numbered(0, 6)...)
	keys = slices.Collect(set.Keys)
	some := rapid.Custom(func(t *rapid.T) lists.NumbersChunk {
		pick := func() (out []uint64) {
			for _, key := range keys {
				if rapid.IntRange(0, 2).Draw(t, "has") == 0 {
					out = append(out, key)
				}
			}
			return out
		}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return lists.NumbersChunk{Strikes: pick()}
		case 1:
			return lists.NumbersChunk{Papers: rapid.SliceOfNDistinct(rapid.SampledFrom(papers), 1, 2, func(p lists.Paper) lists.Paper { return p }).Draw(t, "papers")}
		}
		return lists.NumbersChunk{Keys: pick()}
	})
	read := func(t *rapid.T, chunks ...lists.NumbersChunk) (r numbersRead) {
		for _, c := range chunks {
			if err := r.take(c); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	rapid.Check(t, func(t *rapid.T) {
		kept, old, fresh := rapid.SliceOfN(some, 0, 3).Draw(t, "kept"), rapid.SliceOfN(some, 0, 2).Draw(t, "old"), rapid.SliceOfN(some, 0, 2).Draw(t, "new")
		all := read(t, slices.Concat(kept, old)...)
		was, err := all.set()
		if err != nil {
			return // it was never in force
		}
		now := read(t, slices.Concat(kept, fresh)...)
		want, broken := now.set()
		var stay numbersRead
		for _, c := range kept {
			if err := stay.take(lists.NumbersChunk{Strikes: c.Strikes}); err != nil {
				t.Fatal(err)
			}
		}
		come, gone := read(t, fresh...), read(t, old...)
		got, err := changed(was, &come, &gone, &stay)
		if (err != nil) != (broken != nil) {
			t.Fatalf("all chunks: %v; those changed: %v", broken, err)
		}
		if err == nil && (!slices.Equal(slices.Collect(got.Keys), slices.Collect(want.Keys)) || len(got.PapersWithout(want))+len(want.PapersWithout(got)) > 0) {
			t.Fatal("other numbers")
		}
	})
}
