package node_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// The words of a script for what officers do besides decisions. OFFICER is a label of drillOfficers; K-01 is the booth's own.
//
//	take-back POST OFFICER TRAVELLER          void his last passage there
//	correct POST OFFICER TRAVELLER entry|exit|never DAYS   propose what it should have been, so many days earlier
//	agree POST OFFICER                        assent to the newest proposal there
//	stay POST TRAVELLER                       how his stay is counted there
//	refer POST TRAVELLER                      send him to the second line
//	answer POST OFFICER same|other|cleared ALERT           the second line about the last referral there
//	follow POST                               the booth admits whom it referred last
//	hits POST TRAVELLER                       which hits the booth shows
//	write NODE OFFICER TO,…|all TEXT…         a message
//	inbox NODE OFFICER, read NODE OFFICER     what is shown; acknowledge all of it
//	sheets POST N, paper POST                 register forms; their account
//	type POST OFFICER NUMBER TRAVELLER HOURS  key a sheet of so many hours ago
//	bus POST N [killed]                       N travellers in one party; the node ends amid the commits, and the same is asked again
//	regime POST HOURS                         relaxed checks for so long
//	books POST HOURS                          the supervisor's books
func init() {
	for word, step := range map[string]func(d *drill, a []string) ([]string, error){
		"take-back": (*drill).takeBack, "correct": (*drill).correctStep, "agree": (*drill).agree, "stay": (*drill).stayStep,
		"refer": (*drill).referStep, "answer": (*drill).answerStep, "follow": (*drill).follow, "hits": (*drill).hitsStep,
		"write": (*drill).write, "inbox": (*drill).inboxStep, "read": (*drill).readStep, "sheets": (*drill).sheetsStep,
		"paper": (*drill).paperStep, "type": (*drill).typeStep, "bus": (*drill).bus, "regime": (*drill).regimeStep, "books": (*drill).booksStep,
	} {
		teach(word, step)
	}
}

// at gives an officer's desk; of K-01 the booth's, whose acts the country notes.
func (d *drill) at(post, label string) (*desk, error) {
	if label != "K-01" {
		return d.openDesk(post, label, label)
	}
	b, err := d.booth(post)
	if err != nil {
		return nil, err
	}
	return &desk{b.Node, d.country, b.shift, b.key}, nil
}

// told does a deed and gives the reason where it is refused.
func told(k *desk, deed node.Deed) ([]string, error) {
	if _, err := k.try(deed); err != nil {
		return []string{"refused: " + err.Error()}, nil
	}
	return nil, nil
}

// last is the last passage of a traveller that a booth was told of.
func (d *drill) last(post, traveller string) (*passing, error) {
	serial, err := strconv.Atoi(traveller)
	for _, x := range slices.Backward(d.acts) {
		if x.post == post && x.serial == serial {
			return x, err
		}
	}
	return nil, errors.Join(err, errors.New("no such passage"))
}

func (d *drill) takeBack(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	x, err2 := d.last(a[0], a[2])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return told(k, node.Void{Act: act(), Shift: k.shift, Of: x.receipt.Ref.Index, Reason: "wrong traveller"})
}

func (d *drill) correctStep(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	x, err2 := d.last(a[0], a[2])
	days, err3 := strconv.Atoi(a[4])
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	c := correction(k, x.receipt.Ref.Index, x.serial)
	c.Withdraw, c.Direction, c.Day = a[3] == "never", direction(a[3]), k.Today().AddDays(-days)
	return told(k, c)
}

// newest is the newest proposal of a post that waits for its second officer.
func (d *drill) newest(post string) (uint64, record.Kind, error) {
	for i := range uint64(10_000) {
		o, err := d.nodes[post].ReadOwn(i)
		if err == nil {
			continue
		}
		for i > 0 {
			i--
			if o, err = d.nodes[post].ReadOwn(i); err != nil {
				return 0, 0, err
			}
			k := o.Leaf.Kind
			if (k == record.Correction || k == record.ReferralOutcome) && len(o.Leaf.About) == 1 {
				return i, k, nil
			}
		}
	}
	return 0, 0, errors.New("no proposal")
}

