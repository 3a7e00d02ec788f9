package replica

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/tlog"
)

// The trunk is the true history. At each of its depths somebody with the key began another one, also at its tip and beside
// every edge of a package.
const trunkSize = 600

var forkDepths = []uint64{1, 2, 5, 31, 64, 255, 256, 257, 300, 511, 512, 513, 577, 598, 599}

const rounds = 1000

// histories are logs of one key as files: the true one, and by depth those that part from it.
type histories struct {
	dir   string
	opt   tlog.Options
	logs  map[uint64]*tlog.Log // 0 is the true one
	files map[string]string    // copies and logs as they lie on a disk, by what they are; made once and then copied
}

func newHistories(t *testing.T) *histories {
	t.Helper()
	skey, vkey := keys(t, origin, "")
	signer, err := note.NewSigner(skey)
	must(t, err)
	h := &histories{dir: memoryDir(t), opt: tlog.Options{Key: vkey, Signer: signer}, logs: map[uint64]*tlog.Log{}, files: map[string]string{}}
	trunk := filepath.Join(h.dir, "trunk")
	for _, depth := range append(slices.Clone(forkDepths), trunkSize) {
		h.extend(t, trunk, depth, "true")
		if depth == trunkSize {
			break
		}
		fork := filepath.Join(h.dir, fmt.Sprint("fork", depth))
		copyFile(t, fork, trunk)
		h.extend(t, fork, trunkSize+50, fmt.Sprint("thief's", depth))
		h.logs[depth] = h.open(t, fork)
	}
	h.logs[0] = h.open(t, trunk)
	return h
}

// memoryDir is a directory in memory where the system has one: four thousand files are synced here, which on a disk takes minutes.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "tims-split-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (h *histories) open(t *testing.T, path string) *tlog.Log {
	t.Helper()
	l, err := tlog.Open(path, h.opt)
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

// extend grows the log of a file to a size, and closes it again.
func (h *histories) extend(t *testing.T, path string, size uint64, story string) {
	t.Helper()
	l, err := tlog.Open(path, h.opt)
	must(t, err)
	var booths sync.WaitGroup
	for i := l.Size(); i < size; i++ {
		booths.Go(func() {
			sum := sha256.Sum256(fmt.Append(nil, story, i))
			if _, err := l.Append(ctx, tlog.Entry{Act: [16]byte(sum[:16]), Leaf: fmt.Append(nil, story, i)}); err != nil {
				t.Error(err)
			}
		})
	}
	booths.Wait()
	must(t, l.Close())
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	b, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, b, 0o600))
}

// noteAt is the checkpoint of a size as the holder of the key signs it.
func (h *histories) noteAt(t *testing.T, l *tlog.Log, size uint64) []byte {
	t.Helper()
	root, err := l.RootAt(size)
	must(t, err)
	msg, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))}, h.opt.Signer)
	must(t, err)
	return msg
}

// A side is a node's reader of the log: its mirror of it, or the log of who writes it.
type side struct {
	Comparable
	mirror *tlog.Mirror // nil for a log
	src    Source
	close  func() error
}

// mirror gives a copy of a history up to settled, in the middle of an upload to pending where that is larger.
func (h *histories) mirror(t *testing.T, fork, settled, pending uint64) side {
	t.Helper()
	l, name := h.logs[fork], fmt.Sprint("mirror", fork, settled, pending)
	if h.files[name] == "" {
		path := filepath.Join(h.dir, name)
		m, err := tlog.OpenMirror(path, tlog.MirrorOptions{Key: h.opt.Key})
		must(t, err)
		h.feed(t, m, l, settled, settled)
		must(t, settle(m, settled))
		if pending > settled {
			h.feed(t, m, l, pending, settled+(pending-settled)/2)
		}
		must(t, m.Close())
		h.files[name] = path
	}
	path := filepath.Join(h.dir, "side"+fmt.Sprint(rand.Uint64()))
	copyFile(t, path, h.files[name])
	m, err := tlog.OpenMirror(path, tlog.MirrorOptions{Key: h.opt.Key})
	must(t, err)
	return side{m, m, m, func() error { return errors.Join(m.Close(), os.Remove(path)) }}
}

func settle(m *tlog.Mirror, size uint64) error {
	_, err := m.Settle(size)
	return err
}

