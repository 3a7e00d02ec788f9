package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tims/internal/keyring"
	"tims/internal/roster"
)

// rebuildFile marks a directory as made by a rebuild, before anything else is in it. It stays: the same command again goes on
// there, and no other directory is ever taken for a half-made one.
const rebuildFile = "rebuild"

func rebuildMark(name string, f roster.Founding) []byte {
	return fmt.Appendf(nil, "rebuild of %s in %s\nfounding %x\n", name, f.Country, f.Hash())
}

// MarkRebuild prepares a directory for Rebuild and says whether an earlier call has begun there. It refuses a directory that
// holds anything else.
func MarkRebuild(dir, name string, f roster.Founding) (begun bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	mark, err := readBounded(filepath.Join(dir, rebuildFile))
	if err == nil && string(mark) != string(rebuildMark(name, f)) {
		return false, errors.New("the directory is of another rebuild")
	}
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, f := range there {
		if !strings.HasPrefix(f.Name(), "."+rebuildFile+"-") { // what a crash left of the mark itself
			return false, ErrNotEmpty
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return false, err
		}
	}
	return false, writeDurably(filepath.Join(dir, rebuildFile), rebuildMark(name, f))
}

// ErrNotEmpty refuses a directory that holds something which no rebuild made: nothing is ever overwritten.
var ErrNotEmpty = errors.New("the directory is not empty, and nothing is overwritten")

// rebuilt gives the changes of a directory whose keys an approved change there names already: then the making was done, whatever
// came after it. nil where it was not.
func rebuilt(dir, name string, f roster.Founding) ([]roster.Approved, error) {
	if !marked(dir) {
		return nil, nil
	}
	here, err := ReadFounding(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(dir, changesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	changes, err := roster.DecodeChanges(file)
	if err != nil {
		return nil, err
	}
	ring, err := keyring.Open(filepath.Join(dir, keysFile))
	if err != nil {
		return nil, err
	}
	s, err := roster.Begin(here)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if s, err = s.Apply(c, 0); err != nil {
			return nil, err
		}
	}
	if node, ok := s.Roster.Node(name); !ok || here.Hash() != f.Hash() || !node.Identity().Equal(publicOf(ring)) {
		return nil, fmt.Errorf("the directory holds a node that its own roster does not name as %s", name)
	}
	return changes, nil
}

// keysAgain makes the keys of a node, or takes those that a rebuild made before it was broken off. No change that names them was
// written then, so nobody knows them: keys of another epoch, or torn ones, are made anew.
func keysAgain(dir, country, name string, role roster.Role, epoch uint32) (roster.Node, error) {
	if !marked(dir) {
		return CreateKeys(dir, country, name, role, epoch)
	}
	path := filepath.Join(dir, keysFile)
	ring, err := keyring.Open(path)
	if err == nil && ring.Node() == name && ring.Country() == country && ring.Epoch() == epoch {
		return roster.Node{Name: name, Role: role, Reader: ring.Reader().Public(),
			Identities: []roster.Identity{{Key: publicOf(ring), FromEpoch: epoch}}}, nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return roster.Node{}, err
	}
	return CreateKeys(dir, country, name, role, epoch)
}

func marked(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, rebuildFile))
	return err == nil
}
