package node_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// Words of the drills of split views.
//
//	steal POST                somebody copies a node's keys and its log as they are now
//	forge POST N CENTRE|POST  he writes N crossings into a history of his own and shows it to one node
//	frozen NAME               what a node says of logs that contradict themselves
//	evidence NAME POST        whether what it has convicts the post's log key before a stranger
//	alarms NAME               how many alarms about a log's key are in the logs that a node has
//	restate POST CENTRE|POST  he states another log key for the epoch of the keys that he copied, and tells one node
//	used-twice NAME           which passages of one document contradict each other there
//	renew POST                its directory is set aside and it is rebuilt under a new identity
func init() {
	teach("steal", func(d *drill, a []string) ([]string, error) {
		depth, err := d.steal(a[0])
		return []string{fmt.Sprintf("his history parts after %d records", depth)}, err
	})
	teach("forge", func(d *drill, a []string) ([]string, error) {
		var n int
		if _, err := fmt.Sscan(a[1], &n); err != nil {
			return nil, err
		}
		return d.forge(a[0], n, a[2])
	})
	teach("frozen", func(d *drill, a []string) ([]string, error) { return d.frozen(a[0]) })
	teach("evidence", func(d *drill, a []string) ([]string, error) { return d.evidence(a[0], a[1]) })
	teach("alarms", func(d *drill, a []string) ([]string, error) { return d.alarms(a[0]) })
	teach("restate", func(d *drill, a []string) ([]string, error) { return d.restate(a[0], a[1]) })
	teach("used-twice", func(d *drill, a []string) (out []string, err error) {
		pairs, err := d.nodes[a[0]].UsedTwice(context.Background())
		for _, p := range pairs {
			out = append(out, fmt.Sprintf("%s twice: record %d of %s, then record %d of %s", p.First.Direction, p.First.Ref.Index,
				p.First.Ref.Origin, p.Second.Ref.Index, p.Second.Ref.Origin))
		}
		if len(out) == 0 {
			out = append(out, "none")
		}
		return out, err
	})
	teach("renew", func(d *drill, a []string) ([]string, error) { return nil, d.takeNewIdentity(a[0]) })
}

// disputed says that a record stands behind a fork: only its writer's own log is known to have it.
func (c *country) disputed(ref record.Ref) bool {
	depth, forked := c.forked[ref.Origin]
	return forked && ref.Index >= depth
}

// loot is where the thief keeps what he copied from a post.
func (c *country) loot(post string) string { return c.path(post) + ".stolen" }

func (c *country) steal(post string) (depth uint64, err error) {
	time.Sleep(2 * time.Second) // the log stores its newest checkpoint
	if err := crashCopy(c.loot(post), c.path(post)); err != nil {
		return 0, err
	}
	l, _, err := c.stolen(post)
	if err != nil {
		return 0, err
	}
	c.forked[l.Origin()] = l.Size()
	return l.Size(), l.Close()
}

func (c *country) stolen(post string) (*tlog.Log, *keyring.Ring, error) {
	ring, err := keyring.Open(filepath.Join(c.loot(post), "keys"))
	if err != nil {
		return nil, nil, err
	}
	signer, vkey, err := ring.Log(roster.Origin(ring.Country(), ring.Node(), ring.Epoch()))
	if err != nil {
		return nil, nil, err
	}
	l, err := tlog.Open(filepath.Join(c.loot(post), "log.db"), tlog.Options{Key: vkey, Signer: signer})
	return l, ring, err
}

// forge writes crossings that nobody made, and brings them to one node in the post's name.
func (c *country) forge(post string, count int, to string) (said []string, err error) {
	l, ring, err := c.stolen(post)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for range count {
		leaf, err := record.Leaf{Kind: record.Crossing, Act: act(), Written: time.Now().UnixMilli()}.Encode()
		if err != nil {
			return nil, err
		}
		if _, err := l.Append(context.Background(), tlog.Entry{Act: act(), Leaf: leaf}); err != nil {
			return nil, err
		}
	}
	client := c.thief(ring)
	defer client.CloseIdleConnections()
	peer := &replica.Client{HTTP: client, Base: "https://" + c.nodes[to].Self().Address}
	_, err = peer.Push(context.Background(), l, []uint8{uint8(record.Slip), uint8(record.Person), uint8(record.Body), uint8(record.Open),
		uint8(record.Police)})
	var status *replica.StatusError
	if errors.As(err, &status) {
		return []string{fmt.Sprintf("%s refuses them with status %d", to, status.Status)}, nil
	}
	return []string{fmt.Sprintf("%s takes them: %d records", to, l.Size())}, err
}

