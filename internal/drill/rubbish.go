package drill

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tims/internal/replica"
)

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
	{"POST /enter HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "7fffffffffffffff\r\n", 1},
	{"POST /scan HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000000\r\n\r\n", "--x\r\nContent-Disposition: form-data; name=\"zone\"; filename=\"../../keys\"\r\n\r\n\r\n", 20_000},
	{"POST /add-entries HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 100000000\r\n\r\n\x1f\x8b\x08", strings.Repeat("\x00", 4096), 20_000},
	{"GET /../../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0},
	{"GET /%2e%2e/%2e%2e/keys HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0},
	{"GET /log/..%2f..%2fkeys HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0},
	{"GET //etc/passwd\x00.html HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0},
	{"GET / HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "", 0},
	{strings.Repeat("\xff\x00\x9f", 20_000), "", 0},
	{"\x16\x03\x01\xff\xff\x01", strings.Repeat("\x03", 4096), 1000},
}

// A bomb is a body for a path at which nodes and witnesses read bytes of others, small to send or endless.
type bomb struct {
	what, path, encoding string
	body                 func() io.Reader
}

const hashText = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

// bombs are sent to whoever reads such bytes, under the valid key of a post where one is asked for.
func bombs() []bomb {
	note := func(size, tail string) string { return "zz/durres/1\n" + size + "\n" + hashText + "\n" + tail }
	signed := "— zz/durres/1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	text := func(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }
	endless := func(head, again string, times int) func() io.Reader {
		return func() io.Reader { return io.MultiReader(strings.NewReader(head), &repeater{again: again, left: times}) }
	}
	deep := endless("", "\x81", 4<<20)
	out := []bomb{
		{"a note with a million signatures", "/add-checkpoint", "", endless("old 0\n\n"+note("5", ""), signed, 1_000_000)},
		{"a proof of 64 hashes", "/add-checkpoint", "", text("old 1\n" + strings.Repeat(hashText, 64) + "\n" + note("5", signed))},
		{"a proof without end", "/add-checkpoint", "", endless("old 1\n", hashText, 1_000_000)},
		{"a tree of 2^63 leaves", "/add-checkpoint", "", text("old 0\n\n" + note("9223372036854775808", signed))},
		{"a tree of 2^63-1 leaves", "/add-checkpoint", "", text("old 0\n\n" + note("9223372036854775807", signed))},
		{"a tree of more leaves than a number holds", "/add-checkpoint", "", text("old 0\n\n" + note(strings.Repeat("9", 100_000), signed))},
		{"a gzip bomb", "/add-entries", "gzip", func() io.Reader { return bytes.NewReader(squeezed()) }},
		{"entries of lengths that are not there", "/add-entries", "", endless("", "\xff\xff", 1<<20)},
		{"parts without end", "/add-parts", "", endless("", "\xff\xff\xff\xff", 4<<20)},
	}
	for _, path := range []string{"/epoch", "/changes", "/cosigned", "/cosignatures", "/compare", replica.PathWitnessEpoch, replica.PathWitnessChanges + "?country=zz",
		replica.PathGrowth} {
		out = append(out, bomb{"CBOR nested four million deep", path, "", deep},
			bomb{"CBOR that names a list of 2^63 things", path, "", text("\x9b\x7f\xff\xff\xff\xff\xff\xff\xff")},
			bomb{"CBOR that names a text of 2^62 bytes", path, "", text("\x7b\x40\x00\x00\x00\x00\x00\x00\x00x")})
	}
	return out
}

// squeezed is a gzip stream of a quarter of a gigabyte of zeros.
var squeezed = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.Copy(z, io.LimitReader(zeros{}, 256<<20)) // into memory: it does not fail
	z.Close()
	return b.Bytes()
})

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// A repeater gives a text again and again.
type repeater struct {
	again string
	left  int
	rest  string
}

func (r *repeater) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if r.rest == "" {
			if r.left == 0 {
				return n, io.EOF
			}
			r.rest, r.left = r.again, r.left-1
		}
		k := copy(b[n:], r.rest)
		n, r.rest = n+k, r.rest[k:]
	}
	return n, nil
}

// sendRubbish sends every nasty request to every port, every bomb to whoever reads its kind, and a hostile stick to a centre. While it
// does, no process may have more than growth beyond what it had, at its peak.
func sendRubbish(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	squeezed()
	before := map[int]int64{}
	for pid := range r.running() {
		m, err := memory(pid, "VmRSS")
		if err = errors.Join(err, forgetPeak(pid)); err != nil {
			return err
		}
		before[pid] = m
	}
	r.sendNasty(ctx)
	slowest, err := r.sendBombs(ctx)
	if err != nil {
		return err
	}
	stick, err := r.badStick(ctx)
	if err != nil {
		return err
	}
	most := int64(0)
	for pid, name := range r.running() {
		m, err := memory(pid, "VmHWM")
		if err != nil || before[pid] == 0 {
			continue
		}
		if most = max(most, m-before[pid]); m-before[pid] > growth {
			r.broken(fmt.Sprintf("%s had %d MiB more than before", name, (m-before[pid])>>20))
		}
	}
	r.remark("no process had more than %d MiB more than before; the slowest answer to a bomb took %v, the worst stick (with %d names) %v", most>>20,
		slowest.Round(time.Millisecond), stickNames, stick.Round(time.Millisecond))
	return nil
}

func (r *run) sendNasty(ctx context.Context) {
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

// sendBombs sends every bomb to the centres, to a post, to the portal and to the witness, with a neighbour's keys. Each must be refused;
// it gives how long the slowest answer took.
func (r *run) sendBombs(ctx context.Context) (slowest time.Duration, err error) {
	posts := r.Posts()
	client, err := clientOf(posts[0])
	if err != nil {
		return 0, err
	}
	defer client.CloseIdleConnections()
	to := map[string]string{Witness: "http://" + r.lines.ends[Witness].to}
	for _, n := range append(r.Centres(), posts[len(posts)-1], r.Node(Portal)) { // the last post is the first one's neighbour
		to[n.Name] = "https://" + r.lines.ends[n.Name].to
	}
	for name, base := range to {
		for _, b := range bombs() {
			began := time.Now()
			status, err := thrown(ctx, client, base, b)
			slowest = max(slowest, time.Since(began))
			if r.hit(); err == nil && status/100 == 2 {
				r.broken(fmt.Sprintf("%s answers %s at %s with status %d", name, b.what, b.path, status))
			}
			if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
				r.broken(fmt.Sprintf("%s neither answers %s at %s nor hangs up", name, b.what, b.path))
			}
		}
	}
	return slowest, nil
}

// thrown sends one bomb. An error is a connection that the other side has ended over it.
func thrown(ctx context.Context, client *http.Client, base string, b bomb) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, bombWithin)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, base+b.path, b.body())
	if err != nil {
		return 0, err
	}
	if q.ContentLength = -1; b.encoding != "" {
		q.Header.Set("Content-Encoding", b.encoding)
	}
	resp, err := client.Do(q)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxPage))
	return resp.StatusCode, err
}

