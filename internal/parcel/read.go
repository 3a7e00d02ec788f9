package parcel

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tims/internal/tlog"
)

// A Taken says what came of one log of a stick.
type Taken struct {
	Stick   uint64 `json:"stick"`   // records that its checkpoint on the stick covers
	Before  uint64 `json:"before"`  // records that were here
	Records uint64 `json:"records"` // records that are here now, proven
	Settled uint64 `json:"settled"` // of these, those that count: whole under a checkpoint
	Parts   int    `json:"parts"`   // parts offered
	// Damaged names hash tiles that are missing or spoilt on the stick. They were computed from what stands below them and proven,
	// so nothing is lost; at most maxDamagedTold are named.
	Damaged []string `json:"damaged,omitempty"`
	// Refused says why not all of it was taken, in plain words; empty where it was.
	Refused string `json:"refused,omitempty"`
}

// Read takes what a stick has of a log into its copy, with the parts of the numbers given, by the same doors as from a peer. What is
// sound is taken and what is not is refused, in the words of Taken. An error means that it could not go on, for want of the
// copy's own disk or time; evidence freezes the copy and is returned.
func (s *Stick) Read(ctx context.Context, log string, m *tlog.Mirror, say func(done, total uint64)) (Taken, error) {
	r := &reading{s: s, log: log, m: m, say: say}
	r.out.Before = m.Next()
	err := r.run(ctx)
	r.out.Records, r.out.Settled = m.Next(), m.Size()
	var proof *tlog.Evidence
	if err != nil && !errors.As(err, &proof) && !fatal(ctx, err) {
		r.refuse("%s", plain(err))
		err = nil
	}
	return r.out, err
}

// A reading is one log on its way from the stick.
type reading struct {
	s     *Stick
	log   string
	m     *tlog.Mirror
	sizes []uint64 // under which partial packs may stand
	out   Taken
	say   func(done, total uint64)
}

func (r *reading) refuse(format string, args ...any) {
	if r.out.Refused == "" {
		r.out.Refused = fmt.Sprintf(format, args...)
	}
}

