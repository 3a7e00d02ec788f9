package node_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
)

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
		line := "hit: " + h.AlertID
		if h.Before != nil {
			line += fmt.Sprintf("; in release %d it read otherwise: %s", h.Before.Release, strings.Join(h.Before.Parts, ", "))
		}
		out = append(out, line)
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
