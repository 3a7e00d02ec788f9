package node_test

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

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
	clear(d.compared)
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
		"leaf":   `UPDATE leaf SET bytes = substr(bytes, 1, length(bytes) - 1) || CASE WHEN substr(bytes, -1) = x'00' THEN x'01' ELSE x'00' END WHERE idx = ?`,
		"part":   `UPDATE part SET body = substr(body, 1, length(body) - 1) || CASE WHEN substr(body, -1) = x'00' THEN x'01' ELSE x'00' END WHERE id = ? * 256 + 2`,
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
	_, err1 := b.Do(ctx, node.Decision{Act: x.decide, Shift: b.shift, Check: v.Ref.Index, Decision: border.Refer})
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