func (d *drill) agree(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	of, kind, err2 := d.newest(a[0])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return told(k, node.Assent{Act: act(), Shift: k.shift, Kind: kind, Of: of})
}

func (d *drill) stayStep(a []string) ([]string, error) {
	k, err := d.at(a[0], "K-01")
	serial, err2 := strconv.Atoi(a[1])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return []string{k.stay(serial)}, nil
}

func (d *drill) referStep(a []string) ([]string, error) {
	k, err := d.at(a[0], "K-01")
	serial, err2 := strconv.Atoi(a[1])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	k.refer(border.Entry, serial)
	return nil, nil
}

// referred is the last referral of a post.
func (d *drill) referred(post string) (node.Referred, error) {
	k, err := d.at(post, "S-01")
	if err != nil {
		return node.Referred{}, err
	}
	all, err := k.Referrals(context.Background(), k.shift)
	if err != nil || len(all) == 0 {
		return node.Referred{}, errors.Join(err, errors.New("nobody was referred"))
	}
	return all[len(all)-1], nil
}

func (d *drill) answerStep(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	r, err2 := d.referred(a[0])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return told(k, node.Outcome{Act: act(), Shift: k.shift, Referral: r.Ref.Index, Outcome: record.Outcome(a[2]), Alert: strings.Join(a[3:], "")})
}

func (d *drill) follow(a []string) ([]string, error) {
	k, err := d.at(a[0], "K-01")
	r, err2 := d.referred(a[0])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return told(k, node.Decision{Act: act(), Shift: k.shift, Check: r.Check, Decision: border.Admit, Referral: r.Ref.Index})
}

func (d *drill) hitsStep(a []string) ([]string, error) {
	k, err := d.at(a[0], "K-01")
	serial, err2 := strconv.Atoi(a[1])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return []string{k.hits(serial)}, nil
}

func (d *drill) write(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	if err != nil {
		return nil, err
	}
	m := node.Message{Act: act(), Shift: k.shift, Priority: record.Urgent, Text: strings.Join(a[3:], " ")}
	if a[2] != "all" {
		m.To = strings.Split(a[2], ",")
	}
	return told(k, m)
}

func (d *drill) inboxStep(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	if err != nil {
		return nil, err
	}
	if shown := k.inbox(); shown != "" {
		return strings.Split(shown, "; "), nil
	}
	return []string{"nothing"}, nil
}

func (d *drill) readStep(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	if err != nil {
		return nil, err
	}
	all, err := k.Messages(context.Background(), k.shift)
	for _, p := range all {
		if p.Mine && !p.Done {
			_, rerr := k.try(node.Acknowledge{Act: act(), Shift: k.shift, Of: p.Ref})
			err = errors.Join(err, rerr)
		}
	}
	return nil, err
}

func (d *drill) sheetsStep(a []string) ([]string, error) {
	n, err := strconv.Atoi(a[1])
	if err != nil {
		return nil, err
	}
	s, err := d.nodes[a[0]].RegisterSheets(context.Background(), act(), n)
	return []string{fmt.Sprintf("%s %d to %d", s.Series, s.First, s.Last)}, err
}

func (d *drill) paperStep(a []string) ([]string, error) {
	p, err := d.nodes[a[0]].Paper(context.Background())
	return []string{fmt.Sprintf("%d issued, %d used, %d void, %d once, %d left", p.Issued, p.Used, p.Void, len(p.Once), p.Left)}, err
}

func (d *drill) typeStep(a []string) ([]string, error) {
	k, err := d.at(a[0], a[1])
	var n [3]int
	for i := range n {
		var err2 error
		n[i], err2 = strconv.Atoi(a[2+i])
		err = errors.Join(err, err2)
	}
	if err != nil {
		return nil, err
	}
	at := firstDay.Add(time.Since(firstDay).Truncate(time.Hour)).Add(-time.Duration(n[2]) * time.Hour)
	return told(k, sheet(border.SheetSeries(a[0]), uint32(n[0]), n[1], at.UnixMilli()).by(k))
}

