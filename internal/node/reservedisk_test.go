package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// TestFullDiskOfAPost fills the real file system of a post. Checks are refused in clear words, shifts end all the same and durably, and
// checks go on by themselves once there is room.
func TestFullDiskOfAPost(t *testing.T) {
	if os.Getenv("TIMS_CHAOS") != "1" {
		t.Log("left out: a post on a full file system (`make chaos` runs it)")
		return
	}
	dir := smallDisk(t)
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"},
			{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road"}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := node.Found(dir, plan)
	must(err)
	n, err := node.Open(node.Options{Dir: filepath.Join(dir, "kakavija"), Version: "test"})
	must(err)
	defer func() { must(n.Close()) }()
	ctx := context.Background()
	var shifts []*node.Shift
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	public, err := key.PublicKey.Bytes()
	must(err)
	for range 12 {
		s, err := n.StartShift(ctx, n.State().Roster.Officers[0], "K1", public)
		must(err)
		shifts = append(shifts, s)
	}
	scan := func(serial int) error {
		_, err := n.Scan(ctx, node.Scan{Act: act(), Shift: shifts[0], Direction: border.Entry, Document: document(serial)})
		return err
	}
	must(scan(0))
	fillDisk(t, filepath.Join(dir, "ballast"))
	refused := 0
	for i := 1; refused < 20 && i < 500; i++ {
		switch err := scan(i); {
		case errors.Is(err, tlog.ErrNotRecorded) && errors.Is(err, tlog.ErrFull):
			refused++
		case err != nil:
			t.Fatalf("on a full disk: %v", err)
		}
	}
	if refused < 20 {
		t.Fatal("a full disk had room for 500 checks")
	}
	for i, s := range shifts[1:] {
		if err := n.EndShift(ctx, s); err != nil {
			t.Fatalf("shift %d does not end: %v", i+1, err)
		}
		if err := scan(1000 + i); !errors.Is(err, tlog.ErrFull) {
			t.Fatalf("a check takes what shifts need to end: %v", err)
		}
	}
	must(os.Remove(filepath.Join(dir, "ballast")))
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if err = scan(2000); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("with room again: %v", err)
		}
	}
}

// smallDisk mounts a small file system of its own.
func smallDisk(t *testing.T) string {
	t.Helper()
	base := t.TempDir()
	dir, image := filepath.Join(base, "disk"), filepath.Join(base, "image")
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(image, nil, 0o600), os.Truncate(image, 64<<20)); err != nil {
		t.Fatal(err)
	}
	run("mkfs.ext4", "-q", image)
	run("mount", "-o", "loop", image, dir)
	t.Cleanup(func() { run("umount", dir) })
	return dir
}

// fillDisk takes all room to the last block.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size >= 512; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
