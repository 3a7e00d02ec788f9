package node_test

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A drill is a country under a script.
type drill struct {
	*country
	t       *testing.T
	unheard []*passing // acts of which a booth never heard the outcome
}

// The words of a script. Words in capitals stand for what the script fills in.
//
//	country CENTRE POST…              found a country and start it
//	cross POST N entries|exits        new travellers enter, or those longest inside leave; each gets a receipt
//	pass POST entry|exit TRAVELLER    one traveller crosses who has crossed before
//	cut NAME, mend NAME               a node's line
//	wait DURATION, settle             let time pass
//	halt NAME, start NAME             end a node in order, start it
//	kill NAME [amid N entries]        end it as a crash does, amid crossings that are not all answered, and start it again
//	ask-again                         the booths ask for each act that they had no answer for
//	wipe NAME, rebuild NAME [forged]  delete all it has; make it anew with an approved, or a forged, change of the roster
//	join NAME, drop NAME              a change of the roster adds a post, or drops a node
//	tamper NAME leaf|part|record|projection  change a row of its files with SQL
//	verify NAME                       what a verification of its directory finds
//	repeat POST same|other            the last act again, with the same or other content
//	scan POST entry|exit TRAVELLER    read a document and decide nothing
//	open-checks POST                  count what was scanned and not decided
//	delete-projection NAME            of a node that is halted
//	release CENTRE LIST N             a list of N alerts
//	lists NAME, state NAME            what a node says of its lists and of its peers
//	search NAME TRAVELLER             what an analyst finds there
//	compare CENTRE                    the centre with what the booths were told
func (d *drill) step(f []string) ([]string, error) {
	word, args := f[0], f[1:]
	if word == "country" {
		d.country = newCountry(d.t, args[0], args[1:]...)
		return nil, nil
	}
	if steps[word] == nil {
		return nil, errors.New("no such step")
	}
	for len(args) < 3 {
		args = append(args, "")
	}
	return steps[word](d, args)
}

var steps = map[string]func(d *drill, args []string) ([]string, error){
	"cross": func(d *drill, a []string) ([]string, error) {
		n, err := strconv.Atoi(a[1])
		if err != nil {
			return nil, err
		}
		return nil, d.cross(a[0], n, direction(a[2]))
	},
	"pass": func(d *drill, a []string) ([]string, error) {
		serial, err := strconv.Atoi(a[2])
		if err != nil {
			return nil, err
		}
		x := &passing{post: a[0], serial: serial, dir: direction(a[1]), scan: act(), decide: act()}
		if err := d.ask(x); err != nil {
			return nil, err
		}
		d.note(x)
		return nil, nil
	},
	"cut":  func(d *drill, a []string) ([]string, error) { d.wire.sever(a[0]); return nil, nil },
	"mend": func(d *drill, a []string) ([]string, error) { d.wire.mend(a[0]); return nil, nil },
	"wait": func(d *drill, a []string) ([]string, error) {
		wait, err := time.ParseDuration(a[0])
		time.Sleep(wait)
		return nil, err
	},
	"settle":    func(d *drill, a []string) ([]string, error) { d.settle(); return nil, nil },
	"halt":      func(d *drill, a []string) ([]string, error) { d.halt(a[0]); return nil, nil },
	"start":     func(d *drill, a []string) ([]string, error) { d.start(a[0]); return nil, nil },
	"wipe":      func(d *drill, a []string) ([]string, error) { return nil, d.wipe(a[0]) },
	"join":      func(d *drill, a []string) ([]string, error) { return nil, d.join(a[0]) },
	"kill":      (*drill).killStep,
	"ask-again": (*drill).askAgain,
	"rebuild": func(d *drill, a []string) ([]string, error) {
		if a[1] == "forged" {
			return nil, d.rebuildForged(a[0])
		}
		return nil, d.rebuild(a[0], d.approve)
	},
	"drop":              func(d *drill, a []string) ([]string, error) { return nil, d.drop(a[0]) },
	"tamper":            func(d *drill, a []string) ([]string, error) { return d.tamper(a[0], a[1]) },
	"verify":            func(d *drill, a []string) ([]string, error) { return d.verify(a[0]) },
	"repeat":            func(d *drill, a []string) ([]string, error) { return d.repeat(a[0], a[1] == "other") },
	"scan":              (*drill).scanStep,
	"open-checks":       (*drill).openChecks,
	"delete-projection": func(d *drill, a []string) ([]string, error) { return nil, d.deleteProjection(a[0]) },
	"release":           (*drill).releaseStep,
	"lists":             func(d *drill, a []string) ([]string, error) { return d.lists(a[0]), nil },
	"state":             func(d *drill, a []string) ([]string, error) { return d.state(a[0]) },
	"search":            (*drill).searchStep,
	"compare":           func(d *drill, a []string) ([]string, error) { return d.compare(a[0]) },
}

