package mrz

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
)

type testCase struct {
	ID       string
	Format   Format
	Lines    []string
	Valid    bool
	Fields   map[string]any
	Checks   map[string]bool
	Errors   []string
	Warnings []string
}

func cases(t testing.TB) []testCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all []testCase
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var c testCase
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if len(all) != 217 {
		t.Fatalf("%d cases, want 217", len(all))
	}
	return all
}

// Every case is compared whole, through JSON, as the command line writes it.
func TestCases(t *testing.T) {
	for _, c := range cases(t) {
		data, err := json.Marshal(Parse(c.Lines).Report(c.ID))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			testCase
			Faults []Fault
		}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.testCase, testCase{c.ID, c.Format, got.Lines, c.Valid, c.Fields, c.Checks, c.Errors, c.Warnings}) {
			t.Errorf("%s\n%q\n got %+v\nwant %+v", c.ID, c.Lines, got.testCase, c)
		}
		for _, f := range got.Faults {
			if f.Line < 0 || f.Line > 3 || f.Position < 0 || f.Position > 44 || f.Field == "" {
				t.Errorf("%s: fault %+v lies nowhere", c.ID, f)
			}
		}
	}
}

// A zone that arrives as typed text, with any line end or none, reads as the same
// zone; lower case by hand is raised.
func TestSplitLeavesCleanZonesAlone(t *testing.T) {
	for _, c := range cases(t) {
		if c.Format == None || slices.Contains(c.Errors, ErrCharset) {
			continue
		}
		want := c.Lines
		for _, end := range []string{"\r", "\n", "\r\n", "\t", " \r\n\r\n "} {
			var raw string
			for _, l := range c.Lines {
				raw += l + end
			}
			if got := Split(raw); !slices.Equal(got, want) {
				t.Errorf("%s with %q: got %q, want %q", c.ID, end, got, want)
			}
		}
		var raw []byte
		for _, l := range c.Lines {
			raw = append(raw, l...)
		}
		if got := Split(string(bytes.ToLower(raw))); !slices.Equal(got, want) {
			t.Errorf("%s without line ends: got %q, want %q", c.ID, got, want)
		}
	}
}
