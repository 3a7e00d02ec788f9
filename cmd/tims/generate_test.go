package main

import (
	"strings"
	"testing"
)

// What is generated is imported whole and without a fault, and every person of it is found by name and birth.
func TestGenerateAndMatch(t *testing.T) {
	code, list, errOut := tims(t, "", "generate", "alerts", "--persons", "40", "--documents", "10", "--vehicles", "5", "--seed", "3")
	if code != 0 || errOut != "" || !strings.HasSuffix(list, "\n#end,55\n") {
		t.Fatalf("exit code %d: %s", code, errOut)
	}
	if _, again, _ := tims(t, "", "generate", "alerts", "--persons", "40", "--documents", "10", "--vehicles", "5", "--seed", "3"); again != list {
		t.Error("the same seed makes another list")
	}
	code, travellers, _ := tims(t, "", "generate", "travellers", "--persons", "30")
	if code != 0 || strings.Count(travellers, "\n") != 30 {
		t.Errorf("exit code %d: %s", code, travellers)
	}
	code, out, errOut := tims(t, travellers, "match", "--format", "csv", "--list", listFile(t, "made.csv", list))
	if code != 0 || errOut != "" || strings.Count(out, "\n") != 30 {
		t.Errorf("exit code %d: %s%s", code, out, errOut)
	}
	for _, args := range [][]string{{"alerts"}, {"alerts", "--persons", "-1"}, {"travellers"}} {
		if code, _, _ := tims(t, "", append([]string{"generate"}, args...)...); code != 2 {
			t.Errorf("%v: exit code %d, want 2", args, code)
		}
	}
}
