package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const smallList = `id,kind,name,aliases,birth,nationality,sex,documents
t:1,person,"Korobov, Igor","Smith, Heinrich",1956-08-03,RUS,M,RUS:123456789
t:2,person,"Mladić, Ratko",,1942-03-12,BIH,M,
t:3,person,"Petrovic, Ana",,1980,SRB,F,
t:4,document,,,,,,ALB:BG1234567
#end,4
`

func listFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// matched runs `tims match` and gives for each line of output its id and the alerts hit, or its error.
func matched(t *testing.T, input string, args ...string) (code int, lines []string) {
	t.Helper()
	code, out, errOut := tims(t, input, append([]string{"match", "--format", "csv", "--list", listFile(t, "any.csv", smallList)}, args...)...)
	if code == 2 {
		t.Fatal(errOut)
	}
	for l := range strings.Lines(out) {
		var a matchAnswer
		if err := json.Unmarshal([]byte(l), &a); err != nil {
			t.Fatal(err)
		}
		line := strings.Trim(string(a.ID), `"`) + ":"
		for _, h := range a.Hits {
			line += " " + h.Alert
			sum := 0.0
			for _, r := range h.Reasons {
				sum += r.Weight
			}
			if d := sum - h.Score; d > 1e-6 || d < -1e-6 {
				t.Errorf("%s: reasons add up to %f, score %f", line, sum, h.Score)
			}
		}
		if a.Error != "" {
			line += " " + a.Error
		}
		lines = append(lines, line)
	}
	return code, lines
}

// Each line is answered in its place, whatever is wrong with others, and nothing of a wrong one is repeated.
func TestMatchLines(t *testing.T) {
	input := strings.Join([]string{
		`{"id":"a","surname":"KOROBOW","given":"IGOR","birth":"1956-03-08","nationality":"ru","sex":"male"}`,
		`SECRET`,
		`{"id":2,"name":"Ratko Mladić","birth":"1942"}`,
		``,
		`{"id":"c","name":"x","surname":"y"}`,
		`{"id":"d","name":"X","birth":"12.3.1942"}`,
		`{"id":"e","name":"X","nationality":"Atlantis"}`,
		`{"id":"f","document":"BG1234567"}`,
		`{"id":"g","document":{"issuer":"RUS","number":"123456789"},"name":"SOMEBODY ELSE"}`,
		`{"id":"h","name":"` + strings.Repeat("A", maxMatchLine) + `"}`,
		`{"id":"i","surname":"Коробов","given":"Игорь","birth":"1956-08"}`,
		`{"id":"j","name":"NOBODY ATALL"}`,
		`{"id":"k","birth":1974}`,
		`{"id":"l","name":"RATKO MLADIC","nationality":"xkx"}`,
		`{"name":"X"}`,
		`["a"]`,
	}, "\n")
	code, got := matched(t, input)
	want := []string{"a: t:1", ": not a JSON object of a traveller", "2: t:2", `c: "name" beside "surname" or "given"`,
		`d: "birth" is not of the form 1974, 1974-08 or 1974-08-12`, `e: "nationality" is neither a code nor an English name`,
		"f: t:4", "g: t:1", ": longer than 65536 bytes", "i: t:1", "j:",
		`k: "birth" is not a text`, "l: t:2", `: "id" is missing`, ": not a JSON object of a traveller"}
	if d := cmp.Diff(want, got); d != "" || code != 1 {
		t.Errorf("exit code %d, want 1: %s", code, d)
	}
	if code, _ := matched(t, `{"id":1}`); code != 0 {
		t.Errorf("exit code %d without a bad line", code)
	}
}

// Whoever is listed in another script alone is found by the zone of his passport: importers add no spelling of their own.
func TestMatchReadsOtherScripts(t *testing.T) {
	list := listFile(t, "scripts.csv", `id,name,birth
t:1,"Ходжай, Дритан",1974-08-12
t:2,"Παπαδόπουλος, Ευάγγελος",1961-04-09
t:3,"محمد حسين",1970-03-02
t:4,"习近平",1953-06-15
#end,4
`)
	input := `{"id":1,"surname":"KHODZHAI","given":"DRITAN","birth":"1974-08-12"}
{"id":2,"surname":"PAPADOPOULOS","given":"EVANGELOS","birth":"1961-04-09"}
{"id":3,"surname":"HUSSAIN","given":"MOHAMMED","birth":"1970-03-02"}
{"id":4,"surname":"XI","given":"JINPING","birth":"1953-06-15"}
`
	code, out, why := tims(t, input, "match", "--format", "csv", "--list", list, "--top", "1")
	for _, id := range []string{"t:1", "t:2", "t:3", "t:4"} {
		if code != 0 || !strings.Contains(out, `"hits":[{"alert":"`+id+`"`) {
			t.Errorf("exit code %d, no %s: %s%s", code, id, out, why)
		}
	}
}

