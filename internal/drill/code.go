package drill

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// updateKind is of no record that any version knows: what a captured centre may call an update.
const updateKind record.Kind = 60_001

// weapons are the programs offered, in the forms in which updates come.
var weapons = [][]byte{
	append([]byte("\x7fELF\x02\x01\x01"), bytes.Repeat([]byte{0x90}, 64<<10)...),
	[]byte("#!/bin/sh\nrm -rf / --no-preserve-root\n"),
	append([]byte("\x1f\x8b\x08\x00tims.tar.gz"), bytes.Repeat([]byte{7}, 4<<10)...),
	[]byte(`{"update":{"version":"9.9","url":"https://centre/tims","run":["/bin/sh","-c","reboot"]}}`),
}

// roads are paths at which programs take updates, files and commands, beside those that nodes really have.
var roads = []string{"/update", "/upgrade", "/install", "/package", "/exec", "/run", "/binary/tims", "/tims", "/files/tims", "/blobs/tims",
	"/add-blob?origin=zz/centre/1&hash=00&name=../../tims", "/log/../../../tims", "/%2e%2e/%2e%2e/usr/local/bin/tims", "/plugins/tims.so",
	"/add-checkpoint", "/add-entries", "/add-records", "/add-parts", "/epoch", "/changes", "/cosigned", "/cosignatures", "/compare"}

// offerCode captures a centre and a post's keys and offers programs by every road: to each node that listens, under both valid keys; to
// each node that comes to the centre by itself, in every answer; and in the centre's own log, as a record that it calls an update.
// All the while each process and each file is looked at.
func offerCode(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	centre, post := r.Node(Capital), r.post()
	var err error
	if r.code, err = r.lookAtCode(); err != nil {
		return err
	}
	go r.code.watch(r.running)
	centre.process.stop()
	for _, n := range []*Node{post, centre} {
		if err := r.callWith(ctx, n); err != nil {
			return err
		}
	}
	if err := r.answerAs(ctx, centre, r.length/2); err != nil {
		return err
	}
	if err := r.writeUpdate(ctx, centre); err != nil {
		return err
	}
	return errors.Join(centre.process.start(), r.up(ctx, centre))
}

// callWith comes to every other node with a node's own keys, and puts every weapon on every road.
func (r *run) callWith(ctx context.Context, n *Node) error {
	client, err := clientOf(n)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for _, to := range r.Nodes {
		if to == n || to.process.pid() == 0 {
			continue
		}
		for i, path := range roads {
			for _, method := range []string{http.MethodPost, http.MethodPut} {
				weapon := weapons[i%len(weapons)]
				req, err := http.NewRequestWithContext(ctx, method, "https://"+r.lines.ends[to.Name].to, bytes.NewReader(weapon))
				if err != nil {
					return err
				}
				if req.URL, err = url.Parse(req.URL.String() + path); err != nil {
					return err
				}
				dress(req.Header)
				resp, err := client.Do(req)
				if err != nil {
					continue // refused at the door, or the connection was closed over it
				}
				io.Copy(io.Discard, io.LimitReader(resp.Body, maxPage))
				resp.Body.Close()
				if r.hit(); resp.StatusCode/100 == 2 {
					r.broken(fmt.Sprintf("%s answers a program that %s puts at %s with %s", to.Name, n.Name, path, resp.Status))
				}
			}
		}
	}
	return nil
}

func clientOf(n *Node) (*http.Client, error) {
	ring, err := keyring.Open(filepath.Join(n.dir, "keys"))
	if err != nil {
		return nil, err
	}
	cert, err := ring.Certificate(time.Now())
	return &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{cert}, InsecureSkipVerify: true}}}, err // who answers is not the question here
}

// dress gives a message the headers under which programs are told to store and run what comes.
func dress(h http.Header) {
	h.Set("Content-Type", "application/x-executable")
	h.Set("Content-Disposition", `attachment; filename="../../tims"`)
	h.Set("X-Update", "now")
}

