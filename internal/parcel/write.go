package parcel

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tims/internal/tlog"
)

// A Log is what is written of one log.
type Log struct {
	*tlog.Reader
	Epoch   []byte  // its signed epoch statement, opaque here
	Set     Set     // which parts this node holds of it
	Numbers []uint8 // their numbers
	Blobs   [][32]byte
}

// Written says what came onto the stick.
type Written struct {
	Size  uint64 // of the checkpoint that is on the stick now
	Files int    // written
	Bytes int64
	Ahead bool // the stick knew more of this log than this node
}

// WriteState puts what is of no single log onto the stick: its label and the approved changes.
func (s *Stick) WriteState(label string, changes []byte) error {
	w := &writer{s: s, dirs: map[string]bool{}}
	defer w.abandon()
	err := errors.Join(w.mkdir(oursDir), w.replace(labelFile, []byte(label)))
	if err == nil {
		err = w.replace(changesFile, changes)
	}
	if err != nil {
		return fmt.Errorf("write the stick: %w", err)
	}
	return nil
}

// Write brings the stick up to what is held of a log. Evidence where the stick's checkpoint and this log contradict each other:
// then nothing is written.
//
// Crash story. What the stick's checkpoint covers is never touched. Hash tiles come first, then the note under which they
// stand as tims/next, then packs and bundles in order, each on the medium before the checkpoint takes its name. Whoever reads
// a stick that was pulled in the middle has the old checkpoint whole, and under tims/next every bundle that came whole. The
// next write compares what it finds beyond the checkpoint with what belongs there and goes on.
func (s *Stick) Write(ctx context.Context, l Log, say func(done, total uint64)) (out Written, err error) {
	w := &writer{s: s, dirs: map[string]bool{}}
	defer w.abandon()
	j := &job{w: w, log: l, dir: tlog.DirName(l.Origin()), note: l.Checkpoint(), say: say}
	j.size = noteSize(j.note)
	j.whole = min(j.size, l.Cursor())
	if j.note == nil {
		return out, nil
	}
	err = j.run(ctx)
	return Written{Size: max(j.old, j.size), Files: w.files, Bytes: w.bytes, Ahead: j.old > j.size}, err
}

// A job is one log on its way onto the stick.
type job struct {
	w        *writer
	log      Log
	dir      string
	note     []byte // to be written, with the size that it covers
	size     uint64
	whole    uint64 // parts are here of the records below
	old      uint64 // size of the checkpoint that is on the stick
	unsettle uint64 // size of a write that was broken off
	say      func(done, total uint64)
}

func (j *job) at(name string) string { return j.dir + "/" + name }

