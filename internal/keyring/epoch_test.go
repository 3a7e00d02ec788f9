package keyring

import (
	"bytes"
	"path/filepath"
	"testing"
)

func TestNextEpochHasNewLogAndMirrorKeysAlone(t *testing.T) {
	dir := t.TempDir()
	now, next := filepath.Join(dir, "keys"), filepath.Join(dir, "keys.next")
	old, err := Create(now, "al", "kakavija", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Next(next, 1); err == nil {
		t.Error("the same epoch has two sets of keys")
	}
	for range 2 { // what was not put in force may be made anew
		if err := old.Next(next, 3); err != nil {
			t.Fatal(err)
		}
	}
	if same, err := Open(now); err != nil || same.Epoch() != 1 {
		t.Fatalf("before they are in force: %v", err)
	}
	if err := Replace(next, now); err != nil {
		t.Fatal(err)
	}
	later, err := Open(now)
	if err != nil {
		t.Fatal(err)
	}
	if later.Epoch() != 3 || later.Country() != "al" || later.Node() != "kakavija" {
		t.Errorf("keys of %s/%s/%d", later.Country(), later.Node(), later.Epoch())
	}
	if !later.Identity().Equal(old.Identity()) || later.Shadow() != old.Shadow() || later.Reader().ID() != old.Reader().ID() {
		t.Error("a key changed that stays")
	}
	if bytes.Equal(later.file.Log, old.file.Log) || bytes.Equal(later.file.Mirror, old.file.Mirror) {
		t.Error("an old key signs on")
	}
}
