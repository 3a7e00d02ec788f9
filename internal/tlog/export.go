package tlog

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Names in an exported directory that tlog-tiles and this package fix.
const (
	checkpointFile = "checkpoint"
	vkeyFile       = "vkey"
)

// DirName is the name that a log's exported directory and its URLs under a
// mirror have: the lower-case hex SHA-256 of the origin (tlog-mirror).
func DirName(origin string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(origin))) }

// Export writes dst/DirName(origin)/ as a plain tlog-tiles directory with
// exactly the files of the current checkpoint's size, and the log's verifier
// key as vkey, and returns its path. It holds leaves and hashes only, never a
// part. The directory appears whole: it is written beside its place and then
// renamed; an earlier export there is replaced.
func (r *Reader) Export(ctx context.Context, dst string) (dir string, err error) {
	note := r.Checkpoint()
	cp, err := r.key.openCheckpoint(note)
	if err != nil {
		return "", fmt.Errorf("exporting %s: its checkpoint: %w", r.Origin(), err)
	}
	if err := os.MkdirAll(dst, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(dst, ".export-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if err := r.writeTiles(ctx, tmp, note, cp.size); err != nil {
		return "", fmt.Errorf("exporting %s: %w", r.Origin(), err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	dir = filepath.Join(dst, DirName(r.Origin()))
	return dir, replaceDir(tmp, dir)
}

func (r *Reader) writeTiles(ctx context.Context, dir string, note []byte, size uint64) error {
	for _, t := range tilesOf(size) {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, err := r.tile(t, size)
		if err != nil {
			return err
		}
		if err := writeFile(dir, tilePath(t), data); err != nil {
			return err
		}
	}
	return errors.Join(
		writeFile(dir, vkeyFile, []byte(r.Key()+"\n")),
		writeFile(dir, checkpointFile, note))
}

func writeFile(dir, name string, data []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// replaceDir renames from to the name to, moving what stands there out of the
// way first and removing it last. If it fails, what stood there stands there.
func replaceDir(from, to string) error {
	old := from + ".old"
	err := os.Rename(to, old)
	if err != nil && !isMissing(err) {
		return err
	}
	hadOld := err == nil
	if err = os.Rename(from, to); err == nil {
		return os.RemoveAll(old)
	}
	if hadOld {
		err = errors.Join(err, os.Rename(old, to))
	}
	return err
}
