package replica

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strconv"

	"tims/internal/tlog"
)

// A Giver asks one peer for pieces of a log that is damaged here, by the requests of a pull. It is a tlog.Giver.
type Giver struct {
	Client  *Client
	Origin  string
	Numbers []uint8 // of the parts that may be asked for
}

// Size asks how many records the peer has under a checkpoint.
func (g *Giver) Size(ctx context.Context) (uint64, error) {
	resp, err := g.get(ctx, "checkpoint", url.Values{"old": {"0"}})
	if err != nil {
		return 0, err
	}
	defer resp.Close()
	a, err := tlog.DecodeAddCheckpoint(io.LimitReader(resp, maxSmall))
	if err != nil {
		return 0, fmt.Errorf("ask for a size: %w", err)
	}
	return noteSize(a.Checkpoint), nil // a lie leads to a proof that does not verify
}

// Package asks for one entry package.
func (g *Giver) Package(ctx context.Context, start, end uint64) (tlog.Offer, error) {
	resp, err := g.get(ctx, "entries", url.Values{"start": {strconv.FormatUint(start, 10)}, "end": {strconv.FormatUint(end, 10)}})
	if err != nil {
		return tlog.Offer{}, err
	}
	defer resp.Close()
	d, err := tlog.DecodeEntries(io.LimitReader(resp, maxBody))
	if err != nil {
		return tlog.Offer{}, fmt.Errorf("ask for a package: %w", err)
	}
	return d.Next()
}

// Parts asks for the parts of one record.
func (g *Giver) Parts(ctx context.Context, index uint64) ([]tlog.IndexedPart, error) {
	resp, err := g.get(ctx, "parts", url.Values{"from": {strconv.FormatUint(index, 10)}, "to": {strconv.FormatUint(index+1, 10)},
		"numbers": {hex.EncodeToString(g.Numbers)}})
	if err != nil {
		return nil, err
	}
	defer resp.Close()
	return readParts(io.LimitReader(resp, maxBody))
}

func readParts(body io.Reader) (out []tlog.IndexedPart, err error) {
	d := tlog.DecodeParts(body)
	for len(out) < tlog.MaxParts {
		p, err := d.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("parts of a record: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}

// Blob asks for a chunk of a list.
func (g *Giver) Blob(ctx context.Context, hash [32]byte) ([]byte, error) {
	resp, err := g.get(ctx, "blob", url.Values{"hash": {hex.EncodeToString(hash[:])}})
	if err != nil {
		return nil, err
	}
	defer resp.Close()
	return io.ReadAll(io.LimitReader(resp, tlog.MaxBlob+1))
}

func (g *Giver) get(ctx context.Context, what string, q url.Values) (io.ReadCloser, error) {
	q.Set("origin", g.Origin)
	resp, err := g.Client.get(ctx, what, q)
	if err == nil && resp == nil {
		err = tlog.ErrNotHere
	}
	if err != nil {
		return nil, fmt.Errorf("ask for what is damaged: %w", err)
	}
	return resp, nil
}

// Gift is what a copy brings to a peer in which one record is damaged, in one body: the package that the record stands in, as
// in add-entries, or, with parts, those of the record, as in add-parts.
func Gift(src Source, index, end uint64, parts bool, numbers []uint8) ([]byte, error) {
	if parts {
		held, _, err := src.Parts(index, index+1, numbers...)
		var b []byte
		for _, p := range held {
			b = p.AppendTo(b)
		}
		return b, err
	}
	start := index / tlog.PackageSize * tlog.PackageSize
	o, err := src.Offer(start, end)
	if err != nil {
		return nil, err
	}
	return o.AppendTo((tlog.EntriesHeader{Origin: src.Origin(), Start: start, End: end}).AppendTo(nil)), nil
}

// A Given is a gift that has come. It is a tlog.Giver which has one thing to give.
type Given struct {
	offer tlog.Offer
	end   uint64
	parts []tlog.IndexedPart
	blob  []byte
}

// OpenGift reads a gift from the wire. Nothing of it is believed yet.
func OpenGift(body io.Reader, origin string, parts bool) (*Given, error) {
	if parts {
		held, err := readParts(body)
		return &Given{parts: held}, err
	}
	d, err := tlog.DecodeEntries(body)
	if err != nil {
		return nil, err
	}
	if d.Header.Origin != origin {
		return nil, tlog.ErrUnknownOrigin
	}
	o, err := d.Next()
	return &Given{offer: o, end: d.Header.End}, err
}

// GiftBlob is a chunk of a list that has come.
func GiftBlob(b []byte) *Given { return &Given{blob: b} }

// Size is that of the tree in which the package is proven.
func (g *Given) Size(context.Context) (uint64, error) { return g.end, nil }

// Package gives the package if it is the one asked for.
func (g *Given) Package(_ context.Context, start, end uint64) (tlog.Offer, error) {
	if g.offer.Len() == 0 || g.offer.Start() != start || g.end != end {
		return tlog.Offer{}, tlog.ErrNotHere
	}
	return g.offer, nil
}

// Parts gives the parts that have come.
func (g *Given) Parts(context.Context, uint64) ([]tlog.IndexedPart, error) { return g.parts, nil }

// Blob gives the blob that has come.
func (g *Given) Blob(context.Context, [32]byte) ([]byte, error) { return g.blob, nil }
