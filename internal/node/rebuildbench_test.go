package node_test

import (
	"context"
	"errors"
	"flag"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tims/internal/node"
	"tims/internal/roster"
)

var rebuildCrossings = flag.Int("rebuild-crossings", 4000, "how many crossings BenchmarkRebuild makes at four posts together")

var benchPosts = []string{"kakavija", "durres", "morina", "rinas"}

// BenchmarkRebuild measures how fast a centre that lost everything has all crossings of four posts again: over mutual TLS on
// loopback, verified, stored whole, opened and folded, from its first start to the last crossing. The same crossings went to the
// centre before as they were written, which gives the ordinary rate. One crossing is two records. For a million:
//
//	go test ./internal/node -run '^$' -bench '^BenchmarkRebuild$' -benchtime 1x -timeout 0 -args -rebuild-crossings 1000000
func BenchmarkRebuild(b *testing.B) {
	for range b.N {
		b.StopTimer()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		dir, address := b.TempDir(), l.Addr().String()
		plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
			Nodes:    []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana", Address: address}},
			Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}}
		for _, p := range benchPosts {
			plan.Nodes = append(plan.Nodes, node.PlannedNode{Name: p, Role: roster.Post, Place: p, Traffic: "road"})
		}
		founded, err := node.Found(dir, plan)
		if err != nil {
			b.Fatal(err)
		}
		posts := map[string]*node.Node{}
		for _, p := range benchPosts {
			if posts[p], err = node.Open(node.Options{Dir: filepath.Join(dir, p), Version: "bench", SyncEvery: 50 * time.Millisecond}); err != nil {
				b.Fatal(err)
			}
		}
		each := max(*rebuildCrossings/len(benchPosts), 1)
		began, stop := time.Now(), benchCentre(b, filepath.Join(dir, "centre"), l)
		var all sync.WaitGroup
		for i, p := range benchPosts {
			all.Go(func() {
				if err := node.CrossForBench(context.Background(), posts[p], i*each, each, document); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		stop(posts)
		total := float64(each * len(benchPosts))
		b.ReportMetric(total/time.Since(began).Seconds(), "ordinary-crossings/s")

		again := filepath.Join(dir, "again")
		if _, err := node.Rebuild(again, "centre", founded.Founding, nil, time.Now(), func(c roster.Change) ([]roster.Approval, error) {
			return []roster.Approval{roster.Approve(c, "director", founded.Approvers["director"])}, nil
		}); err != nil {
			b.Fatal(err)
		}
		if l, err = net.Listen("tcp", address); err != nil {
			b.Fatal(err)
		}
		began = time.Now()
		b.StartTimer()
		stop = benchCentre(b, again, l)
		stop(posts)
		b.StopTimer()
		b.ReportMetric(total/time.Since(began).Seconds(), "rebuilt-crossings/s")
		for _, p := range posts {
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// benchCentre runs a centre. What it gives waits until the centre has all records of the posts folded, and ends it.
func benchCentre(b *testing.B, dir string, l net.Listener) func(map[string]*node.Node) {
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
	return func(posts map[string]*node.Node) {
		for whole := false; !whole; time.Sleep(20 * time.Millisecond) {
			h, err := n.Health(ctx)
			if err != nil {
				b.Fatal(err)
			}
			whole = h.Folding == 0
			for _, p := range h.Peers {
				if post := posts[p.Node]; post != nil {
					own, err := post.Health(ctx)
					if err != nil {
						b.Fatal(err)
					}
					whole = whole && p.Held >= own.Size
				}
			}
			whole = whole && h.Aside["key"] == 0
		}
		cancel()
		if err := errors.Join(<-served, n.Close()); err != nil {
			b.Fatal(err)
		}
	}
}