func direction(word string) border.Direction {
	if strings.HasPrefix(word, "exit") {
		return border.Exit
	}
	return border.Entry
}

func (d *drill) killStep(a []string) ([]string, error) {
	if a[1] == "amid" {
		n, err := strconv.Atoi(a[2])
		if err != nil {
			return nil, err
		}
		if err := d.killAmid(a[0], n); err != nil {
			return nil, err
		}
	} else if err := d.kill(a[0]); err != nil {
		return nil, err
	}
	d.start(a[0])
	return nil, nil
}

// killAmid kills a post while n travellers enter at once. Acts whose receipt a booth had before the crash must stand; of the
// others it has heard nothing.
func (d *drill) killAmid(post string, n int) error {
	d.wire.sever(post)
	b, err := d.booth(post)
	if err != nil {
		return err
	}
	var booths sync.WaitGroup
	answered := make(chan *passing, n)
	var begun []*passing
	for range n {
		x, err := d.passing(post, border.Entry)
		if err != nil {
			return err
		}
		begun = append(begun, x)
		booths.Go(func() {
			if d.ask(x) == nil {
				answered <- x
			}
		})
	}
	for range n / 3 { // the crash comes after a third of the answers
		d.note(<-answered)
	}
	copied := d.path(post) + ".crashed"
	err = crashCopy(copied, d.path(post))
	booths.Wait()
	d.halt(b.Name())
	if err := errors.Join(err, os.RemoveAll(d.path(post)), os.Rename(copied, d.path(post))); err != nil {
		return err
	}
	for _, x := range begun {
		if !slices.Contains(d.acts, x) {
			x.receipt = nil
			d.unheard = append(d.unheard, x)
		}
	}
	d.wire.mend(post)
	return nil
}

func (d *drill) askAgain([]string) ([]string, error) {
	for _, x := range d.unheard {
		if err := d.ask(x); err != nil {
			return nil, err
		}
		d.note(x)
	}
	n := len(d.unheard)
	d.unheard = nil
	return []string{fmt.Sprintf("%d acts asked again, each has its receipt", n)}, nil
}

// rebuildForged is what somebody does who has the centre and its line, and not the authority's key: the node that he makes is
// complete, and only the approval on its change is by a key of his own.
func (d *drill) rebuildForged(name string) error {
	_, forger, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	forged := func(c roster.Change) ([]roster.Approval, error) {
		return []roster.Approval{roster.Approve(c, "director", forger)}, nil
	}
	if _, err := node.Rebuild(d.path(name), name, d.founded.Founding, d.changes, time.Now(), forged); !errors.Is(err, roster.ErrApprovals) {
		return fmt.Errorf("a forged change gave %v", err)
	}
	if err := os.RemoveAll(d.path(name)); err != nil {
		return err
	}
	// His own program puts up with it: a country of his own, with the true names and his approver, stands for it.
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: name, Role: roster.Centre, Place: "Tirana", Address: name + ":1"}}}
	other := d.t.TempDir()
	theirs, err := node.Found(other, plan)
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(other, name), d.path(name)); err != nil {
		return err
	}
	ours := d.founded
	d.founded = theirs
	d.start(name)
	d.founded = ours
	d.spoilt[name] = true // it is not of this country
	return nil
}

