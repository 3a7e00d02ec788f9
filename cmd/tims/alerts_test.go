package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tims/internal/control"
	"tims/internal/node"
	"tims/internal/roster"
)

// editionFile writes a plain table of alerts numbered from and to, of which the first few have no alias.
func editionFile(t *testing.T, from, to, bare int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,action,name,aliases\n")
	for i := from; i < to; i++ {
		alias := "Alias"
		if i < from+bare {
			alias = ""
		}
		fmt.Fprintf(&b, "%03d,refuse,\"Name%d, Given\",%s\n", i, i, alias)
	}
	fmt.Fprintf(&b, "#end,%d\n", to-from)
	path := filepath.Join(t.TempDir(), "edition.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAlertsDiff(t *testing.T) {
	old := editionFile(t, 0, 100, 0)
	same := mustJSON[diffReport](t, 0, "alerts", "diff", "--format=csv", old, old)
	if same.Unchanged != 100 || same.Losses() != 0 || same.Over {
		t.Errorf("the same edition: %+v", same)
	}
	few := mustJSON[diffReport](t, 0, "alerts", "diff", "--format=csv", old, editionFile(t, 2, 103, 3))
	if few.Added.Count != 3 || few.Withdrawn.Count != 2 || few.Weakened.Count != 3 || few.Unchanged != 95 || few.Shrinkage != 5 || few.Over ||
		few.Withdrawn.First[1] != "csv:001" {
		t.Errorf("a few lost: %+v", few)
	}
	many := mustJSON[diffReport](t, 1, "alerts", "diff", "--format=csv", old, editionFile(t, 6, 100, 0))
	if many.Withdrawn.Count != 6 || !many.Over {
		t.Errorf("many lost: %+v", many)
	}
	must(t, 0, "alerts", "diff", "--format=csv", "--bound=6", old, editionFile(t, 6, 100, 0))
	dry := mustJSON[importReport](t, 1, "alerts", "import", "--format=csv", "--dry-run", "--against", old, editionFile(t, 6, 100, 0))
	if dry.Released || dry.Refused == "" || dry.Diff.Withdrawn.Count != 6 {
		t.Errorf("dry run: %+v", dry)
	}
	must(t, 0, "alerts", "import", "--format=csv", "--dry-run", "--shrink", "--against", old, editionFile(t, 6, 100, 0))
	for _, args := range [][]string{
		{"alerts", "diff", old, old}, {"alerts", "diff", "--format=nosuch", old, old}, {"alerts", "diff", "--format=csv", old, old + "x"},
		{"alerts", "import", "--format=csv", "--against", old, old}, {"alerts", "import", "--format=csv", "--dry-run", "--bound=101", old},
		{"alerts", "list"}, {"alerts", "show", "x:1"}, {"alerts", "list", "--dir=a", "--config=b"},
		{"alerts", "import", "--format=un-consolidated", "--dry-run", old}, // no list of that format
	} {
		if code, _, errOut := tims(t, "", args...); code != 2 {
			t.Errorf("%v: exit code %d, %s", args, code, errOut)
		}
	}
}

// What an analyst does beside a running centre: import, import again, be refused, look.
func TestAlertsAtCentre(t *testing.T) {
	dir := t.TempDir()
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "UTC", Parent: "example", Approvers: []string{"one"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}}})
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "centre")
	socket, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(node.Options{Dir: dir, Founding: founded.Founding.Hash()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- socket.Serve(ctx, n, "https://centre.example") }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-served, n.Close()); err != nil {
			t.Error(err)
		}
	})
	brought := func(code int, more ...string) importReport {
		t.Helper()
		return mustJSON[importReport](t, code, append([]string{"alerts", "import", "--format=csv", "--list=wanted", "--dir", dir}, more...)...)
	}
	first := brought(0, editionFile(t, 0, 100, 0))
	if !first.Released || first.Diff.Old != 0 || first.Diff.Added.Count != 100 || first.Waiting != 0 {
		t.Errorf("the first edition: %+v", first)
	}
	refused := brought(1, editionFile(t, 50, 100, 0))
	if refused.Released || refused.Refused == "" || refused.Diff.Withdrawn.Count != 50 {
		t.Errorf("half of it: %+v", refused)
	}
	second := brought(0, editionFile(t, 1, 101, 1))
	if !second.Released || second.Release != 2 || second.Diff.Losses() != 2 || second.Diff.Added.Count != 1 || second.Waiting != 2 {
		t.Errorf("the second edition: %+v", second)
	}
	again := brought(0, editionFile(t, 1, 101, 1))
	if again.Diff.Unchanged != 100 || again.Diff.Losses() != 0 || again.Waiting != 2 { // what waits is not lost a second time
		t.Errorf("the second edition again: %+v", again)
	}
	type listed struct {
		Lists  []listReport
		Coming []comingReport
	}
	if l := mustJSON[listed](t, 0, "alerts", "list", "--dir", dir).Lists; len(l) != 1 || l[0].Release != 3 || l[0].Alerts != 100 || l[0].Waiting != 2 {
		t.Errorf("lists: %+v", l)
	}
	type shown struct {
		Alerts []alertReport
		Late   []string `json:"not_in_force"`
	}
	if a := mustJSON[shown](t, 0, "alerts", "show", "csv:000", "--dir", dir).Alerts; len(a) != 1 || !a[0].Held || a[0].Names[0] != "Name0, Given" {
		t.Errorf("withdrawn: %+v", a)
	}
	if a := mustJSON[shown](t, 0, "alerts", "show", "csv:001", "--dir", dir).Alerts; len(a) != 2 || a[0].Held || !a[1].Held || a[0].Aliases != nil {
		t.Errorf("weakened: %+v", a)
	}
	must(t, 1, "alerts", "show", "csv:999", "--dir", dir)
	for want, args := range [][]string{{"--id=1", "--surname=Kanarini", "--given=Ilir"}, {"--id=2", "--surname=Zogu", "--birth=1971-03-09", "--nationality=xkx"},
		{"--id=2", "--surname=Zogu Blu", "--birth=1971-03-09", "--sex=F"}} {
		c := mustJSON[canaryReport](t, 0, append([]string{"alerts", "canary", "--dir", dir}, args...)...)
		if c.Release != uint64(want+1) || c.Canaries != min(want+1, 2) { // the same number again replaces
			t.Errorf("canary %d: %+v", want+1, c)
		}
	}
	must(t, 0, "alerts", "import", "--format=csv", "--dir", dir, editionFile(t, 0, 1, 0))
	must(t, 1, "alerts", "canary", "--dir", dir, "--list=csv", "--id=000", "--surname=Zogu", "--given=Ilir") // an alert is never made a canary
	numbersAtCentre(t, dir)
	for _, args := range [][]string{{"--id=3"}, {"--surname=X"}, {"--id=3", "--surname=Kanarini"}, {"--id=3 4", "--surname=Kanarini", "--given=Ilir"}, {"--id=3", "--surname=漢"}, {"--id=3", "--surname=X", "--birth=soon"},
		{"--id=3", "--surname=X", "--sex=X"}, {"--id=3", "--surname=X", "--nationality=Atlantis"}} {
		must(t, 2, append([]string{"alerts", "canary", "--dir", dir}, args...)...)
	}
	_, text, _ := tims(t, "", "alerts", "import", "--format=csv", "--list=wanted", "--dir", dir, editionFile(t, 1, 101, 1))
	for _, says := range []string{"100 unchanged", "Released as wanted, release 4", "2 withdrawals and weakened alerts wait for approval", "tims alerts losses --list wanted"} {
		if !strings.Contains(text, says) {
			t.Errorf("the command does not say %q:\n%s", says, text)
		}
	}
}

