package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/tlog"
)

// Bounds of the live figures.
const (
	lostAfter    = 5 * time.Second  // a receipt whose record is nowhere for so long is a loss: folding takes milliseconds
	keepLatency  = 60 * time.Second // of latencies for the percentiles of now
	scansASecond = 100_000          // accepted acts gone through a second at most, so that the list stays free for the booths
	searched     = 512              // leaves looked through for a crossing to tamper with
)

// Figures are what the list kept outside all nodes says at one moment.
type Figures struct {
	Accepted    int // crossings with a receipt
	AtPost      int // of these, found at the post that gave the receipt
	AtCentre    int // of these, found at the centre, or found there before it was switched off
	Lost        int // of these, found at neither
	Others      int // refusals and referrals with a receipt
	NotRecorded int // acts without a receipt
	Problem     string
	Posts       map[string]PostFigures
}

// PostFigures are those of one post.
type PostFigures struct{ Accepted, AtPost, AtCentre int }

// Latency of the acts of a stretch of time, in ms.
type Latency struct{ Check50, Check99, Commit50, Commit99 float64 }

// A Watch follows a list for a page that is live. It is for one goroutine at a time.
type Watch struct {
	t       *Traffic
	seen    map[record.Act]*track
	open    []record.Act // not yet found at both
	next    int          // of open, to look at
	scanned time.Time
	centre  string // origin of the centre that AtCentre is about
	posts   map[string]PostFigures
	taken   int // of the list's latencies
	timed   []timed
}

type track struct {
	post             string
	since            time.Time
	atPost, atCentre bool
	nowhere          bool // looked for at both, lostAfter after the receipt
}

// timed is one act's latencies and when they were heard of.
type timed struct {
	at            time.Time
	check, commit time.Duration
}

// Watch begins to follow the list.
func (t *Traffic) Watch() *Watch {
	return &Watch{t: t, seen: map[record.Act]*track{}, posts: map[string]PostFigures{}}
}

// Look takes up what is new in the list and looks for what was not found so far, for about as long as told.
func (w *Watch) Look(ctx context.Context, atMost time.Duration) Figures {
	now := time.Now()
	f := w.take(now)
	w.forget()
	w.search(ctx, now.Add(atMost))
	for _, a := range w.open {
		if w.seen[a].nowhere {
			f.Lost++
		}
	}
	f.Posts = map[string]PostFigures{}
	for name, p := range w.posts {
		f.Posts[name] = p
		f.AtPost += p.AtPost
		f.AtCentre += p.AtCentre
	}
	return f
}

// take copies what is new, under the list's lock.
func (w *Watch) take(now time.Time) Figures {
	o := w.t.oracle
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.accepted) > len(w.seen) && now.Sub(w.scanned) >= time.Duration(len(o.accepted))*time.Second/scansASecond {
		w.scanned = now
		for a, post := range o.accepted {
			if w.seen[a] == nil {
				w.seen[a] = &track{post: post, since: now}
				w.open = append(w.open, a)
				w.count(post, PostFigures{Accepted: 1})
			}
		}
	}
	w.taken = min(w.taken, len(o.checks))
	for i := w.taken; i < len(o.checks); i++ {
		w.timed = append(w.timed, timed{now, o.checks[i], o.commits[i]})
	}
	w.timed = slices.DeleteFunc(w.timed, func(t timed) bool { return now.Sub(t.at) > keepLatency })
	if len(o.checks) >= maxSamples { // keep the newer half, so that a long demonstration goes on being measured
		o.checks, o.commits = slices.Clone(o.checks[maxSamples/2:]), slices.Clone(o.commits[maxSamples/2:])
	}
	w.taken = len(o.checks)
	return Figures{Accepted: len(w.seen), Others: o.others, NotRecorded: o.failed, Problem: o.problem}
}

func (w *Watch) count(post string, more PostFigures) {
	p := w.posts[post]
	w.posts[post] = PostFigures{p.Accepted + more.Accepted, p.AtPost + more.AtPost, p.AtCentre + more.AtCentre}
}

// forget begins the count at the centre anew where the centre has no files any more, or is another one.
func (w *Watch) forget() {
	origin := w.centre
	if n := w.t.c.Node(CentreName); n != nil {
		origin = n.Origin()
	} else if w.t.c.Wiped() {
		origin = ""
	}
	if origin == w.centre {
		return
	}
	w.centre, w.open, w.next = origin, w.open[:0], 0
	for a, s := range w.seen {
		s.atCentre = false
		w.open = append(w.open, a)
	}
	for name, p := range w.posts {
		p.AtCentre = 0
		w.posts[name] = p
	}
}