// feed announces a checkpoint to a mirror and stores the packages that begin below `to`.
func (h *histories) feed(t *testing.T, m *tlog.Mirror, l *tlog.Log, size, to uint64) {
	t.Helper()
	_, old := m.Pending()
	proof, err := l.ConsistencyProof(old, size)
	must(t, err)
	must(t, m.AddCheckpoint(tlog.AddCheckpoint{Old: old, Proof: proof, Checkpoint: h.noteAt(t, l, size)}))
	for m.Next() < to {
		o, err := l.Offer(m.Next(), size)
		must(t, err)
		_, err = m.Extend(size, o)
		must(t, err)
	}
}

// log gives the log of who writes it: the honest node's, or the thief's.
func (h *histories) log(t *testing.T, fork uint64) side {
	t.Helper()
	name := fmt.Sprint("log", fork)
	if h.files[name] == "" {
		must(t, h.logs[fork].Close())
		h.files[name] = filepath.Join(h.dir, name)
		from := filepath.Join(h.dir, "trunk")
		if fork > 0 {
			from = filepath.Join(h.dir, fmt.Sprint("fork", fork))
		}
		copyFile(t, h.files[name], from)
		h.logs[fork] = h.open(t, from)
	}
	path := filepath.Join(h.dir, "side"+fmt.Sprint(rand.Uint64()))
	copyFile(t, path, h.files[name])
	l, err := tlog.Open(path, h.opt)
	must(t, err)
	return side{l, nil, l, func() error { return errors.Join(l.Close(), os.Remove(path)) }}
}

// A meeting is a line in memory to one side, which carries some bytes and is then cut; 0 is no end.
func meeting(t *testing.T, to side, budget int) (*Client, func()) {
	t.Helper()
	s := Server{Mirror: func(o string) (*tlog.Mirror, bool) { return to.mirror, to.mirror != nil && o == origin },
		Source:     func(o string) (Source, bool) { return to.src, o == origin },
		Comparable: func(o string) (Comparable, bool) { return to, o == origin },
		Grown:      func(string, *http.Request) {}}
	return inMemory(s.Handler(), budget)
}

func inMemory(h http.Handler, budget int) (*Client, func()) {
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	left := &purse{bytes: budget, open: budget == 0}
	transport := &http.Transport{DisableCompression: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case l.conns <- there:
			return &meteredConn{here, left}, nil
		case <-l.done:
			return nil, net.ErrClosed
		}
	}}
	return &Client{HTTP: &http.Client{Transport: transport}, Base: "http://peer"}, func() {
		transport.CloseIdleConnections()
		server.Close()
	}
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// contact is what a node does with one log when it meets a peer: by the roots in the peer's heads where its own tree reaches
// that far, else by the growth that the peer offers or refuses. When they disagree the checkpoints are compared.
func contact(c *Client, here, there side) (Compared, error) {
	theirs := there.Size()
	told, err := there.RootAt(theirs)
	if err != nil {
		return Compared{}, err
	}
	doubtful, err := Doubtful(here, theirs, told)
	switch {
	case err != nil:
		return Compared{}, err
	case doubtful || theirs > here.Size() && here.mirror == nil: // a writer pulls nothing of its own log
		return c.Compare(ctx, here)
	case theirs > here.Size():
		_, err = c.Pull(ctx, here.mirror, nil)
	case there.mirror != nil && theirs < here.Size():
		_, err = c.Push(ctx, here.src, nil)
	}
	var status *StatusError
	var lie *tlog.Evidence
	if errors.Is(err, tlog.ErrProof) || errors.As(err, &status) || errors.As(err, &lie) {
		return c.Compare(ctx, here)
	}
	return Compared{}, err
}

// reader draws a side that was shown a history beyond the fork.
func (h *histories) reader(t *testing.T, r *rand.Rand, fork, depth uint64) side {
	t.Helper()
	end := h.logs[fork].Size()
	size := end
	if depth+1 < end {
		size = depth + 1 + []uint64{0, 1, (end - depth - 1) / 3, (end - depth - 1) / 2, end - depth - 1}[r.IntN(5)]
	}
	switch r.IntN(4) {
	case 0:
		return h.log(t, fork)
	case 1:
		return h.mirror(t, fork, size, size+(end-size)/2)
	}
	return h.mirror(t, fork, size, 0)
}