func (j *job) run(ctx context.Context) error {
	if err := j.compare(); err != nil {
		return err
	}
	w := j.w
	if err := errors.Join(w.mkdir(j.at(oursDir)), w.replace(j.at(epochFile), j.log.Epoch)); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{j.tiles, j.records, j.blobs, j.finish} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// compare learns what the stick holds of this log and refuses to lengthen another tree.
func (j *job) compare() error {
	for _, name := range []string{checkpointFile, nextFile} {
		note, err := j.w.s.read(j.at(name), maxSmallFile)
		if missing(err) {
			continue
		}
		var size uint64
		if err == nil {
			size, err = j.judge(note)
		}
		var proof *tlog.Evidence
		switch {
		case errors.As(err, &proof), errors.Is(err, ErrNotPlain):
			return err
		case err != nil: // what no key has signed is damage, and is written anew
		case name == checkpointFile:
			j.old = size
		default:
			j.unsettle = size
		}
	}
	return nil
}

// judge opens a note of the stick as one of this log, and compares it with the tree here.
func (j *job) judge(note []byte) (uint64, error) {
	cp, err := tlog.OpenCheckpoint(j.log.Key(), note)
	if err != nil {
		return 0, err
	}
	if cp.Size > j.size {
		return cp.Size, nil // whoever holds more can judge
	}
	root, err := j.log.RootAt(cp.Size)
	if err != nil || root == cp.Root || cp.Size == 0 {
		return cp.Size, err
	}
	e := &tlog.Evidence{Origin: j.log.Origin(), What: "its key has signed the tree on the stick and another", Ours: j.note,
		Theirs: cp.Note, OurRoot: root}
	if e.Proof, err = j.log.ConsistencyProof(cp.Size, j.size); err != nil {
		return cp.Size, err
	}
	return cp.Size, e
}

// tiles writes the hash tiles, then says under which note they stand.
func (j *job) tiles(ctx context.Context) error {
	if j.size <= j.old {
		return nil
	}
	tiles, _ := tlog.TilePaths(j.old, j.size)
	for _, p := range tiles {
		if err := errors.Join(ctx.Err(), j.copyTile(p)); err != nil {
			return err
		}
	}
	if err := j.w.flush(); err != nil {
		return err
	}
	if j.unsettle > j.old && j.unsettle != j.size { // its partial tiles are found by nobody any more
		if err := j.w.remove(j.partials(j.unsettle, j.old)...); err != nil {
			return err
		}
	}
	return errors.Join(j.w.replace(j.at(vkeyFile), []byte(j.log.Key()+"\n")), j.w.replace(j.at(nextFile), j.note))
}

func (j *job) copyTile(p string) error {
	b, err := j.log.Tile(p)
	if err != nil {
		return err
	}
	return j.w.put(j.at(p), b)
}

// records writes packs and bundles in order, each pack before its bundle.
func (j *job) records(ctx context.Context) error {
	packed, err := j.packed()
	if err != nil {
		return err
	}
	for at := min(packed, j.old) / tlog.PackageSize * tlog.PackageSize; at < j.size; at += tlog.PackageSize {
		b := tlog.BundleAt(at, j.size)
		if err := ctx.Err(); err != nil {
			return err
		}
		if at < j.whole && min(b.End, j.whole) > packed {
			if err := j.pack(tlog.BundleAt(at, j.whole)); err != nil {
				return err
			}
		}
		if b.End > j.old {
			if err := j.copyTile(b.Path); err != nil {
				return err
			}
		}
		if j.say != nil {
			j.say(b.End, j.size)
		}
	}
	if j.whole <= packed {
		return nil
	}
	name := j.at(j.log.Set.dir() + "/" + sizeFile)
	if err := j.w.replace(name, []byte(strconv.FormatUint(j.whole, 10)+"\n")); err != nil {
		return err
	}
	if packed%tlog.PackageSize == 0 {
		return nil
	}
	return j.w.remove(j.at(j.log.Set.packPath(tlog.BundleAt(packed-1, packed)))) // a longer one has taken its place
}

// packed reads how far the packs of this set go. What is damaged is written again.
func (j *job) packed() (uint64, error) {
	b, err := j.w.s.read(j.at(j.log.Set.dir()+"/"+sizeFile), maxSmallFile)
	if err != nil && !missing(err) {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(string(b), "\n"), 10, 63)
	if err != nil || n > max(j.size, j.old) {
		return 0, nil
	}
	return n, nil
}

func (j *job) pack(b tlog.Bundle) error {
	var parts []tlog.IndexedPart
	for from := b.From; from < b.End; {
		more, next, err := j.log.Parts(from, b.End, j.log.Numbers...)
		if err != nil {
			return err
		}
		parts, from = append(parts, more...), next
	}
	return j.w.put(j.at(j.log.Set.packPath(b)), encodePack(j.log.Origin(), parts))
}

func (j *job) blobs(ctx context.Context) error {
	for _, hash := range j.log.Blobs {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := fmt.Sprintf("%s/%x", j.at(blobDir), hash)
		if info, err := j.w.s.look(name); err == nil && info.Size() > 0 {
			continue // named by its hash; its reader compares it
		}
		b, err := j.log.Blob(hash)
		if errors.Is(err, tlog.ErrNotHere) {
			continue
		}
		if err != nil {
			return err
		}
		if err := j.w.put(name, b); err != nil {
			return err
		}
	}
	return nil
}

// finish gives the checkpoint its name, and takes away what only the old one needed.
func (j *job) finish(context.Context) error {
	if err := j.w.flush(); err != nil {
		return err
	}
	if notes := j.cosigned(); len(notes) > 0 {
		if err := j.w.replace(j.at(cosignedFile), notes); err != nil {
			return err
		}
	}
	if j.size < j.old {
		return nil
	}
	if err := j.w.replace(j.at(checkpointFile), j.note); err != nil {
		return err
	}
	return errors.Join(j.w.remove(append(j.partials(j.old, j.size), j.at(nextFile))...), j.w.flush())
}

// partials lists the partial tiles and bundles of one size that another does not have.
func (j *job) partials(of, than uint64) (out []string) {
	keep := tlog.PartialPaths(than)
	for _, p := range tlog.PartialPaths(of) {
		if !slices.Contains(keep, p) {
			out = append(out, j.at(p))
		}
	}
	return out
}

// cosigned gives the notes of other sizes with their cosignatures, each behind its length.
func (j *job) cosigned() (out []byte) {
	for _, c := range j.log.Cosigned() {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.Note)))
		out = append(out, c.Note...)
	}
	return out
}

// decodeCosigned reads what cosigned wrote. The notes are not opened.
func decodeCosigned(b []byte) (notes [][]byte, err error) {
	for len(b) > 0 {
		if len(b) < 4 || len(notes) == maxCosigned {
			return notes, io.ErrUnexpectedEOF
		}
		n := binary.BigEndian.Uint32(b)
		if b = b[4:]; uint64(n) > uint64(len(b)) {
			return notes, io.ErrUnexpectedEOF
		}
		notes, b = append(notes, b[:n]), b[n:]
	}
	return notes, nil
}

// noteSize reads the tree size of a checkpoint that this node holds.
func noteSize(note []byte) uint64 {
	if lines := strings.SplitN(string(note), "\n", 3); len(lines) == 3 {
		if size, err := strconv.ParseUint(lines[1], 10, 63); err == nil {
			return size
		}
	}
	return 0
}
