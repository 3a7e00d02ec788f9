package projection

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// indexes are the statements of the schema that make secondary indexes, by the index's name.
var indexes = func() map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^CREATE INDEX IF NOT EXISTS (\w+) [^;]+;`).FindAllStringSubmatch(schema, -1) {
		out[m[1]] = m[0]
	}
	return out
}()

// Unindex takes the secondary indexes off a projection that is as good as empty, and says whether it did. Most of them are of
// random keys: a page is written for each key of each record, where sorting all keys at the end writes each page once. Until Index
// is called every question is answered rightly and slowly, so a node with booths does without. Crash story: Open makes whatever
// index is not there.
func (d *DB) Unindex(ctx context.Context) (bool, error) {
	var some bool
	if err := d.write.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM passage LIMIT 1 OFFSET $1)", asGoodAsEmpty).Scan(&some); err != nil || some {
		return false, err
	}
	err := d.within(ctx, func(f *folder) {
		for name := range indexes {
			f.exec("DROP INDEX IF EXISTS " + name)
		}
	})
	if err != nil {
		return false, fmt.Errorf("take the indexes off the projection: %w", err)
	}
	return true, nil
}

// Index makes the indexes that Unindex took off, one in a transaction: the questions go on meanwhile.
func (d *DB) Index(ctx context.Context) error {
	if err := d.index(ctx); err != nil {
		return err
	}
	return d.carryNow(ctx)
}

func (d *DB) index(ctx context.Context) error {
	for name, text := range indexes {
		if err := d.within(ctx, func(f *folder) { f.exec(strings.TrimSuffix(text, ";")) }); err != nil {
			return fmt.Errorf("make index %s of the projection: %w", name, err)
		}
	}
	return nil
}
