package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The cases go in as they lie, with all they hold beside id and lines, and come out as they say.
func TestZones(t *testing.T) {
	cases, err := os.ReadFile("../../internal/mrz/testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	code, out, errOut := tims(t, string(cases), "mrz")
	if code != 0 || errOut != "" {
		t.Fatalf("exit code %d: %s", code, errOut)
	}
	want := strings.Split(strings.TrimSpace(string(cases)), "\n")
	got := strings.Split(strings.TrimSpace(out), "\n")
	if len(got) != len(want) || len(want) < 200 {
		t.Fatalf("%d answers to %d cases", len(got), len(want))
	}
	for i := range want {
		var w, g map[string]any
		if err := json.Unmarshal([]byte(want[i]), &w); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(got[i]), &g); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"id", "format", "valid", "fields", "checks", "errors", "warnings"} {
			if !reflect.DeepEqual(g[key], w[key]) {
				t.Errorf("%v: %s is %v, want %v", w["id"], key, g[key], w[key])
			}
		}
		if _, ok := g["faults"].([]any); !ok {
			t.Errorf("%v: faults are %v", w["id"], g["faults"])
		}
	}
}

// A line that is nothing costs no other line its answer, and the telling of it repeats none of its content.
func TestZonesFaulty(t *testing.T) {
	good := `{"id":"a","lines":["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<","L898902C36UTO7408122F1204159ZE184226B<<<<<10"]}`
	for _, c := range []struct {
		name, input string
		code        int
		answers     int
		says        string
	}{
		{"nothing", "", 0, 0, ""},
		{"blank lines", "\n \t\r\n" + good + "\n\n", 0, 1, ""},
		{"no last line end", good, 0, 1, ""},
		{"bad in the middle", good + "\nSECRET\n" + good + "\n", 1, 2, "line 2"},
		{"two bad", "[1]\n" + good + "\n{\"id\":\"SECRET\"}\n", 1, 1, "line 3"},
		{"number for an id", `{"id":7,"lines":["SECRET"]}`, 1, 0, "line 1"},
		{"text for lines", `{"id":"x","lines":"SECRET"}`, 1, 0, "line 1"},
		{"empty zone", `{"id":"x","lines":[]}`, 0, 1, ""},
		{"too long", `{"id":"SECRET","lines":["` + strings.Repeat("A", maxZoneLine) + "\"]}\n" + good, 1, 1, "line 1"},
	} {
		code, out, errOut := tims(t, c.input, "mrz")
		if code != c.code || strings.Count(out, "\n") != c.answers || !strings.Contains(errOut, c.says) || strings.Contains(errOut, "SECRET") {
			t.Errorf("%s: exit code %d, want %d, %d answers\n%s%s", c.name, code, c.code, c.answers, out, errOut)
		}
	}
}
