package parcel

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tims/internal/tlog"
)

// Hash tiles that are missing or spoilt cost nothing: they are computed from what stands below them, proven against the
// checkpoint, and named. What is not whole below is refused as before.
func TestDamagedTiles(t *testing.T) {
	const count = 256*3 + 9
	l, sound := newLog(t, count), t.TempDir()
	write(t, sound, l.parcel())
	flip := func(name string) func(string) {
		return func(at string) {
			b, err := os.ReadFile(at + "/" + name)
			must(t, err)
			b[len(b)/2] ^= 1
			must(t, os.WriteFile(at+"/"+name, b, 0o644))
		}
	}
	gone := func(name string) func(string) { return func(at string) { must(t, os.Remove(at+"/"+name)) } }
	cut := func(name string, size int64) func(string) {
		return func(at string) { must(t, os.Truncate(at+"/"+name, size)) }
	}
	const top, low, edge, bundle = "tile/1/000.p/3", "tile/0/001", "tile/0/003.p/9", "tile/entries/001"
	for _, row := range []struct {
		what    string
		spoil   []func(string)
		damaged []string
		records uint64
	}{
		{"nothing", nil, nil, count},
		{"upper tile, flipped", []func(string){flip(top)}, []string{top}, count},
		{"upper tile, gone", []func(string){gone(top)}, []string{top}, count},
		{"upper tile, empty", []func(string){cut(top, 0)}, []string{top}, count},
		{"upper tile, endless", []func(string){cut(top, 1<<40)}, []string{top}, count},
		{"lower tile, which no proof needs", []func(string){flip(low)}, nil, count},
		{"the edge", []func(string){cut(edge, 40)}, []string{edge}, count},
		{"two levels at the edge", []func(string){flip(top), flip(edge)}, []string{edge, top}, count},
		{"upper tile and what it is computed from", []func(string){flip(top), flip(low)}, []string{top}, count},
		{"all hash tiles", []func(string){func(at string) { must(t, os.RemoveAll(at+"/tile/0")); must(t, os.RemoveAll(at+"/tile/1")) }},
			[]string{edge, top}, count},
		{"upper tile and a bundle", []func(string){flip(top), flip(bundle)}, []string{top}, 256},
		{"upper and lower tile and the bundle below", []func(string){flip(top), flip(low), flip(bundle)}, nil, 0},
	} {
		t.Run(row.what, func(t *testing.T) {
			dir := copyDir(t, sound)
			for _, spoil := range row.spoil {
				spoil(filepath.Join(dir, tlog.DirName(origin)))
			}
			m := copyOf(t, l.key, numbers...)
			got, err := read(t, dir, m)
			slices.Sort(got.Damaged)
			if err != nil || got.Records != row.records || !slices.Equal(got.Damaged, row.damaged) || (got.Refused == "") != (row.records == count) {
				t.Errorf("%+v, %v", got, err)
			}
			compareCopy(t, l, m)
		})
	}
}

// Damage that no hash tile explains is looked for once: the bundles of a stick are read a bounded number of times.
func TestHopelessDamageIsSoughtOnce(t *testing.T) {
	l, dir := newLog(t, 256*3+9), t.TempDir()
	write(t, dir, l.parcel())
	at := filepath.Join(dir, tlog.DirName(origin))
	for _, name := range []string{"tile/1/000.p/3", "tile/0/001", "tile/entries/000"} {
		b, err := os.ReadFile(at + "/" + name)
		must(t, err)
		b[40] ^= 1
		must(t, os.WriteFile(at+"/"+name, b, 0o644))
	}
	note, err := os.ReadFile(at + "/checkpoint")
	must(t, err)
	reads := map[string]int{}
	c, err := tlog.OpenCarried(l.key, note, func(p string) ([]byte, error) { reads[p]++; return os.ReadFile(at + "/" + p) })
	must(t, err)
	for range 100 {
		if _, err := c.RootAt(c.Size()); err == nil {
			t.Fatal("a damaged tree is proven")
		}
	}
	for p, n := range reads {
		if strings.HasPrefix(p, "tile/entries/") && n > 3 {
			t.Errorf("%s was read %d times", p, n)
		}
	}
}