// run takes the finished checkpoint first, then what a broken-off write has beyond it.
func (r *reading) run(ctx context.Context) error {
	var errs []error
	found := false
	for _, name := range []string{checkpointFile, nextFile} {
		note, err := r.s.read(r.log+"/"+name, maxSmallFile)
		if missing(err) {
			continue
		}
		found = true
		if err == nil {
			err = r.under(ctx, note)
		}
		var proof *tlog.Evidence
		if errors.As(err, &proof) || fatal(ctx, err) {
			return err
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	if !found {
		return errors.New("there is no checkpoint")
	}
	return errors.Join(errs...)
}

// under takes what stands under one signed note.
func (r *reading) under(ctx context.Context, note []byte) error {
	c, err := tlog.OpenCarried(r.m.Key(), note, func(p string) ([]byte, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return r.fetch(p)
	})
	if err != nil {
		return err
	}
	defer func() { r.damaged(c.Damaged()) }()
	r.out.Stick = max(r.out.Stick, c.Size())
	r.sizes = append(r.sizes, c.Size())
	if err := r.checkpoint(c); err != nil {
		return err
	}
	end := c.Size()
	if _, pending := r.m.Pending(); pending > end {
		return r.parts(ctx, min(end, r.m.Next())) // an old stick may still have parts that are missing here
	}
	if _, err := c.RootAt(end); err != nil {
		return err // the tiles at the right edge, on which every proof rests
	}
	eerr := r.entries(ctx, c)
	if fatal(ctx, eerr) {
		return eerr
	}
	if err := r.parts(ctx, min(end, r.m.Next())); err != nil {
		return errors.Join(eerr, err)
	}
	if eerr != nil {
		return eerr
	}
	return r.settle(end)
}

// damaged names hash tiles that had to be computed.
func (r *reading) damaged(paths []string) {
	for _, p := range paths {
		if len(r.out.Damaged) < maxDamagedTold && !slices.Contains(r.out.Damaged, p) {
			r.out.Damaged = append(r.out.Damaged, p)
		}
	}
}

func (r *reading) settle(end uint64) error {
	_, err := r.m.Settle(end)
	var lacking *tlog.MissingPartsError
	var stale *tlog.ConflictError
	switch {
	case errors.As(err, &lacking):
		r.refuse("parts are missing from record %d on: whoever wrote the stick does not hold them, or they were not taken", lacking.Cursor)
		return nil
	case errors.As(err, &stale):
		return nil // somebody else has brought more meanwhile
	}
	return err
}

// checkpoint offers the note. One that is behind is compared with the tree here; one that is ahead must continue it, and where
// it does not, the two convict the log's key.
func (r *reading) checkpoint(c *tlog.Carried) error {
	for range 3 { // a peer may bring a newer one meanwhile
		_, pending := r.m.Pending()
		a := tlog.AddCheckpoint{Old: min(pending, c.Size()), Checkpoint: c.Checkpoint()}
		if c.Size() > pending {
			if err := r.accuse(c); err != nil {
				return err
			}
			var err error
			if a.Proof, err = c.ConsistencyProof(pending); err != nil {
				return err
			}
		}
		err := r.m.AddCheckpoint(a)
		var stale *tlog.ConflictError
		if !errors.As(err, &stale) {
			return err
		}
		if _, now := r.m.Pending(); now == pending {
			return nil // behind what is held, and in agreement with it
		}
	}
	return nil
}

// accuse looks for a contradiction between a larger tree on the stick and the checkpoints held here.
func (r *reading) accuse(c *tlog.Carried) error {
	for _, note := range r.m.Notes() {
		e, err := c.Accuse(note)
		if err != nil {
			return err
		}
		if e != nil {
			if err := r.m.Freeze(e); err != nil {
				return err
			}
			return e
		}
	}
	return nil
}

func (r *reading) entries(ctx context.Context, c *tlog.Carried) error {
	for next := r.m.Next(); next < c.Size(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		o, err := c.Offer(next)
		if err == nil {
			next, err = r.m.Extend(c.Size(), o)
		}
		if err != nil {
			return fmt.Errorf("records from %d on: %w", r.m.Next(), err)
		}
		if r.say != nil {
			r.say(next, c.Size())
		}
	}
	return nil
}

// fetch reads a tile or bundle.
func (r *reading) fetch(p string) ([]byte, error) {
	limit := int64(maxTile)
	if strings.HasPrefix(p, "tile/entries/") {
		limit = maxBundle
	}
	b, err := r.s.read(r.log+"/"+p, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return b, nil
}

// parts takes the packs of [cursor, end), of the whole set first.
func (r *reading) parts(ctx context.Context, end uint64) error {
	for _, set := range []Set{All, Slips} {
		b, err := r.s.read(r.log+"/"+set.dir()+"/"+sizeFile, maxSmallFile)
		if n, perr := strconv.ParseUint(strings.TrimSuffix(string(b), "\n"), 10, 63); err == nil && perr == nil {
			r.sizes = append(r.sizes, n)
		}
	}
	for at := r.m.Cursor() / tlog.PackageSize * tlog.PackageSize; at < end && r.m.Cursor() < end; at += tlog.PackageSize {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, set := range []Set{All, Slips} {
			if r.m.Cursor() >= min(at+tlog.PackageSize, end) {
				break
			}
			err := r.packs(set, at)
			if fatal(ctx, err) {
				return err
			}
			if err != nil && !missing(err) {
				r.refuse("parts of records %d to %d: %s", at, at+tlog.PackageSize-1, plain(err))
			}
		}
		if r.say != nil {
			r.say(min(at+tlog.PackageSize, end), end)
		}
	}
	return nil
}

// packs takes the packs of one set for the bundle that begins at a leaf: the full one, or those of its partial widths.
func (r *reading) packs(set Set, at uint64) error {
	widths := map[uint64]bool{tlog.PackageSize: true}
	for _, size := range r.sizes {
		if size > at {
			widths[min(size-at, tlog.PackageSize)] = true
		}
	}
	err := error(nil)
	for w := uint64(tlog.PackageSize); w > 0; w-- {
		if !widths[w] {
			continue
		}
		perr := r.pack(set.packPath(tlog.BundleAt(at, at+w)))
		if perr == nil {
			return nil
		}
		if err == nil || missing(err) {
			err = perr
		}
	}
	return err
}

func (r *reading) pack(name string) error {
	f, err := r.s.open(r.log + "/" + name)
	if err != nil {
		return err
	}
	defer f.Close()
	d, err := decodePack(f, r.m.Origin())
	if err != nil {
		return err
	}
	for {
		parts, err := d.next()
		if err == io.EOF {
			return nil
		}
		if parts = below(parts, r.m.Next()); err == nil && len(parts) > 0 {
			_, err = r.m.AddParts(parts)
		}
		if err != nil {
			return err
		}
		r.out.Parts += len(parts)
	}
}

// below drops parts of leaves that are not here: a longer pack beside a shorter log.
func below(parts []tlog.IndexedPart, next uint64) []tlog.IndexedPart {
	for i, p := range parts {
		if p.Index >= next {
			return parts[:i]
		}
	}
	return parts
}

// ReadBlobs takes the chunks of lists that are asked for, and gives how many it found.
func (s *Stick) ReadBlobs(ctx context.Context, log string, m *tlog.Mirror, hashes [][32]byte) (int, error) {
	took := 0
	for _, hash := range hashes {
		b, err := s.Blob(log, hash)
		if err != nil || sha256.Sum256(b) != hash {
			continue // not there, or spoilt
		}
		if err := m.AddBlob(hash, b); err != nil {
			return took, err
		}
		took++
	}
	return took, ctx.Err()
}

// Notes gives the signed notes of a log on the stick: its checkpoint and those with cosignatures of other sizes, unread.
func (s *Stick) Notes(log string) (notes [][]byte) {
	if b, err := s.read(log+"/"+cosignedFile, maxSmallFile); err == nil {
		notes, _ = decodeCosigned(b) // those before the damage; each is opened by whoever takes it
	}
	if b, err := s.read(log+"/"+checkpointFile, maxSmallFile); err == nil {
		notes = append(notes, b)
	}
	return notes
}

// fatal says that an error is not the stick's: the copy's disk, or the end of time.
func fatal(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil || errors.Is(err, tlog.ErrNotRecorded) || errors.Is(err, tlog.ErrNotKnown) ||
		errors.Is(err, tlog.ErrStopped) || errors.Is(err, tlog.ErrClosed)
}

// plain says what was wrong with a stick.
func plain(err error) string {
	switch {
	case missing(err):
		return "not all of it is on the stick: " + strings.ReplaceAll(err.Error(), "\n", "; ")
	case errors.Is(err, tlog.ErrSignature), errors.Is(err, tlog.ErrUnknownOrigin):
		return "its checkpoint is not signed by the log's key"
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
