package drill

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tims/internal/roster"
)

// Idle connections of a flood. Each is one file handle here and one of the node; a process has as many as its hard limit gives, and
// the exercise keeps some for its booths and roads.
const (
	idlersMost = 10_000 // that the promise names, at the portal's pages and at one post's port for peers
	idlersEach = 300    // at every other port
	ownFiles   = 2_000
	idleDials  = 16 // under way at once to one port
	dialWithin = 30 * time.Second
)

// flood keeps idle connections, half-said requests and bursts of senseless ones at the portal and at every port of the posts. The
// roads' own machine is this one too: what it shows is that nobody waits for strangers, not how many a firewall holds.
func flood(ctx context.Context, r *run) error {
	ctx, hangUp := context.WithCancel(context.WithoutCancel(ctx)) // an act that has begun is done to its end, however slow the machine
	defer hangUp()
	post := r.post()
	ports := map[string]int{}
	for _, n := range append(r.of(roster.Portal), r.Posts()...) {
		for _, address := range []string{n.people, n.public, r.lines.ends[n.Name].to} {
			ports[address] = idlersEach
		}
	}
	most, err := idlersAllowed((len(ports) - 2) * idlersEach)
	if err != nil {
		return err
	}
	ports[r.Node(Portal).people], ports[r.lines.ends[post.Name].to] = most, most
	var idle, dialling sync.WaitGroup
	var standing atomic.Int64
	for address, count := range ports {
		standIdle(ctx, address, count, &standing, &dialling, &idle)
	}
	dialling.Wait()
	client := &http.Client{Timeout: time.Second}
	for end := time.Now().Add(r.length); time.Now().Before(end); {
		for _, n := range append(r.of(roster.Portal), r.post()) {
			if resp, err := client.Get("http://" + n.people + "/" + strconv.Itoa(r.chance.Int())); err == nil {
				io.Copy(io.Discard, io.LimitReader(resp.Body, maxPage))
				resp.Body.Close()
				r.hit()
			}
		}
		pause(ctx, 5*time.Millisecond)
	}
	hangUp()
	idle.Wait()
	r.times += int(standing.Load())
	r.remark("%d idle connections were opened, up to %d at one port (this machine allows no more than %d of the %d that are promised)",
		standing.Load(), most, most, idlersMost)
	return nil
}

// idlersAllowed is how many idle connections each of two ports can be given beside others.
func idlersAllowed(others int) (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("ask for the limit of file handles: %w", err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("raise the limit of file handles: %w", err)
	}
	return min(idlersMost, max(idlersEach, (int(min(limit.Max, 1<<20))-ownFiles-others)/2)), nil
}

// standIdle begins to open connections to a port and keeps them until ctx ends. Every second one begins a request and never ends it.
func standIdle(ctx context.Context, address string, count int, standing *atomic.Int64, dialling, idle *sync.WaitGroup) {
	var next atomic.Int64
	opening, stop := context.WithTimeout(ctx, dialWithin)
	context.AfterFunc(ctx, stop)
	for range idleDials {
		dialling.Add(1)
		idle.Go(func() {
			var held []net.Conn
			for opening.Err() == nil && next.Add(1) <= int64(count) {
				c, err := (&net.Dialer{Timeout: time.Second}).DialContext(opening, "tcp", address)
				if err != nil {
					continue
				}
				if standing.Add(1)%2 == 0 {
					io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
				}
				held = append(held, c)
			}
			dialling.Done()
			<-ctx.Done()
			for _, c := range held {
				c.Close()
			}
		})
	}
}

// memory is what a process has in memory, bytes, as Linux tells it: now (VmRSS), or at most since forgetPeak (VmHWM).
func memory(pid int, which string) (int64, error) {
	b, err := os.ReadFile(osFile(pid, "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == which+":" {
			kilo, err := strconv.ParseInt(f[1], 10, 64)
			return kilo << 10, err
		}
	}
	return 0, fmt.Errorf("process %d does not say how much memory it has", pid)
}

// forgetPeak lets the peak of a process begin anew at what it has now.
func forgetPeak(pid int) error { return os.WriteFile(osFile(pid, "clear_refs"), []byte("5"), 0o200) }
