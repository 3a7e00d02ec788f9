package projection

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
)

func indexNames(t *testing.T, d *DB) (names []string) {
	t.Helper()
	rows, err := d.read.Query("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		names = append(names, name)
	}
	must(t, rows.Err())
	return names
}

// A node that ends in the midst of a backlog left a projection without indexes: its next opening makes them, and what was folded
// is what would have been folded with them.
func TestBacklogWithoutIndexes(t *testing.T) {
	ordinary, path := open(t), filepath.Join(t.TempDir(), "shadow.db")
	all := indexNames(t, ordinary)
	if len(all) < 10 || len(all) != len(indexes) {
		t.Fatalf("the schema has the indexes %v, and %d are known by their statements", all, len(indexes))
	}
	bare, err := Open(path, [64]byte{1, 2, 3})
	must(t, err)
	if took, err := bare.Unindex(ctx); err != nil || !took || len(indexNames(t, bare)) != 0 {
		t.Fatalf("indexes of an empty projection: taken off %v, %v, left %v", took, err, indexNames(t, bare))
	}
	const count = asGoodAsEmpty + 200
	records := recordsForBench(0, count/2)
	must(t, ordinary.Fold(ctx, records, count))
	must(t, bare.Fold(ctx, records[:count/2], count/2))
	must(t, bare.Close())
	bare, err = Open(path, [64]byte{1, 2, 3})
	must(t, err)
	defer bare.Close()
	if got := indexNames(t, bare); !slices.Equal(got, all) {
		t.Errorf("opened again it has the indexes %v, not %v", got, all)
	}
	must(t, bare.Fold(ctx, records[count/2:], count))
	want, err := ordinary.Digest(ctx)
	must(t, err)
	if got, err := bare.Digest(ctx); err != nil || got != want {
		t.Errorf("digest %x, %v, and with indexes all the time %x", got, err, want)
	}
	if took, err := bare.Unindex(ctx); err != nil || took || !slices.Equal(indexNames(t, bare), all) {
		t.Errorf("indexes of a projection of %d passages: taken off %v, %v", count, took, err)
	}
}

// Who ends in the midst of a fold leaves nothing of it, and the next one goes on.
func TestFoldEndsWhole(t *testing.T) {
	d := open(t)
	records := recordsForBench(0, 300)
	ended, end := context.WithCancel(ctx)
	end()
	if err := d.Fold(ended, records, 600); err == nil {
		t.Fatal("a fold went on after its end")
	}
	if heads, err := d.Folded(ctx); err != nil || len(heads) != 0 {
		t.Errorf("heads %v, %v", heads, err)
	}
	must(t, d.Fold(ctx, records, 600))
	if heads, err := d.Folded(ctx); err != nil || heads["al/kakavija/1"].Next != 600 {
		t.Errorf("heads %v, %v", heads, err)
	}
}