// TestEquivocations shows two honest nodes two histories of one key, a thousand times, and lets them meet once. Each time
// both must have evidence afterwards that convicts before a stranger.
func TestEquivocations(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	found, equal, deep, own := 0, 0, 0, 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		depth := forkDepths[r.IntN(len(forkDepths))]
		a, b := h.reader(t, r, 0, depth), h.reader(t, r, depth, depth)
		if r.IntN(2) == 0 {
			a, b = b, a
		}
		c, end := meeting(t, b, 0)
		got, err := contact(c, a, b)
		end()
		convicts := func(s side) bool { e := s.Evidence(); return e != nil && e.Check(h.opt.Key) == nil }
		if err == nil && got.Evidence != nil && convicts(a) && convicts(b) {
			found++
		} else {
			t.Errorf("seed %d: fork at %d, sizes %d and %d: %v, evidence %v and %v", seed, depth, a.Size(), b.Size(), err,
				a.Evidence(), b.Evidence())
		}
		equal += count(a.Size() == b.Size())
		deep += count(depth < min(a.Size(), b.Size())/2)
		own += count(a.mirror == nil || b.mirror == nil)
		must(t, errors.Join(a.close(), b.close()))
	}
	t.Logf("%d of %d equivocations found at the first contact (%d at equal sizes, %d of deep forks, %d at the writer of a history)",
		found, rounds, equal, deep, own)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// TestHonestButMessy lets readers of one history meet as often, over lines that are cut, with copies that were restored from
// old backups, twice, and with couriers that answer at random. Nobody is ever accused.
func TestHonestButMessy(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	false0, cuts, courier := 0, 0, 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		depth := forkDepths[r.IntN(len(forkDepths))]
		a, b := h.reader(t, r, 0, depth), h.reader(t, r, 0, forkDepths[r.IntN(len(forkDepths))])
		for range 1 + r.IntN(3) {
			budget := []int{0, 300, 900, 2000, 6000}[r.IntN(5)]
			c, end := meeting(t, b, budget)
			if r.IntN(4) == 0 {
				end()
				c, end = inMemory(h.courier(t, r, depth), budget)
				courier++
			}
			_, err := contact(c, a, b)
			end()
			cuts += count(err != nil)
			a, b = b, a
		}
		for _, s := range []side{a, b} {
			if e := s.Evidence(); e != nil {
				false0++
				t.Errorf("seed %d: accused: %v", seed, e)
			}
		}
		must(t, errors.Join(a.close(), b.close()))
	}
	if cuts == 0 || courier == 0 {
		t.Errorf("%d cut, %d bad couriers: nothing was messy", cuts, courier)
	}
	t.Logf("%d false alarms in %d honest pairs (%d exchanges failed, %d with a bad courier)", false0, rounds, cuts, courier)
}

// courier answers a comparison with anything but a contradiction that the key has signed.
func (h *histories) courier(t *testing.T, r *rand.Rand, depth uint64) http.Handler {
	trunk := h.logs[0]
	small := 1 + r.Uint64N(trunkSize-1)
	root, err := trunk.RootAt(small)
	must(t, err)
	proof, err := trunk.ConsistencyProof(small, trunkSize)
	must(t, err)
	e := &tlog.Evidence{Origin: origin, Ours: h.noteAt(t, trunk, trunkSize), Theirs: h.noteAt(t, trunk, small), OurRoot: root, Proof: proof}
	bent := slices.Clone(h.noteAt(t, h.logs[depth], trunkSize))
	bent[len(bent)-8] ^= 1
	answers := []comparison{{Evidence: e}, {Evidence: &tlog.Evidence{Ours: e.Ours, Theirs: bent, OurRoot: root}},
		{Evidence: &tlog.Evidence{Ours: e.Ours, Theirs: e.Theirs, OurRoot: tlog.Hash{1}, Proof: proof}}, {Notes: [][]byte{bent}},
		{Notes: [][]byte{e.Theirs, e.Ours}}, {}}
	answer := answers[r.IntN(len(answers))]
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		io.Copy(io.Discard, q.Body)
		switch {
		case q.URL.Path != PathCompare:
			w.WriteHeader(http.StatusUnprocessableEntity)
		case r.IntN(6) == 0:
			w.Write([]byte("no comparison"))
		default:
			b, _ := json.Marshal(answer)
			w.Write(b)
		}
	})
}
