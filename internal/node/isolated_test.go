package node_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tims/internal/border"
	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A post that is isolated from the centres takes nothing that a centre wrote from anybody: not from the centre's own key, which may
// hand changes to every other post, and not from a neighbour that pushes what it should leave to be pulled.
func TestIsolatedPostTakesNothingOfACentre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija~durres", "durres")
		c.settle()
		post, change := c.nodes["kakavija"], c.approvedDrop("durres")
		c.must(post.Isolate(context.Background(), "A. Hoxha", "order 17"))
		centre, neighbour := c.caller(c.path("centre")+"/keys", "kakavija"), c.caller(c.path("durres")+"/keys", "kakavija")
		ring, err := keyring.Open(c.path("centre") + "/keys")
		c.must(err)
		origin := roster.Origin("al", "centre", 1)
		epoch := record.Marshal(roster.SignEpoch(roster.Epoch{Number: 2, Origin: roster.Origin("al", "centre", 2), LogKey: "x", MirrorKey: "y"},
			ring.Identity()))
		blob := sha256.Sum256(nil)
		for _, call := range []struct {
			from       *http.Client
			path, body string
			want       int
		}{
			{neighbour, "/epoch", string(epoch), http.StatusServiceUnavailable},
			{neighbour, "/add-checkpoint", string(c.pulled("durres", "centre", origin)), http.StatusNotFound},
			{neighbour, "/add-parts?origin=" + origin, "", http.StatusNotFound},
			{neighbour, fmt.Sprintf("/add-blob?origin=%s&hash=%x", origin, blob), "", http.StatusNotFound},
			{neighbour, "/add-checkpoint", string(c.pulled("kakavija", "durres", roster.Origin("al", "durres", 1))), http.StatusOK},
			{centre, "/changes", change, http.StatusServiceUnavailable},
		} {
			if got := status(call.from, "POST", call.path, call.body); got != call.want {
				t.Errorf("%s: status %d, want %d", call.path, got, call.want)
			}
		}
		if n := post.State().Number(roster.ChainRoster); n != 0 {
			t.Errorf("%d changes in force", n)
		}
	})
}

// A centre that is switched off takes no change of a stranger either, and after it has said so in its record it speaks with nobody,
// not even to end what was under way.
func TestIsolationBeginsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija", "durres")
		c.must(c.cross("kakavija", 1, border.Entry))
		c.settle()
		time.Sleep(drillSync / 2) // nothing is due
		centre, change := c.nodes["centre"], c.approvedDrop("durres")
		c.must(c.nodes["kakavija"].Isolate(context.Background(), "A. Hoxha", "order 17"))
		time.Sleep(drillSync / 10)
		if got, err := (&drill{country: c, t: t}).aloneStep([]string{"centre", "kakavija"}); err != nil || got[0] != "not isolated" {
			t.Errorf("the centre was told by the post itself: %v, %v", got, err)
		}
		c.must(centre.Isolate(context.Background(), "A. Hoxha", "order 17"))
		keys := filepath.Join(t.TempDir(), "keys")
		_, err := keyring.Create(keys, "al", "stranger", 1)
		c.must(err)
		if got := status(c.caller(keys, "centre"), "POST", "/changes", change); got != http.StatusServiceUnavailable {
			t.Errorf("a stranger's change: status %d", got)
		}
		if n := centre.State().Number(roster.ChainRoster); n != 0 {
			t.Errorf("%d changes in force", n)
		}
	})
}

// A peer whose copy ends before what it had signed proves nothing about what came after: every later history begins so.
func TestRejoinNeedsWhatWasSigned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija", "durres")
		d := &drill{country: c, t: t}
		_, err := d.step(strings.Fields("release centre sdn 2"))
		c.must(err)
		c.settle()
		early, err := tlog.DecodeAddCheckpoint(strings.NewReader(string(c.pulled("durres", "centre", roster.Origin("al", "centre", 1)))))
		c.must(err)
		_, err = d.step(strings.Fields("release centre sdn 3"))
		c.must(err)
		c.settle()
		centre := c.nodes["centre"]
		c.must(centre.Isolate(context.Background(), "A. Hoxha", "order 17"))
		c.wire.sever("kakavija")
		c.halt("durres")
		done := make(chan error, 1)
		go func() {
			_, err := centre.Rejoin(context.Background(), "A. Hoxha", "order 18", 3*time.Minute)
			done <- err
		}()
		time.Sleep(time.Minute)
		if got := status(c.caller(c.path("durres")+"/keys", "centre"), "POST", "/agree", string(early.Checkpoint)); got != http.StatusOK {
			t.Errorf("status %d", got)
		}
		if err := <-done; !errors.Is(err, node.ErrNotProven) {
			t.Errorf("proven by a copy that ends before what it signed: %v", err)
		}
	})
}

// pulled is what a node pushes of a log to whoever holds nothing of it, as a peer gets it.
func (c *country) pulled(as, from, origin string) []byte {
	resp, err := c.caller(c.path(as)+"/keys", from).Get("https://peer/pull/checkpoint?old=0&origin=" + origin)
	c.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	c.must(err)
	return b
}

// approvedDrop is an approved change, as it travels, by which a node is dropped.
func (c *country) approvedDrop(name string) string {
	s := c.nodes["centre"].State()
	next := s.Roster
	next.Nodes = slices.Clone(next.Nodes)
	i := slices.IndexFunc(next.Nodes, func(n roster.Node) bool { return n.Name == name })
	next.Nodes[i].Dropped = true
	change := s.Next(roster.ChainRoster, record.Marshal(next), time.Now().Add(time.Hour).UnixMilli())
	approvals, err := c.approve(change)
	c.must(err)
	return string(roster.AppendChange(nil, roster.Approved{Change: change, Approvals: approvals}))
}
