package node_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/witness"
)

// Words of scripts about how safe records are, and about neighbours:
//
//	flags POST                   what the booth sees of its last act now
//	safe NAME                    how far the node's own log is mirrored; at a centre also the others'
//	witness NODE POST POST       a court's witness, which the first node asks and whose key all of them know; they start again
//	policy NAME                  the policy of mirrors in its directory, without keys
//	neighbours POST OTHER|none   a change of the roster makes a post the neighbour of another, or of none
func init() {
	teach("flags", func(d *drill, a []string) ([]string, error) { return d.flagsOf(a[0]) })
	teach("safe", func(d *drill, a []string) ([]string, error) { return d.safe(a[0]) })
	teach("neighbours", func(d *drill, a []string) ([]string, error) {
		return nil, d.nextTo(a[0], strings.Fields(strings.ReplaceAll(strings.Replace(a[1], "none", "", 1), ",", " ")))
	})
	teach("witness", func(d *drill, a []string) ([]string, error) { return nil, d.witness(a) })
	teach("policy", func(d *drill, a []string) ([]string, error) { return d.policy(a[0]) })
}

func (c *country) flagsOf(post string) ([]string, error) {
	var last *passing
	for _, x := range c.acts {
		if x.post == post {
			last = x
		}
	}
	if last == nil {
		return nil, fmt.Errorf("nobody has crossed at %s", post)
	}
	r, err := c.nodes[post].ReceiptOf(last.receipt.Ref.Index)
	if err != nil {
		return nil, err
	}
	f := r.Flags
	out := fmt.Sprintf("local %v, mirrored %v", f.Local, f.Mirrored)
	if f.Short {
		out += " (fewer than two other places have a mirror)"
	}
	if f.ByPolicy {
		out += fmt.Sprintf(", witnessed %v", f.Witnessed)
	}
	return []string{out + "; held at " + strings.Join(append(f.Mirrors, f.Witnesses...), " ")}, nil
}

func (c *country) safe(name string) ([]string, error) {
	h, err := c.nodes[name].Health(context.Background())
	if err != nil {
		return nil, err
	}
	tell := func(whose string, s node.Safety) string {
		switch {
		case s.Short:
			return whose + ": cannot be mirrored yet"
		case s.Mirrored == s.Size:
			return whose + ": wholly mirrored"
		case s.Waiting == 0:
			return fmt.Sprintf("%s: %d not mirrored", whose, s.Size-s.Mirrored)
		}
		return fmt.Sprintf("%s: %d not mirrored, the oldest for %s", whose, s.Size-s.Mirrored, within(time.Hour, s.Waiting))
	}
	out := []string{tell("own log", h.Safety)}
	for _, p := range h.Peers {
		if h.Role == roster.Centre && p.Role != roster.Portal {
			out = append(out, tell(p.Node, p.Safety))
		}
	}
	return out, nil
}

// nextTo changes the neighbours of a post by an approved change of the roster, which the first node that runs learns.
func (c *country) nextTo(post string, neighbours []string) error {
	changes, err := node.SetNeighbours(c.founded.Founding, c.changes, post, neighbours, time.Now(), c.approve)
	if err != nil {
		return err
	}
	c.changes = changes
	_, err = c.running()[0].Learn(context.Background(), changes)
	return err
}

// policy shows the policy of mirrors in a node's directory without its keys and comments.
func (c *country) policy(name string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(c.path(name), "mirrored.policy"))
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		switch f[0] {
		case "#":
			continue
		case "witness":
			f = f[:2]
		case "log":
			f = []string{"log", strings.Split(f[1], "+")[0]}
		}
		out = append(out, strings.Join(f, " "))
	}
	return out, nil
}

// witness starts a real witness outside all nodes. Only the first node has a road to it.
func (c *country) witness(nodes []string) error {
	skey, vkey, err := note.GenerateKey(rand.Reader, "court.example/w1")
	if err != nil {
		return err
	}
	signer, err := cosign.NewSignerForCosignatureV1(skey)
	if err != nil {
		return err
	}
	if vkey, err = cosign.VKeyToCosignatureV1(vkey); err != nil {
		return err
	}
	w, err := witness.Open(witness.Options{Dir: filepath.Join(c.t.TempDir(), "court"), Signer: signer, Key: vkey,
		Countries: []roster.Founding{c.founded.Founding}})
	if err != nil {
		return err
	}
	l := c.wire.listen("court", "court:1")
	served := make(chan struct{})
	server := &http.Server{Handler: w.Handler()}
	go func() { defer close(served); server.Serve(l) }()
	c.t.Cleanup(func() {
		server.Close()
		<-served
		if err := w.Close(); err != nil {
			c.t.Error(err)
		}
	})
	for i, name := range nodes {
		if name == "" {
			continue
		}
		url := ""
		if i == 0 {
			url = " http://court:1"
		}
		c.halt(name)
		policy := fmt.Sprintf("witness court %s%s\nquorum court\n", vkey, url)
		if err := os.WriteFile(filepath.Join(c.path(name), "witnessed.policy"), []byte(policy), 0o600); err != nil {
			return err
		}
		c.start(name)
	}
	return nil
}
