package centre

import (
	"cmp"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/roster"
	"tims/internal/station"
)

// A row counts persons of one post or nationality, and vehicles of a post. A crossing is one person's.
type row struct {
	Name, Code     string
	Entries, Exits int
	In, Out        int // vehicles; of posts alone
	Share          int // of the greatest row, in per cent, for its bar
}

// Total is all crossings of the row.
func (r row) Total() int { return r.Entries + r.Exits }

func (r *row) add(f projection.Figure) {
	if f.Direction == border.Entry {
		r.Entries += f.Count
	} else {
		r.Exits += f.Count
	}
}

// A table has its rows, what they leave out, and the sum of both.
type table struct {
	Rows   []row
	Other  *row // nil where nothing is left out
	Others int  // nationalities in Other
	Sum    row
}

func fill(figures []projection.Figure, key func(projection.Figure) string, rows map[string]*row) (sum row) {
	for _, f := range figures {
		r := rows[key(f)]
		if r == nil {
			r = &row{Code: key(f)}
			rows[r.Code] = r
		}
		r.add(f)
		sum.add(f)
	}
	return sum
}

// byPost has every living post, also one where nobody has crossed, and a dropped one where somebody had.
func (s *state) byPost(w station.Words) table {
	rows := map[string]*row{}
	for _, p := range s.health.Peers {
		if p.Role == roster.Post {
			rows[p.Node] = &row{Code: p.Node}
		}
	}
	t := table{Sum: fill(s.hours.ByNode, func(f projection.Figure) string { return f.Node }, rows)}
	for _, r := range rows {
		r.Name = w.Label(r.Code)
		r.In, r.Out = s.day(r.Code).VehiclesIn, s.day(r.Code).VehiclesOut
		t.Sum.In, t.Sum.Out = t.Sum.In+r.In, t.Sum.Out+r.Out
		t.Rows = append(t.Rows, *r)
	}
	slices.SortFunc(t.Rows, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
	t.share()
	return t
}

// byNation has the nationalities with the most crossings and the sum of the others.
func (s *state) byNation(w station.Words) table {
	rows := map[string]*row{}
	t := table{Sum: fill(s.hours.ByNode, func(f projection.Figure) string { return f.Nation }, rows)}
	for _, r := range rows {
		r.Name = nation(w, r.Code)
		t.Rows = append(t.Rows, *r)
	}
	slices.SortFunc(t.Rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.Total(), a.Total()), strings.Compare(a.Code, b.Code))
	})
	if len(t.Rows) > topNations {
		t.Other, t.Others = &row{}, len(t.Rows)-topNations
		for _, r := range t.Rows[topNations:] {
			t.Other.Entries += r.Entries
			t.Other.Exits += r.Exits
		}
		t.Rows = t.Rows[:topNations]
	}
	t.share()
	return t
}

func (t *table) share() {
	most := 1
	for _, r := range t.Rows {
		most = max(most, r.Total())
	}
	if t.Other != nil {
		most = max(most, t.Other.Total())
		t.Other.Share = t.Other.Total() * 100 / most
	}
	for i := range t.Rows {
		t.Rows[i].Share = t.Rows[i].Total() * 100 / most
	}
}

// nation is the name of a nationality's code for people, or the code where none is known.
func nation(w station.Words, code string) string {
	return cmp.Or(w.StateName(code), strings.TrimRight(code, "<"))
}
