package drill

import (
	"context"
	"fmt"
	"time"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/lists/ofacdata"
	"tims/internal/node"
)

var cutting = []Act{
	{ID: "C1", spotless: true, inject: switchOffCentres},
	{ID: "C2", spotless: true, inject: badLines, heal: mendLines},
	{ID: "C3", spotless: true, inject: breakUpdates, heal: mendLines, check: newListEverywhere},
	{ID: "C4", RunBy: "node.TestUnknownPeerIsRefused"},
	{ID: "C5", RunBy: "node.TestClock"},
	{ID: "C6", RunBy: "node.TestDrills/44-sixty-days-alone"},
	{ID: "C7", spotless: true, inject: flood},
	{ID: "C8", RunBy: "node.TestDrills/16-two-nodes-of-one-post"},
}

// switchOffCentres ends every centre as an order would. Their files stay.
func switchOffCentres(_ context.Context, r *run) error {
	for _, n := range r.Centres() {
		n.process.stop()
		r.hit()
		r.onHeal(func(context.Context) error { return n.process.start() })
	}
	return nil
}

func mendLines(_ context.Context, r *run) error {
	r.lines.mend()
	return nil
}

// modem is 9.6 kbit/s.
const modem = 1200

// badLines gives each post another bad line to everybody: one that hears nothing, one that is not heard, one as slow as a modem,
// and one that breaks and comes back.
func badLines(ctx context.Context, r *run) error {
	posts := r.Posts()
	for _, other := range r.Nodes {
		r.lines.set(road{posts[0].Name, other.Name}, line{Mute: true})
		r.lines.set(road{posts[1].Name, other.Name}, line{Deaf: true})
	}
	r.around(posts[2].Name, line{Rate: modem, Delay: 50 * time.Millisecond})
	r.times += 3
	for down := true; ; down = !down {
		r.around(posts[3].Name, line{Refused: down})
		r.hit()
		if !pause(ctx, time.Duration(200+r.chance.IntN(1200))*time.Millisecond) {
			return nil
		}
	}
}

// listOfDrill is the list whose updates break off.
const listOfDrill = "ofac-sdn"

// breakUpdates puts a list in force everywhere, then releases shorter and longer ones while every road from the centres breaks
// again and again. At each look every post must have a whole list.
func breakUpdates(ctx context.Context, r *run) error {
	alerts, err := someAlerts()
	if err != nil {
		return err
	}
	lasting := ctx
	ctx = context.WithoutCancel(ctx) // what comes before the cuts takes as long as it takes
	centre := r.Node(Capital)
	if _, err := centre.control.Release(ctx, listOfDrill, 0, alerts[:len(alerts)/2], nil); err != nil {
		return err
	}
	whole := map[int]bool{len(alerts) / 2: true, len(alerts): true}
	if err := until(ctx, startWithin, "the first list is in force everywhere", func() bool { return r.listAt(ctx, len(alerts)/2) }); err != nil {
		return err
	}
	for _, post := range r.Posts() {
		r.around(post.Name, line{Rate: 16 * modem})
	}
	if _, err := centre.control.Release(ctx, listOfDrill, 0, alerts, nil); err != nil {
		return err
	}
	for {
		r.hit()
		for _, post := range r.Posts() {
			r.around(post.Name, line{Refused: true})
			h, err := r.health(ctx, post)
			if err == nil && (len(h.Lists) != 1 || !whole[h.Lists[0].Count]) {
				r.broken(fmt.Sprintf("%s works with a list of %v", post.Name, h.Lists))
			}
		}
		pause(ctx, 200*time.Millisecond)
		for _, post := range r.Posts() {
			r.around(post.Name, line{Rate: 16 * modem})
		}
		if pause(ctx, 700*time.Millisecond); lasting.Err() != nil && r.times >= leastCuts {
			return nil
		}
	}
}

// leastCuts is how often an update is broken off at least.
const leastCuts = 5

func someAlerts() (out []border.Alert, err error) {
	_, err = lists.Import(lists.OFACSDN, ofacdata.Files(), func(a border.Alert) error {
		out = append(out, a)
		return nil
	})
	return out[:min(len(out), 4000)], err
}

func (r *run) listAt(ctx context.Context, count int) bool {
	for _, post := range r.Posts() {
		if h, err := r.health(ctx, post); err != nil || !hasList(h, count) {
			return false
		}
	}
	return true
}

func hasList(h node.Health, count int) bool { return len(h.Lists) == 1 && h.Lists[0].Count == count }

// newListEverywhere: once the roads are good, the last release comes into force at every post.
func newListEverywhere(ctx context.Context, r *run) error {
	alerts, err := someAlerts()
	if err != nil {
		return err
	}
	return until(ctx, healWithin, "the new list is in force everywhere", func() bool { return r.listAt(ctx, len(alerts)) })
}
