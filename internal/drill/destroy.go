package drill

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

var destroying = []Act{
	{ID: "D1", spotless: true, inject: wipeCentre, heal: rebuildCentres},
	{ID: "D2", spotless: true, inject: spoilCentre, heal: rebuildCentres},
	{ID: "D3", spotless: true, inject: wipeCentres, heal: rebuildCentres},
	{ID: "D4", spotless: true, inject: wipeInRebuild, heal: rebuildCentres},
	{ID: "D5", inject: wipePost, heal: rebuildPost},
	{ID: "D6", spotless: true, inject: wipeCentreAndRoads, heal: carryParcels},
	{ID: "D7", inject: killAtRandom},
	{ID: "D8", RunBy: "node.TestChaos"},
	{ID: "D9", RunBy: "tlog.TestFailedSyncStopsTheLog"},
	{ID: "D10", inject: exhaust, check: saysItPlainly},
	{ID: "D11", inject: flipBits},
	{ID: "D12", spotless: true, inject: noise},
}

// wipeCentre takes the centre down and deletes its whole directory, keys and all.
func wipeCentre(_ context.Context, r *run) error { return r.wipe(r.Node(Capital)) }

// wipeCentres does it to both, the second a moment after the first.
func wipeCentres(ctx context.Context, r *run) error {
	err := r.wipe(r.Node(Capital))
	pause(ctx, time.Second)
	return errors.Join(err, r.wipe(r.Node(Reserve)))
}

func (r *run) wipe(n *Node) error {
	n.process.kill()
	if err := os.RemoveAll(n.dir); err != nil {
		return err
	}
	r.hit()
	return nil
}

// spoilCentre lets the centre hang, then answer nonsense in its place, then come back with files of noise, each for a third.
func spoilCentre(ctx context.Context, r *run) error {
	n := r.Node(Capital)
	third := r.length / 3
	if n.process.signal(syscall.SIGSTOP) {
		r.hit()
	}
	pause(ctx, third)
	n.process.kill()
	if err := babble(ctx, r.lines.ends[n.Name].to, third); err != nil {
		return err
	}
	r.hit()
	if err := overwrite(n.dir); err != nil {
		return err
	}
	r.hit()
	err := n.process.start()
	pause(ctx, third-time.Second)
	n.process.kill()
	return errors.Join(err, os.RemoveAll(n.dir))
}

// babble answers every connection at an address with noise for a while.
func babble(ctx context.Context, address string, during time.Duration) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(during))
				b := make([]byte, chunk)
				for rand.Read(b); ; {
					if _, err := c.Write(b); err != nil {
						return
					}
				}
			}()
		}
	}()
	pause(ctx, during)
	return nil
}

// overwrite fills the files of a directory with noise of the same length, as one who encrypts them for ransom.
func overwrite(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b := make([]byte, info.Size())
		rand.Read(b)
		return os.WriteFile(path, b, info.Mode())
	})
}

// wipeInRebuild kills a rebuild on its way and deletes what it had made.
func wipeInRebuild(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	n := r.Node(Capital)
	if err := r.wipe(n); err != nil {
		return err
	}
	args, err := r.rebuildArgs(ctx, n)
	if err != nil {
		return err
	}
	rebuilding := r.program(append(args, "--config", n.config)...)
	if err := rebuilding.Start(); err != nil {
		return err
	}
	if err := until(ctx, startWithin, "the rebuild takes records in", func() bool {
		h, err := r.health(ctx, n)
		return err == nil && peer(h, r.Posts()[0].Name).Held > 0
	}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		rebuilding.Process.Kill()
		return errors.Join(err, rebuilding.Wait())
	}
	rebuilding.Process.Kill()
	rebuilding.Wait() // it was killed: that it did not end well is the act
	return r.wipe(n)
}

// wipePost destroys a post. What it had signed off to others until a moment ago must come back.
func wipePost(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	n := r.post()
	h, err := r.health(ctx, n)
	if err != nil {
		return err
	}
	r.destroyed(n, h)
	return r.wipe(n)
}

// rebuildPost makes the wiped post anew; the centre learns its new keys by hand.
func rebuildPost(ctx context.Context, r *run) error { return r.rebuild(ctx, r.Node(r.wiped)) }

// wipeCentreAndRoads leaves the country without one centre and without any network to it.
func wipeCentreAndRoads(_ context.Context, r *run) error {
	err := r.wipe(r.Node(Capital))
	r.around(Capital, line{Refused: true})
	return err
}

// carryParcels rebuilds the centre from sticks alone and mends the roads only when it holds what they carried.
func carryParcels(ctx context.Context, r *run) error {
	defer r.lines.mend()
	n := r.Node(Capital)
	if err := r.rebuild(ctx, n); err != nil {
		return err
	}
	sizes := map[string]uint64{}
	for _, post := range r.Posts() {
		stick := filepath.Join(r.Dir, "stick-"+post.Name)
		if err := os.MkdirAll(stick, 0o700); err != nil {
			return err
		}
		h, err := r.health(ctx, post)
		if err != nil {
			return err
		}
		sizes[post.Name] = h.Size
		var said struct{} // a stick may lack what its post lacks of other posts: what counts is what the centre has at the end
		if err := r.tims(ctx, &said, "parcel", "write", stick, "--dir", post.dir); err != nil {
			return err
		}
		if err := r.tims(ctx, &said, "parcel", "read", stick, "--dir", n.dir); err != nil {
			return err
		}
	}
	h, err := r.health(ctx, n)
	if err != nil {
		return err
	}
	for post, size := range sizes {
		if p := peer(h, post); p.Held < size {
			r.broken(fmt.Sprintf("from sticks alone the centre holds %d of %d records of %s", p.Held, size, post))
		}
	}
	return nil
}

// killAtRandom kills processes without warning, one after another, while they work. Each is started again as a service is.
func killAtRandom(ctx context.Context, r *run) error {
	for {
		n := r.Nodes[r.chance.IntN(len(r.Nodes))]
		if r.chance.IntN(2) == 0 {
			n = r.post() // booths are what it is about
		}
		if n.process.crash() {
			r.hit()
		}
		if !pause(ctx, time.Duration(300+r.chance.IntN(900))*time.Millisecond) {
			return nil
		}
	}
}

// noise changes bytes on every road between the nodes.
func noise(_ context.Context, r *run) error {
	for _, a := range r.Nodes {
		r.around(a.Name, line{Noise: true})
		r.hit()
	}
	r.onHeal(func(context.Context) error { r.lines.mend(); return nil })
	return nil
}
