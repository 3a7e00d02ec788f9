package drill

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tims/internal/record"
)

// insiderAtCentre switches both centres off on purpose, one after the other. Nobody touches the second: it proves its log and serves.
// While the capital is alone, somebody inside sets its log and its second device back together, to a state older than what others
// hold: it must refuse to serve.
func insiderAtCentre(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	reserve, n := r.Node(Reserve), r.Node(Capital)
	if err := r.alone(ctx, "isolate", reserve); err != nil {
		return err
	}
	pause(ctx, r.length/4)
	if err := r.alone(ctx, "rejoin", reserve); err != nil {
		r.broken("a centre that nobody touched does not serve again: " + err.Error())
	}
	old := filepath.Join(r.Dir, "inside")
	if err := errors.Join(os.RemoveAll(old), r.steal(n, old), r.growSeen(ctx, n, reserve)); err != nil {
		return err
	}
	if err := r.alone(ctx, "isolate", n); err != nil {
		return err
	}
	n.process.stop()
	if err := setBackLog(n, old); err != nil {
		return err
	}
	r.hit()
	if err := errors.Join(n.process.start(), r.up(ctx, n)); err != nil {
		return err
	}
	if err := r.alone(ctx, "rejoin", n); err == nil {
		r.broken("the centre's log was set back while it was alone, and it serves again")
	} else if !strings.Contains(err.Error(), "stays isolated") {
		return err
	}
	return nil
}

// growSeen lets a node write a record, and waits until another holds it.
func (r *run) growSeen(ctx context.Context, n, by *Node) error {
	if err := n.control.Exercise(ctx, true, record.DrillOpen{Acts: []string{r.act.ID}}); err != nil {
		return err
	}
	h, err := r.health(ctx, n)
	if err != nil {
		return err
	}
	return until(ctx, startWithin, fmt.Sprintf("%s holds %d records of %s", by.Name, h.Size, n.Name), func() bool {
		seen, err := r.health(ctx, by)
		return err == nil && peer(seen, n.Name).Held >= h.Size
	})
}

// alone isolates a node or lets it rejoin, as an operator does.
func (r *run) alone(ctx context.Context, command string, n *Node) error {
	args := []string{command, "--dir", n.dir, "--by", "exercise", "--reason", r.act.ID}
	if command == "rejoin" {
		args = append(args, "--wait", proveWithin.String())
	}
	return r.tims(ctx, nil, args...)
}

// setBackLog puts an old log and the old state of the second device in the place of the present ones, as one who knows of both.
func setBackLog(n *Node, old string) error {
	for _, file := range []string{"log.db", "log.db-wal", "log.db-shm"} {
		if err := os.Remove(filepath.Join(n.dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := copyFile(filepath.Join(n.dir, file), filepath.Join(old, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return copyFile(n.fence, filepath.Join(old, stolenFence))
}

// expelInsider is the way out: the centre is wiped and rebuilt from the others, with new keys.
func expelInsider(ctx context.Context, r *run) error {
	n := r.Node(Capital)
	n.process.kill()
	return errors.Join(os.RemoveAll(n.dir), r.rebuild(ctx, n))
}
