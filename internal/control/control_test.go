package control

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// begin founds a country of one centre and serves it on its control socket. The node lies in a directory below dir.
func begin(t *testing.T, dir string) (path string, c *Client) {
	t.Helper()
	path, c, _ = beginWithKey(t, dir)
	return path, c
}

// beginWithKey is begin, and gives the authority's key.
func beginWithKey(t *testing.T, dir string) (path string, c *Client, key ed25519.PrivateKey) {
	t.Helper()
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "UTC", Parent: "example", Approvers: []string{"one"}, Threshold: 1,
		Nodes:    []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}},
		Officers: []node.PlannedOfficer{{Label: "A-01"}, {Label: "twin"}, {Label: "twin2"}}})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "centre")
	s, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(node.Options{Dir: path, Founding: founded.Founding.Hash()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, n, "https://centre.example") }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-served, n.Close()); err != nil {
			t.Error(err)
		}
		if left, err := filepath.Glob(filepath.Join(path, "control.*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
		if _, err := NewClient(path).Health(context.Background()); !errors.Is(err, ErrNotRunning) {
			t.Errorf("after the end: %v", err)
		}
	})
	return path, NewClient(path), founded.Approvers["one"]
}

func TestCommands(t *testing.T) {
	path, c := begin(t, t.TempDir())
	if info, err := os.Stat(filepath.Join(path, socketFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", info, err)
	}
	if _, err := Listen(path); !errors.Is(err, ErrRunning) {
		t.Errorf("a second claim: %v", err)
	}
	h, err := c.Health(t.Context())
	if err != nil || h.Node != "centre" || h.Role != roster.Centre {
		t.Errorf("health %+v, %v", h, err)
	}
	people, err := c.People(t.Context())
	if err != nil || people != (People{"centre", "https://centre.example/enter"}) {
		t.Errorf("people %+v, %v", people, err)
	}
	if l, err := c.Learn(t.Context(), nil); err != nil || l != (Learned{}) {
		t.Errorf("learned %+v of nothing, %v", l, err)
	}
	if _, err := c.Learn(t.Context(), []roster.Approved{{Change: roster.Change{Chain: roster.ChainRoster, Number: 1}}}); err == nil {
		t.Error("a change without approvals was learned")
	}
}

func alert(id string) border.Alert {
	return border.Alert{ID: id, List: "test", Kind: border.PersonAlert, Action: border.ActInform, Issuer: "test",
		Names: []border.AlertName{{Primary: "NOBODY", Secondary: "ANY"}}}
}

func TestRelease(t *testing.T) {
	_, c := begin(t, t.TempDir())
	told := 0
	in, err := c.Release(t.Context(), "test", 0, []border.Alert{alert("1"), alert("2")}, func(done, total int) { told += done / total })
	if err != nil || in.Release != 1 || in.Count != 2 || told != 1 {
		t.Errorf("released %+v, told %d times, %v", in, told, err)
	}
	if _, err := c.Release(t.Context(), "two words", 0, []border.Alert{alert("1")}, nil); err == nil {
		t.Error("a list of two words was released")
	}
	if _, err := c.Release(t.Context(), "test", 0, nil, nil); err == nil {
		t.Error("an empty release was taken")
	}
}

// A release that arrives in pieces, in excess or in rags writes nothing.
func TestReleaseBroken(t *testing.T) {
	_, c := begin(t, t.TempDir())
	chunks, err := lists.Chunks([]border.Alert{alert("1"), alert("2")})
	if err != nil {
		t.Fatal(err)
	}
	whole := append(binary.BigEndian.AppendUint32(nil, uint32(len(chunks[0]))), chunks[0]...)
	before, err := c.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]struct{ count, body string }{
		"cut in a chunk":    {"2", string(whole[:len(whole)-1])},
		"cut in a length":   {"2", string(whole[:3])},
		"fewer than named":  {"3", string(whole)},
		"more than named":   {"1", string(whole)},
		"something behind":  {"2", string(whole) + "x"},
		"a huge chunk":      {"2", "\xff\xff\xff\xff"},
		"no chunk":          {"2", "\x00\x00\x00\x01x"},
		"no count":          {"", string(whole)},
		"a negative count":  {"-1", string(whole)},
		"an immense count":  {"99999999999", string(whole)},
		"nothing at all":    {"2", ""},
		"only empty chunks": {"2", "\x00\x00\x00\x00"},
	} {
		var into node.ListInForce
		err := c.do(t.Context(), smallTime, http.MethodPost, pathRelease+"?list=test&source=0&count="+bad.count,
			strings.NewReader(bad.body), &into)
		if err == nil || !strings.Contains(err.Error(), "the node refuses") {
			t.Errorf("%s: %v", name, err)
		}
	}
	after, err := c.Health(t.Context())
	if err != nil || after.Size != before.Size {
		t.Errorf("the log grew from %d to %d, %v", before.Size, after.Size, err)
	}
}

// A directory whose path is too long for a socket names another place, which is gone afterwards.
func TestLongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	path, c := begin(t, dir)
	elsewhere, err := os.ReadFile(filepath.Join(path, elsewhereFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(path, socketFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory's own socket: %v", err)
	}
	if _, err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := Listen(path); !errors.Is(err, ErrRunning) {
		t.Errorf("a second claim: %v", err)
	}
	t.Cleanup(func() { // runs before begin's: the node still serves
		private := filepath.Dir(strings.TrimSpace(string(elsewhere)))
		if info, err := os.Stat(private); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", private, info, err)
		}
	})
}

// What a killed process left does not keep the next one out, and names nothing to a client.
func TestLeftBehind(t *testing.T) {
	dir := t.TempDir()
	s, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.l.Close() // as the kernel does; the file stays
	if _, err := NewClient(dir).Health(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a dead socket answers: %v", err)
	}
	if s, err = Listen(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, elsewhereFile), []byte("/etc/passwd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(dir); err == nil {
		t.Error("a name of something else was followed")
	}
	if _, err := NewClient(dir).Health(t.Context()); err == nil {
		t.Error("a name of something else was asked")
	}
}

// An interrupted command ends although the node is silent.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	s, err := Listen(dir) // claimed, never answered
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	go func() { w.Write([]byte("x")); cancel() }() // the client reads once it has connected
	var into node.ListInForce
	err = NewClient(dir).do(ctx, smallTime, http.MethodPost, pathRelease, r, &into)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// An exercise stands in the log of the node between its two records.
func TestExercise(t *testing.T) {
	_, c := begin(t, t.TempDir())
	before, err := c.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, begins := range []bool{true, false} {
		if err := c.Exercise(t.Context(), begins, record.DrillOpen{Acts: []string{"D1"}, Seed: 7, By: "A-01"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range [][]string{nil, {""}, {"much too long"}, make([]string, 65)} {
		if c.Exercise(t.Context(), true, record.DrillOpen{Acts: bad}) == nil {
			t.Errorf("an exercise of the acts %q is recorded", bad)
		}
	}
	after, err := c.Health(t.Context())
	if err != nil || after.Size != before.Size+2 {
		t.Errorf("%d records more, want 2; %v", after.Size-before.Size, err)
	}
}
