package node_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/roster"
)

var (
	rebuildCrossings = flag.Int("rebuild-crossings", 4000, "how many crossings BenchmarkRebuild makes at four posts together")
	rebuildKeep      = flag.String("rebuild-keep", "", "directory in which BenchmarkRebuild keeps the country it makes, and finds it again")
)

var benchPosts = []string{"kakavija", "durres", "morina", "rinas"}

// A benchCountry is four posts that have written their crossings, and no centre.
type benchCountry struct {
	Address   string // of the centre's peers' listener
	Crossings int
	Approver  ed25519.PrivateKey
	Ordinary  float64 // crossings a second that the first centre took in as they were written
}

// ordinaryCrossings is how many crossings are written while the first centre and the other posts follow. All others are written while
// there is no centre, as fast as the disk takes them.
const ordinaryCrossings = 4000

// BenchmarkRebuild measures how fast a centre that lost everything has all crossings of four posts again: over mutual TLS on
// loopback, verified, stored whole, opened and folded, from its first start to the last crossing. The ordinary rate is that at which
// the first centre took in, opened and folded the first crossings as they were written, while the other posts followed through it.
// One crossing is two records, the check and the crossing. The processor time of the whole process, the four posts included, is told
// beside the rate: on a machine that does other work it is what can be compared. For a million, kept for the next run:
//
//	go test ./internal/node -run '^$' -bench '^BenchmarkRebuild$' -benchtime 1x -timeout 0 -args \
//		-rebuild-crossings 1000000 -rebuild-keep DIR
func BenchmarkRebuild(b *testing.B) {
	dir := *rebuildKeep
	if dir == "" {
		dir = b.TempDir()
	}
	c := countryForBench(b, dir)
	b.ReportMetric(c.Ordinary, "ordinary-crossings/s")
	for range b.N {
		b.StopTimer()
		founding, err := node.ReadFounding(filepath.Join(dir, benchPosts[0]))
		if err != nil {
			b.Fatal(err)
		}
		// The posts are as the loss of the centre finds them: what the rebuilt one tells them goes into a copy.
		now := b.TempDir()
		for _, p := range benchPosts {
			copyForBench(b, filepath.Join(now, p), filepath.Join(dir, p))
		}
		posts := openPosts(b, now, quiet) // before somebody listens at the centre's address
		centre := filepath.Join(now, "centre")
		if _, err := node.Rebuild(centre, "centre", founding, nil, time.Now(), func(change roster.Change) ([]roster.Approval, error) {
			return []roster.Approval{roster.Approve(change, "director", c.Approver)}, nil
		}); err != nil {
			b.Fatal(err)
		}
		l, err := net.Listen("tcp", c.Address)
		if err != nil {
			b.Fatal(err)
		}
		began, spent := time.Now(), processorTime(b)
		b.StartTimer()
		again, end := benchCentre(b, centre, l)
		stop := pushAll(posts)
		awaitAll(b, again, posts)
		b.StopTimer()
		total := float64(c.Crossings)
		b.ReportMetric(total/time.Since(began).Seconds(), "rebuilt-crossings/s")
		b.ReportMetric(total/(processorTime(b)-spent).Seconds(), "rebuilt-crossings/cpu-s")
		stop()
		end()
		closePosts(b, posts)
	}
}

