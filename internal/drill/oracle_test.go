package drill

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tims/internal/node"
	"tims/internal/record"
)

// honest is a world of one post and two centres in which two acts were asked for and acknowledged.
func honest(t *testing.T) (*oracle, world, []record.Act) {
	t.Helper()
	o := newOracle()
	acts := []record.Act{newAct(), newAct()}
	var leaves []leaf
	for i, a := range acts {
		kind := []record.Kind{record.Check, record.Crossing}[i]
		o.asked(a, "kakavija", kind)
		if err := o.told(a, []string{"1", "2"}[i]); err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf{Act: a, Kind: kind, Hash: [32]byte{byte(i + 1)}})
	}
	leaves = append([]leaf{{Act: newAct(), Kind: record.Shift, Hash: [32]byte{9}}}, leaves...)
	w := world{Centres: []string{Capital, Reserve}}
	for _, n := range []string{"kakavija", Capital, Reserve} {
		w.Copies = append(w.Copies, logCopy{n, "zz/kakavija/1", append([]leaf(nil), leaves...)})
	}
	return o, w, acts
}

// The oracle finds every kind of wrong world, and nothing wrong in an honest one.
func TestOracle(t *testing.T) {
	stranger := leaf{Act: newAct(), Kind: record.Crossing, Hash: [32]byte{77}}
	for name, c := range map[string]struct {
		spoil func(o *oracle, w *world)
		want  func(j Judgement) bool
	}{
		"honest":                          {func(*oracle, *world) {}, func(j Judgement) bool { return j.Good() && j.Acknowledged == 2 }},
		"asked, not acknowledged, absent": {func(o *oracle, _ *world) { o.asked(newAct(), "kakavija", record.Check) }, Judgement.Good},
		"asked, not acknowledged, there": {func(o *oracle, w *world) {
			o.asked(stranger.Act, "kakavija", record.Crossing)
			for i := range w.Copies {
				w.Copies[i].Leaves = append(w.Copies[i].Leaves, stranger)
			}
		}, Judgement.Good},
		"a centre lags behind":  {func(_ *oracle, w *world) { w.Copies[2].Leaves = w.Copies[2].Leaves[:2] }, func(j Judgement) bool { return len(j.Lost) == 1 }},
		"a centre has no copy":  {func(_ *oracle, w *world) { w.Copies = w.Copies[:2] }, func(j Judgement) bool { return len(j.Lost) == 2 }},
		"gone from every log":   {func(_ *oracle, w *world) { w.Copies = nil }, func(j Judgement) bool { return len(j.Lost) == 2 }},
		"in another post's log": {func(_ *oracle, w *world) { rename(w, "zz/durres/1") }, func(j Judgement) bool { return len(j.Lost) == 2 }},
		"doubled in a new epoch": {func(_ *oracle, w *world) {
			w.Copies = append(w.Copies, logCopy{"kakavija", "zz/kakavija/2", w.Copies[0].Leaves[2:]})
		}, func(j Judgement) bool { return len(j.Doubled) == 1 && len(j.Lost) == 0 }},
		"invented at its post":    {func(_ *oracle, w *world) { w.Copies[0].Leaves = append(w.Copies[0].Leaves, stranger) }, func(j Judgement) bool { return len(j.Invented) == 1 }},
		"invented at a centre":    {func(_ *oracle, w *world) { w.Copies[1].Leaves = append(w.Copies[1].Leaves, stranger) }, func(j Judgement) bool { return len(j.Invented) == 1 }},
		"a check became crossing": {func(_ *oracle, w *world) { become(w, 1, record.Crossing) }, func(j Judgement) bool { return len(j.Invented) == 1 }},
		"a void nobody asked for": {func(_ *oracle, w *world) { become(w, 2, record.Void) }, func(j Judgement) bool { return len(j.Invented) == 1 }},
		"two histories":           {func(_ *oracle, w *world) { w.Copies[2].Leaves[1].Hash[0] ^= 1 }, func(j Judgement) bool { return len(j.Inconsistent) == 1 }},
	} {
		o, w, _ := honest(t)
		c.spoil(o, &w)
		if j := o.judge(w, ""); !c.want(j) {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

func rename(w *world, origin string) {
	for i := range w.Copies {
		w.Copies[i].Origin = origin
	}
}

func become(w *world, at int, k record.Kind) {
	for i := range w.Copies {
		w.Copies[i].Leaves[at].Kind = k
	}
}

// Of a post whose files are destroyed only what nobody else had signed for may be gone, and it is counted.
func TestOracleOfAWipedPost(t *testing.T) {
	o, w, _ := honest(t)
	o.copied("kakavija", 2) // the check, not the crossing
	w.Copies = nil
	if j := o.judge(w, "durres"); j.Unmirrored != 0 || len(j.Lost) != 2 {
		t.Errorf("another post was wiped: %+v", j)
	}
	j := o.judge(w, "kakavija")
	if j.Unmirrored != 1 || len(j.Lost) != 1 || j.Good() {
		t.Errorf("%+v", j)
	}
}

// What a wiped post has called mirrored may not be gone, whoever cosigned; what was only local is counted once, and not called lost
// when a later act is judged.
func TestOracleOfFlags(t *testing.T) {
	at := time.Now()
	o, w, acts := honest(t)
	o.flagged(health("zz/kakavija/1", 2, 1), at.Add(time.Second))
	if j := o.judge(w, ""); j.Mirrored != 1 || j.Witnessed != 0 || !o.acts[acts[0]].mirrored || !j.Good() {
		t.Errorf("%+v", j)
	}
	w.Copies = nil
	j := o.judge(w, "kakavija")
	if j.Unmirrored != 1 || len(j.Lost) != 1 || !strings.Contains(j.Lost[0], "local, mirrored") {
		t.Errorf("%+v", j)
	}
	if j := o.judge(w, ""); j.Acknowledged != 1 || len(j.Lost) != 1 {
		t.Errorf("the next act: %+v", j)
	}
}

// The flags of a new log say nothing of acts that were told before it was seen, whatever their numbers.
func TestFlagsOfANewLog(t *testing.T) {
	at := time.Now().Add(time.Second)
	o, _, acts := honest(t)
	o.flagged(health("zz/kakavija/1", 0, 0), at)
	o.flagged(health("zz/kakavija/2", 900, 900), at.Add(time.Second))
	if a := o.acts[acts[0]]; a.mirrored || a.witnessed {
		t.Errorf("%+v", a)
	}
	fresh := newAct()
	o.asked(fresh, "kakavija", record.Check)
	if err := o.told(fresh, "7"); err != nil {
		t.Fatal(err)
	}
	o.acts[fresh].told = at.Add(2 * time.Second)
	o.flagged(health("zz/kakavija/2", 900, 7), at.Add(3*time.Second))
	if a := o.acts[fresh]; !a.mirrored || a.witnessed {
		t.Errorf("%+v", a)
	}
}

func health(origin string, mirrored, witnessed uint64) node.Health {
	return node.Health{Node: "kakavija", Origin: origin, Safety: node.Safety{Mirrored: mirrored, Witnessed: witnessed}}
}

// An answer that names no number is no receipt.
func TestToldNeedsANumber(t *testing.T) {
	o := newOracle()
	a := newAct()
	o.asked(a, "kakavija", record.Check)
	if o.told(a, "") == nil || o.told(a, "-1") == nil || !o.acts[a].told.IsZero() {
		t.Errorf("%+v", o.acts[a])
	}
}

// A verdict needs an injected fault, an answer at a booth, and no problem of any kind.
func TestVerdicts(t *testing.T) {
	began := time.Now()
	answer := func(after time.Duration, ok bool) Answer {
		return Answer{began.Add(after), "kakavija", 9 * time.Millisecond, ok, false}
	}
	for name, c := range map[string]struct {
		times    int
		answers  []Answer
		spotless bool
		problems []string
		j        Judgement
		want     Verdict
	}{
		"held":                     {1, []Answer{answer(0, true), answer(2*time.Second, true)}, true, nil, Judgement{}, Held},
		"never injected":           {0, []Answer{answer(2*time.Second, true)}, false, nil, Judgement{}, NotInjected},
		"nobody at the booths":     {1, nil, false, nil, Judgement{}, Broken},
		"lost":                     {1, []Answer{answer(2*time.Second, true)}, false, nil, Judgement{Lost: []string{"x"}}, Broken},
		"not sound":                {1, []Answer{answer(2*time.Second, true)}, false, nil, Judgement{Unsound: []string{"x"}}, Broken},
		"a promise of its own":     {1, []Answer{answer(2*time.Second, true)}, false, []string{"x"}, Judgement{}, Broken},
		"no answer, and promised":  {1, []Answer{answer(2*time.Second, true), answer(2*time.Second, false)}, true, nil, Judgement{}, Broken},
		"no answer, not promised":  {1, []Answer{answer(2*time.Second, true), answer(2*time.Second, false)}, false, nil, Judgement{}, Held},
		"no answer before the act": {1, []Answer{answer(0, false), answer(2*time.Second, true)}, true, nil, Judgement{}, Held},
	} {
		o := newOracle()
		for _, a := range c.answers {
			o.answered(a, nil)
		}
		r := Result{Start: began, Injected: began.Add(time.Second), Healing: began.Add(3 * time.Second), Healed: began.Add(4 * time.Second), End: began.Add(5 * time.Second)}
		r.sum(o, &run{act: Act{spotless: c.spotless}, times: c.times, problems: c.problems}, c.j)
		if r.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %q", name, r.Verdict, c.want, r.Problems)
		}
	}
}

func TestLatency(t *testing.T) {
	var all []Answer
	for i := range 200 {
		all = append(all, Answer{Took: time.Duration(200-i) * time.Millisecond, OK: true})
	}
	l, none := latency(append(all, Answer{Took: time.Hour}))
	if l != (Latency{200, 101, 199, 200}) || none != 1 {
		t.Errorf("%+v, %d without an answer", l, none)
	}
	if l, none := latency(nil); l != (Latency{}) || none != 0 {
		t.Errorf("of nothing: %+v, %d", l, none)
	}
}

// Every act has its words in both languages; those that processes run say what a kept promise has shown.
func TestWords(t *testing.T) {
	for _, l := range []Language{English, Albanian} {
		for _, a := range Acts() {
			w := l.Act(a.ID)
			if w.What == "" || w.Promise == "" || a.RunBy == "" && w.Held == "" {
				t.Errorf("%s has no words for %s: %+v", l.Code, a.ID, w)
			}
		}
		for key := range English.Text {
			if l.Text[key] == "" || strings.Count(l.Text[key], "%") != strings.Count(English.Text[key], "%") {
				t.Errorf("%s: %s: %q", l.Code, key, l.Text[key])
			}
		}
		if len(l.Acts) != len(Acts()) || len(l.Text) != len(English.Text) {
			t.Errorf("%s has %d acts of %d and %d texts of %d", l.Code, len(l.Acts), len(Acts()), len(l.Text), len(English.Text))
		}
	}
}

// An act is run by processes or by a named test, never by nobody, and its id stands once.
func TestActs(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range Acts() {
		if seen[a.ID] || (a.inject == nil) != (a.RunBy != "") {
			t.Errorf("%s: twice, or run by nobody or by two", a.ID)
		}
		seen[a.ID] = true
	}
	if all, d := Choose("all"), Choose("d"); len(all) <= len(d) || len(d) == 0 || len(Choose("D1")) != 1 || len(Choose("X")) != 0 {
		t.Errorf("all %d, d %d", len(Choose("all")), len(Choose("d")))
	}
}

// Whoever runs an act in place of processes is there: a test of the package named, and of a script the file.
func TestRunByIsThere(t *testing.T) {
	for _, a := range Acts() {
		if a.RunBy == "" {
			continue
		}
		pkg, test, _ := strings.Cut(a.RunBy, ".")
		test, script, scripted := strings.Cut(test, "/")
		files, err := filepath.Glob("../" + pkg + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(b), "func "+test+"(t *testing.T)")
		}
		if scripted {
			_, err = os.Stat("../" + pkg + "/testdata/drills/" + script + ".txt")
		}
		if !found || err != nil {
			t.Errorf("%s is run by %s, which is not there (%v)", a.ID, a.RunBy, err)
		}
	}
}