// thief speaks to a node with the keys of another.
func (c *country) thief(ring *keyring.Ring) *http.Client {
	return &http.Client{Transport: &http.Transport{DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := c.wire.dialer("thief")(ctx, network, address)
		if err != nil {
			return nil, err
		}
		cert, err := ring.Certificate(time.Now())
		return tls.Client(conn, &tls.Config{Certificates: []tls.Certificate{cert}, InsecureSkipVerify: true}), err
	}}}
}

func (c *country) restate(post, to string) ([]string, error) {
	ring, err := keyring.Open(filepath.Join(c.loot(post), "keys"))
	if err != nil {
		return nil, err
	}
	other, err := keyring.Create(filepath.Join(c.t.TempDir(), "keys"), ring.Country(), ring.Node(), ring.Epoch())
	if err != nil {
		return nil, err
	}
	origin := roster.Origin(ring.Country(), ring.Node(), ring.Epoch())
	e := roster.Epoch{Number: ring.Epoch(), Origin: origin}
	if _, e.LogKey, err = other.Log(origin); err != nil {
		return nil, err
	}
	if _, e.MirrorKey, err = other.Mirror(origin + roster.MirrorSuffix); err != nil {
		return nil, err
	}
	client := c.thief(ring)
	defer client.CloseIdleConnections()
	resp, err := client.Post("https://"+c.nodes[to].Self().Address+"/epoch", "application/octet-stream",
		bytes.NewReader(record.Marshal(roster.SignEpoch(e, ring.Identity()))))
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%s answers with status %d", to, resp.StatusCode)}, resp.Body.Close()
}

func (d *drill) frozen(name string) ([]string, error) {
	h, err := d.nodes[name].Health(context.Background())
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, f := range h.Frozen {
		text := fmt.Sprintf("%s: two histories below %d, %d records here, alarm by %s", f.Origin, f.Below, f.Held, f.By)
		if f.Code == record.TwoEpochs {
			text = fmt.Sprintf("%s: two epoch statements, %d records here, alarm by %s", f.Origin, f.Held, f.By)
		}
		if f.Own {
			text += ", its own"
		}
		if f.Past {
			text += ", its node goes on under a later identity"
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		out = append(out, "none")
	}
	return out, nil
}

func (d *drill) evidence(name, post string) ([]string, error) {
	for _, f := range d.nodes[name].Frozen() {
		if f.Node != post {
			continue
		}
		if two, key := d.nodes[name].StatementsOf(f.Origin); two != nil {
			return []string{fmt.Sprintf("two statements, signed by one identity key: %t", key != "")}, d.nodes[name].State().VerifyTwo(*two)
		}
		e, key := d.nodes[name].EvidenceOf(f.Origin)
		if err := e.Check(key); err != nil {
			return nil, err
		}
		smaller, larger := e.Sizes()
		return []string{fmt.Sprintf("signed checkpoints of sizes %d and %d convict the key of %s", smaller, larger, f.Origin)}, nil
	}
	return []string{"none"}, nil
}

func (d *drill) alarms(name string) ([]string, error) {
	files, err := d.logs(name)
	count := 0
	for _, f := range files {
		leaves, lerr := f.Leaves(0, int(f.Size()))
		err = errors.Join(err, lerr, f.close())
		for _, leaf := range leaves {
			l, derr := record.DecodeLeaf(leaf)
			err = errors.Join(err, derr)
			if l.Kind == record.Alarm && len(l.Parts) == 1 && l.Parts[0].Part == record.Open {
				count++
			}
		}
	}
	return []string{fmt.Sprint(count)}, err
}

// takeNewIdentity is the way out: what the post wrote behind the fork lies in its old directory for the court and for typing in, and the
// post goes on under a new identity that the authority approves.
func (d *drill) takeNewIdentity(post string) error {
	d.halt(post)
	clear(d.compared)
	if err := os.Rename(d.path(post), d.path(post)+".aside"); err != nil {
		return err
	}
	return d.rebuild(post, d.approve)
}
