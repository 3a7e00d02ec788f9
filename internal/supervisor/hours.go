package supervisor

import (
	"cmp"
	"slices"
	"time"

	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

// An hourRow sets what was counted in an hour beside what was recorded, at a booth or ("") at the whole post.
type hourRow struct {
	node.Counted
	Day     int64  // UTC ms, of the first row of a day only
	Clock   string // "10:00–11:00"
	Persons bool   // somebody counted persons, and not the queue alone
	In, Out mark
	By      string
	Minutes int
}

func (v *booksView) hours(w station.Words, a account, zone *time.Location) {
	day := -1
	hours := slices.SortedStableFunc(slices.Values(a.Hours), func(x, y node.Counted) int { return cmp.Compare(y.Hour, x.Hour) })
	for _, h := range hours { // the newest hour first, and in it the whole post
		at := time.UnixMilli(h.Hour).In(zone)
		row := hourRow{Counted: h, Clock: clock(h.Hour, zone) + "\u2013" + clock(h.Hour+time.Hour.Milliseconds(), zone), Minutes: (h.Waiting + 59) / 60,
			Persons: h.HasCount && h.CountedIn+h.CountedOut > 0}
		if at.YearDay() != day {
			day, row.Day = at.YearDay(), h.Hour
		}
		if row.Persons {
			row.In, row.Out = differs(w, h.DifferIn, h.RecordedIn), differs(w, h.DiffOut, h.RecordedOut)
		}
		if h.HasCount {
			if row.By = h.Device; row.By == "" {
				row.By = w.T("supervisor.count.typed")
			}
		}
		if h.Waiting > 0 && v.Wait == nil {
			v.Wait = &waitView{row.Minutes, row.Clock, h.Booth}
		}
		v.Hours = append(v.Hours, row)
	}
	v.chart(w, a, zone)
}

// differs says a difference by sign, colour and word: more counted than recorded is who passed without a record.
func differs(w station.Words, d, recorded int) mark {
	size := max(d, -d)
	small := size <= max(smallDifference, recorded/smallShare)
	switch {
	case d == 0:
		return mark{web.OK, w.T("supervisor.differ.none")}
	case d > 0 && small:
		return mark{web.Grey, w.T("supervisor.differ.more", "n", d)}
	case d > 0:
		return mark{web.Red, w.T("supervisor.differ.more", "n", d)}
	case small:
		return mark{web.Grey, w.T("supervisor.differ.fewer", "n", size)}
	}
	return mark{web.Amber, w.T("supervisor.differ.fewer", "n", size)}
}

// chart draws the recorded passages of the whole post by the hour, from the first hour with one to the last.
func (v *booksView) chart(w station.Words, a account, zone *time.Location) {
	var labels []string
	in, out := web.Series{Name: w.T("supervisor.entries")}, web.Series{Name: w.T("supervisor.exits")}
	before := int64(0)
	for _, h := range a.Hours {
		if h.Booth != "" {
			continue
		}
		for t := before + time.Hour.Milliseconds(); before != 0 && t < h.Hour; t += time.Hour.Milliseconds() {
			labels, in.Values, out.Values = append(labels, clock(t, zone)), append(in.Values, 0), append(out.Values, 0)
		}
		before = h.Hour
		labels, in.Values, out.Values = append(labels, clock(h.Hour, zone)), append(in.Values, float64(h.RecordedIn)), append(out.Values, float64(h.RecordedOut))
	}
	if len(labels) > 1 {
		v.Chart = web.BarsSVG(w.T("supervisor.chart"), labels, in, out)
	}
}

func clock(ms int64, zone *time.Location) string { return time.UnixMilli(ms).In(zone).Format("15:04") }
