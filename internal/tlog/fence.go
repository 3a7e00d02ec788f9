package tlog

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

// A Head is a tree of a log: how many leaves, and their root.
type Head struct {
	Size uint64
	Root Hash
}

// A fence is a small file on a second device that remembers the newest tree of
// the log, so that a log which comes back older than it was (a restored backup,
// a snapshot, a copied machine) is noticed before it signs. It is written at the
// same time as the group is committed; who appends is answered when both are
// durable. So it may lead or lag the log by one group, and no more.
//
// The file has two slots with a sequence number and a checksum each. A write goes
// to the slot that does not hold the newest committed tree, so a torn write
// leaves that one. A slot is confirmed when its tree was known to be committed
// as it was written: at opening, and shortly after the last group of a crowd.
//
// Crash stories. K is the newest acknowledged tree, N the group under way, "A K"
// a slot that holds K; the log's file says K, or N with K as stored checkpoint.
//
//	log K, A K, B older or torn   nothing of N happened, or its slot was torn: equal
//	log K, A K, B N unconfirmed   the fence was quicker; N was never acknowledged:
//	                              B says nothing for certain, A is equal
//	log N, A K, B older or torn   the log was quicker; N was never acknowledged, and
//	                              K is its stored checkpoint: the fence lags by one
//	log N, A K, B N               both are there, whether or not anybody was told
//	log N, A K, B X unconfirmed   X was refused (disk full), its place was taken by N,
//	                              and B was not written again yet: A lags by one
//	log K, A K, B X unconfirmed   X was refused and nothing came after it
//	log N, A N confirmed, B N     while confirming, torn or not: the other is equal
//	file new or both slots torn   agrees with an empty log alone
//	fence of another key          the caller decides: a new epoch that had not begun
//	                              to write, or a directory of an epoch that is over
//
// Everything else is a log that is not the one which was signed last, or a fence
// that was left behind, and Open refuses with a *FenceError.
//
// What it cannot see: a log that lost its last group in the milliseconds between
// the answer and the confirmation, which takes a disk that lies about syncs; and
// a log set back to exactly where the fence was lost. Peers see both.
//
// Trust: whoever writes to the fence can make the node begin a new epoch, and
// whoever sets log and fence back together is seen by peers alone.
type fence struct {
	path, key string

	mu     sync.Mutex
	lost   error // why there is no second device now
	lostAt time.Time

	// The rest belongs to the writer goroutine, and to the operation under way.
	f         *os.File
	seq       uint64
	safe      int        // slot of the newest committed tree
	committed Head       // the tree in it
	unsure    bool       // the tree is not confirmed, or the other slot says something newer
	under     Head       // of the group that is being committed
	growing   bool       // there is such a group
	writing   bool       // and op writes its tree
	op        chan error // under way, or hung
}

// A FenceError says that a log is not the one that its fence saw last. Nothing
// was signed.
type FenceError struct {
	What  string
	Key   string // verifier key of the log that the fence is of; "" where it says nothing
	Fence Head
	Log   Head
}

func (e *FenceError) Error() string {
	return fmt.Sprintf("the second device does not agree with the log: %s", e.What)
}

// ErrFenceHeld: another process uses the fence, so this log is open elsewhere.
var ErrFenceHeld = errors.New("the file on the second device is used by another process")

// errHung: the device did not answer in time.
var errHung = errors.New("the second device does not answer")

// openFence opens and locks the file and judges the log by it. stored is the
// tree of the checkpoint in the log's file before recovery. take lets the fence
// begin anew, whatever it says. A device that is not there is no error to an
// empty log, nor to one whose fence begins anew: it is lost until it comes back.
func openFence(path, key string, now, stored Head, take bool) (*fence, error) {
	f := &fence{path: path, key: key}
	var slots [2]slot
	err := f.await(f.start(func() (err error) { slots, err = f.open(); return err }))
	if errors.Is(err, ErrFenceHeld) {
		return nil, err
	}
	if err != nil && now.Size > 0 && !take {
		return nil, &FenceError{What: "it is not there: " + err.Error(), Log: now}
	}
	if err == nil && !take {
		if err := f.judge(slots, now, stored); err != nil {
			return nil, errors.Join(err, f.close())
		}
	}
	f.committed, f.unsure = now, true
	if err != nil {
		f.lose(err)
		return f, nil
	}
	f.safe = newestOf(slots)
	if !f.accepted(slots[f.safe], now, stored) && f.accepted(slots[1-f.safe], now, stored) {
		f.safe = 1 - f.safe
	}
	f.confirm()
	return f, nil
}

