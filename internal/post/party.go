package post

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

// A partyCard is the party before the booth as its pages show it.
type partyCard struct {
	Rows     []memberRow
	Vehicle  string
	Persons  string // read and not taken back, and of how many
	Over     bool   // more than were said to be in the vehicle
	Open     int
	Admit    int // undecided members whose advice is to admit and with whom nothing is left to type: decided by one key
	LeftOut  []memberRow
	Act      string
	Together []string // the members that the key decides, each with what was typed for him
	Fields   vehicleForm
	From     uint64 // the check on the page, 0 for none
	Current  *memberRow
	Prev     uint64
	Next     uint64 // the next undecided member, as the keys go
	Hits     []station.Hit
	HitLevel web.Level
	HitID    string // one sound for one vehicle
}

// A memberRow is one member in the list.
type memberRow struct {
	No                 int
	Index              uint64 // of his check
	Done               uint64 // index of the record that decided him
	Name, Year, Nation string
	Level              web.Level
	Word               string // what the rules advise, or what was done
	Why                string // why one key does not decide him
	Hits               int
	Open, Driver       bool
	Current            bool
}

// members lists the party before a booth; none where the next document begins one.
func (f *Face) members(ctx context.Context, b booth) ([]node.Member, error) {
	if b.party == (record.Act{}) {
		return nil, nil
	}
	return f.Node.Members(ctx, b.shift, b.party)
}

func openMembers(members []node.Member) (open []node.Member) {
	for _, m := range members {
		if m.Open() {
			open = append(open, m)
		}
	}
	return open
}

// current gives the party before the booth. One in which everybody is decided is over: the next document begins another.
func (f *Face) current(ctx context.Context, b *booth) ([]node.Member, error) {
	members, err := f.members(ctx, *b)
	if err != nil || b.more || b.party == (record.Act{}) || len(openMembers(members)) > 0 {
		return members, err
	}
	*b = f.booths.update(b.shift, (*booth).begin)
	return nil, nil
}

// gather makes sure that there is a party for the next document.
func (f *Face) gather(b *booth) {
	if b.party != (record.Act{}) {
		return
	}
	var party record.Act
	rand.Read(party[:])
	*b = f.booths.update(b.shift, func(b *booth) { b.party = party })
}

// restore asks the log, once in a process, for the party that the shift left open, and for travellers with the second line.
func (f *Face) restore(ctx context.Context, b booth) booth {
	if b.restored {
		return b
	}
	g, err := f.Node.Gathered(ctx, b.shift)
	if err != nil {
		return b
	}
	waiting, err := f.Node.Referrals(ctx, b.shift)
	if err != nil {
		return b
	}
	referred := slices.ContainsFunc(waiting, func(r node.Referred) bool { return r.Shift == int64(b.shift.Ref.Index) && !r.Decided })
	return f.booths.update(b.shift, func(b *booth) {
		if b.restored {
			return
		}
		b.restored, b.referred = true, referred
		if g.Party != (record.Act{}) {
			b.take(g)
		}
	})
}

// driverOf says who drives: who was recorded as such, else whom the officer chose, else the first who is still there. Nobody
// drives on foot.
func driverOf(b booth, members []node.Member) uint64 {
	if b.vehicle.Kind == 0 {
		return 0
	}
	var first uint64
	for _, m := range members {
		if m.Done != nil && m.Done.Driver {
			return m.Ref.Index
		}
	}
	for _, m := range members {
		if m.Open() && m.Ref.Index == b.driver {
			return b.driver
		}
		if first == 0 && !m.Spent {
			first = m.Ref.Index
		}
	}
	return first
}

// weigh gives the advice on an undecided member under what was typed for him.
func (f *Face) weigh(ctx context.Context, b booth, check uint64, w station.Words) (weighed, error) {
	draft := b.memory.draft(check)
	if known, ok := b.memory.advice(check, draft.Encode(), b.vehicle); ok {
		return known, nil
	}
	v, err := f.Node.View(ctx, check, readForm(draft, w).terms, &b.vehicle)
	if err != nil {
		return weighed{}, err
	}
	return f.weighed(b, v), nil
}

// weighed keeps what the node advised on a member.
func (f *Face) weighed(b booth, v node.View) weighed {
	own, _ := divide(v.Hits)
	w := weighed{v.Advice, len(own), alerted(v), v.Vehicle, b.memory.draft(v.Ref.Index).Encode(), time.Now()}
	b.memory.weigh(v.Ref.Index, w)
	return w
}

// alerted says whether an alert fits the traveller himself, other than those that two officers found to be about somebody else:
// no key for all lets him pass.
func alerted(v node.View) bool {
	own, _ := divide(v.Hits)
	return slices.ContainsFunc(own, func(h border.Hit) bool { return !h.Grey })
}

