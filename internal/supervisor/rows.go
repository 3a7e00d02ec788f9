package supervisor

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

type boothRow struct {
	node.Booth
	State mark
}

// booths shows the open ones first. A desk is the shift of somebody who checks no travellers, such as the supervisor's own.
func (v *booksView) booths(w station.Words, a account, officers []roster.Officer) {
	desk := func(label string) bool {
		return slices.ContainsFunc(officers, func(o roster.Officer) bool { return o.Label == label && !o.Can(roster.CheckTravellers) })
	}
	for _, b := range a.Booths {
		row := boothRow{b, mark{web.OK, w.T("supervisor.booth.open")}}
		switch {
		case b.Ended != 0:
			row.State = mark{web.Grey, w.T("supervisor.booth.ended")}
		case b.Left != 0:
			row.State = mark{web.Grey, w.T("supervisor.booth.left")}
		case desk(b.Officer):
			row.State = mark{web.Grey, w.T("supervisor.booth.desk")}
		case a.now-max(b.Last, b.Began) > quietFor.Milliseconds():
			row.State = mark{web.Amber, w.T("supervisor.booth.quiet")}
			v.Working++
		default:
			v.Working++
		}
		v.Booths = append(v.Booths, row)
	}
	slices.SortStableFunc(v.Booths, func(a, b boothRow) int {
		return cmp.Or(cmp.Compare(min(a.Ended+a.Left, 1), min(b.Ended+b.Left, 1)), cmp.Compare(a.Booth.Booth, b.Booth.Booth), cmp.Compare(a.Began, b.Began))
	})
}

// An openRow is the one place where a traveller's name stands: he may still wait at that booth.
type openRow struct {
	Number    uint64
	Who       string
	Nation    string
	Booth     string
	Direction border.Direction
	Way       string
	At        int64 // UTC ms
	State     mark
}

func (v *booksView) open(w station.Words, a account) {
	for i := range a.Open {
		o := &a.Open[i]
		row := openRow{o.Ref.Index, station.FullName(o.Document.Primary, o.Document.Secondary), w.State(o.Document.Nationality), o.Booth,
			o.Direction, w.Way(o.Direction), o.Happened, mark{web.Grey, w.T("supervisor.open.work")}}
		switch age := a.now - o.Happened; {
		case age > leftOpen.Milliseconds():
			row.State = mark{web.Red, w.T("supervisor.open.left")}
			v.Left++
		case age > underWork.Milliseconds():
			row.State = mark{web.Amber, w.T("supervisor.open.long")}
			v.Left++
		}
		v.Open = append(v.Open, row)
	}
}

// A lineRow is a traveller at the second line, by his record: who he is is the second line's.
type lineRow struct {
	Number    uint64
	Booth     string
	Direction border.Direction
	Way       string
	At        int64 // UTC ms
	State     mark
}

func (v *booksView) line(w station.Words, a account) {
	for i := range a.inLine {
		r := &a.inLine[i]
		answer := r.Answer()
		if r.Decided || answer != nil && answer.Final() {
			continue
		}
		row := lineRow{r.Ref.Index, r.Booth, r.Direction, w.Way(r.Direction), r.Happened, mark{web.Grey, w.T("supervisor.line.waits")}}
		switch {
		case answer != nil && !answer.InForce:
			row.State = mark{web.Amber, w.T("supervisor.line.second")}
		case answer != nil:
			row.State = mark{web.Grey, w.T("supervisor.line.found")}
		case a.now-r.Happened > maxWait.Milliseconds():
			row.State = mark{web.Amber, w.T("supervisor.line.long")}
		}
		v.Line = append(v.Line, row)
	}
}

type changeRow struct {
	node.Changed
	Of      string // number of the record that it is about
	State   mark
	Address string // of a proposal that waits
}

func (v *booksView) changes(w station.Words, a account) {
	row := func(c node.Changed) changeRow {
		r := changeRow{Changed: c, State: mark{web.Grey, w.T("supervisor.change.done")}}
		if c.About != nil {
			r.Of = strconv.FormatUint(c.About.Index, 10)
		}
		return r
	}
	for _, c := range a.Voids {
		v.Voids = append(v.Voids, row(c))
	}
	for _, c := range a.Corrections {
		r := row(c)
		if c.Second == "" {
			v.Proposals++
			r.State, r.Address = mark{web.Amber, w.T("supervisor.change.waits")}, correctionAddress(c.Ref.Index)
		}
		v.Corrections = append(v.Corrections, r)
	}
	for _, c := range a.Lates {
		if c.About != nil {
			continue // a second keying: it stands with its first
		}
		r := row(c)
		switch {
		case a.once[c.Ref]:
			v.Lates1++
			r.State = mark{web.Amber, w.T("supervisor.late.once")}
		case c.Second == "":
			r.State = mark{web.Grey, w.T("supervisor.late.void")}
		}
		v.Lates = append(v.Lates, r)
	}
}

func correctionAddress(index uint64) string {
	return "/corrections/" + strconv.FormatUint(index, 10)
}

type outageRow struct {
	node.Outage
	State mark
	Lasts time.Duration
}

func (v *booksView) outages(w station.Words, a account) {
	for _, o := range a.Outages {
		row := outageRow{o, mark{web.Amber, w.T("supervisor.outage.cut")}, time.Duration(cmp.Or(o.To, a.now)-o.From) * time.Millisecond}
		if o.Down {
			row.State = mark{web.Red, w.T("supervisor.outage.down")}
		}
		v.Outages = append(v.Outages, row)
	}
}

type regimeRow struct {
	node.RegimeOf
	Word    string
	Remains time.Duration
	State   mark
}

func regimeOf(w station.Words, r node.RegimeOf, now int64) regimeRow {
	row := regimeRow{r, w.T("supervisor.regime." + r.Regime), time.Duration(r.Until-now) * time.Millisecond, mark{web.Amber, w.T("supervisor.regime.now")}}
	switch {
	case r.Ended != 0:
		row.State = mark{web.Grey, w.T("supervisor.regime.ended")}
	case !r.InForce(now):
		row.State = mark{web.Grey, w.T("supervisor.regime.ran")}
	}
	return row
}

func (v *booksView) regimes(w station.Words, a account) {
	if a.regime != nil {
		row := regimeOf(w, *a.regime, a.now)
		v.Regime = &row
	}
	for _, r := range a.Regimes {
		v.Regimes = append(v.Regimes, regimeOf(w, r, a.now))
	}
}

type handoverRow struct {
	node.HandoverOf
	Number  uint64
	Address string
	State   mark
}

func handoverOf(w station.Words, h node.HandoverOf) handoverRow {
	row := handoverRow{h, h.Ref.Index, handoverAddress(h.Ref.Index), mark{web.Amber, w.T("supervisor.handover.waits")}}
	if h.Accepted != "" {
		row.State = mark{web.OK, w.T("supervisor.handover.accepted", "who", h.Accepted)}
	}
	return row
}

func (v *booksView) handovers(w station.Words, a account) {
	for _, h := range a.Handovers {
		v.Handovers = append(v.Handovers, handoverOf(w, h))
	}
}

// refOf is a record of this node's own log.
func (f *Face) refOf(index uint64) record.Ref {
	return record.Ref{Origin: f.Node.Origin(), Index: index}
}
