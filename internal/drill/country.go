package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"tims/internal/control"
	"tims/internal/demo/traveller"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// A Country is founded for an exercise alone, by the commands that found any country: two centres, four posts and a portal, each
// a process of this program with keys, origins, databases and ports of its own, on roads that can be cut. An outsider's witness
// is one more process, and every post and centre has a file on what stands for a second device. Its code is ZZ, which ISO 3166
// gives to nobody.
type Country struct {
	Dir   string
	Nodes []*Node

	program  func(args ...string) *exec.Cmd
	seed     uint64
	hash     string
	founding string
	keys     []string          // files of the approvers' keys
	codes    map[string]string // one-time codes by officer's label
	lines    *lines
	witness  *process
	thief    *process // runs a stolen copy, where an act starts one
	unwatch  func()   // ends the watching of flags
	policy   string   // file that names the witness
	versions versions // of a mixed country
	booths   []*booth
	windows  map[string]*booth // of the exercise itself, by post
	oracle   *oracle
}

// A Node is one process of the country and where it lies.
type Node struct {
	Name  string
	Role  roster.Role
	Place string

	dir, config    string
	people, public string // addresses
	fence          string // file on the second device, apart from dir; empty at the portal
	earlier        bool   // it runs the earlier version; in a mixed country alone
	process        *process
	control        *control.Client
}

// Names of the nodes whose part in the acts is fixed.
const (
	Capital = "centre"
	Reserve = "reserve"
	Portal  = "portal"
	Witness = "witness" // outside the country
	Thief   = "thief"   // a stolen copy of a post, while it runs
)

var plan = []struct {
	name, place, traffic string
	role                 roster.Role
	neighbours           []string
}{
	{Capital, "Tirana", "", roster.Centre, nil},
	{Reserve, "Elbasan", "", roster.Centre, nil},
	{traveller.Kakavija, "Kakavija", "road", roster.Post, []string{traveller.Durres}},
	{traveller.Durres, "Durres", "sea", roster.Post, []string{traveller.Rinas}},
	{traveller.Rinas, "Rinas", "air", roster.Post, []string{traveller.Morina}},
	{traveller.Morina, "Morina", "road", roster.Post, []string{traveller.Kakavija}},
	{Portal, "Tirana, public", "", roster.Portal, nil},
}

// found founds a country below a directory and starts it; a mixed one is founded by the earlier version, and runs it at every second node.
func found(ctx context.Context, dir string, o Options, mixed bool) (_ *Country, err error) {
	c := &Country{Dir: dir, program: o.Program, seed: o.Seed, codes: map[string]string{}, oracle: newOracle()}
	if mixed {
		c.program = o.Previous
	}
	c.witness, c.thief = &process{}, &process{journal: filepath.Join(dir, "journal", Thief+".txt")}
	c.lines = newLines(c.running)
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if err := c.make(ctx); err != nil {
		return nil, fmt.Errorf("found a country for the exercise: %w", err)
	}
	if mixed {
		c.mix(o.Program)
	}
	if err := c.witness.start(); err != nil {
		return nil, err
	}
	for _, n := range c.Nodes {
		if err := n.process.start(); err != nil {
			return nil, err
		}
	}
	if err := c.up(ctx, c.Nodes...); err != nil {
		return nil, err
	}
	c.watch()
	return c, nil
}

// make writes the plan, founds the country and configures every node.
func (c *Country) make(ctx context.Context) error {
	text := "country = \"zz\"\ntime_zone = \"Europe/Tirane\"\nparent = \"localhost\"\napprovers = [\"one\", \"two\", \"three\"]\nthreshold = 2\n"
	for _, p := range plan {
		if p.role == roster.Post {
			for _, who := range []string{officerAt(p.name), secondAt(p.name)} {
				text += fmt.Sprintf("[[officer]]\nlabel = %q\nduties = [\"booth\"]\n", who)
			}
		}
	}
	own := map[string]string{}
	for _, p := range plan {
		var err error
		if own[p.name], err = freeAddress(); err != nil {
			return err
		}
		address, err := c.lines.add(p.name, own[p.name])
		if err != nil {
			return err
		}
		text += fmt.Sprintf("[[node]]\nname = %q\nrole = %q\nplace = %q\ntraffic = %q\naddress = %q\n", p.name, p.role, p.place, p.traffic, address)
		if len(p.neighbours) > 0 {
			text += fmt.Sprintf("neighbours = [\"%s\"]\n", strings.Join(p.neighbours, `", "`))
		}
	}
	path := filepath.Join(c.Dir, "plan.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	var made struct {
		Hash     string   `json:"founding_hash"`
		Founding string   `json:"founding"`
		Handout  []string `json:"handout"`
	}
	if err := c.tims(ctx, &made, "found", "--plan", path, "--dir", filepath.Join(c.Dir, "c")); err != nil {
		return err
	}
	c.hash, c.founding = made.Hash, made.Founding
	for _, file := range made.Handout {
		if strings.HasPrefix(filepath.Base(file), "authority-") {
			c.keys = append(c.keys, file)
		}
	}
	if err := c.readCodes(filepath.Join(filepath.Dir(made.Founding), "officers.txt")); err != nil {
		return err
	}
	if err := c.makeWitness(ctx); err != nil {
		return err
	}
	for _, p := range plan {
		if err := c.configure(p.name, p.role, p.place, own[p.name]); err != nil {
			return err
		}
	}
	return nil
}

