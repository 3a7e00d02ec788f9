package projection

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
)

var ctx = context.Background()

func open(t testing.TB) *DB {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "shadow.db"), [64]byte{1, 2, 3})
	must(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The first day of the tests, and a time on it in UTC ms.
const (
	firstDay = border.Date(20000)
	firstMS  = int64(firstDay) * 24 * hourMS
	hourMS   = 3600 * 1000
)

func tag(words ...any) [32]byte { return sha256.Sum256(fmt.Append(nil, words...)) }

// passage makes a record of a traveller, who is known by a number.
func passage(origin string, index uint64, kind record.Kind, dir border.Direction, traveller, hour int) Record {
	act := tag(origin, index)
	at := firstMS + int64(hour)*hourMS
	person := tag("person", traveller)
	return Record{Origin: origin, Node: origin[3:8], Index: index,
		Leaf: record.Leaf{Kind: kind, Act: record.Act(act[:16]), Written: at, Booth: []byte{1}},
		Slip: &record.SlipPart{Direction: dir, Happened: at, Day: firstDay + border.Date(hour/24), Basis: border.VisaFree,
			Nationality: "ITA", StayKey: 1, DocumentTag: tag("document", traveller), PersonTag: person[:]},
		Person: &record.PersonPart{Direction: dir, Document: record.Document{Number: fmt.Sprintf("X%07d", traveller),
			Primary: "ERIKSSON", Secondary: fmt.Sprintf("ANNA %c", 'A'+traveller), Zone: []string{"P<ITA", fmt.Sprint(traveller)}}},
		Police: &record.PolicePart{Hits: []record.PoliceHit{{Alert: "sdn:1"}}}}
}

func about(r Record, others ...Record) Record {
	for _, o := range others {
		r.Leaf.About = append(r.Leaf.About, record.Ref{Origin: o.Origin, Index: o.Index})
	}
	return r
}

func digest(t testing.TB, d *DB) [32]byte {
	t.Helper()
	sum, err := d.Digest(ctx)
	must(t, err)
	return sum
}

// sample is a small country: a check and an entry at alpha, exits at bravo and delta that both close it, and what an older or
// newer version cannot read.
func sample() map[string][]Record {
	check := passage("xk/alpha/1", 0, record.Check, border.Entry, 1, 8)
	entry := about(passage("xk/alpha/1", 1, record.Crossing, border.Entry, 1, 8), check)
	exit := about(passage("xk/bravo/1", 0, record.Crossing, border.Exit, 1, 30), entry)
	again := about(passage("xk/delta/1", 0, record.Crossing, border.Exit, 1, 31), entry)
	return map[string][]Record{
		"xk/alpha/1": {check, entry, passage("xk/alpha/1", 2, record.Refusal, border.Entry, 2, 9),
			{Origin: "xk/alpha/1", Node: "alpha", Index: 3, Why: WhyKind, Leaf: record.Leaf{Kind: 999}},
			{Origin: "xk/alpha/1", Node: "alpha", Index: 4, Leaf: record.Leaf{Kind: record.Keys}}},
		"xk/bravo/1": {exit, passage("xk/bravo/1", 1, record.Crossing, border.Entry, 3, 33)},
		"xk/delta/1": {again},
	}
}

// Whatever order logs come in, however they are cut into batches, and however often: the projection is the same.
func TestFoldDependsOnNothingButTheRecords(t *testing.T) {
	logs := sample()
	want := [32]byte{}
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 1))
		d := open(t)
		next := map[string]int{}
		var origins []string
		for origin, records := range logs {
			for range records {
				origins = append(origins, origin)
			}
		}
		slices.Sort(origins)
		random.Shuffle(len(origins), func(i, j int) { origins[i], origins[j] = origins[j], origins[i] })
		for _, origin := range origins {
			from := max(0, next[origin]-random.IntN(2)) // sometimes one of them comes twice
			next[origin]++
			must(t, d.Fold(ctx, logs[origin][from:next[origin]], uint64(next[origin])))
		}
		got := digest(t, d)
		if seed == 0 {
			want = got
		}
		if got != want {
			t.Fatalf("order %v gives another projection", origins)
		}
		for origin, records := range logs {
			must(t, d.Fold(ctx, records, uint64(len(records))))
			must(t, d.Fold(ctx, records[:1], 1)) // an old batch does not set the head back
			heads, err := d.Folded(ctx)
			must(t, err)
			if heads[origin].Next != uint64(len(records)) {
				t.Fatalf("%s is folded to %d", origin, heads[origin].Next)
			}
		}
		if digest(t, d) != want {
			t.Fatal("folding again changed something")
		}
	}
}

