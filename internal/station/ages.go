package station

import (
	"slices"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/web"
)

// An Age says up to when a post or a list is known, for the part station-ages.
type Age struct {
	Name, Detail string
	Level        web.Level
	Word         string
	At           time.Time
}

// Aside says which releases of a list are not matched here although they were announced, and why.
func (w Words) Aside(l node.ListInForce) (out []string) {
	if l.Refused != 0 {
		out = append(out, w.T("station.list.refused."+string(l.Why), "release", l.Refused))
	}
	if l.Missing != 0 {
		out = append(out, w.T("station.list.missing", "n", l.Missing, "release", l.Oldest))
	}
	return out
}

// Ages says up to when each other post and each list is known, the worst first.
func (st *Station) Ages(w Words, v node.View) (posts, lists []Age) {
	rules, now := st.Node.Rules(), v.Check.Now.UnixMilli()
	row := func(name, detail string, ages border.Ages, then int64) Age {
		level := AgeLevel(ages, now, then)
		a := Age{Name: name, Detail: detail, Level: PillOf(level), Word: w.T("station.age." + string(PillOf(level)))}
		if then > 0 {
			a.At = time.UnixMilli(then)
		}
		return a
	}
	for _, h := range v.Horizons {
		if h.Node != st.Node.Name() {
			posts = append(posts, row(w.Label(h.Node), "", rules.Posts, h.KnownTo))
		}
	}
	for _, l := range v.Lists {
		detail := w.T("station.list.release", "release", l.Release, "count", l.Count)
		if l.Newer > 0 {
			detail += " " + w.T("station.list.newer", "release", l.Newer)
		}
		for _, aside := range w.Aside(l) {
			detail += "; " + aside
		}
		lists = append(lists, row(l.List, detail, rules.Lists, l.KnownTo))
	}
	worst := func(a, b Age) int { return a.At.Compare(b.At) }
	slices.SortStableFunc(posts, worst)
	slices.SortStableFunc(lists, worst)
	return posts, lists
}