// drop approves a change of the roster that drops a node, and carries it to every other node by hand.
func (d *drill) drop(name string) error {
	s, err := roster.Begin(d.founded.Founding)
	if err != nil {
		return err
	}
	for _, c := range d.changes {
		if s, err = s.Apply(c, 0); err != nil {
			return err
		}
	}
	next := s.Roster
	next.Nodes = slices.Clone(next.Nodes)
	for i := range next.Nodes {
		if next.Nodes[i].Name == name {
			next.Nodes[i].Dropped = true
		}
	}
	change := s.Next(roster.ChainRoster, record.Marshal(next), time.Now().Add(24*time.Hour).UnixMilli())
	approvals, err := d.approve(change)
	if err != nil {
		return err
	}
	d.changes = append(d.changes, roster.Approved{Change: change, Approvals: approvals})
	for _, r := range d.running() {
		if r.Name() == name {
			continue
		}
		if _, err := r.Learn(context.Background(), d.changes); err != nil {
			return err
		}
	}
	return nil
}

// tamper changes one row behind the back of a node, as somebody with every right on its machine would.
func (d *drill) tamper(name, what string) ([]string, error) {
	d.spoilt[name] = true
	if what == "projection" {
		return nil, d.tamperProjection(name)
	}
	text := map[string]string{
		"leaf":   `UPDATE leaf SET bytes = substr(bytes, 1, length(bytes) - 1) || x'00' WHERE idx = ?`,
		"part":   `UPDATE part SET body = substr(body, 1, length(body) - 1) || x'00' WHERE id = ? * 256 + 2`,
		"record": `DELETE FROM leaf WHERE idx = ?`,
	}[what]
	x := d.acts[len(d.acts)/2]
	path := filepath.Join(d.path(name), "log.db")
	if x.post != name {
		path = filepath.Join(d.path(name), "mirror", tlog.DirName(x.receipt.Ref.Origin), "log.db")
	}
	db, err := sql.Open("sqlite3", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	done, err := db.Exec(text, int64(x.receipt.Ref.Index))
	if err != nil {
		return nil, err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return nil, fmt.Errorf("%d rows changed, %v", n, err)
	}
	return []string{fmt.Sprintf("record %d of %s", x.receipt.Ref.Index, x.post)}, nil
}

// tamperProjection makes one crossing vanish from the page. The file is encrypted: it takes the node's key, which root has.
func (d *drill) tamperProjection(name string) error {
	ring, err := keyring.Open(filepath.Join(d.path(name), "keys"))
	if err != nil {
		return err
	}
	key := ring.Shadow()
	db, err := sql.Open("sqlite3", fmt.Sprintf("file:%s?vfs=xts&_pragma=hexkey('%x')&_pragma=busy_timeout(5000)",
		filepath.Join(d.path(name), "shadow.db"), key[:]))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(`DELETE FROM passage WHERE act = ?`, d.acts[0].decide[:])
	return err
}

func (d *drill) verify(name string) ([]string, error) {
	v, err := node.VerifyDir(context.Background(), d.path(name), nil)
	if err != nil {
		return nil, err
	}
	if len(v.Found) == 0 {
		delete(d.spoilt, name)
		return []string{fmt.Sprintf("sound: %d logs", v.Logs)}, nil
	}
	var out []string
	for _, f := range v.Found {
		out = append(out, f.String())
	}
	return out, nil
}

// repeat asks a post for its last act again.
func (d *drill) repeat(post string, other bool) ([]string, error) {
	i := len(d.acts) - 1
	for ; i >= 0 && d.acts[i].post != post; i-- {
	}
	if i < 0 {
		return nil, errors.New("nothing was done there")
	}
	x, again := d.acts[i], *d.acts[i]
	if other {
		return d.repeatOther(x)
	}
	if err := d.ask(&again); err != nil {
		return nil, err
	}
	if r := again.receipt; r.Ref != x.receipt.Ref || r.LeafHash != x.receipt.LeafHash || r.Code != x.receipt.Code || !r.Repeated {
		return nil, fmt.Errorf("another receipt: record %d", r.Ref.Index)
	}
	return []string{"the first receipt"}, nil
}

// repeatOther asks with the last act for something else: a referral in place of an admission, and another document.
func (d *drill) repeatOther(x *passing) ([]string, error) {
	b, err := d.booth(x.post)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	v, err := b.Scan(ctx, node.Scan{Act: act(), Shift: b.shift, Direction: x.dir, Document: passport(x.serial)})
	if err != nil {
		return nil, err
	}
	_, err1 := b.Decide(ctx, node.Decision{Act: x.decide, Shift: b.shift, Check: v.Ref.Index, Decision: border.Refer})
	_, err2 := b.Scan(ctx, node.Scan{Act: x.scan, Shift: b.shift, Direction: x.dir, Document: passport(9000 + x.serial)})
	var out []string
	for what, err := range map[string]error{"decision": err1, "scan": err2} {
		if !errors.Is(err, node.ErrOtherContent) {
			return nil, fmt.Errorf("the other %s gave %v", what, err)
		}
		out = append(out, what+": "+err.Error())
	}
	slices.Sort(out)
	return out, nil
}

// scanStep reads a document and says what the booth then shows.
func (d *drill) scanStep(a []string) ([]string, error) {
	b, err := d.booth(a[0])
	if err != nil {
		return nil, err
	}
	serial, err := strconv.Atoi(a[2])
	if err != nil {
		return nil, err
	}
	v, err := b.Scan(context.Background(), node.Scan{Act: act(), Shift: b.shift, Direction: direction(a[1]), Document: passport(serial)})
	if err != nil {
		return nil, err
	}
	s := v.Advice.Stay
	out := []string{fmt.Sprintf("not inside; %d days used, %d left", s.Used, s.Left)}
	if s.Inside {
		out[0] = fmt.Sprintf("inside since %v by %s; %d days used, %d left, %d over", s.Entered, s.Last.Node, s.Used, s.Left, s.Overstay)
	}
	for _, f := range v.Advice.Findings {
		out = append(out, "finding: "+string(f.Code))
	}
	for _, h := range v.Hits {
		out = append(out, "hit: "+h.AlertID)
	}
	for _, h := range v.Horizons {
		if h.Node != a[0] {
			out = append(out, h.Node+" known "+ago(h.KnownTo))
		}
	}
	return out, nil
}

func (d *drill) openChecks(a []string) ([]string, error) {
	open, err := d.nodes[a[0]].OpenChecks(context.Background())
	return []string{fmt.Sprint(len(open))}, err
}

func (d *drill) deleteProjection(name string) error {
	if d.nodes[name] != nil {
		return errors.New("halt it first")
	}
	files, err := filepath.Glob(filepath.Join(d.path(name), "shadow.db*"))
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// releaseStep puts a list in force whose alerts name the travellers 1 to N.
func (d *drill) releaseStep(a []string) ([]string, error) {
	n, err := strconv.Atoi(a[2])
	if err != nil {
		return nil, err
	}
	var alerts []border.Alert
	for i := 1; i <= n; i++ {
		alerts = append(alerts, border.Alert{ID: fmt.Sprintf("%s:%d", a[1], i), List: a[1], Kind: border.DocumentAlert,
			Action: border.ActInform, Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(i)}}})
	}
	l, err := d.nodes[a[0]].Release(context.Background(), a[1], 0, alerts)
	return []string{fmt.Sprintf("release %d", l.Release)}, err
}