// copyForBench copies a node's directory, the modes too.
func copyForBench(b *testing.B, to, from string) {
	b.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		into := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(into, 0o700)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(into, raw, 0o600)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// processorTime is what this process has spent on its processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// countryForBench makes the country, or finds the one that an earlier run has kept.
func countryForBench(b *testing.B, dir string) (c benchCountry) {
	b.Helper()
	kept := filepath.Join(dir, "country.json")
	if raw, err := os.ReadFile(kept); err == nil {
		if err := json.Unmarshal(raw, &c); err != nil {
			b.Fatal(err)
		}
		return c
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	c.Address = l.Addr().String()
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes:    []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana", Address: c.Address}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}}
	for _, p := range benchPosts {
		plan.Nodes = append(plan.Nodes, node.PlannedNode{Name: p, Role: roster.Post, Place: p, Traffic: "road"})
	}
	founded, err := node.Found(dir, plan)
	if err != nil {
		b.Fatal(err)
	}
	c.Approver = founded.Approvers["director"]
	each := max(*rebuildCrossings/len(benchPosts), 1)
	c.Crossings = each * len(benchPosts)
	watched := min(each, ordinaryCrossings/len(benchPosts))
	c.Ordinary = ordinaryRate(b, dir, l, watched)
	posts := openPosts(b, dir, quiet)
	crossAll(b, posts, watched, each-watched, node.CrossUnfolded)
	closePosts(b, posts)
	closePosts(b, openPosts(b, dir, quiet)) // which folds
	raw, err := json.Marshal(c)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(kept, raw, 0o600); err != nil {
		b.Fatal(err)
	}
	return c
}

// ordinaryRate has crossings written at all posts while the first centre and the other posts follow.
func ordinaryRate(b *testing.B, dir string, l net.Listener, each int) float64 {
	b.Helper()
	posts := openPosts(b, dir, 50*time.Millisecond)
	centre, end := benchCentre(b, filepath.Join(dir, "centre"), l)
	awaitAll(b, centre, posts)
	began := time.Now()
	crossAll(b, posts, 0, each, node.CrossForBench)
	awaitAll(b, centre, posts)
	rate := float64(each*len(posts)) / time.Since(began).Seconds()
	for _, p := range posts { // the posts follow each other through the centre; the loss finds them up to date
		awaitAll(b, p, posts)
	}
	closePosts(b, posts)
	end()
	return rate
}

// crossAll writes crossings at all posts at once, each its own.
func crossAll(b *testing.B, posts map[string]*node.Node, from, each int,
	cross func(context.Context, *node.Node, int, int, func(int) border.Document) error) {
	b.Helper()
	var all sync.WaitGroup
	for i, p := range benchPosts {
		all.Go(func() {
			if err := cross(context.Background(), posts[p], i**rebuildCrossings+from, each, document); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
}

// quiet lets a post that finds no centre at its start not look again by itself.
const quiet = 1000 * time.Hour

// openPosts opens them side by side: each folds what is new.
func openPosts(b *testing.B, dir string, syncEvery time.Duration) map[string]*node.Node {
	b.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	posts := map[string]*node.Node{}
	for _, p := range benchPosts {
		all.Go(func() {
			n, err := node.Open(node.Options{Dir: filepath.Join(dir, p), Version: "bench", SyncEvery: syncEvery})
			if err != nil {
				b.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			posts[p] = n
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return posts
}

// pushAll has all posts push to the centre until the function is called.
func pushAll(posts map[string]*node.Node) func() {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, p := range posts {
		all.Go(func() { node.PushForBench(ctx, p, "centre") })
	}
	return func() { cancel(); all.Wait() }
}

func closePosts(b *testing.B, posts map[string]*node.Node) {
	b.Helper()
	for _, p := range posts {
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchCentre runs a centre until the function is called.
func benchCentre(b *testing.B, dir string, l net.Listener) (*node.Node, func()) {
	b.Helper()
	n, err := node.Open(node.Options{Dir: dir, Version: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	secure, err := n.PeerListener(l)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- n.ServePeers(ctx, secure) }()
	return n, func() {
		cancel()
		if err := errors.Join(<-served, n.Close()); err != nil {
			b.Fatal(err)
		}
	}
}

// awaitAll waits until a node has all records of the posts folded.
func awaitAll(b *testing.B, n *node.Node, posts map[string]*node.Node) {
	b.Helper()
	for whole := false; !whole; {
		time.Sleep(100 * time.Millisecond)
		h, err := n.Health(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		whole = h.Folding == 0 && !h.Indexing && h.Aside["key"] == 0
		for _, p := range h.Peers {
			if of, ok := posts[p.Node]; whole && ok {
				own, err := of.Health(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				whole = p.Held >= own.Size
			}
		}
	}
}