// Each post has an officer for its travellers, and one for what the exercise itself does there.
func officerAt(post string) string { return "robot-" + post }
func secondAt(post string) string  { return "second-" + post }

// readCodes reads the paper with the officers' one-time codes.
func (c *Country) readCodes(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 2 && !strings.HasPrefix(line, "#") {
			c.codes[f[0]] = f[1]
		}
	}
	return nil
}

// tims runs a command of this program as an operator does. into, if not nil, takes its JSON; a command that only found
// something wrong (exit code 1 with a JSON answer) is no error here.
func (c *Country) tims(ctx context.Context, into any, args ...string) error {
	return command(ctx, c.program, into, args...)
}

func command(ctx context.Context, program func(args ...string) *exec.Cmd, into any, args ...string) error {
	if into != nil {
		args = append(args, "--json")
	}
	cmd := program(args...)
	var out, said strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("tims %s: %w", args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		cmd.Process.Kill()
		<-ended
		return ctx.Err()
	}
	if into != nil && out.Len() > 0 {
		return json.Unmarshal([]byte(out.String()), into)
	}
	if err != nil {
		text := said.String()
		return fmt.Errorf("tims %s: %w: %s", args[0], err, strings.TrimSpace(text[:min(len(text), maxSaid)]))
	}
	return nil
}

// Node gives a node by its name.
func (c *Country) Node(name string) *Node {
	return c.Nodes[slices.IndexFunc(c.Nodes, func(n *Node) bool { return n.Name == name })]
}

func (c *Country) of(role roster.Role) (out []*Node) {
	for _, n := range c.Nodes {
		if n.Role == role {
			out = append(out, n)
		}
	}
	return out
}

// Posts are the posts of the country.
func (c *Country) Posts() []*Node { return c.of(roster.Post) }

// Centres are its centres.
func (c *Country) Centres() []*Node { return c.of(roster.Centre) }

// running gives the running nodes by process number.
func (c *Country) running() map[int]string {
	out := map[int]string{}
	for _, n := range c.Nodes {
		if pid := n.process.pid(); pid != 0 {
			out[pid] = n.Name
		}
	}
	for name, p := range map[string]*process{Witness: c.witness, Thief: c.thief} {
		if pid := p.pid(); pid != 0 {
			out[pid] = name
		}
	}
	return out
}

// health asks a node through its socket how it is. The portal has no log and no socket: it answers on its public address.
func (c *Country) health(ctx context.Context, n *Node) (node.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if n.Role == roster.Portal {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", n.public)
		if err == nil {
			conn.Close()
		}
		return node.Health{}, err
	}
	return n.control.Health(ctx)
}

// up waits until nodes answer.
func (c *Country) up(ctx context.Context, nodes ...*Node) error {
	for _, n := range nodes {
		if err := until(ctx, startWithin, n.Name+" answers", func() bool {
			_, err := c.health(ctx, n)
			return err == nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// exercise writes that the exercise begins or ends into the log of every node that can write it.
func (c *Country) exercise(ctx context.Context, begin bool, d record.DrillOpen) error {
	for _, n := range c.Nodes {
		if n.Role == roster.Portal {
			continue
		}
		if err := n.control.Exercise(ctx, begin, d); err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
	}
	return nil
}

func (c *Country) close() error {
	var ends sync.WaitGroup
	for _, p := range []*process{c.witness, c.thief} {
		ends.Go(p.stop)
	}
	for _, n := range c.Nodes {
		ends.Go(n.process.stop)
	}
	ends.Wait()
	if c.unwatch != nil {
		c.unwatch()
	}
	c.lines.close()
	return nil
}
