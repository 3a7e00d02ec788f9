package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tims/internal/keyring"
	"tims/internal/tlog"
)

// RepairDir scrubs and mends the logs of a node that does not run, above all its own log where that is why it does not start.
// What is bad comes from peers of the roster. Nothing is recorded or signed: the checkpoint in the file is what all is proven
// against, and the next start judges the file anew. The projection is left to the running node.
func RepairDir(ctx context.Context, opt Options, repair bool) (s Scrubbed, err error) {
	n, err := openStopped(opt)
	defer func() { err = errors.Join(err, n.closeFiles()) }()
	if err != nil {
		return s, fmt.Errorf("repair %s: %w", opt.Dir, err)
	}
	s = Scrubbed{Begun: n.Now(), Found: []Finding{}, Left: []Finding{}}
	path := filepath.Join(opt.Dir, logFile)
	if _, err := os.Stat(path); err != nil {
		return s, fmt.Errorf("repair %s: %w", opt.Dir, err)
	}
	signer, vkey, err := n.ring.Log(n.origin)
	if err != nil {
		return s, err
	}
	if n.log, err = tlog.OpenDamaged(path, tlog.Options{Key: vkey, Signer: signer, VFS: n.opt.VFS}); err != nil {
		return s, fmt.Errorf("this log cannot be mended in its place: %w; `tims scrub --new-epoch` puts it aside, and the next start goes on in a new epoch", err)
	}
	if err := n.openMirrors(); err != nil {
		return s, err
	}
	subjects := []*subject{{Reader: n.log.Reader, head: n.log.MendHead}}
	for _, h := range n.mirrors.all() {
		subjects = append(subjects, &subject{Reader: h.Reader, head: h.MendHead, held: h})
	}
	for _, one := range subjects {
		if _, _, err := n.inspect(ctx, &s, one, ScrubOptions{Repair: repair}, unpaced); err != nil {
			return s, err
		}
	}
	s.Ended = n.Now()
	return s, nil
}

// openStopped takes the lock of a node's directory and reads who it is. What it gives is to be closed.
func openStopped(opt Options) (*Node, error) {
	n := newNode(opt)
	var err error
	if n.lock, err = lockDir(opt.Dir); err != nil {
		return n, err
	}
	if n.ring, err = keyring.Open(filepath.Join(opt.Dir, keysFile)); err != nil {
		return n, err
	}
	return n, n.begin()
}

// GiveUpLog puts the log of a stopped node aside, because it is torn and cannot be mended. The next start takes back what peers
// hold of it and begins a new epoch: the key of the old one signs nothing more. What only the torn file held stays in it, beside
// the rest, for whoever can read it. Crash story: the decision is durable before the file is moved, and a start between the two
// takes the file as that of a log that was set back.
func GiveUpLog(opt Options) (aside string, err error) {
	n, err := openStopped(opt)
	defer func() { err = errors.Join(err, n.closeFiles()) }()
	if err != nil {
		return "", fmt.Errorf("give up the log in %s: %w", opt.Dir, err)
	}
	if err := n.writeSetBack(setBack{Origin: n.origin, At: n.Now(), Why: whyDamaged}); err != nil {
		return "", err
	}
	path := filepath.Join(opt.Dir, logFile)
	aside = fmt.Sprintf("%s.bad-%d", path, n.Now())
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("put the log aside: %w", err)
		}
	}
	return aside, syncDirectory(opt.Dir)
}
