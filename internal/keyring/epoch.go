package keyring

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Next makes the keys of a later epoch of the same node: new log and mirror keys, for whoever signed with the old ones may do so
// still; the identity, the reader's key and the shadow key stay, for they are not what came back from the past. The keys are
// durable at path before anything is signed with them; a crash leaves all of the file or none. A file that is there is replaced:
// nothing was signed with keys that were not put in force (Replace).
func (r *Ring) Next(path string, epoch uint32) error {
	if epoch <= r.file.Epoch {
		return fmt.Errorf("make keys of epoch %d: the node is at %d", epoch, r.file.Epoch)
	}
	f := r.file
	f.Epoch, f.Log, f.Mirror = epoch, random(32), random(32)
	b, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode keys: %w", err)
	}
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("make keys of epoch %d: %w", epoch, err)
	}
	if err := writeNew(tmp, b); err != nil {
		return fmt.Errorf("make keys of epoch %d: %w", epoch, err)
	}
	return Replace(tmp, path)
}

// Replace puts a file of keys in the place of another, durably. The keys that it replaces are gone: an old log key signs no more.
func Replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("put keys in force: %w", err)
	}
	d, err := os.Open(filepath.Dir(to))
	if err != nil {
		return fmt.Errorf("put keys in force: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