// divide parts the hits on the traveller from those on the vehicle, which are the whole party's.
func divide(hits []border.Hit) (own, vehicle []border.Hit) {
	for _, h := range hits {
		if h.Kind == border.VehicleAlert {
			vehicle = append(vehicle, h)
		} else {
			own = append(own, h)
		}
	}
	return own, vehicle
}

// card makes the list of a party. The check on the page is from, 0 for none.
func (f *Face) card(ctx context.Context, b booth, members []node.Member, from uint64, w station.Words) (partyCard, error) {
	c := partyCard{Vehicle: vehicleText(w, b.vehicle), Act: station.ActText(station.NewAct()), Fields: vehicleFields(b.vehicle), From: from}
	driver := driverOf(b, members)
	for i := range members {
		m := &members[i]
		row := memberRow{No: len(c.Rows) + 1, Index: m.Ref.Index, Name: station.FullName(m.Document.Primary, m.Document.Secondary),
			Year: year(m.Document.Birth), Nation: m.Document.Nationality, Open: m.Open(),
			Driver: driver == m.Ref.Index, Current: from == m.Ref.Index}
		switch {
		case m.Done != nil:
			row.Level, row.Word, row.Done = station.DecisionLevel[m.Done.Decision], w.T("done."+m.Done.Decision.String()), m.Done.Ref.Index
		case m.Spent:
			row.Level, row.Word = web.Grey, w.T("post.party.spent")
		default:
			seen, err := f.weigh(ctx, b, m.Ref.Index, w)
			if err != nil {
				return c, err
			}
			f.advised(&row, seen, b, w)
			c.Open++
			if row.Why == "" {
				c.Admit++
				c.Together = append(c.Together, memberField(m.Ref.Index, row.Driver, b.memory.draft(m.Ref.Index)))
			} else {
				c.LeftOut = append(c.LeftOut, row)
			}
		}
		c.Rows = append(c.Rows, row)
	}
	c.count(members, b.vehicle.Occupants, w)
	c.neighbours()
	return c, nil
}

// count says how many were read, of those who are said to be in the vehicle. Who was taken back is read again, or gone.
func (c *partyCard) count(members []node.Member, occupants int, w station.Words) {
	n := 0
	for i := range members {
		if !members[i].Spent {
			n++
		}
	}
	c.Persons, c.Over = w.T("post.party.read", "n", n), occupants > 0 && n > occupants
	switch {
	case c.Over:
		c.Persons = w.T("post.party.over", "n", n, "of", occupants)
	case occupants > 0:
		c.Persons = w.T("post.party.readof", "n", n, "of", occupants)
	}
}

// advised says what the rules advise on a member, and why the key for all leaves him out.
func (f *Face) advised(row *memberRow, seen weighed, b booth, w station.Words) {
	v, typed := w.Verdict(seen.advice), readForm(b.memory.draft(row.Index), w)
	row.Level, row.Word, row.Hits = v.Level, v.Word, seen.hits
	switch {
	case len(typed.Faults) > 0:
		row.Why = w.T("post.party.why.fault")
	case typed.Notes != "":
		row.Why = w.T("post.party.why.notes")
	case seen.alerted && seen.advice.Decision == border.Admit && !v.Grave:
		row.Why = w.T("post.party.why.hit")
	case minor(seen.advice) && typed.Escort == 0 && seen.advice.Decision == border.Admit && !v.Grave:
		row.Why = w.T("post.party.why.minor")
	case seen.advice.Decision == border.Admit && !v.Grave:
	case len(v.Reasons) > 0:
		row.Why = v.Reasons[0].Text
	default:
		row.Why = v.Word
	}
}

// neighbours finds where the keys lead: to every member in turn, and from a page without one to the first undecided.
func (c *partyCard) neighbours() {
	at := slices.IndexFunc(c.Rows, func(r memberRow) bool { return r.Current })
	if at >= 0 {
		c.Current = &c.Rows[at]
	}
	if n := len(c.Rows); at >= 0 && n > 1 {
		c.Prev, c.Next = c.Rows[(at+n-1)%n].Index, c.Rows[(at+1)%n].Index
	} else if i := slices.IndexFunc(c.Rows, func(r memberRow) bool { return r.Open }); at < 0 && i >= 0 {
		c.Next = c.Rows[i].Index
	}
}

// memberField is one member in the form of a decision together: all that it needs is in it, so that the same form asked again
// means the same.
func memberField(check uint64, driver bool, draft url.Values) string {
	fields := url.Values{"check": {strconv.FormatUint(check, 10)}}
	for name, v := range draft {
		fields[name] = v
	}
	if driver {
		fields.Set("driver", "1")
	}
	return fields.Encode()
}

func year(birth string) string {
	if len(birth) < 4 || birth[0] == '?' {
		return ""
	}
	return birth[:4]
}
