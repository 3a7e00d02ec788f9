package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
)

// Outages as AlarmBody names them.
const (
	wasDown   = "down"
	wasCutOff = "cut-off"
)

// outageFrom is the length of a stretch, ms, that is an outage here: a node that asks rarely is not cut off between two questions,
// nor down between two signs of life.
func (n *Node) outageFrom() int64 {
	return max(outageFrom, 3*n.opt.SyncEvery).Milliseconds()
}

// sayDown records, once the node runs again, that it did not. last is the time of its last record, UTC ms, 0 for a new log; a
// quiet node was alive longer, as its sign of life says.
func (n *Node) sayDown(ctx context.Context, last int64) {
	if b, err := readBounded(filepath.Join(n.opt.Dir, aliveFile)); err == nil {
		if at, err := strconv.ParseInt(string(b), 10, 64); err == nil && at <= n.Now() {
			last = max(last, at)
		}
	}
	if last > 0 && n.Now()-last > n.outageFrom() {
		n.sayOutage(ctx, wasDown, last)
	}
}

// aliveLoop leaves a sign of life in the node's directory. It is worth nothing as evidence, and says how long the node was
// down to whoever has no reason to doubt it; therefore it is not synced.
func (n *Node) aliveLoop(ctx context.Context) {
	for {
		path := filepath.Join(n.opt.Dir, aliveFile)
		if err := os.WriteFile(path, strconv.AppendInt(nil, n.Now(), 10), 0o600); err != nil {
			n.opt.Journal.Warn("no sign of life is written", "node", n.Name(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(aliveEvery, n.opt.SyncEvery)):
		}
	}
}

// centreReached records, once a post reaches a centre again, since when it had reached none.
func (n *Node) centreReached(ctx context.Context) {
	n.reached.mu.Lock()
	since := n.reached.centre
	n.reached.centre = n.Now()
	n.reached.mu.Unlock()
	if since > 0 && n.Self().Role == roster.Post && n.Now()-since > n.outageFrom() {
		n.opt.Journal.Info("a centre is reached again", "node", n.Name(), "cut_off_since", since)
		n.sayOutage(ctx, wasCutOff, since)
	}
}

func (n *Node) sayOutage(ctx context.Context, what string, from int64) {
	body := record.AlarmBody{What: what, From: from, To: n.Now()}
	if _, err := n.append(ctx, draft{kind: record.Alarm, act: newAct(), contents: []content{{record.Body, body}}}); err != nil {
		n.opt.Journal.Error("an outage is not recorded", "node", n.Name(), "what", what, "error", err)
	}
}

// outages lists the outages that touch the stretch, the present one too, with who worked and how many passed.
func (n *Node) outages(ctx context.Context, from, to int64, written []projection.Found) ([]Outage, error) {
	deeds, err := n.shadow.Deeds(ctx, n.Name(), from, n.Now()+1, record.Alarm) // written at its end, perhaps after the stretch
	if err != nil {
		return nil, err
	}
	var out []Outage
	for _, d := range deeds {
		body, err := bodyOf[record.AlarmBody](d)
		if errors.Is(err, errUnread) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if (body.What == wasDown || body.What == wasCutOff) && body.From < to && body.To > from {
			out = append(out, Outage{From: body.From, To: body.To, Down: body.What == wasDown})
		}
	}
	n.reached.mu.Lock()
	since := n.reached.centre
	n.reached.mu.Unlock()
	if since > 0 && since < to && n.Now()-since > n.outageFrom() {
		out = append(out, Outage{From: since})
	}
	for i := range out {
		if err := n.during(ctx, &out[i], written); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// during counts the persons who passed in an outage, on paper too, and names the officers who let them.
func (n *Node) during(ctx context.Context, o *Outage, written []projection.Found) error {
	for i := range written {
		f := &written[i]
		if f.Happened < o.From || o.To != 0 && f.Happened >= o.To {
			continue
		}
		if f.Passed() {
			o.Passed++
		}
		label, err := n.workedOn(ctx, f)
		if err != nil {
			return err
		}
		if label != "" && !slices.Contains(o.Officers, label) {
			o.Officers = append(o.Officers, label)
		}
	}
	return nil
}

// workedOn names the officer who let somebody pass: of a sheet the one who filled it in, as it says; of a correction none.
func (n *Node) workedOn(ctx context.Context, f *projection.Found) (string, error) {
	switch f.Kind {
	case record.Correction:
		return "", nil
	case record.Late:
		d, err := n.shadow.Deed(ctx, record.RefOf(f.Ref))
		if err != nil || d == nil {
			return "", err
		}
		b, err := bodyOf[record.LateBody](*d)
		if errors.Is(err, errUnread) {
			err = nil
		}
		return b.Officer, err
	}
	return n.labelOf(projection.Deed{Ref: record.RefOf(f.Ref), Shift: f.Shift}), nil
}
