package node_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

var update = flag.Bool("update", false, "write what the drills answer into their scripts")

// TestDrills runs every script of testdata/drills. A script has one step a line, and below it, indented, what the step
// answers. Empty lines and lines with # are for readers. The invariants run after each step.
func TestDrills(t *testing.T) {
	scripts, err := filepath.Glob("testdata/drills/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no drills", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			synctest.Test(t, func(t *testing.T) { got = runDrill(t, string(text)) })
			if *update && !t.Failed() && !bytes.Equal(got, text) {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// answerIndent stands before each line that a step answers.
const answerIndent = "    "

// runDrill runs a script and gives it back with the answers as they were.
func runDrill(t *testing.T, text string) []byte {
	d := &drill{t: t}
	var out bytes.Buffer
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); {
		step, at := lines[i], i+1
		i++
		out.WriteString(step + "\n")
		if strings.TrimSpace(step) == "" || step[0] == '#' {
			continue
		}
		var want []string
		for ; i < len(lines) && strings.HasPrefix(lines[i], answerIndent); i++ {
			want = append(want, strings.TrimPrefix(lines[i], answerIndent))
		}
		got, err := d.step(strings.Fields(step))
		if err != nil {
			t.Fatalf("line %d: %s: %v", at, step, err)
		}
		for _, line := range got {
			out.WriteString(answerIndent + line + "\n")
		}
		if !*update && strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("line %d: %s\ngot:\n%s\nwant:\n%s", at, step, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if err := d.country.invariants(); err != nil {
			t.Fatalf("line %d: after %s: %v", at, step, err)
		}
	}
	return out.Bytes()
}
