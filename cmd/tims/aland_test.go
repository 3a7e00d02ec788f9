package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tims/internal/control"
	"tims/internal/node"
)

// aland is a small country in a test's directory.
type aland struct {
	t       *testing.T
	dir     string // of the country
	founded foundReport
	configs map[string]string
	public  map[string]string // URLs of the public listeners
	people  map[string]string // addresses of the people's listeners
	running map[string]*exec.Cmd
	journal map[string]*bytes.Buffer
}

const alandPlan = `
country = "ax"
time_zone = "Europe/Mariehamn"
parent = "aland.example"
approvers = ["one", "two", "three"]
threshold = 2
[[officer]]
label = "K-07"
duties = ["booth"]
[[officer]]
label = "A-01"
duties = ["analyst"]
`

// foundAland founds a country of a centre and two posts, and configures each; more are nodes besides, by name and role.
func foundAland(t *testing.T, more ...[2]string) *aland {
	t.Helper()
	base := t.TempDir()
	a := &aland{t: t, dir: filepath.Join(base, "country"), configs: map[string]string{}, public: map[string]string{}, people: map[string]string{},
		running: map[string]*exec.Cmd{}, journal: map[string]*bytes.Buffer{}}
	plan := alandPlan
	peers := map[string]string{}
	nodes := [][3]string{{"centre", "centre", ""}, {"eckero", "post", "sea"}, {"airport", "post", "air"}}
	for _, m := range more {
		nodes = append(nodes, [3]string{m[0], m[1], ""})
	}
	for _, n := range nodes {
		peers[n[0]] = freeAddress(t)
		plan += fmt.Sprintf("[[node]]\nname=%q\nrole=%q\nplace=%q\ntraffic=%q\naddress=%q\n", n[0], n[1], n[0], n[2], peers[n[0]])
	}
	path := a.write("plan.toml", plan)
	a.founded = mustJSON[foundReport](t, 0, "found", "--plan", path, "--dir", a.dir)
	for _, n := range nodes {
		a.configure(n[0], n[1], peers[n[0]])
	}
	return a
}

func (a *aland) configure(name, role, peers string) {
	a.t.Helper()
	public, pages := freeAddress(a.t), ""
	if name == "airport" { // one post serves its pages with the certificate that the founding made
		pages = fmt.Sprintf("cert=%q\nkey=%q\n", filepath.Join(a.node(name), pagesCert), filepath.Join(a.node(name), pagesKey))
	}
	a.public[name], a.people[name] = "http://"+public, freeAddress(a.t)
	a.configs[name] = a.write(name+".toml", fmt.Sprintf("role=%q\ndir=%q\nfounding=%q\n[people]\nlisten=%q\n%s[peers]\nlisten=%q\n"+
		"[public]\nlisten=%q\n[periods]\nsync=\"100ms\"\nstatus=\"1s\"\n", role, filepath.Base(a.dir)+"/"+name, a.founded.Hash,
		a.people[name], pages, peers, public))
}

// write puts a file beside the country's directory.
func (a *aland) write(name, text string) string {
	a.t.Helper()
	path := filepath.Join(filepath.Dir(a.dir), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (a *aland) node(name string) string { return filepath.Join(a.dir, name) }

// launch runs a node as a process.
func (a *aland) launch(name string) {
	a.t.Helper()
	c := program("serve", "--config", a.configs[name])
	a.journal[name] = &bytes.Buffer{}
	c.Stderr = a.journal[name]
	if err := c.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.running[name] = c
	a.t.Cleanup(func() { c.Process.Kill(); c.Wait() })
}

// start launches nodes and waits until each answers.
func (a *aland) start(names ...string) {
	a.t.Helper()
	for _, name := range names {
		a.launch(name)
	}
	for _, name := range names {
		a.until(name+" answers", func() bool { _, err := a.health(name); return err == nil })
	}
}

// stop ends a node as a service manager does.
func (a *aland) stop(name string) {
	a.t.Helper()
	c := a.running[name]
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		a.t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		a.t.Errorf("%s ended with %v\n%s", name, err, a.journal[name])
	}
}

func (a *aland) health(name string) (node.Health, error) {
	ctx, cancel := context.WithTimeout(a.t.Context(), 5*time.Second)
	defer cancel()
	return control.NewClient(a.node(name)).Health(ctx)
}

// until waits for something that the nodes do by themselves.
func (a *aland) until(what string, done func() bool) {
	a.t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			for name, j := range a.journal {
				a.t.Logf("%s:\n%s", name, j)
			}
			a.t.Fatalf("%s: not within 30 s", what)
		}
	}
}

// whole says whether a centre holds all that it knows of the posts, at least n records of each.
func (a *aland) whole(n uint64, posts ...string) func() bool {
	return func() bool {
		h, err := a.health("centre")
		if err != nil {
			return false
		}
		for _, post := range posts {
			found := false
			for _, p := range h.Peers {
				found = found || p.Node == post && p.Held >= n && p.Held == p.Size
			}
			if !found {
				return false
			}
		}
		return true
	}
}

// authority are the flags with so many of the approvers' keys.
func (a *aland) authority(n int) []string {
	var flags []string
	for _, path := range a.founded.Handout {
		if strings.Contains(path, "authority-") && n > 0 {
			flags = append(flags, "--authority", path)
			n--
		}
	}
	return flags
}