func (d *drill) lists(name string) []string {
	out := []string{}
	for _, l := range d.nodes[name].Lists() {
		out = append(out, fmt.Sprintf("%s release %d, %d alerts, known %s", l.List, l.Release, l.Count, ago(l.KnownTo)))
	}
	if len(out) == 0 {
		out = append(out, "none")
	}
	return out
}

// state is what a node's page says of its peers.
func (d *drill) state(name string) ([]string, error) {
	h, err := d.nodes[name].Health(context.Background())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range h.Peers {
		text := fmt.Sprintf("%s: in touch %s, its log known %s, %d behind", p.Node, within(time.Hour, p.LastSeen),
			ago(p.Written), p.Size-p.Held)
		if p.Frozen != "" {
			text += ", frozen: " + p.Frozen
		}
		out = append(out, text)
	}
	for _, why := range slices.Sorted(maps.Keys(h.Aside)) {
		out = append(out, fmt.Sprintf("set aside for want of a %s: %d", why, h.Aside[why]))
	}
	return out, nil
}

// ago tells the age of what a log says: its node signs a status every few hours.
func ago(ms int64) string { return within(drillStatus+time.Hour, ms) }

// within tells a time in hours, or "lately" where it is not longer ago than that.
func within(lately time.Duration, ms int64) string {
	d := time.Since(time.UnixMilli(ms))
	switch {
	case ms == 0:
		return "never"
	case d < lately:
		return "lately"
	}
	return fmt.Sprintf("%dh ago", int(d.Hours()))
}

