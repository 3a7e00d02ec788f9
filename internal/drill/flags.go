package drill

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tims/internal/node"
)

// makeWitness makes the outsider who cosigns: a process without a record, on a road of its own. It knows the country by its
// founding, as a court would, and the nodes' policy asks for its signature alone.
func (c *Country) makeWitness(ctx context.Context) error {
	dir, config := filepath.Join(c.Dir, Witness), filepath.Join(c.Dir, Witness+".toml")
	var made struct{ Vkey string }
	if err := c.tims(ctx, &made, "witness", "init", "--dir", dir, "--name", "witness.court.example"); err != nil {
		return err
	}
	own, err := freeAddress()
	if err != nil {
		return err
	}
	address, err := c.lines.add(Witness, own)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("dir = %q\nlisten = %q\n[[country]]\nfounding = %q\nhash = %q\n", dir, own, c.founding, c.hash)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	c.policy = filepath.Join(c.Dir, "witnessed.policy")
	if err := os.WriteFile(c.policy, fmt.Appendf(nil, "witness court %s http://%s\nquorum court\n", made.Vkey, address), 0o600); err != nil {
		return err
	}
	c.witness.journal = filepath.Join(c.Dir, "journal", Witness+".txt")
	c.witness.command = func() *exec.Cmd { return c.program("witness", "--config", config) }
	return nil
}

// watch reads every post's flags until the country is closed, so that the list outside all nodes knows what a post has promised of
// each act beyond "local". Nothing waits for it.
func (c *Country) watch() {
	ctx, cancel := context.WithCancel(context.Background())
	var watchers sync.WaitGroup
	for _, n := range c.Posts() {
		watchers.Go(func() {
			for pause(ctx, flagsEvery) {
				began := time.Now()
				if h, err := c.health(ctx, n); err == nil {
					c.oracle.flagged(h, began)
				}
			}
		})
	}
	c.unwatch = func() { cancel(); watchers.Wait() }
}

// flagged takes a post's word for how much of its living log is mirrored and witnessed. Acts of an epoch before are left as they are:
// an act counts to the living log if it was told after that log was first seen here, as any of the first log is.
func (o *oracle) flagged(h node.Health, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	living, known := o.living[h.Node]
	if living.origin != h.Origin {
		if living = (livingLog{origin: h.Origin}); known {
			living.since = at
		}
		o.living[h.Node] = living
	}
	o.plain[h.Node] = slices.DeleteFunc(o.plain[h.Node], func(a *act) bool {
		if a.told.Before(living.since) {
			return true
		}
		if a.told.Before(at) {
			a.mirrored = a.mirrored || a.index < h.Safety.Mirrored
			a.witnessed = a.witnessed || a.index < h.Safety.Witnessed
		}
		return a.mirrored && a.witnessed
	})
}

// A livingLog is the newest log of a post that the list knows of.
type livingLog struct {
	origin string
	since  time.Time // when it was first seen; zero for the first
}
