package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/control"
	"tims/internal/node"
	"tims/internal/roster"
)

// running founds a country and serves the control sockets of its post and its centre.
func running(t *testing.T) (post *node.Node, dir string) {
	t.Helper()
	dir = t.TempDir()
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "example", Approvers: []string{"one"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "qendra", Role: roster.Centre, Place: "Tirana"}, {Name: "qafe-thane", Role: roster.Post, Place: "Qafë Thanë", Traffic: "road"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"qendra", "qafe-thane"} {
		path := filepath.Join(dir, name)
		s, err := control.Listen(path)
		if err != nil {
			t.Fatal(err)
		}
		if post, err = node.Open(node.Options{Dir: path, Founding: founded.Founding.Hash()}); err != nil {
			t.Fatal(err)
		}
		n := post
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx, n, "https://example") }()
		t.Cleanup(func() {
			cancel()
			if err := errors.Join(<-served, n.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	return post, dir
}

func TestSheets(t *testing.T) {
	post, dir := running(t)
	args := []string{"sheets", "--dir", dir + "/qafe-thane", "--state", "Republika e Shqipërisë", "--post", "Qafë Thanë"}
	first := mustJSON[sheetsReport](t, 0, append(args, "--count", "3", "--out", dir+"/a.html")...)
	number := func(n uint32) string { return border.SheetNumber("QAFETHANE", n) }
	if first.First != number(1) || first.Last != number(3) || first.Count != 3 || first.Node != "qafe-thane" {
		t.Errorf("%+v", first)
	}
	page, err := os.ReadFile(dir + "/a.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{number(1), number(2), number(3), "Qafë Thanë", "Republika e Shqipërisë"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if out := must(t, 0, append(args, "--count", "2", "--out", dir+"/b.html", "--per-page", "4")...); !strings.Contains(out, number(4)) || !strings.Contains(out, number(5)) {
		t.Errorf("numbers do not go on: %s", out)
	}
	if p, err := post.Paper(t.Context()); err != nil || p.Issued != 5 || p.Left != 5 {
		t.Errorf("the post knows of %+v, %v", p, err)
	}
}

func TestSheetsRefused(t *testing.T) {
	post, dir := running(t)
	at := "sheets --dir " + dir + "/qafe-thane "
	for args, want := range map[string]struct {
		code int
		says string
	}{
		"sheets":                                {2, "needs --dir"},
		at:                                      {2, "needs --count"},
		at + "--count 3":                        {2, "needs --out"},
		at + "--count 0 --out " + dir + "/x":    {2, "--count 0"},
		at + "--count 2001 --out " + dir + "/x": {2, "--count 2001"},
		at + "--count -1 --out " + dir + "/x":   {2, "--count -1"},
		at + "--count 3 --per-page 3 --out " + dir + "/x":                       {2, "--per-page 3"},
		at + "--count 3 --out " + dir:                                           {2, "nothing is overwritten"},
		at + "--count 3 --out " + dir + "/x extra":                              {2, "too much: tims sheets"},
		"sheets --count 3 --out " + dir + "/x --dir " + dir + "/qendra":         {1, "sheets are a post's"},
		"sheets --count 3 --out " + dir + "/x --dir " + filepath.Join(dir, "0"): {1, ""},
	} {
		if code, out, errOut := tims(t, "", strings.Fields(args)...); code != want.code || out != "" || !strings.Contains(errOut, want.says) {
			t.Errorf("tims %s: exit code %d, want %d and %q\n%s%s", args, code, want.code, want.says, out, errOut)
		}
	}
	if p, err := post.Paper(t.Context()); err != nil || p.Issued != 0 {
		t.Errorf("a refused command registered %+v, %v", p, err)
	}
	// Registered, and the file cannot be written: the numbers are told, for they count.
	code, _, errOut := tims(t, "", strings.Fields(at+"--count 3 --out "+dir+"/none/x")...)
	if code != 1 || !strings.Contains(errOut, border.SheetNumber("QAFETHANE", 1)) || !strings.Contains(errOut, "are registered and not written") {
		t.Errorf("exit code %d: %s", code, errOut)
	}
}
