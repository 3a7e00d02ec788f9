package node_test

import (
	"context"
	"fmt"
	"time"

	"tims/internal/node"
)

// Steps about files that go bad:
//
//	scrub NAME [look]                 it reads all its files again; what it found, and what it could not repair or only looked at
//	daily-scrub NAME                  start it anew; from then on it scrubs by itself once a day
//	damaged NAME                      what it says of its own disk and of others', found and not repaired
func init() {
	teach("scrub", (*drill).scrubStep)
	teach("daily-scrub", func(d *drill, a []string) ([]string, error) { return nil, d.scrubDaily(a[0]) })
	teach("damaged", (*drill).damagedStep)
}

func (d *drill) scrubStep(a []string) ([]string, error) {
	s, err := d.nodes[a[0]].Scrub(context.Background(), node.ScrubOptions{Repair: a[1] != "look"})
	if err != nil {
		return nil, err
	}
	if len(s.Found) == 0 {
		return []string{fmt.Sprintf("sound: %d logs", s.Logs)}, nil
	}
	var out []string
	for _, f := range s.Found {
		out = append(out, "found    "+f.String())
	}
	for _, f := range s.Left {
		out = append(out, "is left  "+f.String())
	}
	if len(s.Left) == 0 {
		out = append(out, "all is repaired")
	}
	return out, nil
}

func (d *drill) scrubDaily(name string) error {
	before := d.country.seams
	d.country.seams = func(of string, opt *node.Options) {
		if before != nil {
			before(of, opt)
		}
		if of == name {
			opt.ScrubEvery = 24 * time.Hour
		}
	}
	d.halt(name)
	return d.open(name)
}

func (d *drill) damagedStep(a []string) ([]string, error) {
	h, err := d.nodes[a[0]].Health(context.Background())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, x := range h.Damaged {
		out = append(out, fmt.Sprintf("at %s: %s, record %d: %s", x.Node, x.Origin, x.Index, x.What))
	}
	if len(out) == 0 {
		out = []string{"nothing"}
	}
	return out, nil
}
