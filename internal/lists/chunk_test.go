package lists

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
	"tims/internal/lists/ofacdata"
	"tims/internal/record"
)

func TestChunksOfWholeList(t *testing.T) {
	all, _ := imported(t, ofacdata.Files())
	chunks, err := Chunks(all)
	if err != nil {
		t.Fatal(err)
	}
	shuffled := slices.Clone(all)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	again, err := Chunks(shuffled)
	if d := cmp.Diff(chunks, again); d != "" || err != nil {
		t.Error("another order of alerts gives other chunks")
	}
	var back []border.Alert
	for _, c := range chunks {
		some, err := FromChunk(c)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(record.Marshal(some)); n > maxChunk {
			t.Errorf("chunk of %d bytes", n)
		}
		back = append(back, some...)
	}
	slices.SortFunc(all, order)
	if d := cmp.Diff(all, back); d != "" {
		t.Error(d)
	}
}

func sample() []border.Alert {
	return []border.Alert{
		{ID: "a:1", List: "a", Kind: border.PersonAlert, Action: border.ActArrest, Names: []border.AlertName{{Primary: "DOE", Secondary: "JOHN"}},
			Births: []border.PartialDate{{Year: 1974, Month: 8}}, Nations: []string{"UTO"}, Sex: "M"},
		{ID: "a:2", List: "a", Kind: border.DocumentAlert, Action: border.ActSeize, Documents: []border.AlertDocument{{Issuer: "UTO", Number: "L898902C3"}}},
	}
}

// The plaintext of a chunk is golden; its compression may change with the compiler, which is why a release names chunks
// by hash and never makes them again.
func TestChunkPlaintext(t *testing.T) {
	const golden = "82a80163613a31026161030104020781a20163444f4502644a4f484e0881a2011907b6020809816355544f0a614d" +
		"a50163613a32026161030204050b81a2016355544f02694c3839383930324333"
	if got := hex.EncodeToString(record.Marshal(sample())); got != golden {
		t.Errorf("got %s", got)
	}
}

func TestChunksRefuse(t *testing.T) {
	s := sample()
	if c, err := Chunks(nil); len(c) != 0 || err != nil {
		t.Errorf("of nothing: %d chunks, %v", len(c), err)
	}
	if _, err := Chunks([]border.Alert{s[0], s[0]}); err == nil {
		t.Error("two alerts with one id are accepted")
	}
	if _, err := Chunks([]border.Alert{{ID: "a:3"}}); err == nil {
		t.Error("an invalid alert is accepted")
	}
	large := s[0]
	large.Names = nil
	for i := range 200 {
		large.Names = append(large.Names, border.AlertName{Primary: strings.Repeat(fmt.Sprint(i%10), 4000)})
	}
	if _, err := Chunks([]border.Alert{large}); err == nil {
		t.Error("an alert larger than a chunk is accepted")
	}
}

func TestFromChunkRefuses(t *testing.T) {
	s := sample()
	good := pack(record.Marshal(s))
	if _, err := FromChunk(good); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "form alone": {chunkForm}, "other form": append([]byte{2}, good[1:]...), "cut": good[:len(good)-1],
		"longer": append(slices.Clone(good), 0), "too long": make([]byte, maxPacked+1),
		"not canonical": pack(append([]byte{0x98, 0x02}, record.Marshal(s)[1:]...)),
		"empty array":   pack([]byte{0x80}), "null": pack([]byte{0xf6}), "not in order": pack(record.Marshal([]border.Alert{s[1], s[0]})),
		"twice": pack(record.Marshal([]border.Alert{s[0], s[0]})), "invalid alert": pack(record.Marshal([]border.Alert{{ID: "a:1"}})),
		"bomb": pack(bytes.Repeat([]byte{0}, 64<<20)),
	} {
		if _, err := FromChunk(b); !errors.Is(err, ErrChunk) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzFromChunk(f *testing.F) {
	f.Add(record.Marshal(sample()), true)
	f.Add(pack(record.Marshal(sample())), false)
	f.Add([]byte{0x80}, true)
	f.Fuzz(func(t *testing.T, b []byte, plain bool) {
		if plain {
			b = pack(b)
		}
		alerts, err := FromChunk(b)
		if err != nil {
			return
		}
		chunks, err := Chunks(alerts)
		if err != nil || len(chunks) != 1 {
			t.Fatalf("%d chunks of one, %v", len(chunks), err)
		}
		again, err := FromChunk(chunks[0])
		if d := cmp.Diff(alerts, again); d != "" || err != nil {
			t.Fatal(d, err)
		}
	})
}