// badStick gives a running centre a stick that was pulled in the middle and that somebody has filled with traps, and gives how long it
// took to read. What is sound on it is known there already; the rest must be refused, and the centre goes on.
func (r *run) badStick(ctx context.Context) (time.Duration, error) {
	stick := filepath.Join(r.Dir, "stick-of-traps")
	var said struct{}
	if err := r.tims(ctx, &said, "parcel", "write", stick, "--dir", r.Posts()[0].dir); err != nil {
		return 0, err
	}
	var slowest time.Duration
	for _, spoil := range []func(string) error{pull, trap, crowd} {
		if err := spoil(stick); err != nil {
			return 0, err
		}
		began := time.Now()
		if err := r.tims(ctx, &said, "parcel", "read", stick, "--dir", r.Node(Reserve).dir); err != nil {
			return 0, fmt.Errorf("read a hostile stick: %w", err)
		}
		r.hit()
		slowest = max(slowest, time.Since(began))
	}
	if slowest > stickWithin {
		r.broken(fmt.Sprintf("a hostile stick took %v", slowest.Round(time.Second)))
	}
	return slowest, os.RemoveAll(stick)
}

// pull cuts every third file of a stick in half, as one that is pulled while it is written.
func pull(stick string) error {
	count := 0
	return filepath.Walk(stick, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		if count++; count%3 == 0 {
			return os.Truncate(path, info.Size()/2)
		}
		return nil
	})
}

// trap puts onto a stick what leads out of it and what never ends.
func trap(stick string) error {
	log := func(n int) string { return filepath.Join(stick, fmt.Sprintf("%064x", n)) }
	return errors.Join(os.Symlink("/etc", log(1)), os.Mkdir(log(2), 0o700), os.Symlink("/dev/zero", filepath.Join(log(2), "checkpoint")),
		os.Mkdir(log(3), 0o700), syscall.Mkfifo(filepath.Join(log(3), "checkpoint"), 0o600), os.Mkdir(log(4), 0o700),
		os.WriteFile(filepath.Join(log(4), "checkpoint"), nil, 0o600), os.Truncate(filepath.Join(log(4), "checkpoint"), 1<<40),
		os.WriteFile(filepath.Join(log(4), "epoch"), bytes.Repeat([]byte{0x81}, 1<<20), 0o600))
}

// crowd puts more names onto a stick than anybody should list.
func crowd(stick string) error {
	for i := range stickNames {
		if err := os.WriteFile(filepath.Join(stick, fmt.Sprintf("%064x", 1000+i)), nil, 0o600); err != nil {
			return err
		}
	}
	return nil
}
