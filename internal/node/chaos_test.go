package node_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"tims/internal/roster"
)

// TestSimulations runs the scripts of testdata/simulations: short countries in which exactly that happens which a fault in the
// product would betray itself by. The positive controls run them.
func TestSimulations(t *testing.T) {
	scripts, err := filepath.Glob("testdata/simulations/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no simulations", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				d := &drill{t: t}
				for line := range strings.Lines(string(text)) {
					if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
						continue
					}
					_, err := d.step(strings.Fields(line))
					if err == nil {
						err = d.standing()
					}
					if err != nil {
						t.Fatalf("%s: %v", line, err)
					}
				}
			})
		})
	}
}

// How large a simulation is: so many steps from the seed, then healing and the account. Each fourth country is a whole one with two
// centres and three posts; the others have a centre and two posts, and are quick: most faults need no more, and many seeds find more
// than large countries.
const (
	chaosSteps = 20
	shortSteps = 12
	wholeEach  = 4
)

// Seeds of a run: a handful by default, 200 where nothing may be left out, and as many as TIMS_SEEDS says.
func chaosSeeds(t *testing.T) (first, n uint64) {
	first, n = 1, 6
	if os.Getenv("TIMS_REQUIRE_ALL") != "" {
		n = 200
	}
	for name, into := range map[string]*uint64{"TIMS_SEEDS": &n, "TIMS_FIRST_SEED": &first} {
		if v := os.Getenv(name); v != "" {
			var err error
			if *into, err = strconv.ParseUint(v, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
	}
	return first, n
}

// TestChaos simulates countries under mixed faults, one for each seed. Seeds are divided among processes of one thread each:
// with one thread, and with the process's own source of chance in place of the system's, a seed replays as far as Go lets it.
// docs/design/simulation.md says how far that is.
func TestChaos(t *testing.T) {
	if os.Getenv("TIMS_CHAOS_SHARE") != "" {
		chaosShare(t)
		return
	}
	first, n := chaosSeeds(t)
	shares := min(uint64(runtime.NumCPU()), n)
	scripts := t.TempDir()
	var mu sync.Mutex
	injected := map[string]int{}
	var children sync.WaitGroup
	for share := range shares {
		children.Go(func() {
			c := exec.Command(os.Args[0], "-test.run=^TestChaos$", "-test.timeout=0")
			c.Env = append(os.Environ(), "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1", "TMPDIR="+inMemory(),
				fmt.Sprintf("TIMS_CHAOS_SHARE=%d %d %d %s", first+share, shares, first+n, scripts))
			out, err := c.CombinedOutput()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("share %d: %v\n%s", share, err, out)
			}
			for line := range strings.Lines(string(out)) {
				var tally map[string]int
				if text, ok := strings.CutPrefix(line, "injected "); ok && json.Unmarshal([]byte(text), &tally) == nil {
					for fault, times := range tally {
						injected[fault] += times
					}
				}
			}
		})
	}
	children.Wait()
	reportFailures(t, scripts)
	for _, fault := range slices.Sorted(maps.Keys(injected)) {
		t.Logf("%8d %s", injected[fault], fault)
	}
	if n >= enoughSeeds && !t.Failed() {
		for _, fault := range everyFault {
			if injected[fault] == 0 {
				t.Errorf("no simulation injected any of: %s", fault)
			}
		}
	}
}

// A run of so many seeds has to have injected every fault.
const enoughSeeds = 100

var everyFault = []string{"crossings", "unanswered", "repeats", "repeats of acknowledged", "repeats of what stood unheard", "releases", "messages",
	"power amid operations", "kill amid operations", "writes that a power cut took", "operations that found the disk full", "syncs that failed",
	"cut", "flaps", "felt the weather mute", "felt the weather lossy", "felt the weather slow", "felt the weather double", "clocks set",
	"wiped posts", "wiped centres", "replace", "delete-projection", "halt", "strangers refused", "requests with a changed bit"}

// inMemory is a directory for files whose loss nothing here depends on: disks that fail are simulated, and a real one that
// syncs takes most of the time.
func inMemory() string {
	const shared = "/dev/shm"
	if probe, err := os.MkdirTemp(shared, "tims"); err == nil && os.Remove(probe) == nil {
		return shared
	}
	return os.TempDir()
}

// reportFailures prints the script of each seed that failed, which a file of the drills can take as it is.
func reportFailures(t *testing.T, scripts string) {
	failed, err := filepath.Glob(filepath.Join(scripts, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range failed {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		seed := strings.TrimSuffix(filepath.Base(path), ".txt")
		t.Errorf("seed %s failed; TIMS_FIRST_SEED=%s TIMS_SEEDS=1 go test -run TestChaos ./internal/node replays it:\n%s", seed, seed, b)
	}
}

// chaosShare runs one process's seeds. The script of a seed lies in a file until the seed is through.
func chaosShare(t *testing.T) {
	var at, step, end uint64
	var scripts string
	if _, err := fmt.Sscanf(os.Getenv("TIMS_CHAOS_SHARE"), "%d %d %d %s", &at, &step, &end, &scripts); err != nil {
		t.Fatal(err)
	}
	injected := map[string]int{}
	for ; at < end; at += step {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			cryptotest.SetGlobalRandom(t, at)
			script := filepath.Join(scripts, fmt.Sprintf("%d.txt", at))
			synctest.Test(t, func(t *testing.T) { chaos(t, at, script, injected) })
			if !t.Failed() {
				if err := os.Remove(script); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	b, err := json.Marshal(injected)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("injected %s\n", b)
}

// describe says what each node shows of itself when a simulation fails.
func (d *drill) describe(w io.Writer) {
	for _, r := range d.running() {
		h, err := r.Health(context.Background())
		if err != nil {
			fmt.Fprintf(w, "# %s: %v\n", r.Name(), err)
			continue
		}
		fmt.Fprintf(w, "# %s: roster %d\n", r.Name(), r.State().Number(roster.ChainRoster))
		for _, p := range h.Peers {
			fmt.Fprintf(w, "#   %s: in touch %s, %d of %d held, %s %s\n", p.Node, within(time.Hour, p.LastSeen), p.Held, p.Size, p.Frozen, p.Error)
		}
	}
}

// chaos simulates one seed.
func chaos(t *testing.T, seed uint64, script string, injected map[string]int) {
	f, err := os.Create(script)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := &drill{t: t}
	words := map[string]int{}
	do := func(line string) {
		fmt.Fprintln(f, line)
		fields := strings.Fields(line)
		words[fields[0]]++
		answer, err := d.step(fields)
		if err == nil {
			err = d.standing()
		}
		for _, a := range answer {
			fmt.Fprintln(f, answerIndent+a)
		}
		if err != nil {
			fmt.Fprintf(f, "# %v\n", err)
			d.describe(f)
			t.Fatalf("seed %d, %s: %v", seed, line, err)
		}
	}
	nodes, steps := "centre kakavija durres", shortSteps
	if seed%wholeEach == 0 {
		nodes, steps = "centre centre2 kakavija durres morina", chaosSteps
	}
	do(fmt.Sprintf("simulate %d %s", seed, nodes))
	p := newPlanner(d, rand.New(rand.NewPCG(seed, 1<<32)))
	for range steps {
		do(p.next())
	}
	for _, line := range p.healing() {
		do(line)
	}
	for fault, n := range d.injected() {
		injected[fault] += n
	}
	for _, word := range []string{"cut", "halt", "replace", "delete-projection"} {
		injected[word] += words[word]
	}
}