// bus lets a party pass. Each of it is noted with the receipt that it got, before the node ended or after.
func (d *drill) bus(a []string) ([]string, error) {
	n, err := strconv.Atoi(a[1])
	if err != nil {
		return nil, err
	}
	party, vehicle := act(), node.Vehicle{Kind: border.Bus, Plate: "AA123BC", Country: "ALB", Occupants: n}
	var all []*passing
	for range n {
		x, err := d.passing(a[0], border.Entry)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	commit := func(x *passing) error {
		b, err := d.booth(a[0])
		if err != nil {
			return err
		}
		v, err := b.Scan(context.Background(), node.Scan{Act: x.scan, Shift: b.shift, Direction: x.dir, Document: passport(x.serial), Party: party, Vehicle: vehicle})
		if err != nil {
			return err
		}
		k := desk{b.Node, d.country, b.shift, b.key}
		r, err := k.try(node.Decision{Act: x.decide, Shift: b.shift, Check: v.Ref.Index, Decision: border.Admit, Vehicle: vehicle})
		if err == nil {
			x.receipt = &r
		}
		return err
	}
	killed := make(chan error, 1)
	var dark atomic.Bool // from here on no booth hears anything
	if killed <- nil; a[2] == "killed" {
		<-killed
		go func() {
			time.Sleep(1010 * time.Millisecond)
			dark.Store(true)
			killed <- d.kill(a[0])
		}()
	}
	given := 0
	for ; given < n; given++ {
		if err := commit(all[given]); err != nil || dark.Load() {
			all[given].receipt = nil
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := <-killed; err != nil {
		return nil, err
	}
	if d.nodes[a[0]] == nil {
		d.start(a[0])
	}
	for _, x := range all {
		first := x.receipt
		if err := commit(x); err != nil {
			return nil, fmt.Errorf("asked again: %w", err)
		}
		if first != nil && (x.receipt.Ref != first.Ref || x.receipt.LeafHash != first.LeafHash) {
			return nil, errors.New("asked again, it has another receipt")
		}
		d.note(x)
	}
	if a[2] == "killed" && (given == 0 || given == n) {
		return nil, fmt.Errorf("%d of %d had their receipts when the power went", given, n)
	}
	return []string{fmt.Sprintf("%d passed, each has its receipt", n)}, nil
}

func (d *drill) regimeStep(a []string) ([]string, error) {
	k, err := d.at(a[0], "L-01")
	hours, err2 := strconv.Atoi(a[1])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return told(k, node.Regime{Act: act(), Shift: k.shift, Regime: node.Relaxed, Reason: "article 9", Until: k.Now() + ms(time.Duration(hours)*time.Hour)})
}

func (d *drill) booksStep(a []string) ([]string, error) {
	k, err := d.at(a[0], "L-01")
	hours, err2 := strconv.Atoi(a[1])
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	b, err := k.Books(context.Background(), k.shift, k.Now()-ms(time.Duration(hours)*time.Hour), k.Now()+1)
	if err != nil {
		return nil, err
	}
	out := []string{fmt.Sprintf("%d in, %d out, %d refused, %d vehicles in, %d wait, %d open, %d voids, %d corrections, %d keyings",
		b.Entries, b.Exits, b.Refusals, b.VehiclesIn, b.Waiting, len(b.Open), len(b.Voids), len(b.Corrections), len(b.Lates))}
	for _, r := range b.Regimes {
		out = append(out, fmt.Sprintf("%s by %q, in force %t", r.Regime, r.Officer, r.InForce(k.Now())))
	}
	for _, o := range b.Outages {
		out = append(out, fmt.Sprintf("outage, down %t, over %t: %d passed, %v", o.Down, o.To != 0, o.Passed, o.Officers))
	}
	return out, nil
}
