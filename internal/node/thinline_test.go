package node_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/demo/traveller"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// A thin line carries 1 Mbit/s in each direction. 30,000 crossings in ten minutes have 2,500 bytes each on it, Ethernet, TCP and TLS
// included.
const (
	thinRate    = 1_000_000
	thinBudget  = thinRate / 8 * 600 / 30_000
	thinCentre  = "10.77.0.1:7443"
	thinMachine = "TIMS_THIN_MACHINE" // which of the two machines this process is
)

// TestThinLine brings the crossings of a post, without images, to its centre over a line of 1 Mbit/s. Post and centre are processes
// with networks of their own; a virtual cable joins them, whose ends send no faster (`tc tbf`). Each crossing has its check, a zone as
// read, and the signature of its booth, in a country of four posts. TIMS_THIN_CROSSINGS=30000 runs all of the ten minutes.
func TestThinLine(t *testing.T) {
	switch {
	case os.Getenv(thinMachine) == "post":
		thinPost(t)
	case os.Getenv(thinMachine) == "centre":
		serveThinCentre(t)
	case os.Getenv("TIMS_CHAOS") != "1":
		t.Log("left out: a push over a line of 1 Mbit/s (`make chaos` runs it)")
	default:
		dir := t.TempDir()
		crossings := 3000
		if s := os.Getenv("TIMS_THIN_CROSSINGS"); s != "" {
			var err error
			if crossings, err = strconv.Atoi(s); err != nil {
				t.Fatal(err)
			}
		}
		writeThinPost(t, dir, crossings)
		out, err := thinProcess(t, "post", dir, "TIMS_THIN_CROSSINGS="+strconv.Itoa(crossings)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%s", out)
	}
}

// thinProcess is this program as one of the machines, in a network of its own.
func thinProcess(t *testing.T, machine, dir string, more ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "-test.run", "^TestThinLine$", "-test.v")
	c.Dir = dir
	c.Env = append(append(os.Environ(), thinMachine+"="+machine), more...)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	return c
}

// thinMust ends a machine that cannot go on.
func thinMust(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func network(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// slowEnd lets an end of the cable send no faster than the line, and queue what a small router queues.
func slowEnd(t *testing.T, end, address string) {
	t.Helper()
	network(t, "ip", "address", "add", address, "dev", end)
	network(t, "tc", "qdisc", "add", "dev", end, "root", "tbf", "rate", strconv.Itoa(thinRate)+"bit", "burst", "5kb", "limit", "64kb")
	network(t, "ip", "link", "set", end, "up")
}

// writeThinPost founds the country and lets travellers cross at one post whose line is down.
func writeThinPost(t *testing.T, dir string, crossings int) {
	t.Helper()
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes:    []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana", Address: thinCentre}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}}
	for _, p := range benchPosts {
		plan.Nodes = append(plan.Nodes, node.PlannedNode{Name: p, Role: roster.Post, Place: p, Traffic: "road"})
	}
	_, err := node.Found(dir, plan)
	thinMust(t, err)
	n, err := node.Open(node.Options{Dir: filepath.Join(dir, "kakavija"), Version: "test", SyncEvery: time.Hour,
		Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("the line is down") }})
	thinMust(t, err)
	source, err := traveller.New(7, traveller.Options{Start: time.Now(), Location: time.UTC, NoFaults: true})
	thinMust(t, err)
	people := make(chan thinTraveller)
	var booths sync.WaitGroup
	for range 32 {
		booths.Go(func() {
			if err := thinBooth(n, people); err != nil {
				t.Error(err)
				for range people {
				}
			}
		})
	}
	for made := 0; made < crossings; {
		party := source.Next(time.Now(), source.Post())
		for _, p := range party.Travellers[:min(len(party.Travellers), crossings-made)] {
			people <- thinTraveller{party.Direction, border.ReadZone(p.Zone, n.Today())}
			made++
		}
	}
	close(people)
	booths.Wait()
	thinMust(t, n.Close())
	if t.Failed() {
		t.FailNow()
	}
}

type thinTraveller struct {
	border.Direction
	border.Document
}

// thinBooth checks and admits people under a shift of its own, each signed by the booth's key.
func thinBooth(n *node.Node, people <-chan thinTraveller) error {
	ctx := context.Background()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return err
	}
	s, err := n.StartShift(ctx, n.State().Roster.Officers[0], "K1", public)
	if err != nil {
		return err
	}
	for p := range people {
		v, err := n.Scan(ctx, node.Scan{Act: act(), Shift: s, Direction: p.Direction, Document: p.Document})
		if err != nil {
			return err
		}
		decide, err := n.Prepare(ctx, node.Decision{Act: act(), Shift: s, Check: v.Ref.Index, Decision: border.Admit})
		if err != nil {
			return err
		}
		h := sha256.Sum256(decide.Message)
		r, q, err := ecdsa.Sign(rand.Reader, key, h[:])
		if err != nil {
			return err
		}
		signature := make([]byte, record.BoothSignatureSize)
		r.FillBytes(signature[:32])
		q.FillBytes(signature[32:])
		if _, err := n.Commit(ctx, decide.Act, signature); err != nil {
			return err
		}
	}
	return n.EndShift(ctx, s)
}