// search goes round the open acts, where it ended the last time.
func (w *Watch) search(ctx context.Context, until time.Time) {
	for range len(w.open) {
		if ctx.Err() != nil || time.Now().After(until) {
			break
		}
		w.next %= len(w.open)
		a := w.open[w.next]
		s := w.seen[a]
		if !s.atPost && has(ctx, w.t.c.Node(s.post), a) {
			s.atPost = true
			w.count(s.post, PostFigures{AtPost: 1})
		}
		if !s.atCentre && has(ctx, w.t.c.Node(CentreName), a) {
			s.atCentre = true
			w.count(s.post, PostFigures{AtCentre: 1})
		}
		s.nowhere = !s.atPost && !s.atCentre && time.Since(s.since) > lostAfter
		w.next++
	}
	w.open = slices.DeleteFunc(w.open, func(a record.Act) bool { return w.seen[a].atPost && w.seen[a].atCentre })
}

// has asks a node for an act. A node that is off, or ends at this moment, does not have it now; it is asked again.
func has(ctx context.Context, n *node.Node, a record.Act) bool {
	if n == nil {
		return false
	}
	seen, err := n.ByAct(ctx, a)
	return err == nil && len(seen) > 0
}

// Latency gives the percentiles of the acts since a time, at most keepLatency ago, and their number.
func (w *Watch) Latency(since time.Time) (Latency, int) {
	var checks, commits []time.Duration
	for _, t := range w.timed {
		if t.at.After(since) {
			checks, commits = append(checks, t.check), append(commits, t.commit)
		}
	}
	return Latency{percentile(checks, 0.5), percentile(checks, 0.99), percentile(commits, 0.5), percentile(commits, 0.99)}, len(checks)
}

// logFile is the database that a tampered record lies in.
func (c *Country) logFile(t Tampered) string {
	if t.Node == CentreName {
		return filepath.Join(c.dir, CentreName, "mirror", tlog.DirName(t.Origin), "log.db")
	}
	return filepath.Join(c.dir, t.Node, "log.db")
}

// copied says how much of a node's log the other nodes hold, and which of them holds most.
func (c *Country) copied(ctx context.Context, name string) (size uint64, holder string) {
	for _, p := range places {
		n := c.Node(p.Name)
		if n == nil || p.Name == name {
			continue
		}
		h, err := n.Health(ctx)
		if err != nil {
			continue
		}
		for _, peer := range h.Peers {
			if peer.Node == name && peer.Held > size {
				size, holder = peer.Held, p.Name
			}
		}
	}
	return size, holder
}

// Restore puts the true bytes back where Tamper changed them. They come from another node's copy, and are believed only
// because they hash to what the tree in the tampered file holds: that tree is what the checkpoint was signed over. It gives
// the node that had them. The product itself repairs nothing yet: this is what an administrator does by hand.
func (c *Country) Restore(ctx context.Context, t Tampered) (from string, err error) {
	db, err := sql.Open("sqlite3", "file:"+c.logFile(t)+"?mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return "", fmt.Errorf("open the file: %w", err)
	}
	defer db.Close()
	var hashes []byte
	if err := db.QueryRowContext(ctx, `SELECT hashes FROM leaf WHERE idx = ?`, int64(t.Index)).Scan(&hashes); err != nil {
		return "", fmt.Errorf("find the record: %w", err)
	}
	for _, p := range places {
		n := c.Node(p.Name)
		if n == nil || p.Name == t.Node {
			continue
		}
		o, err := n.Read(record.Ref{Origin: t.Origin, Index: t.Index})
		if err != nil || len(hashes) < len(o.LeafHash) || sumdb.Hash(hashes[:len(o.LeafHash)]) != sumdb.Hash(o.LeafHash) {
			continue
		}
		b, err := o.Leaf.Encode()
		if err != nil {
			return "", err
		}
		if _, err := db.ExecContext(ctx, `UPDATE leaf SET bytes = ? WHERE idx = ?`, b, int64(t.Index)); err != nil {
			return "", fmt.Errorf("put the record back: %w", err)
		}
		return p.Name, nil
	}
	return "", errors.New("no running node holds a true copy of this record now")
}