// answerAs answers in a node's place, with its keys, whoever comes to it: each question with the next weapon, some as a way elsewhere.
func (r *run) answerAs(ctx context.Context, n *Node, during time.Duration) error {
	ring, err := keyring.Open(filepath.Join(n.dir, "keys"))
	if err != nil {
		return err
	}
	cert, err := ring.Certificate(time.Now())
	if err != nil {
		return err
	}
	l, err := tls.Listen("tcp", r.lines.ends[n.Name].to, &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert})
	if err != nil {
		return err
	}
	var answered atomic.Int64
	srv := &http.Server{ReadHeaderTimeout: answerWithin, ErrorLog: discarded, Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		i := answered.Add(1)
		io.Copy(io.Discard, io.LimitReader(q.Body, maxPage))
		dress(w.Header())
		if i%7 == 0 {
			http.Redirect(w, q, "file:///usr/local/bin/tims", http.StatusFound)
			return
		}
		w.Write(weapons[i%int64(len(weapons))])
	})}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	pause(ctx, during)
	err = srv.Close()
	if serr := <-ended; !errors.Is(serr, http.ErrServerClosed) && !errors.Is(serr, net.ErrClosed) {
		err = errors.Join(err, serr)
	}
	if answered.Load() == 0 {
		r.broken("nobody came to the captured centre: nothing was shown of its answers")
	}
	r.times += int(answered.Load())
	return err
}

// writeUpdate signs a record of an unknown kind into the centre's log, with a program in each part. Every node copies it.
func (r *run) writeUpdate(ctx context.Context, n *Node) (err error) {
	ring, err := keyring.Open(filepath.Join(n.dir, "keys"))
	if err != nil {
		return err
	}
	origin := roster.Origin(ring.Country(), ring.Node(), ring.Epoch())
	signer, key, err := ring.Log(origin)
	if err != nil {
		return err
	}
	log, err := tlog.Open(filepath.Join(n.dir, "log.db"), tlog.Options{Key: key, Signer: signer, Fence: n.fence})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	for i, weapon := range weapons {
		act := newAct()
		r.oracle.asked(act, n.Name, updateKind)
		leaf, err := record.Leaf{Kind: updateKind, Act: act, Written: time.Now().UnixMilli(), Floor: time.Now().UnixMilli(),
			Parts: []record.PartRef{{Part: record.Open, Sealed: sha256.Sum256(weapon), Length: uint32(len(weapon))}}}.Encode()
		if err != nil {
			return err
		}
		if _, err := log.Append(ctx, tlog.Entry{Act: act, Leaf: leaf, Parts: []tlog.Part{{Number: uint8(record.Open), Body: weapon}}}); err != nil {
			return fmt.Errorf("record %d that is called an update: %w", i, err)
		}
		r.hit()
	}
	return nil
}

// returnCentre waits until the other centre and every post have copied what the captured one calls an update: stored it is, as a record
// that nobody can read, and nothing else.
func returnCentre(ctx context.Context, r *run) error {
	h, err := r.health(ctx, r.Node(Capital))
	if err != nil {
		return err
	}
	for _, n := range append(r.Posts(), r.Node(Reserve)) {
		if err := until(ctx, healWithin, n.Name+" has copied the record that is called an update", func() bool {
			seen, err := r.health(ctx, n)
			return err == nil && peer(seen, Capital).Held >= h.Size
		}); err != nil {
			return err
		}
	}
	return nil
}

// noCodeTaken looks once more at all that lookAtCode saw.
func noCodeTaken(_ context.Context, r *run) error {
	after, err := r.lookAtCode()
	if err != nil {
		return err
	}
	r.code.end()
	for _, what := range r.code.changed(after) {
		r.broken(what)
	}
	if r.code.looks.Load() == 0 {
		return errors.New("no process was looked at")
	}
	r.remark("the nodes' processes were looked at %d times", r.code.looks.Load())
	return nil
}

// osFile is where Linux tells of a process.
func osFile(pid int, name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }

// readLink gives where a link leads, empty where it leads nowhere any more.
func readLink(path string) string {
	to, _ := os.Readlink(path)
	return to
}
