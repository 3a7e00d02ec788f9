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

	"tims/internal/node"
	"tims/internal/roster"
)

var (
	rebuildCrossings = flag.Int("rebuild-crossings", 4000, "how many crossings BenchmarkRebuild makes at four posts together")
	rebuildKeep      = flag.String("rebuild-keep", "", "directory in which BenchmarkRebuild keeps the country it makes, and finds it again")
)

var benchPosts = []string{"kakavija", "durres", "morina", "rinas"}

// A benchCountry is four posts that have written their crossings, with the centre that has followed them.
type benchCountry struct {
	Address   string // of the centre's peers' listener
	Crossings int
	Approver  ed25519.PrivateKey
	Ordinary  float64 // crossings a second that the first centre took in as they were written
}

// BenchmarkRebuild measures how fast a centre that lost everything has all crossings of four posts again: over mutual TLS on
// loopback, verified, stored whole, opened and folded, from its first start to the last crossing. The same crossings went to the
// first centre and to the other posts as they were written, which gives the ordinary rate. One crossing is two records, the check
// and the crossing. The processor time of the whole process, the four posts included, is told beside the rate: on a machine that
// does other work it is what can be compared. For a million, kept for the next run:
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
		posts := openPosts(b, now)
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
		awaitAll(b, again, posts)
		b.StopTimer()
		total := float64(c.Crossings)
		b.ReportMetric(total/time.Since(began).Seconds(), "rebuilt-crossings/s")
		b.ReportMetric(total/(processorTime(b)-spent).Seconds(), "rebuilt-crossings/cpu-s")
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
	posts := openPosts(b, dir)
	each := max(*rebuildCrossings/len(benchPosts), 1)
	c.Crossings = each * len(benchPosts)
	began := time.Now()
	first, end := benchCentre(b, filepath.Join(dir, "centre"), l)
	var all sync.WaitGroup
	for i, p := range benchPosts {
		all.Go(func() {
			if err := node.CrossForBench(context.Background(), posts[p], i*each, each, document); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	awaitAll(b, first, posts)
	c.Ordinary = float64(c.Crossings) / time.Since(began).Seconds()
	for _, p := range posts { // the posts follow each other through the centre; the loss finds them up to date
		awaitAll(b, p, posts)
	}
	end()
	closePosts(b, posts)
	raw, err := json.Marshal(c)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(kept, raw, 0o600); err != nil {
		b.Fatal(err)
	}
	return c
}

func openPosts(b *testing.B, dir string) map[string]*node.Node {
	b.Helper()
	posts := map[string]*node.Node{}
	for _, p := range benchPosts {
		n, err := node.Open(node.Options{Dir: filepath.Join(dir, p), Version: "bench", SyncEvery: 50 * time.Millisecond})
		if err != nil {
			b.Fatal(err)
		}
		posts[p] = n
	}
	return posts
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
	size := map[string]uint64{}
	for whole := false; !whole; {
		time.Sleep(50 * time.Millisecond)
		for name, p := range posts {
			own, err := p.Health(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			size[name] = own.Size
		}
		h, err := n.Health(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		whole = h.Folding == 0 && h.Aside["key"] == 0
		for _, p := range h.Peers {
			whole = whole && p.Held >= size[p.Node]
		}
	}
}
