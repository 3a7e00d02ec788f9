package node

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/roster"
)

// CreateKeys makes the keys of a node in its directory and gives its entry for the roster, without an address.
func CreateKeys(dir, country, name string, role roster.Role, epoch uint32) (roster.Node, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return roster.Node{}, fmt.Errorf("make directory of node %s: %w", name, err)
	}
	ring, err := keyring.Create(filepath.Join(dir, keysFile), country, name, epoch)
	if err != nil {
		return roster.Node{}, err
	}
	return roster.Node{Name: name, Role: role, Reader: ring.Reader().Public(),
		Identities: []roster.Identity{{Key: publicOf(ring), FromEpoch: epoch}}}, nil
}

// WriteFounding puts the founding into a node's directory.
func WriteFounding(dir string, f roster.Founding) error {
	return writeDurably(filepath.Join(dir, foundingFile), record.Marshal(f))
}

// ReadFounding reads the founding from a node's directory.
func ReadFounding(dir string) (roster.Founding, error) {
	var f roster.Founding
	b, err := readBounded(filepath.Join(dir, foundingFile))
	if err != nil {
		return f, fmt.Errorf("read founding: %w", err)
	}
	if err := record.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("read founding: %w", err)
	}
	return f, f.Valid()
}

// stateEpoch reads this node's signed epoch statement, or makes it at the first start.
func (n *Node) stateEpoch() error {
	_, logKey, err := n.ring.Log(n.origin)
	if err != nil {
		return err
	}
	_, mirrorKey, err := n.ring.Mirror(n.mirrorName())
	if err != nil {
		return err
	}
	path := filepath.Join(n.opt.Dir, epochFile)
	b, err := readBounded(path)
	if errors.Is(err, os.ErrNotExist) {
		n.epoch = roster.SignEpoch(roster.Epoch{Number: n.ring.Epoch(), Origin: n.origin, LogKey: logKey, MirrorKey: mirrorKey},
			n.ring.Identity())
		if n.beside {
			return nil
		}
		return writeDurably(path, record.Marshal(n.epoch))
	}
	if err != nil {
		return fmt.Errorf("read epoch statement: %w", err)
	}
	if err := record.Unmarshal(b, &n.epoch); err != nil {
		return fmt.Errorf("read epoch statement: %w", err)
	}
	if n.epoch.Epoch.LogKey != logKey || n.epoch.Epoch.Origin != n.origin {
		return errors.New("the epoch statement in this directory is not of these keys")
	}
	return nil
}

// readChanges puts the approved changes that this node had taken in force again. Approvals are counted anew.
func (n *Node) readChanges() error {
	f, err := os.Open(filepath.Join(n.opt.Dir, changesFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read approved changes: %w", err)
	}
	defer f.Close()
	changes, err := roster.DecodeChanges(f)
	if err != nil {
		return fmt.Errorf("read approved changes: %w", err)
	}
	s := n.State()
	for _, c := range changes {
		if s, err = s.Apply(c, 0); err != nil {
			return fmt.Errorf("approved change number %d of chain %d: %w", c.Change.Number, c.Change.Chain, err)
		}
	}
	return n.govern(s)
}

// mirrorName is the name under which this node cosigns what it mirrors.
func (n *Node) mirrorName() string { return n.origin + mirrorSuffix }

const mirrorSuffix = roster.MirrorSuffix

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(b) > maxFileSize {
		err = fmt.Errorf("%s is over %d bytes", filepath.Base(path), maxFileSize)
	}
	return b, err
}

// removeDurably removes a file, there or not, so that it is gone also after a power cut.
func removeDurably(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// writeDurably writes a whole file or none: a crash leaves the old one.
func writeDurably(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(b); err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return errors.Join(d.Sync(), d.Close())
}
