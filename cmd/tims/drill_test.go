package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tims/internal/drill"
)

// Three acts against real processes of this program: the centre wiped, crossings changed with SQL, processes killed at random. How
// long booths waited is shown and not asserted.
func TestDrill(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.html")
	c := program("drill", "T1", "d1", "D7", "--for", "2s", "--rate", "4", "--seed", "7", "--by", "A. Hoxha", "--html", report, "--lang", "sq", "--json")
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, said.String())
	}
	var s drill.Score
	if err := json.Unmarshal(out, &s); err != nil || bytes.Count(out, []byte("\n")) != 1 {
		t.Fatalf("%v in %s", err, out)
	}
	var ids []string
	for _, r := range s.Results {
		ids = append(ids, r.ID)
		if r.Verdict != drill.Held || r.Times == 0 || r.Acked == 0 || r.Lost+r.Doubled+r.Invented > 0 || r.During.Answers == 0 ||
			r.Mirrored == 0 || r.Witnessed == 0 {
			t.Errorf("%+v\n%s", r, said.String())
		}
	}
	if !slices.Equal(ids, []string{"D1", "D7", "T1"}) || s.Seed != 7 || !s.Held() {
		t.Errorf("%v, %+v", ids, s)
	}
	page, err := os.ReadFile(report)
	if err != nil || !strings.Contains(string(page), drill.Albanian.Act("D7").Held) || !strings.Contains(string(page), "<svg") {
		t.Errorf("the report: %v", err)
	}
}

func TestDrillList(t *testing.T) {
	var acts []listedAct
	if err := json.Unmarshal([]byte(must(t, 0, "drill", "--list", "--json")), &acts); err != nil {
		t.Fatal(err)
	}
	if len(acts) != len(drill.Acts()) {
		t.Errorf("%d acts of %d", len(acts), len(drill.Acts()))
	}
	text := must(t, 0, "drill", "--list", "--lang", "sq")
	for _, a := range acts {
		if a.What == "" || a.Promise == "" || a.RunBy == "" || !strings.Contains(text, drill.Albanian.Act(a.ID).What) {
			t.Errorf("%+v", a)
		}
	}
}

// Without an earlier release R4 is not run, says so, and has shown nothing.
func TestDrillWithoutEarlierRelease(t *testing.T) {
	var s drill.Score
	if err := json.Unmarshal([]byte(must(t, 1, "drill", "R4", "--json")), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Results) != 1 || s.Results[0].Verdict != drill.NotRun || s.Held() {
		t.Errorf("%+v", s)
	}
}

func TestDrillMisuse(t *testing.T) {
	for args, says := range map[string]string{
		"drill": "say which act", "drill X9": "no act", "drill D8": "is run by", "drill R4 --previous /bin/true": "--previous", "drill D1 --for 0s": "--for",
		"drill D1 --rate 0": "--rate", "drill D1 --lang de": "--lang",
	} {
		code, out, errOut := tims(t, "", strings.Fields(args)...)
		if code != 2 || out != "" || !strings.Contains(errOut, says) {
			t.Errorf("tims %s: exit code %d, want 2 and %q\n%s%s", args, code, says, out, errOut)
		}
	}
}
