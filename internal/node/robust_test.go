package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// drillCountry runs fn in a country under fake time and holds the invariants at the end.
func drillCountry(t *testing.T, fn func(c *country)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija", "durres")
		fn(c)
		c.must(c.invariants())
	})
}

func (c *country) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// caller is a program that speaks to a node's peers' listener with a key ring that it has got hold of.
func (c *country) caller(keys, to string) *http.Client {
	c.t.Helper()
	ring, err := keyring.Open(keys)
	c.must(err)
	return c.callerAt(ring.Node(), keys, to)
}

// callerAt is a caller at another place of the network than the node whose keys he holds.
func (c *country) callerAt(at, keys, to string) *http.Client {
	c.t.Helper()
	ring, err := keyring.Open(keys)
	c.must(err)
	cert, err := ring.Certificate(time.Now())
	c.must(err)
	dial := c.wire.dialer(at)
	transport := &http.Transport{MaxConnsPerHost: 1, DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := dial(ctx, network, to+":1")
		if err != nil {
			return nil, err
		}
		return tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
			InsecureSkipVerify: true}), nil // the test calls a node that it has started itself
	}}
	c.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// status asks and gives the answer's status, 0 where the node would not speak at all.
func status(client *http.Client, method, path, body string) int {
	req, err := http.NewRequest(method, "https://peer"+path, strings.NewReader(body))
	if err != nil {
		return -1
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func TestUnknownPeerIsRefused(t *testing.T) {
	drillCountry(t, func(c *country) {
		for _, name := range []string{"stranger", "durres"} { // a name of the roster helps nobody who lacks its key
			keys := filepath.Join(c.t.TempDir(), "keys")
			_, err := keyring.Create(keys, "al", name, 1)
			c.must(err)
			if got := status(c.caller(keys, "centre"), "GET", "/heads", ""); got != http.StatusForbidden {
				c.t.Errorf("%s, unknown key: status %d", name, got)
			}
		}
		if got := status(c.caller(c.path("durres")+"/keys", "centre"), "GET", "/heads", ""); got != http.StatusOK {
			c.t.Errorf("a node of the roster: status %d", got)
		}
	})
}

// A node that is dropped is out at once, also on a connection that it had before.
func TestDroppedNodeIsOutAtOnce(t *testing.T) {
	drillCountry(t, func(c *country) {
		before := c.caller(c.path("durres")+"/keys", "centre")
		if got := status(before, "GET", "/heads", ""); got != http.StatusOK {
			c.t.Fatalf("status %d", got)
		}
		c.must((&drill{country: c, t: c.t}).drop("durres"))
		if got := status(before, "GET", "/heads", ""); got != http.StatusForbidden {
			c.t.Errorf("on the old connection: status %d", got)
		}
		if got := status(c.caller(c.path("durres")+"/keys", "centre"), "GET", "/heads", ""); got != http.StatusForbidden {
			c.t.Errorf("on a new connection: status %d", got)
		}
		if got := status(c.caller(c.path("durres")+"/keys", "kakavija"), "GET", "/pull/checkpoint", ""); got != http.StatusForbidden {
			c.t.Errorf("at a neighbour: status %d", got)
		}
	})
}

// A stranger may hand over approved changes, which count by their approvals and by nothing else.
func TestChangesOfAStranger(t *testing.T) {
	drillCountry(t, func(c *country) {
		keys := filepath.Join(c.t.TempDir(), "keys")
		_, err := keyring.Create(keys, "al", "stranger", 1)
		c.must(err)
		client, centre := c.caller(keys, "centre"), c.nodes["centre"]
		next := centre.State().Roster
		next.Nodes = slices.Clone(next.Nodes)
		next.Nodes[1].Dropped = true
		change := centre.State().Next(roster.ChainRoster, record.Marshal(next), time.Now().Add(time.Hour).UnixMilli())
		_, forger, err := ed25519.GenerateKey(nil)
		c.must(err)
		post := func(approvals ...roster.Approval) int {
			return status(client, "POST", "/changes", string(roster.AppendChange(nil, roster.Approved{Change: change, Approvals: approvals})))
		}
		for what, got := range map[string]int{
			"no approval":            post(),
			"an approval by himself": post(roster.Approve(change, "director", forger)),
			"one of another change": post(roster.Approve(roster.Change{Chain: roster.ChainRoster}, "director",
				c.founded.Approvers["director"])),
			"a change without end": status(client, "POST", "/changes", "\xff\xff\xff\xff"),
		} {
			if got != http.StatusUnprocessableEntity || centre.State().Number(roster.ChainRoster) != 0 {
				c.t.Errorf("%s: status %d", what, got)
			}
		}
		approvals, err := c.approve(change)
		c.must(err)
		if got := post(approvals...); got != http.StatusOK || centre.State().Number(roster.ChainRoster) != 1 {
			c.t.Errorf("an approved change: status %d", got)
		}
	})
}

// An approved rulebook that this version cannot read is refused whole, and the node starts again after it.
func TestRulebookThatCannotBeRead(t *testing.T) {
	drillCountry(t, func(c *country) {
		n := c.nodes["kakavija"]
		change := n.State().Next(roster.ChainRulebook, []byte(`{"version": 99}`), time.Now().Add(time.Hour).UnixMilli())
		approvals, err := c.approve(change)
		c.must(err)
		if _, err := n.Learn(context.Background(), []roster.Approved{{Change: change, Approvals: approvals}}); err == nil {
			c.t.Error("it was taken")
		}
		c.halt("kakavija")
		c.start("kakavija")
		c.must(c.cross("kakavija", 1, border.Entry))
	})
}

// A post knows of another post's travellers what stays need, and no name.
func TestPostCannotReadAnotherPostsPersons(t *testing.T) {
	drillCountry(t, func(c *country) {
		c.must(c.cross("kakavija", 3, border.Entry))
		c.settle()
		d := &drill{country: c, t: c.t}
		for _, x := range c.acts {
			at, err := c.nodes["durres"].Read(x.receipt.Ref)
			c.must(err)
			if at.Slip == nil || at.Person != nil || at.Police != nil {
				c.t.Fatalf("durres opens slip %v, person %v, police %v", at.Slip != nil, at.Person != nil, at.Police != nil)
			}
			at, err = c.nodes["centre"].Read(x.receipt.Ref)
			c.must(err)
			if at.Slip == nil || at.Person == nil || at.Police == nil {
				c.t.Fatal("the centre cannot open what it is a reader of")
			}
		}
		found, err := d.step([]string{"search", "durres", "1"})
		if err != nil || found[0] != "0 records" {
			c.t.Errorf("a search at durres: %v, %v", found, err)
		}
		files, err := c.logs("durres")
		c.must(err)
		for _, f := range files {
			if f.Origin() == c.acts[0].receipt.Ref.Origin {
				if _, err := f.Part(c.acts[0].receipt.Ref.Index, uint8(record.Person)); !errors.Is(err, tlog.ErrNotHere) {
					c.t.Errorf("the sealed person part lies at durres: %v", err)
				}
			}
			c.must(f.close())
		}
	})
}

// Whoever holds the centre, keys and all, and calls a post, cannot make it forget or take what it did not ask for.
func TestCapturedCentreCannotHarmAPost(t *testing.T) {
	drillCountry(t, func(c *country) {
		c.must(c.cross("kakavija", 5, border.Entry))
		c.settle()
		ring, err := keyring.Open(c.path("centre") + "/keys")
		c.must(err)
		client := c.caller(c.path("centre")+"/keys", "kakavija")
		own := c.nodes["kakavija"].Origin()
		epoch := string(record.Marshal(roster.SignEpoch(roster.Epoch{Number: 2, Origin: roster.Origin("al", "kakavija", 2),
			LogKey: "x", MirrorKey: "y"}, ring.Identity())))
		empty := "old 0\n\n" + own + "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— " + own + " AAAA\n"
		for _, call := range [][3]string{
			{"GET", "/heads", ""},
			{"POST", "/add-checkpoint", empty},
			{"POST", "/add-parts?origin=" + own, ""},
			{"POST", "/epoch", epoch},
			{"POST", "/add-blob?origin=" + own + "&hash=00", ""},
			{"POST", "/changes", ""},
			{"DELETE", "/log/" + tlog.DirName(own) + "/checkpoint", ""},
		} {
			if got := status(client, call[0], call[1], call[2]); got != http.StatusForbidden {
				c.t.Errorf("%s %s: status %d; no road leads from a centre into a post", call[0], call[1], got)
			}
		}
	})
}

// A centre that is set back to a backup and writes on signs two trees of one log. Its posts do not follow that, keep what they
// have, say so, and go on with all other logs.
func TestCentreSetBackIsNotFollowed(t *testing.T) {
	drillCountry(t, func(c *country) {
		d := &drill{country: c, t: c.t}
		run := func(step string) []string {
			c.t.Helper()
			out, err := d.step(strings.Fields(step))
			if err != nil {
				c.t.Fatalf("%s: %v", step, err)
			}
			return out
		}
		run("release centre sdn 2")
		run("cross kakavija 3 entries")
		run("settle")
		backup := filepath.Join(c.t.TempDir(), "centre")
		c.must(crashCopy(backup, c.path("centre")))
		run("release centre sdn 3")
		run("settle")
		run("halt centre")
		run("wipe centre")
		c.must(crashCopy(c.path("centre"), backup))
		run("start centre")
		run("release centre sdn 1") // without the alerts that the lost release had
		run("wait 24h")
		c.spoilt["centre"] = true // its copy of its own past differs from what it signed before
		for _, post := range []string{"kakavija", "durres"} {
			h, err := c.nodes[post].Health(context.Background())
			c.must(err)
			for _, p := range h.Peers {
				if p.Node == "centre" && p.Frozen == "" && p.Error != "a log does not continue what was signed before" {
					c.t.Errorf("%s follows a log that was signed twice: %q", post, p.Error)
				}
			}
			if l := c.nodes[post].Lists(); len(l) != 1 || l[0].Release != 2 || l[0].Count != 3 {
				c.t.Errorf("%s: lists %+v", post, l)
			}
		}
		run("cross kakavija 2 entries")
		run("settle")
		if got := run("scan durres exit 5")[0]; !strings.HasPrefix(got, "inside since") {
			c.t.Error("news of kakavija no longer reach durres: ", got)
		}
		if got := run("compare centre")[0]; got != "5 acts acknowledged, 5 at centre, 0 twice, 0 that nobody did" {
			c.t.Error(got)
		}
	})
}

// Verification reads beside a node that is being written to, and finds nothing wrong with it.
func TestVerifyBesideABusyNode(t *testing.T) {
	drillCountry(t, func(c *country) {
		stop := make(chan struct{})
		var booths sync.WaitGroup
		booths.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := c.cross("kakavija", 1, border.Entry); err != nil {
					c.t.Error(err)
					return
				}
				time.Sleep(300 * time.Millisecond)
			}
		})
		for range 10 {
			v, err := node.VerifyDir(context.Background(), c.path("kakavija"), nil)
			if err != nil || len(v.Found) > 0 {
				c.t.Errorf("%v, %v", v.Found, err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		close(stop)
		booths.Wait()
	})
}

// Two booth pages decide one check at the same moment: one of them gets a receipt.
func TestACheckIsDecidedOnce(t *testing.T) {
	drillCountry(t, func(c *country) {
		b, err := c.booth("kakavija")
		c.must(err)
		for range 5 {
			v, err := b.Scan(context.Background(), node.Scan{Act: act(), Shift: b.shift, Direction: border.Entry, Document: passport(1)})
			c.must(err)
			var booths sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				booths.Go(func() { _, errs[i] = b.admit(v.Ref.Index, act(), "") })
			}
			booths.Wait()
			receipts := 0
			for _, err := range errs {
				if err == nil {
					receipts++
				} else if !errors.Is(err, node.ErrDecided) {
					c.t.Error(err)
				}
			}
			if receipts != 1 {
				c.t.Errorf("%d receipts for one check", receipts)
			}
		}
	})
}

// Whoever carries a node's disk away without its keys reads no name, number or zone.
func TestStolenDirectoryIsUnreadable(t *testing.T) {
	drillCountry(t, func(c *country) {
		c.must(c.cross("kakavija", 3, border.Entry))
		c.settle()
		var secrets [][]byte
		for serial := 1; serial <= 3; serial++ {
			secrets = append(secrets, []byte(surname(serial)), []byte(number(serial)), []byte(passport(serial).Zone[0][:20]), []byte("740801"))
		}
		read := 0
		for _, name := range c.names {
			c.must(filepath.WalkDir(c.path(name), func(path string, d os.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() || filepath.Base(path) == "keys" {
					return err
				}
				b, err := os.ReadFile(path)
				for _, s := range secrets {
					if bytes.Contains(b, s) {
						c.t.Errorf("%s holds %q in clear", path, s)
					}
				}
				read += len(b)
				return err
			}))
		}
		if read < 100_000 {
			c.t.Errorf("only %d bytes were read", read)
		}
	})
}
