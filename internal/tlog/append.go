package tlog

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A job is one entry on its way through the writer. Its reply channel takes the
// one outcome without waiting for anybody.
type job struct {
	entry Entry
	reply chan outcome

	// set by the writer
	known bool // the act is recorded already, at index
	index uint64
	leaf  Hash
}

type outcome struct {
	done Appended
	err  error
}

// Append records an entry. When it returns without error the leaf and its parts
// are on the disk and stand under the signed checkpoint it returns. Otherwise
// the error is a *KnownActError, or wraps ErrNotRecorded, ErrNotKnown,
// ErrStopped or ErrClosed. If ctx ends after the writer took the entry, the
// outcome is ErrNotKnown, and the log goes on. The slices of e must not be
// changed afterwards.
func (l *Log) Append(ctx context.Context, e Entry) (Appended, error) {
	if err := e.check(); err != nil {
		return Appended{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	if l.halted.Load() {
		return Appended{}, ErrStopped
	}
	j := &job{entry: e, reply: make(chan outcome, 1), leaf: sumdb.RecordHash(e.Leaf)}
	if err := ctx.Err(); err != nil {
		return Appended{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	select {
	case l.jobs <- j:
	case <-ctx.Done():
		return Appended{}, fmt.Errorf("%w: %w", ErrNotRecorded, ctx.Err())
	case <-l.done:
		return Appended{}, ErrClosed
	}
	select {
	case o := <-j.reply:
		return o.done, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-j.reply:
		return o.done, o.err
	default:
		return Appended{}, fmt.Errorf("%w: %w", ErrNotKnown, ctx.Err())
	}
}

func (e *Entry) check() error {
	if len(e.Leaf) == 0 || len(e.Leaf) > MaxLeaf {
		return fmt.Errorf("a leaf of %d bytes, where 1 to %d are allowed", len(e.Leaf), MaxLeaf)
	}
	if len(e.Parts) > MaxParts {
		return fmt.Errorf("%d parts, where %d are allowed", len(e.Parts), MaxParts)
	}
	for i, p := range e.Parts {
		if len(p.Body) > MaxPart || len(p.Wrap) > MaxWrap {
			return fmt.Errorf("part %d has %d bytes and a wrap of %d, where %d and %d are allowed",
				p.Number, len(p.Body), len(p.Wrap), MaxPart, MaxWrap)
		}
		if slices.ContainsFunc(e.Parts[:i], func(q Part) bool { return q.Number == p.Number }) {
			return fmt.Errorf("part %d occurs twice", p.Number)
		}
	}
	return nil
}

func (e *Entry) size() int {
	n := len(e.Leaf)
	for _, p := range e.Parts {
		n += len(p.Wrap) + len(p.Body)
	}
	return n
}

// write is the writer goroutine: it commits whatever waits in one transaction,
// and stores the newest checkpoint when nothing follows.
func (l *Log) write() {
	defer close(l.done)
	idle, confirm := time.NewTimer(idleStore), time.NewTimer(fenceConfirm)
	defer idle.Stop()
	defer confirm.Stop()
	for {
		select {
		case j := <-l.jobs:
			l.commit(l.gather(j))
			idle.Reset(idleStore)
			confirm.Reset(fenceConfirm)
		case <-confirm.C:
			if l.fence.confirm(); l.fence.isLost() {
				confirm.Reset(fenceRetry) // it may be back
			}
		case <-idle.C:
			l.saveCheckpoint()
		case <-l.closing:
			l.fence.confirm()
			l.saveCheckpoint()
			return
		}
	}
}

// gather collects what waits behind first, within the bounds of a group. It
// lets the callers of the last group, who have just been answered, run once:
// otherwise they form a second crowd, and two crowds of half the size take
// turns.
func (l *Log) gather(first *job) []*job {
	group, bytes, yielded := []*job{first}, first.entry.size(), false
	for len(group) < maxGroup && bytes < maxGroupBytes {
		select {
		case j := <-l.jobs:
			group = append(group, j)
			bytes += j.entry.size()
			yielded = false
		default:
			if yielded {
				return group
			}
			runtime.Gosched()
			yielded = true
		}
	}
	return group
}

// commit makes a group durable, then signs the tree it ends in, then answers.
// Crash story: before the commit nothing of the group is recorded; between
// commit and signature recover signs; after it the answers are true even if
// nobody hears them, and a repeated act is told so. The fence is written while
// the disk commits, and its own story stands there.
func (l *Log) commit(group []*job) {
	s := l.state()
	edge := l.edge.clone()
	err := l.db.update(func(c *conn) error {
		if l.unsaved {
			if err := storeCheckpoint(c, s.note); err != nil {
				return err
			}
		}
		if err := insertGroup(c, edge, group); err != nil || uint64(edge.size) == s.size {
			return err
		}
		root, err := edge.root()
		if err == nil {
			l.fence.begin(Head{uint64(edge.size), root})
		}
		return err
	})
	l.fence.end(err == nil)
	if err != nil && !mutantAckEarly {
		answerFailed(group, s.size, err)
		return
	}
	l.edge, l.unsaved = edge, false
	if uint64(edge.size) > s.size {
		if err := l.sign(&s); err != nil {
			l.db.stop()
			answerFailed(group, s.size, fmt.Errorf("%w: %w", ErrNotKnown, err))
			return
		}
	}
	for _, j := range group {
		if j.known {
			j.reply <- outcome{err: &KnownActError{j.index}}
			continue
		}
		j.reply <- outcome{done: Appended{j.index, j.leaf, s.size, s.note}}
	}
}

// sign signs the tree of the edge, whose leaves are durable, and shows it.
func (l *Log) sign(s *state) error {
	root, err := l.edge.root()
	if err != nil {
		return err
	}
	cp, err := l.key.signCheckpoint(l.signer, uint64(l.edge.size), root)
	if err != nil {
		return err
	}
	l.unsaved = true
	l.change(func(now *state) {
		now.checkpoint, now.next, now.cursor = cp, cp.size, cp.size
		*s = *now
	})
	return nil
}

func insertGroup(c *conn, e *edge, group []*job) error {
	for _, j := range group {
		var err error
		if j.index, j.known, err = findAct(c, j.entry.Act); err != nil {
			return err
		}
		if j.known {
			continue
		}
		j.index = uint64(e.size)
		hashes, err := e.add(j.leaf)
		if err != nil {
			return err
		}
		if err := insertLeaf(c, j.index, j.entry.Act[:], hashes, j.entry.Leaf); err != nil {
			return err
		}
		for _, p := range j.entry.Parts {
			if err := insertPart(c, j.index, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func insertLeaf(c *conn, index uint64, act any, hashes []Hash, leaf []byte) error {
	_, err := c.exec("INSERT INTO leaf (idx, act, hashes, bytes) VALUES (?, ?, ?, ?)",
		index, act, joinHashes(hashes), leaf)
	return err
}

func insertPart(c *conn, index uint64, p Part) error {
	_, err := c.exec("INSERT INTO part (id, wrap, body) VALUES (?, ?, ?)", partID(index, p.Number), p.Wrap, p.Body)
	return err
}

func storeCheckpoint(c *conn, note []byte) error {
	_, err := c.exec("UPDATE head SET checkpoint = ?", note)
	return err
}

// answerFailed gives a group that was not committed its outcome. Acts that were
// recorded before the group are known none the less.
func answerFailed(group []*job, size uint64, err error) {
	for _, j := range group {
		if j.known && j.index < size {
			j.reply <- outcome{err: &KnownActError{j.index}}
			continue
		}
		j.reply <- outcome{err: err}
	}
}

// saveCheckpoint stores the newest checkpoint in a transaction of its own. If
// that fails, the next group carries it or the next Open signs it again.
func (l *Log) saveCheckpoint() {
	if !l.unsaved {
		return
	}
	note := l.state().note
	err := l.db.update(func(c *conn) error { return storeCheckpoint(c, note) })
	l.unsaved = err != nil && !errors.Is(err, ErrStopped)
}
