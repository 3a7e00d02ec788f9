package drill

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"tims/internal/control"
	"tims/internal/roster"
)

// configure gives a node of the plan its addresses, its file on the second device and its configuration.
func (c *Country) configure(name string, role roster.Role, place, peers string) error {
	people, err := freeAddress()
	if err != nil {
		return err
	}
	public, err := freeAddress()
	if err != nil {
		return err
	}
	n := &Node{Name: name, Role: role, Place: place, dir: filepath.Join(c.Dir, "c", name), config: filepath.Join(c.Dir, name+".toml"),
		people: people, public: public}
	if role != roster.Portal {
		n.fence = filepath.Join(c.Dir, "second-devices", name)
		if err := os.MkdirAll(filepath.Dir(n.fence), 0o700); err != nil {
			return err
		}
	}
	if err := c.writeConfig(n, n.config, n.dir, n.fence, people, peers, public); err != nil {
		return err
	}
	n.control = control.NewClient(n.dir)
	n.process = &process{journal: filepath.Join(c.Dir, "journal", name+".txt"),
		command: func() *exec.Cmd { return c.program("serve", "--config", n.config) }}
	c.Nodes = append(c.Nodes, n)
	return nil
}

// writeConfig writes what `tims serve` reads for a node, in its own directory or in another's hands.
func (c *Country) writeConfig(n *Node, path, dir, fence, people, peers, public string) error {
	text := fmt.Sprintf("role = %q\ndir = %q\nfounding = %q\n", n.Role, dir, c.hash)
	if fence != "" {
		text += fmt.Sprintf("fence = %q\n", fence)
	}
	text += fmt.Sprintf("[people]\nlisten = %q\n[peers]\nlisten = %q\n[public]\nlisten = %q\n", people, peers, public)
	if n.Role != roster.Portal {
		text += fmt.Sprintf("[witness]\npolicy = %q\n[periods]\nsync = %q\nstatus = %q\n", c.policy, syncEvery, statusEvery)
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

// drawn are the ports that this process gave away: one that is not listened at yet must not go to a second node.
var drawn sync.Map

// freeAddress draws a port at which nobody listens now, below those that systems give to outgoing connections: one of these would
// take it while a node is down.
func freeAddress() (string, error) {
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		if _, given := drawn.LoadOrStore(port, true); given {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", errors.New("no free port between 10000 and 30000")
}
