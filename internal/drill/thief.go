package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"tims/internal/control"
	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/record"
)

// twoHistories copies a post's keys and log, and runs the copy elsewhere as that post while the post itself is cut off: it asks its
// peers, they know nothing newer, and it signs a history of its own, which the centres take. Then the post comes back with what its
// booths have recorded meanwhile. From that contact on every node of the country has foundWithin to freeze that log, and no other.
func twoHistories(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	n := r.post()
	h, err := r.health(ctx, n)
	if err != nil {
		return err
	}
	r.around(n.Name, line{Refused: true})
	r.onHeal(func(context.Context) error { r.lines.mend(); return nil })
	pause(ctx, 2*syncEvery) // what was on its way is there or not
	loot := filepath.Join(r.Dir, Thief)
	if err := r.steal(n, loot); err != nil {
		return err
	}
	defer r.thief.kill()
	r.destroyed(n, h) // behind the fork the post has nobody but itself
	size, err := r.runLoot(ctx, n, loot)
	if err != nil {
		return err
	}
	if err := until(ctx, startWithin, "everybody takes the thief's history", func() bool { return r.holdOf(ctx, n.Name, size) }); err != nil {
		return err
	}
	r.hit()
	pause(ctx, r.length/4) // the post's booth goes on alone
	r.lines.mend()
	met := time.Now()
	if err := until(ctx, foundWithin, "that log is frozen at every node", func() bool { return r.frozenEverywhere(ctx, h.Origin) }); err != nil {
		r.broken(err.Error())
		return nil
	}
	r.note("%s: frozen everywhere %v after the two histories met", r.act.ID, time.Since(met).Round(time.Millisecond))
	return r.convict(ctx, h.Origin, loot)
}

// runLoot starts the copy and lets it sign something that the post never wrote. It gives how long its history is then.
func (r *run) runLoot(ctx context.Context, n *Node, loot string) (size uint64, err error) {
	var addresses [3]string
	for i := range addresses {
		if addresses[i], err = freeAddress(); err != nil {
			return 0, err
		}
	}
	config := filepath.Join(r.Dir, Thief+".toml")
	if err := r.writeConfig(n, config, loot, "", addresses[0], addresses[1], addresses[2]); err != nil {
		return 0, err
	}
	r.thief.command = func() *exec.Cmd { return r.program("serve", "--config", config) }
	if err := r.thief.start(); err != nil {
		return 0, err
	}
	his := control.NewClient(loot)
	if err := until(ctx, startWithin, "the thief's copy answers", func() bool { _, err := his.Health(ctx); return err == nil }); err != nil {
		return 0, err
	}
	for range 3 {
		if err := his.Exercise(ctx, true, record.DrillOpen{Acts: []string{r.act.ID}, By: Thief}); err != nil {
			return 0, fmt.Errorf("the thief writes: %w", err)
		}
	}
	h, err := his.Health(ctx)
	return h.Size, err
}

// holdOf says whether every other post and centre holds so much of a post's log.
func (r *run) holdOf(ctx context.Context, post string, size uint64) bool {
	for _, n := range append(r.Posts(), r.Centres()...) {
		if n.Name == post {
			continue
		}
		if h, err := r.health(ctx, n); err != nil || peer(h, post).Held < size {
			return false
		}
	}
	return true
}

// frozenEverywhere says whether every post and centre has frozen a log. One that has frozen any other has raised a false alarm.
func (r *run) frozenEverywhere(ctx context.Context, origin string) bool {
	for _, n := range append(r.Posts(), r.Centres()...) {
		h, err := r.health(ctx, n)
		if err != nil || !slices.ContainsFunc(h.Frozen, func(f node.FrozenLog) bool { return f.Origin == origin }) {
			return false
		}
		for _, f := range h.Frozen {
			if f.Origin != origin && !f.Past {
				r.broken(fmt.Sprintf("%s has frozen %s, whose key signed one history", n.Name, f.Origin))
			}
		}
	}
	return true
}

// convict writes the evidence that a centre holds, and lets it be checked against the key as the thief had it.
func (r *run) convict(ctx context.Context, origin, loot string) error {
	ring, err := keyring.Open(filepath.Join(loot, "keys"))
	if err != nil {
		return err
	}
	_, vkey, err := ring.Log(origin)
	if err != nil {
		return err
	}
	var written struct {
		Frozen []struct{ Origin, Dir string }
	}
	if err := r.tims(ctx, &written, "evidence", "write", r.Node(Reserve).dir, "--to", filepath.Join(r.Dir, "evidence")); err != nil {
		return err
	}
	for _, f := range written.Frozen {
		if f.Origin != origin {
			continue
		}
		var judged struct {
			Convicts bool
			Why      string
		}
		if err := r.tims(ctx, &judged, "evidence", "check", filepath.Join(f.Dir, "evidence.json"), "--key", vkey); err != nil {
			return err
		}
		if !judged.Convicts {
			r.broken("the evidence does not convict: " + judged.Why)
		}
		return nil
	}
	r.broken("no evidence is kept against " + origin)
	return nil
}

// newIdentity is the way out: the post's directory is set aside for the court and for typing in what stands behind the fork, and the
// post goes on under keys that the authority approves.
func newIdentity(ctx context.Context, r *run) error {
	if r.wiped == "" {
		return nil
	}
	n := r.Node(r.wiped)
	n.process.kill()
	aside := filepath.Join(r.Dir, "aside-"+n.Name+time.Now().Format("-150405"))
	return errors.Join(os.Rename(n.dir, aside), r.rebuild(ctx, n))
}