func (d *drill) searchStep(a []string) ([]string, error) {
	b, err := d.booth(a[0])
	if err != nil {
		return nil, err
	}
	serial, err := strconv.Atoi(a[1])
	if err != nil {
		return nil, err
	}
	found, err := b.Search(context.Background(), b.shift, "drill of today", projection.Query{Surname: surname(serial), Given: "ANNA"})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range found {
		if f.Document.Number != number(serial) || len(f.Document.Zone) != 2 {
			return nil, errors.New("the search found somebody else")
		}
		out = append(out, fmt.Sprintf("%v %v at %s, %v", f.Kind, f.Direction, f.Node, f.Day))
	}
	slices.Sort(out)
	return append([]string{fmt.Sprintf("%d records", len(out))}, out...), nil
}

// compare holds the centre against the list outside the nodes: every acknowledged act is there once, and nothing is there
// that nobody did.
func (d *drill) compare(centre string) ([]string, error) {
	ctx, n := context.Background(), d.nodes[centre]
	told := map[record.Act]bool{}
	var there, twice int
	for _, x := range d.acts {
		told[x.decide] = true
		seen, err := n.ByAct(ctx, x.decide)
		if err != nil {
			return nil, err
		}
		if len(seen) > 0 && seen[0].Node == x.post && seen[0].Direction == x.dir {
			there++
		}
		if len(seen) > 1 {
			twice++
		}
	}
	strange, err := d.strange(centre, told)
	return []string{fmt.Sprintf("%d acts acknowledged, %d at %s, %d twice, %d that nobody did", len(told), there, centre, twice,
		strange)}, err
}

// strange counts the decisions in the logs that a node holds of which no booth was told.
func (d *drill) strange(name string, told map[record.Act]bool) (int, error) {
	strange := 0
	files, err := d.logs(name)
	for _, f := range files {
		leaves, lerr := f.Leaves(0, int(f.Size()))
		err = errors.Join(err, lerr, f.close())
		for _, leaf := range leaves {
			l, derr := record.DecodeLeaf(leaf)
			if derr != nil {
				return strange, derr
			}
			if l.Kind == record.Crossing && !told[l.Act] {
				strange++
			}
		}
	}
	return strange, err
}
