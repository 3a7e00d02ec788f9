package node_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tims/internal/node"
)

// Steps about being alone on purpose:
//
//	isolate NAME          a post from the centres, a centre from everybody
//	rejoin NAME [WAIT]    it proves its log and comes back; it says against whom, or why it may not
//	confirm NAME          the authority approves the roster as it is, and a node learns that
//	alone NAME [OF]       whether it is isolated by its own knowledge, or what it has heard of OF
func init() {
	teach("isolate", func(d *drill, a []string) ([]string, error) {
		r := d.nodes[a[0]]
		if r == nil {
			return nil, fmt.Errorf("%s is not running", a[0])
		}
		return nil, r.Isolate(context.Background(), "A. Hoxha", "order 17")
	})
	teach("rejoin", (*drill).rejoinStep)
	teach("confirm", func(d *drill, a []string) ([]string, error) { return nil, d.confirm(a[0]) })
	teach("alone", (*drill).aloneStep)
}

func (d *drill) rejoinStep(a []string) ([]string, error) {
	wait := 10 * drillSync
	if a[1] != "" {
		var err error
		if wait, err = time.ParseDuration(a[1]); err != nil {
			return nil, err
		}
	}
	proven, err := d.nodes[a[0]].Rejoin(context.Background(), "A. Hoxha", "order 18", wait)
	if err != nil {
		return []string{err.Error()}, nil
	}
	return []string{"proven against " + strings.Join(proven, ", ")}, nil
}

func (d *drill) aloneStep(a []string) ([]string, error) {
	h, err := d.nodes[a[0]].Health(context.Background())
	if err != nil {
		return nil, err
	}
	i := h.Isolated
	if a[1] != "" {
		i = nil
		for _, p := range h.Peers {
			if p.Node == a[1] {
				i = p.Isolated
			}
		}
	}
	return []string{aloneText(i)}, nil
}

func aloneText(i *node.Isolation) string {
	if i == nil {
		return "not isolated"
	}
	out := fmt.Sprintf("isolated (%s) by %s: %s", i.Scope, i.By, i.Reason)
	if i.Trouble != "" {
		out += "; could not come back"
	}
	return out
}

func (c *country) confirm(name string) (err error) {
	if c.changes, err = node.Confirm(c.founded.Founding, c.changes, time.Now(), c.approve); err != nil {
		return err
	}
	_, err = c.nodes[name].Learn(context.Background(), c.changes)
	return err
}