// Parts of one record may open one after the other, as their keys come. In the end nothing shows it.
func TestPartsThatOpenLater(t *testing.T) {
	whole := passage("xk/alpha/1", 0, record.Crossing, border.Entry, 1, 8)
	at := func(why string, keep func(*Record)) Record {
		r := whole
		r.Why = why
		keep(&r)
		return r
	}
	stages := []Record{
		at(WhyKey, func(r *Record) { r.Slip, r.Person, r.Police = nil, nil, nil }),
		at(WhyKey, func(r *Record) { r.Person, r.Police = nil, nil }),
		at(WhyKey, func(r *Record) { r.Police = nil }),
		whole,
	}
	once, slowly := open(t), open(t)
	must(t, once.Fold(ctx, []Record{whole}, 1))
	for i, r := range stages {
		next := uint64(0)
		if i == 0 {
			next = 1
		}
		must(t, slowly.Fold(ctx, []Record{r}, next))
		waiting, err := slowly.Waiting(ctx, WhyKey)
		must(t, err)
		aside, err := slowly.Aside(ctx)
		must(t, err)
		if waits := i < len(stages)-1; (len(waiting) == 1) != waits || (aside[WhyKey] == 1) != waits {
			t.Fatalf("stage %d: %d wait, set aside %v", i, len(waiting), aside)
		}
	}
	if digest(t, once) != digest(t, slowly) {
		t.Error("a record that opened bit by bit is folded otherwise")
	}
	found, err := slowly.Search(ctx, Query{Number: "X0000001"})
	must(t, err)
	if len(found) != 1 || found[0].Hits != 1 || found[0].Document.Zone[1] != "1" {
		t.Errorf("found %+v", found)
	}
}

// A projection that is stolen says nothing, and does not open under another key.
func TestStolenProjectionIsUnreadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shadow.db")
	d, err := Open(path, [64]byte{7})
	must(t, err)
	r := passage("xk/alpha/1", 0, record.Crossing, border.Entry, 1, 8)
	must(t, d.Fold(ctx, []Record{r}, 1))
	files, err := filepath.Glob(path + "*")
	must(t, err)
	if len(files) < 2 {
		t.Fatalf("files: %v", files) // the write-ahead log is among them
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		for _, secret := range [][]byte{[]byte("ERIKSSON"), []byte("X0000001"), []byte("P<ITA"), []byte("xk/alpha"), []byte("SQLite format"),
			r.Slip.DocumentTag[:], r.Leaf.Act[:]} {
			if bytes.Contains(b, secret) {
				t.Errorf("%s holds %q in clear", filepath.Base(f), secret)
			}
		}
	}
	must(t, d.Close())
	if other, err := Open(path, [64]byte{8}); err == nil {
		other.Close()
		t.Error("it opens under another key")
	}
	again, err := Open(path, [64]byte{7})
	must(t, err)
	defer again.Close()
	if found, err := again.Search(ctx, Query{Number: "X0000001"}); err != nil || len(found) != 1 {
		t.Errorf("under its own key: %d found, %v", len(found), err)
	}
}

func foldAll(t testing.TB, d *DB, logs map[string][]Record) {
	t.Helper()
	for _, records := range logs {
		must(t, d.Fold(ctx, records, uint64(len(records))))
	}
}

