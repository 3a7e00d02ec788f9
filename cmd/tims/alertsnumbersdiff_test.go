package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Two editions of numbers are compared without a centre, list by list: each status is one, with a bound of its own.
func TestNumbersCompared(t *testing.T) {
	file := func(lines ...string) string {
		path := filepath.Join(t.TempDir(), "n.csv")
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := file("ALB,B1", "ALB,B2", "ITA,YA0000001,YA0000099", "D,C01X00T47,,lost", "D,C01X00T48,,lost", "ALB,BO2", "#end,6")
	now := file("ALB,B2", "ITA,YA0000001,YA0000098", "ALB,B-1", "ALB,B3", "D,C01X00T47,,stolen", ",123456789012345,,lost", "D,C01X00T48,,lost", "#end,7")
	dry := func(code int, args ...string) numbersReport {
		t.Helper()
		return mustJSON[numbersReport](t, code, append([]string{"alerts", "import", "--format=numbers", "--list=sltd", "--dry-run"}, args...)...)
	}
	l := dry(1, "--against", old, now).Lists // B02 and the range go, of four
	if len(l) != 2 || l[0].List != "sltd" || l[0].Numbers != 5 || l[0].Before != 4 || l[0].Added != 3 || l[0].Withdrawn != 2 || l[0].Diff.Unchanged != 2 ||
		l[0].Refused == "" || !slices.Contains(l[0].Diff.Withdrawn.First, "sltd:ITA:YA0000001-YA0000099") ||
		!slices.Contains(l[0].Diff.Withdrawn.First, "sltd:ALB:B02") || !slices.Contains(l[0].Diff.Added.First, "sltd:D:C01X00T47") {
		t.Errorf("stolen: %+v", l)
	}
	if l[1].List != "sltd-lost" || l[1].Numbers != 2 || l[1].Withdrawn != 1 || l[1].Diff.Withdrawn.First[0] != "sltd-lost:D:C01X00T47" ||
		l[1].Diff.Added.First[0] != "sltd-lost::123456789012345" {
		t.Errorf("lost: %+v", l[1])
	}
	if l := dry(0, "--against", old, "--bound=50", now).Lists; l[0].Refused != "" || l[0].Diff.Shrinkage != 50 {
		t.Errorf("within the bound: %+v", l)
	}
	if l := dry(1, "--against", old, "--shrink", file("ALB,B1", "#end,1")).Lists; l[0].Refused != "" || l[1].Numbers != 0 || l[1].Refused != noneOfStatus {
		t.Errorf("no more lost ones: %+v", l)
	}
	if l := dry(0, now).Lists; len(l) != 2 || l[0].Numbers != 5 || l[0].Diff != nil {
		t.Errorf("against nothing: %+v", l)
	}
	dry(1, "--against", old, file("ALB,B1")) // no end
	d := mustJSON[diffReport](t, 1, "alerts", "diff", "--format=numbers", old, now)
	if d.Old != 6 || d.Now != 7 || d.Unchanged != 3 || d.Added.Count != 4 || d.Withdrawn.Count != 3 || !d.Over || d.Shrinkage != 50 {
		t.Errorf("both: %+v", d)
	}
	must(t, 0, "alerts", "diff", "--format=numbers", old, old)
	must(t, 1, "alerts", "diff", "--format=numbers", old, file("ALB,B1")) // no end
	must(t, 2, "alerts", "diff", "--format=numbers", old, old+"x")
	if text := must(t, 1, "alerts", "import", "--format=numbers", "--dry-run", "--against", old, now); !strings.Contains(text, "withdrawn       2 numbers:") {
		t.Errorf("told: %s", text)
	}
}
