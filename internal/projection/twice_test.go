package projection

import (
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
)

func TestUsedTwice(t *testing.T) {
	d := open(t)
	a := func(i uint64, dir border.Direction, who, hour int) Record {
		return passage("xk/aaaaa/1", i, record.Crossing, dir, who, hour)
	}
	b := func(i uint64, dir border.Direction, who, hour int) Record {
		return passage("xk/bbbbb/1", i, record.Crossing, dir, who, hour)
	}
	repeated := b(3, border.Exit, 4, 9)
	again := a(6, border.Exit, 4, 8)
	repeated.Leaf.Act = again.Leaf.Act
	must(t, d.Fold(ctx, []Record{
		a(0, border.Exit, 1, 10), a(1, border.Exit, 2, 10), a(2, border.Entry, 3, 8), a(3, border.Exit, 3, 9), a(4, border.Exit, 5, 1),
		a(5, border.Exit, 6, 5), again}, 7))
	must(t, d.Fold(ctx, []Record{
		b(0, border.Exit, 1, 12),  // twice out
		b(1, border.Entry, 2, 12), // out and in again
		b(2, border.Entry, 3, 10), // in, out, in
		repeated,                  // one act at two nodes
		b(4, border.Exit, 5, 26),  // more than a day later
		b(5, border.Exit, 6, 5),   // in the same moment
	}, 6))
	ask := func(node string, since int64) (out [][2]record.Ref) {
		got, err := d.UsedTwice(ctx, node, since, 10)
		must(t, err)
		for _, p := range got {
			out = append(out, [2]record.Ref{record.RefOf(p.First.Ref), record.RefOf(p.Second.Ref)})
		}
		return out
	}
	ref := func(origin string, i uint64) record.Ref { return record.Ref{Origin: origin, Index: i} }
	one := [2]record.Ref{ref("xk/aaaaa/1", 0), ref("xk/bbbbb/1", 0)}
	six := [2]record.Ref{ref("xk/aaaaa/1", 5), ref("xk/bbbbb/1", 5)}
	for _, c := range []struct {
		node  string
		since int64
		want  [][2]record.Ref
	}{{"", 0, [][2]record.Ref{one, six}}, {"bbbbb", 0, [][2]record.Ref{one, six}}, {"aaaaa", firstMS + 6*hourMS, [][2]record.Ref{one}}, {"ccccc", 0, nil}} {
		if got := ask(c.node, c.since); !slices.Equal(got, c.want) {
			t.Errorf("%q since %d: %v, want %v", c.node, c.since, got, c.want)
		}
	}
}
