package drill

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tims/internal/record"
)

var badInput = []Act{
	{ID: "B1", spotless: true, inject: sendRubbish},
}

// repeats is how often an act that is recorded is sent again.
const repeats = 5

// growth is how much more memory a process may have while rubbish comes: the bound of the acts' list.
const growth = 64 << 20

// nasty are requests that no honest program sends, each with the beginning and what is repeated after it.
var nasty = []struct {
	head, again string
	times       int
}{
	{"GET /" + strings.Repeat("a", 1<<16) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0},
	{"GET / HTTP/1.1\r\nHost: localhost\r\n", "X-A: " + strings.Repeat("b", 1000) + "\r\n", 10_000},
	{"POST /scan HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1099511627776\r\n\r\n", strings.Repeat("zone=<", 1000), 5000},
	{"POST /enter HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "400\r\n" + strings.Repeat("c", 1024) + "\r\n", 30_000},
	{"POST /add-entries HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 100000000\r\n\r\n\x1f\x8b\x08", strings.Repeat("\x00", 4096), 20_000},
	{"GET /../../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0},
	{"GET /%2e%2e/%2e%2e/keys HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0},
	{strings.Repeat("\xff\x00\x9f", 20_000), "", 0},
	{"\x16\x03\x01\xff\xff\x01", strings.Repeat("\x03", 4096), 1000},
}

// sendRubbish sends every nasty request to every port, and looks how much memory the processes have afterwards.
func sendRubbish(ctx context.Context, r *run) error {
	before := map[int]int64{}
	for pid := range r.running() {
		if m, err := memory(pid); err == nil {
			before[pid] = m
		}
	}
	var sent atomic.Int64
	var senders sync.WaitGroup
	for _, n := range r.Nodes {
		for _, address := range []string{n.people, n.public, r.lines.ends[n.Name].to} {
			senders.Go(func() {
				for _, bad := range nasty {
					if ctx.Err() == nil && sends(address, bad.head, bad.again, bad.times) {
						sent.Add(1)
					}
				}
			})
		}
	}
	senders.Wait()
	r.times += int(sent.Load())
	for pid, name := range r.running() {
		if m, err := memory(pid); err == nil && before[pid] > 0 && m-before[pid] > growth {
			r.broken(fmt.Sprintf("%s has %d MiB more than before", name, (m-before[pid])>>20))
		}
	}
	return nil
}

// sends writes as much as the other side takes within a second.
func sends(address, head, again string, times int) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(c, head); err != nil {
		return false
	}
	for range times {
		if _, err := io.WriteString(c, again); err != nil {
			break // refused, as it should be
		}
	}
	io.Copy(io.Discard, io.LimitReader(c, 1<<16))
	return true
}

// knock comes to the ports between nodes with keys of nobody, and to a booth's pages with acts that were recorded already. What was
// asked for once must stand once, and no log may take a stranger's word.
func knock(ctx context.Context, r *run) error {
	stranger := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // who answers is not the question here
	for ctx.Err() == nil {
		for _, n := range r.Nodes {
			for _, path := range []string{"/", "/add-checkpoint", "/add-entries", "/changes", "/state"} {
				resp, err := stranger.Post("https://"+r.lines.ends[n.Name].to+path, "application/octet-stream", strings.NewReader(strings.Repeat("zz/durres/1\n", 50)))
				if err == nil {
					resp.Body.Close()
					r.broken(fmt.Sprintf("%s answers a stranger's %s with %s", n.Name, path, resp.Status))
				}
				r.hit()
			}
		}
		if err := r.repeat(ctx); err != nil {
			return err
		}
		pause(ctx, time.Second)
	}
	return nil
}

// repeat admits one traveller and sends the same acts again and again: each time the answer must be the first one.
func (r *run) repeat(ctx context.Context) error {
	post := r.post().Name
	w, err := r.window(ctx, post)
	if err != nil {
		return err
	}
	check, crossing, zone := newAct(), newAct(), r.stranger()
	r.oracle.asked(check, post, record.Check)
	r.oracle.asked(crossing, post, record.Crossing)
	index, err := w.check(ctx, check, zone)
	if err != nil {
		return err
	}
	for range repeats {
		if again, err := w.check(ctx, check, zone); (err == nil || errors.Is(err, errKnown)) && again != index {
			r.broken(fmt.Sprintf("%s: the check %s sent again is %s", post, index, again))
		}
		r.hit()
	}
	receipt, err := w.admit(ctx, crossing, index, false)
	if err != nil {
		return err
	}
	for range repeats {
		if again, err := w.admit(ctx, crossing, index, true); err == nil && again != receipt {
			r.broken(fmt.Sprintf("%s: the crossing %s sent again is %s", post, receipt, again))
		}
		r.hit()
	}
	return errors.Join(r.oracle.told(check, index), r.oracle.told(crossing, receipt))
}