// A document's tag joins; a person's tag alone is marked. The order is that in which stays are counted.
func TestKnown(t *testing.T) {
	d := open(t)
	foldAll(t, d, sample())
	other := passage("xk/alpha/1", 5, record.Crossing, border.Entry, 9, 40) // another document of traveller 1
	person := tag("person", 1)
	other.Slip.PersonTag = person[:]
	must(t, d.Fold(ctx, []Record{other}, 6))
	document := tag("document", 1)
	seen, err := d.Known(ctx, [][]byte{document[:]}, [][]byte{person[:]})
	must(t, err)
	var got []string
	for _, s := range seen {
		got = append(got, fmt.Sprintf("%v %v %s %d decided=%v byperson=%v", s.Kind, s.Direction, s.Node, s.Ref.Index, s.Decided, s.ByPerson))
	}
	want := []string{ // the decided check tells nothing more, and the exit of another node marks no entry
		"crossing entry alpha 1 decided=false byperson=false",
		"crossing exit bravo 0 decided=false byperson=false", "crossing exit delta 0 decided=false byperson=false",
		"crossing entry alpha 5 decided=false byperson=true"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, ask := range []struct {
		documents, persons [][]byte
		want               int
	}{{nil, nil, 0}, {[][]byte{{1}}, nil, 0}, {nil, [][]byte{person[:]}, 4}, {[][]byte{document[:]}, nil, 3}} {
		if seen, err := d.Known(ctx, ask.documents, ask.persons); err != nil || len(seen) != ask.want {
			t.Errorf("%d document tags, %d person tags: %d known, %v", len(ask.documents), len(ask.persons), len(seen), err)
		}
	}
}

func TestSearch(t *testing.T) {
	d := open(t)
	foldAll(t, d, sample())
	for _, c := range []struct {
		q    Query
		want []string // node, kind, direction; newest first
	}{
		{Query{Number: "X0000001"}, []string{"delta crossing exit", "bravo crossing exit", "alpha check entry", "alpha crossing entry"}},
		{Query{Number: "X00"}, nil}, // a number is asked whole
		{Query{Surname: "ERIK", Given: "ANNA C"}, []string{"alpha refusal entry"}},
		{Query{Surname: "ERIKSSON", Given: "ANNA"}, []string{"bravo crossing entry", "delta crossing exit", "bravo crossing exit",
			"alpha refusal entry", "alpha check entry", "alpha crossing entry"}},
		{Query{Surname: "ERIKSSONS"}, nil},
		{Query{Given: "ANNA"}, nil}, // no surname, no answer
		{Query{Surname: "%"}, nil},
		{Query{Number: "' OR 1=1 --"}, nil},
	} {
		found, err := d.Search(ctx, c.q)
		must(t, err)
		var got []string
		for _, f := range found {
			got = append(got, fmt.Sprint(f.Node, " ", f.Kind, " ", f.Direction))
		}
		if n := len(got); n >= 2 {
			slices.Sort(got[n-2:]) // check and crossing of one minute
		}
		if n := len(c.want); n >= 2 {
			slices.Sort(c.want[n-2:])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.q, got, c.want)
		}
	}
}

func TestFigures(t *testing.T) {
	d := open(t)
	logs := sample()
	twice := logs["xk/bravo/1"][1] // the same act on a second node of the post: shown, not counted
	twice.Origin, twice.Index = "xk/bravo/2", 0
	logs["xk/bravo/2"] = []Record{twice}
	foldAll(t, d, logs)

	byNode, err := d.Figures(ctx, firstDay+1)
	must(t, err)
	want := []Figure{{"bravo", border.Entry, "ITA", 1}, {"bravo", border.Exit, "ITA", 1}, {"delta", border.Exit, "ITA", 1}}
	if !slices.Equal(byNode, want) {
		t.Errorf("figures %+v", byNode)
	}
	entries, exits, err := d.Series(ctx, firstMS, 24*hourMS, 3)
	must(t, err)
	if !slices.Equal(entries, []int{1, 1, 0}) || !slices.Equal(exits, []int{0, 2, 0}) {
		t.Errorf("series %v %v", entries, exits)
	}
	counts, err := d.Counts(ctx, "alpha", firstMS, firstMS+24*hourMS)
	must(t, err)
	if counts != (Counted{Entries: 1, Refusals: 1}) {
		t.Errorf("counts %+v", counts)
	}
	if acts, err := d.ByAct(ctx, twice.Leaf.Act); err != nil || len(acts) != 2 {
		t.Errorf("an act on two nodes: %d sightings, %v", len(acts), err)
	}
}

func TestOpenChecksAndDecisions(t *testing.T) {
	d := open(t)
	check := passage("xk/alpha/1", 0, record.Check, border.Entry, 1, 8)
	ref := record.Ref{Origin: "xk/alpha/1"}
	must(t, d.Fold(ctx, []Record{check}, 1))
	if act, err := d.DecidedBy(ctx, ref); err != nil || act != nil {
		t.Errorf("an open check: %v, %v", act, err)
	}
	for since, want := range map[int64]int{0: 1, check.Slip.Happened + 1: 0} {
		if open, err := d.OpenChecks(ctx, "alpha", since); err != nil || len(open) != want {
			t.Errorf("since %d: %d open checks, %v", since, len(open), err)
		}
	}
	foreign := about(passage("xk/bravo/1", 7, record.Crossing, border.Entry, 1, 8), check)
	must(t, d.Fold(ctx, []Record{foreign}, 8))
	if act, err := d.DecidedBy(ctx, ref); err != nil || act != nil {
		t.Errorf("another node's record decides the check: %v, %v", act, err)
	}
	entry := about(passage("xk/alpha/1", 1, record.Crossing, border.Entry, 1, 8), check)
	must(t, d.Fold(ctx, []Record{entry}, 2))
	if act, err := d.DecidedBy(ctx, ref); err != nil || act == nil || *act != entry.Leaf.Act {
		t.Errorf("a decided check: %v, %v", act, err)
	}
	if open, err := d.OpenChecks(ctx, "alpha", 0); err != nil || len(open) != 0 {
		t.Errorf("%d open checks, %v", len(open), err)
	}
	if known, err := d.Horizons(ctx); err != nil || known["alpha"] != entry.Leaf.Written {
		t.Errorf("horizons %v, %v", known, err)
	}
	unread := passage("xk/alpha/1", 2, record.Crossing, border.Exit, 2, 9)
	unread.Slip, unread.Why = nil, WhyBad
	later := passage("xk/alpha/1", 3, record.Crossing, border.Entry, 3, 10)
	must(t, d.Fold(ctx, []Record{unread, later}, 4))
	if known, err := d.Horizons(ctx); err != nil || known["alpha"] != unread.Leaf.Written {
		t.Errorf("beyond an unread passage: horizons %v, %v", known, err)
	}
	for i := range uint64(maxHistory + 5) { // a passport is read again and again
		must(t, d.Fold(ctx, []Record{passage("xk/alpha/1", 10+i, record.Check, border.Exit, 1, 11)}, 11+i))
	}
	document := entry.Slip.DocumentTag
	if seen, err := d.Known(ctx, [][]byte{document[:]}, nil); err != nil || len(seen) != 2+maxChecks || seen[0].Kind != record.Crossing {
		t.Errorf("%d sightings, %v", len(seen), err)
	}
}

