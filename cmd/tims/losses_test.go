package main

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tims/internal/control"
	"tims/internal/node"
	"tims/internal/roster"
)

// A withdrawal by commands: told, drafted, looked at, signed by two, brought into force.
func TestAlertsLosses(t *testing.T) {
	dir := t.TempDir()
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "UTC", Parent: "example", Approvers: []string{"Agim", "Bora"}, Threshold: 2,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}}})
	if err != nil {
		t.Fatal(err)
	}
	keys, draft := []string{}, filepath.Join(dir, "draft")
	for _, name := range []string{"Agim", "Bora"} {
		key := founded.Approvers[name]
		path := filepath.Join(dir, name+".key")
		text := keyFile(authorityHeader, "", field{"country", "al"}, field{"approver", name},
			field{"public", base64.StdEncoding.EncodeToString(key[32:])}, field{"private", base64.StdEncoding.EncodeToString(key.Seed())})
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, path)
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
	for _, edition := range []string{editionFile(t, 0, 100, 0), editionFile(t, 2, 100, 0)} {
		must(t, 0, "alerts", "import", "--format=csv", "--list=wanted", "--dir", dir, edition)
	}
	asked := func(code int, args ...string) control.Losses {
		t.Helper()
		return mustJSON[control.Losses](t, code, append([]string{"alerts"}, append(args, "--dir", dir)...)...)
	}
	if l := asked(0, "losses", "--list=wanted"); l.Count != 2 || l.Needed != 2 || l.Alerts[0].ID != "csv:000" {
		t.Errorf("%+v", l)
	}
	must(t, 2, "alerts", "losses", "--dir", dir)
	must(t, 2, "alerts", "losses", "--list=wanted", "--id=csv:000", "--dir", dir)
	if code, _, why := tims(t, "", "alerts", "losses", "--list=wanted", "--id=csv:000", "--id=csv:050", "--draft", draft, "--dir", dir); code != 1 || !strings.Contains(why, "csv:050") {
		t.Errorf("exit code %d: %s", code, why)
	}
	if l := asked(0, "losses", "--list=wanted", "--draft", draft); l.Count != 2 || !l.Settles || len(l.Approved) != 0 {
		t.Errorf("drafted: %+v", l)
	}
	must(t, 1, "alerts", "withdraw", draft, "--dir", dir)
	if l := asked(0, "approve", draft, "--authority", keys[0]); len(l.Approved) != 1 {
		t.Errorf("signed by one: %+v", l)
	}
	refused := func(says string, args ...string) {
		t.Helper()
		if code, _, why := tims(t, "", append(append([]string{"alerts"}, args...), "--dir", dir)...); code != 1 || !strings.Contains(why, says) {
			t.Errorf("%v: exit code %d: %s", args, code, why)
		}
	}
	refused("not enough valid approvals of the authority: 1 of 2", "withdraw", draft)
	refused("signed already by Agim; 1 signature of another approver needed", "approve", draft, "--authority", keys[0])
	later := filepath.Join(filepath.Dir(draft), "later")
	asked(0, "losses", "--list=wanted", "--draft", later)
	_, text, _ := tims(t, "", "alerts", "approve", draft, "--authority", keys[1], "--dir", dir)
	for _, says := range []string{"By the copy of centre this change lets go 2 alerts", "csv:001", "absent", "Approved by Agim, Bora; 2 needed", "tims alerts withdraw"} {
		if !strings.Contains(text, says) {
			t.Errorf("approve does not say %q:\n%s", says, text)
		}
	}
	refused("signed already by Agim, Bora, which is enough", "approve", draft, "--authority", keys[1])
	must(t, 0, "alerts", "withdraw", draft, "--dir", dir)
	if l := asked(0, "losses", "--list=wanted"); l.Count != 0 {
		t.Errorf("withdrawn: %+v", l)
	}
	for _, command := range []string{"withdraw", "approve"} {
		refused("list wanted: this very loss is in force already; nothing is left to do", command, draft)
		refused("list wanted: another loss of alerts came into force since it was drafted; draft it again", command, later)
	}
	must(t, 1, "alerts", "approve", keys[0], "--dir", dir)
	must(t, 2, "alerts", "approve", filepath.Join(dir, "none"), "--dir", dir)
}
