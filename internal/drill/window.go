package drill

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"tims/internal/demo/traveller"
)

// window is a second booth of a post, in which nobody queues: the exercise itself stands there. It has an
// officer of its own and stays open for the whole exercise.
func (r *run) window(ctx context.Context, post string) (*booth, error) {
	if w := r.windows[post]; w != nil {
		return w, nil
	}
	w, err := newBooth(r.Node(post), r.codes[secondAt(post)])
	if err != nil {
		return nil, err
	}
	w.name = "K2"
	if err := w.enter(ctx); err != nil {
		return nil, err
	}
	if r.windows == nil {
		r.windows = map[string]*booth{}
	}
	r.windows[post] = w
	return w, nil
}

// stranger is the zone of somebody whom no node has seen before.
func (r *run) stranger() []string {
	source, err := traveller.New(r.chance.Uint64(), traveller.Options{Start: time.Now(), Location: time.UTC, NoFaults: true})
	if err != nil {
		panic(fmt.Sprintf("drill: %v", err)) // the options are fixed
	}
	return source.Next(time.Now(), r.Posts()[0].Name).Travellers[0].Zone
}

// names counts how often a page says a word.
func (p page) names(word string) int { return bytes.Count(p.body, []byte(word)) }