// What is said of a file names it as it was typed, not as its issuer calls it.
func TestAlertsNamesFilesAsTyped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weekly.txt")
	if err := os.WriteFile(path, []byte("id,action,name\n1,refuse,Name\n2,shoot,Other\nALB\n#end,3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for code, format := range []string{"csv", "numbers"} {
		dry := must(t, code, "alerts", "import", "--dry-run", "--format", format, path)
		if !strings.Contains(dry, path+", line ") || strings.Contains(dry, "alerts.csv") || strings.Contains(dry, "numbers.csv") {
			t.Errorf("%s: %s", format, dry)
		}
	}
	for format, canonical := range map[string]string{"un-consolidated": "consolidated.xml", "eu-consolidated": "fsf.xml", "ofac-advanced": "sdn_advanced.xml",
		"uk-ofsi": "conlist.csv", "opensanctions-simple": "targets.simple.csv"} {
		for _, args := range [][]string{{"alerts", "import", "--dry-run", "--format", format, path}, {"match", "--format", format, "--list", path}} {
			code, _, why := tims(t, "", args...)
			if code != 2 || !strings.HasPrefix(why, "tims: "+path+": cannot import") || !strings.Contains(why, "it was read as "+format) || strings.Contains(why, canonical) {
				t.Errorf("%v: exit code %d: %s", args, code, why)
			}
		}
	}
}