func TestMatchFlags(t *testing.T) {
	alias := `{"id":"a","surname":"SMITH","given":"HEINRICH","birth":"1956-08-03"}`
	for _, c := range []struct {
		args  []string
		input string
		want  string
	}{
		{nil, alias, "a: t:1"},
		{[]string{"--primary-only"}, alias, "a:"},
		{[]string{"--primary-only", "--min-score", "-5"}, alias, "a: t:1"},
		{[]string{"--primary-only", "--min-score=-5"}, alias, "a: t:1"},
		{[]string{"--min-score", "-40", "--top", "2"}, `{"id":"b","name":"ANA PETROVIC","birth":"1980-02-03"}`, "b: t:3 t:1"},
		{[]string{"--name-only"}, `{"id":"c","name":"ANA","document":"BG1234567"}`, "c:"},
	} {
		if _, got := matched(t, c.input, c.args...); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%v: %q, want %q", c.args, got, c.want)
		}
	}
	list := listFile(t, "any.csv", smallList)
	for _, args := range [][]string{{"--format", "csv"}, {"--list", list}, {"--format", "xyz", "--list", list}, {"--format", "csv", "--list", "nowhere.csv"},
		{"--format", "csv", "--list", list, "--top", "0"}, {"--format", "csv", "--format", "csv", "--list", list},
		{"--format", "csv", "--list", list, "--eval", list}, {"--format", "csv", "--list", list, "--min-score", "x"}} {
		if code, _, _ := tims(t, "", append([]string{"match"}, args...)...); code != 2 {
			t.Errorf("%v: exit code %d, want 2", args, code)
		}
	}
	_, _, errOut := tims(t, alias, "match", "--format", "csv", "--list", list, "--stats")
	for _, word := range []string{"load ", "queries 1 ", "a second", "p50 ", "p90 ", "p99 ", "processor ", "memory "} {
		if !strings.Contains(errOut, word) {
			t.Errorf("--stats does not tell %q: %s", word, errOut)
		}
	}
}

// Shares, places and costs are counted as the labelled set says.
func TestMatchEval(t *testing.T) {
	list := listFile(t, "any.csv", smallList)
	labelled := listFile(t, "labelled.tsv", "q1\t1\tvariant\tKOROBOW\tIGOR\t1956-08-03\tRussia\n"+
		"q2\tt:2\tvariant\tMLADITCH\tRATKO\t1942-03-12\t\nq3\t3\tother\tIVANOVA\tMARIA\t\t\nq4\t99\tother\tX\tY\t\t\n")
	ordinary := listFile(t, "ordinary.tsv", strings.Repeat("o\t-\tordinary\tMEYER\tHEINZ\t1950-01-02\tGermany\n", 99)+
		"o\t-\tordinary\tPETROVIC\tANA\t1980-02-03\tSerbia\n")
	code, out, errOut := tims(t, "", "match", "--format", "csv", "--list", list, "--eval", labelled, "--ordinary", ordinary, "--json")
	var e evaluation
	if err := json.Unmarshal([]byte(out), &e); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v: %s", code, err, errOut)
	}
	if e.Queries != 3 || e.Absent != 1 || e.Ordinary != 100 || len(e.Thresholds) != 3 {
		t.Errorf("%+v", e)
	}
	want := []classRecall{{Class: "all", Queries: 3, At: []float64{2. / 3, 2. / 3}, First: 2. / 3, Five: 2. / 3},
		{Class: "variant", Queries: 2, At: []float64{1, 1}, First: 1, Five: 1},
		{Class: "other", Queries: 1, At: []float64{0, 0}}}
	got := e.Classes

	for i, w := range want {
		if i >= len(got) || got[i].Class != w.Class || got[i].Queries != w.Queries || !slices.Equal(got[i].At[:2], w.At[:2]) || got[i].First != w.First || got[i].Five != w.Five {
			t.Errorf("%+v, want %+v", got, w)
		}
	}
	if len(e.Costs) != len(recalls) || e.Costs[0].Thousand > 10 || e.Costs[3].Thousand != -1 {
		t.Errorf("costs %+v", e.Costs)
	}
	_, made, _ := tims(t, "", "generate", "travellers", "--persons", "50")
	objects := listFile(t, "ordinary.jsonl", made)
	code, out, errOut = tims(t, "", "match", "--format", "csv", "--list", list, "--eval", labelled, "--ordinary", objects, "--json")
	if err := json.Unmarshal([]byte(out), &e); err != nil || code != 0 || e.Ordinary != 50 || e.Queries != 3 {
		t.Errorf("ordinary travellers as objects: exit code %d, %v, %+v: %s", code, err, e, errOut)
	}
	for _, bad := range []string{made + "o\t-\tordinary\tMEYER\tHEINZ\t\t\n", made + `{"id":1,"birth":"soon"}`} {
		if code, _, why := tims(t, "", "match", "--format", "csv", "--list", list, "--eval", labelled, "--ordinary", listFile(t, "bad.jsonl", bad)); code != 2 || !strings.Contains(why, "line 51: ") {
			t.Errorf("exit code %d: %s", code, why)
		}
	}
	if code, out, _ := tims(t, "", "match", "--format", "csv", "--list", list, "--eval", labelled, "--ordinary", ordinary); code != 0 || !strings.Contains(out, "never found") {
		t.Errorf("exit code %d: %s", code, out)
	}
}