// serveThinCentre is the centre's machine. It says when it listens, and when it holds and has signed as many records as it is told.
func serveThinCentre(t *testing.T) {
	in := bufio.NewScanner(os.Stdin)
	in.Scan() // the cable is there
	slowEnd(t, "centre0", "10.77.0.1/30")
	n, err := node.Open(node.Options{Dir: "centre", Version: "test"})
	thinMust(t, err)
	l, err := net.Listen("tcp", thinCentre)
	thinMust(t, err)
	secure, err := n.PeerListener(l)
	thinMust(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- n.ServePeers(ctx, secure) }()
	fmt.Println("listening")
	in.Scan()
	size, err := strconv.ParseUint(in.Text(), 10, 64)
	thinMust(t, err)
	for held := uint64(0); held < size; time.Sleep(50 * time.Millisecond) {
		h, err := n.Health(ctx)
		thinMust(t, err)
		for _, p := range h.Peers {
			if p.Node == "kakavija" {
				held = p.Held
			}
		}
	}
	fmt.Println("whole")
	cancel()
	thinMust(t, errors.Join(<-served, n.Close()))
}

// thinPost is the post's machine. It makes cable and centre, and measures.
func thinPost(t *testing.T) {
	crossings, err := strconv.Atoi(os.Getenv("TIMS_THIN_CROSSINGS"))
	thinMust(t, err)
	centre := thinProcess(t, "centre", ".")
	centre.Stderr = os.Stderr
	tell, err := centre.StdinPipe()
	thinMust(t, err)
	out, err := centre.StdoutPipe()
	thinMust(t, err)
	says := bufio.NewScanner(out)
	await := func(word string) {
		for says.Scan() {
			if says.Text() == word {
				return
			}
			t.Log("centre: ", says.Text())
		}
		t.Fatalf("the centre ended before it was %s", word)
	}
	thinMust(t, centre.Start())
	network(t, "ip", "link", "add", "name", "post0", "type", "veth", "peer", "name", "centre0")
	network(t, "ip", "link", "set", "centre0", "netns", strconv.Itoa(centre.Process.Pid))
	slowEnd(t, "post0", "10.77.0.2/30")
	fmt.Fprintln(tell)
	await("listening")
	n, err := node.Open(node.Options{Dir: "kakavija", Version: "test"})
	thinMust(t, err)
	began := time.Now()
	fmt.Fprintln(tell, 2*crossings)
	await("whole")
	took := time.Since(began)
	received, sent := carried(t, "post0")
	_, err = io.Copy(io.Discard, out)
	thinMust(t, errors.Join(err, centre.Wait(), n.Close()))
	each := sent / crossings
	t.Logf("%d crossings with their checks in %.1f s: %.1f a second, %d bytes up and %d down for each; 30,000 take %.1f minutes",
		crossings, took.Seconds(), float64(crossings)/took.Seconds(), each, received/crossings, took.Minutes()*30_000/float64(crossings))
	if each > thinBudget {
		t.Errorf("a crossing puts %d bytes on the line, which has %d for it", each, thinBudget)
	}
}

// carried is what an end of the cable has received and sent, Ethernet included.
func carried(t *testing.T, end string) (received, sent int) {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/net/dev")
	thinMust(t, err)
	for line := range strings.Lines(string(raw)) {
		if name, numbers, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == end {
			f := strings.Fields(numbers)
			received, err1 := strconv.Atoi(f[0])
			sent, err2 := strconv.Atoi(f[8])
			thinMust(t, errors.Join(err1, err2))
			return received, sent
		}
	}
	t.Fatal("the cable is gone")
	return 0, 0
}