// A fold that fails leaves nothing behind, and the next one goes on.
func TestFoldIsOneTransaction(t *testing.T) {
	d := open(t)
	before := digest(t, d)
	records := sample()["xk/alpha/1"]
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := d.Fold(ended, records, uint64(len(records))); err == nil {
		t.Fatal("a fold whose context has ended succeeded")
	}
	if digest(t, d) != before {
		t.Error("half a fold is left")
	}
	must(t, d.Fold(ctx, records, uint64(len(records))))
	if digest(t, d) == before {
		t.Error("the next fold did nothing")
	}
}

func TestTablesOfAnotherVersionAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shadow.db")
	d, err := Open(path, [64]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.write.ExecContext(t.Context(), "PRAGMA user_version = 7"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err := Open(path, [64]byte{1}); err == nil {
		d.Close()
		t.Error("a file with tables of another version is opened")
	}
}

// A clock that is set back between two records of one post does not turn their order round, nor does a late sheet take the
// place of a live record.
func TestClocksDoNotReorderALog(t *testing.T) {
	d := open(t)
	in := passage("xk/aaaaa/1", 3, record.Crossing, border.Entry, 1, 50)
	elsewhere := passage("xk/bbbbb/1", 9, record.Crossing, border.Exit, 1, 10)
	back := passage("xk/aaaaa/1", 5, record.Crossing, border.Exit, 1, 2) // two days before the entry, says the clock
	sheet := passage("xk/aaaaa/1", 7, record.Late, border.Entry, 1, 1)
	must(t, d.Fold(ctx, []Record{in, elsewhere, back, sheet}, 10))
	document := tag("document", 1)
	known, err := d.Known(ctx, [][]byte{document[:]}, nil)
	must(t, err)
	var got []string
	for _, s := range known {
		got = append(got, fmt.Sprint(s.Node, s.Ref.Index))
	}
	if want := []string{"aaaaa7", "aaaaa3", "bbbbb9", "aaaaa5"}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

// The heads and the digest of a projection that is folded meanwhile are those of one moment.
func TestDigestOfOneMoment(t *testing.T) {
	const n = 200
	d := open(t)
	var records []Record
	for i := range uint64(n) {
		r := passage("xk/alpha/1", i, record.Check, border.Entry, int(i%26), 8)
		if i%2 == 1 {
			r = about(passage("xk/alpha/1", i, record.Crossing, border.Entry, int(i%26), 8), records[i-1])
		}
		records = append(records, r)
	}
	done := make(chan error, 1)
	go func() {
		for i := range records {
			if err := d.Fold(ctx, records[i:i+1], uint64(i+1)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	seen := map[uint64][32]byte{}
	for seen[n] == ([32]byte{}) {
		heads, sum, err := d.DigestNow(ctx)
		must(t, err)
		seen[heads["xk/alpha/1"].Next] = sum
		select {
		case err := <-done:
			must(t, err)
		default:
		}
	}
	again := open(t)
	for i := range uint64(n + 1) {
		if sum, ok := seen[i]; ok && sum != digest(t, again) {
			t.Errorf("at record %d the digest is another", i)
		}
		if i < n {
			must(t, again.Fold(ctx, records[i:i+1], i+1))
		}
	}
}