// open opens, locks and reads the file. A new file is durable with its name.
func (f *fence) open() (slots [2]slot, err error) {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return slots, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return slots, errors.Join(ErrFenceHeld, file.Close())
	}
	if err := settleFile(file, f.path); err != nil {
		return slots, errors.Join(err, file.Close())
	}
	for i := range slots {
		b := make([]byte, slotSize)
		if n, _ := file.ReadAt(b, int64(i)*slotSize); n == slotSize { // what cannot be read says nothing
			slots[i] = decodeSlot(b)
		}
		f.seq = max(f.seq, slots[i].seq)
	}
	f.f = file
	return slots, nil
}

func newestOf(slots [2]slot) int {
	if slots[1].seq > slots[0].seq {
		return 1
	}
	return 0
}

// judge compares what the slots say with the log.
func (f *fence) judge(slots [2]slot, now, stored Head) error {
	newest := newestOf(slots)
	last, before := slots[newest], slots[1-newest]
	e := &FenceError{Key: last.key, Fence: last.head, Log: now}
	switch {
	case last.seq == 0 && now.Size == 0:
		return nil
	case last.seq == 0:
		e.What = "it is new, or its contents are lost"
	case last.key != f.key:
		e.What = "it is of another epoch"
	case f.accepted(last, now, stored), !last.confirmed && f.accepted(before, now, stored):
		return nil
	case last.head.Size > now.Size:
		e.What = fmt.Sprintf("it has seen %d records, the log holds %d", last.head.Size, now.Size)
	case last.head.Size < now.Size:
		e.What = fmt.Sprintf("it was left behind at %d records, the log holds %d", last.head.Size, now.Size)
	default:
		e.What = fmt.Sprintf("it has seen another tree of %d records", now.Size)
	}
	return e
}

// accepted says whether a slot is what a log in this state may have beside it:
// the same tree, or the one before its last group.
func (f *fence) accepted(s slot, now, stored Head) bool {
	if s.seq == 0 || s.key != f.key {
		return false
	}
	return s.head == now || s.head == stored && stored.Size < now.Size
}

// begin starts to write the tree of a group that is being committed.
func (f *fence) begin(h Head) {
	if f == nil {
		return
	}
	f.under, f.growing = h, true
	if f.ready() {
		f.op, f.writing = f.write(h, false), true
	}
}

// end waits until the tree of begin is durable, or the device is given up: the
// booth goes on without it.
func (f *fence) end(committed bool) {
	if f == nil || !f.growing {
		return
	}
	written := false
	if f.writing {
		op := f.op
		f.op = nil
		written = f.settle(op)
	}
	f.unsure, f.growing, f.writing = true, false, false
	if committed {
		f.committed = f.under
		if written {
			f.safe = 1 - f.safe
		}
	}
}

// confirm writes the newest committed tree as such. It also finds out that the
// file was taken away, and takes the device up again when it is back.
func (f *fence) confirm() {
	if f == nil || !f.ready() || !f.unsure {
		return
	}
	if f.settle(f.write(f.committed, true)) {
		f.safe, f.unsure = 1-f.safe, false
	}
}

func (f *fence) isLost() bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost != nil
}

// ready says whether the device can be written. One that was lost is tried again
// now and then.
func (f *fence) ready() bool {
	f.mu.Lock()
	lost, wait := f.lost, time.Since(f.lostAt) < fenceRetry
	f.mu.Unlock()
	if lost == nil {
		return true
	}
	if wait || f.op != nil && !f.returned() {
		return false
	}
	var slots [2]slot
	f.close()
	if !f.settle(f.start(func() (err error) { slots, err = f.open(); return err })) {
		return false
	}
	f.safe = newestOf(slots)
	if !f.settle(f.write(f.committed, true)) {
		return false
	}
	f.safe, f.unsure = 1-f.safe, false
	f.mu.Lock()
	f.lost = nil
	f.mu.Unlock()
	return true
}

// write starts to write a tree into the slot that is not the safe one.
func (f *fence) write(h Head, confirmed bool) chan error {
	f.seq++
	b := slot{f.seq, confirmed, h, f.key}.encode()
	file, at, path := f.f, int64(1-f.safe)*slotSize, f.path
	return f.start(func() error {
		if err := stillThere(file, path); confirmed && err != nil {
			return err
		}
		if _, err := file.WriteAt(b, at); err != nil {
			return err
		}
		return syscall.Fdatasync(int(file.Fd())) // its size and place on the disk do not change
	})
}

func (f *fence) lose(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost, f.lostAt = err, time.Now()
}

func (f *fence) close() error {
	if f == nil || f.f == nil || f.op != nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	return err
}

// Fence tells the file of the second device, "" where the log has none, and why
// it is lost, nil while it is there.
func (l *Log) Fence() (path string, lost error) {
	if l.fence == nil {
		return "", nil
	}
	l.fence.mu.Lock()
	defer l.fence.mu.Unlock()
	return l.fence.path, l.fence.lost
}
