package tlog

import (
	"context"
	"errors"
	"slices"
)

// A Giver is somebody who holds a copy of the same log. Nothing that he gives is
// believed: Mend, MendPart and MendBlob prove it.
type Giver interface {
	// Size is how many leaves he has under a checkpoint.
	Size(ctx context.Context) (uint64, error)
	// Package gives the entry package that begins at start of the tree of end
	// leaves, Parts the parts that he holds of a leaf, Blob a blob.
	Package(ctx context.Context, start, end uint64) (Offer, error)
	Parts(ctx context.Context, index uint64) ([]IndexedPart, error)
	Blob(ctx context.Context, hash [32]byte) ([]byte, error)
}

// Heal mends what Verify found in this file, all but heads, from the leaves here
// where they suffice, otherwise from the first giver who has what is needed. What
// is left is told by Verify; an error is that of a disk or of ctx.
func (r *Reader) Heal(ctx context.Context, found []Trouble, o VerifyOptions, givers ...Giver) error {
	tree := slices.ContainsFunc(found, func(t Trouble) bool { return t.Harm == HarmLeaf || t.Harm == HarmHashes || t.Harm == HarmTree })
	if tree {
		if err := r.healTree(ctx, found, o, givers); err != nil {
			return err
		}
	}
	for _, t := range found {
		var err error
		switch t.Harm {
		case HarmPart:
			err = r.healPart(ctx, t, o, givers)
		case HarmBlob:
			err = r.healBlob(ctx, t, givers)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) healTree(ctx context.Context, found []Trouble, o VerifyOptions, givers []Giver) error {
	if _, err := r.MendHashes(ctx, o); !errors.Is(err, ErrProof) {
		return err
	}
	for _, start := range r.packagesOf(found) {
		for _, g := range givers {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := r.healPackage(ctx, start, o, g)
			if err == nil {
				break
			}
			if errors.Is(err, ErrNotRecorded) || errors.Is(err, ErrNotKnown) || errors.Is(err, ErrStopped) {
				return err
			}
		}
	}
	if _, err := r.MendHashes(ctx, o); !errors.Is(err, ErrProof) {
		return err
	}
	return nil
}

// packagesOf lists the starts of the packages in which a leaf is bad: all of
// them where only the root tells that one is.
func (r *Reader) packagesOf(found []Trouble) []uint64 {
	var out []uint64
	add := func(from, end uint64) {
		for at := packageStart(from); at < min(end, r.Next()); at += PackageSize {
			out = append(out, at)
		}
	}
	for _, t := range found {
		if t.Harm == HarmLeaf {
			add(t.Index, max(t.End, t.Index+1))
		}
	}
	if len(out) == 0 {
		add(0, r.Next())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *Reader) healPackage(ctx context.Context, start uint64, o VerifyOptions, g Giver) error {
	size, err := g.Size(ctx)
	if err != nil {
		return err
	}
	end := r.Vouched(size)
	if end <= start {
		return ErrNotHere
	}
	offer, err := g.Package(ctx, start, end)
	if err != nil {
		return err
	}
	_, err = r.Mend(end, offer, o.Act)
	return err
}

func (r *Reader) healPart(ctx context.Context, t Trouble, o VerifyOptions, givers []Giver) error {
	for _, g := range givers {
		parts, err := g.Parts(ctx, t.Index)
		i := slices.IndexFunc(parts, func(p IndexedPart) bool { return p.Index == t.Index && p.Number == t.Number })
		if err != nil || i < 0 {
			continue
		}
		if err := r.MendPart(t.Index, parts[i].Part, o.Parts); err == nil || errors.Is(err, ErrNotKnown) || errors.Is(err, ErrStopped) {
			return err
		}
	}
	return ctx.Err()
}

func (r *Reader) healBlob(ctx context.Context, t Trouble, givers []Giver) error {
	for _, g := range givers {
		b, err := g.Blob(ctx, t.Blob)
		if err != nil {
			continue
		}
		if err := r.MendBlob(t.Blob, b); err == nil || errors.Is(err, ErrNotKnown) || errors.Is(err, ErrStopped) {
			return err
		}
	}
	return ctx.Err()
}