// What is on its way into force is told, a list that is not in force yet first of all.
func TestTellLists(t *testing.T) {
	for want, c := range map[string]struct {
		lists  []listReport
		coming []comingReport
	}{
		"No list is in force.\n":                                                                     {},
		"un: NOT in force yet; release 3 is on its way here.\n":                                      {nil, []comingReport{{List: "un", Release: 3}}},
		"un: NOT in force yet; release 3 is on its way here: 2 of 1,200 chunks.\n":                   {nil, []comingReport{{List: "un", Release: 3, Chunks: 1200, Here: 2}}},
		"un: NOT in force yet; release 3 is being opened: 7 of 9 chunks.\n":                          {nil, []comingReport{{List: "un", Release: 3, Chunks: 9, Here: 9, Opened: 7}}},
		"un: NOT in force yet; release 3 is opened, and being made ready to match: 4 of 9 chunks.\n": {nil, []comingReport{{List: "un", Release: 3, Chunks: 9, Here: 9, Opened: 9, Indexed: 4}}},
		"un: release 2 of 1970-01-01 00:00 UTC, 5 alerts; known up to 1970-01-01 00:00 UTC; release 3 is being opened: 0 of 1 chunk.\n": {
			[]listReport{{List: "un", Release: 2, Alerts: 5, Released: time.UnixMilli(0).UTC(), KnownTo: time.UnixMilli(0).UTC()}},
			[]comingReport{{List: "un", Release: 3, InForce: true, Chunks: 1, Here: 1}}},
	} {
		var b strings.Builder
		if tellLists(&b, c.lists, c.coming); b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
	}
}

// A list of numbers goes by status, is compared at the centre, and what it lacks is held.
func numbersAtCentre(t *testing.T, dir string) {
	t.Helper()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "numbers.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	brought := func(code int, text string, more ...string) []statusReport {
		t.Helper()
		return mustJSON[numbersReport](t, code, append([]string{"alerts", "import", "--format=numbers", "--list=papers", "--dir", dir, file(text)}, more...)...).Lists
	}
	first := "ALB,BO1234567\nITA,YA0000001,YA0000099,lost\nALB,B01234567\nDEU,C01X00T47\n,123456789012345,,stolen\n#end,5\n"
	if l := brought(0, first); len(l) != 2 || l[0].Numbers != 3 || l[0].Release != 1 || l[1].List != "papers-lost" || l[1].Numbers != 1 {
		t.Errorf("first: %+v", l)
	}
	if l := brought(1, "DEU,C01X00T47\n#end,1\n"); l[0].Release != 0 || l[0].Withdrawn != 2 || l[0].Refused == "" || l[1].Refused == "" {
		t.Errorf("shrunk: %+v", l)
	}
	if l := brought(1, "DEU,C01X00T47\nALB,X1\n#end,2\n", "--shrink"); l[0].Release != 2 || l[0].Withdrawn != 2 || l[0].Added != 1 || l[0].Waiting != 2 {
		t.Errorf("all the same: %+v", l)
	}
	if l := brought(1, "DEU,C01X00T47\n"); len(l) != 0 {
		t.Errorf("without an end: %+v", l)
	}
	type shown struct {
		Alerts []alertReport
		Late   []string `json:"not_in_force"`
	}
	for id, held := range map[string]bool{"papers:D:C01X00T47": false, "papers:ALB:B01234567": true, "papers::123456789012345": true,
		"papers-lost:ITA:YA0000001-YA0000099": false,
		"papers:D:CO1X00T47":                  false, "papers:ALB:BO1234567": true, "papers-lost:ITA:YAOO00001-YA0000099": false} { // as a person reads them off a document
		if a := mustJSON[shown](t, 0, "alerts", "show", id, "--dir", dir).Alerts; len(a) != 1 || a[0].Held != held || a[0].Action != "seize" {
			t.Errorf("%s: %+v", id, a)
		}
	}
	if text := must(t, 0, "alerts", "list", "--dir", dir); !strings.Contains(text, ", 2 numbers; known up to") {
		t.Errorf("told of numbers: %s", text)
	}
	if code, _, why := tims(t, "", "alerts", "import", "--format=csv", "--list=papers", "--dir", dir, editionFile(t, 0, 1, 0)); code != 1 || !strings.Contains(why, "is one of document numbers") {
		t.Errorf("alerts for a list of numbers: exit code %d: %s", code, why)
	}
}
