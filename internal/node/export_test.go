package node

import (
	"context"
	"crypto/sha256"
	"errors"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/watchlist"
)

// WatchForTest puts alerts in force as a whole release would.
func WatchForTest(n *Node, list string, alerts []border.Alert) {
	a := &announcement{origin: n.origin, written: n.Now(), body: record.ListBody{List: list, Release: 1, Count: len(alerts)}}
	n.watch.now.Store(&watch{index: watchlist.Build(alerts), lists: map[string]*inForce{list: {of: a}}})
}

// ReleaseForTest writes a release as a centre whose code is not ours would: any record, with any blobs beside it.
func ReleaseForTest(ctx context.Context, n *Node, body record.ListBody, blobs ...[]byte) error {
	for _, b := range blobs {
		if err := n.log.AddBlob(sha256.Sum256(b), b); err != nil {
			return err
		}
	}
	_, err := n.append(ctx, draft{kind: record.List, act: newAct(), contents: []content{{record.Body, body}}})
	return errors.Join(err, n.caughtUp(ctx))
}

// BodyForTest gives the record of the release of a list in force, its sealed chunks, and the highest number announced.
func BodyForTest(n *Node, list string) (body record.ListBody, chunks [][]byte, top uint64) {
	f := n.watch.of(list)
	from, err := n.blobsOf(f.of.origin)
	for _, hash := range f.of.chunks {
		var b []byte
		if err == nil {
			b, err = from.Blob(hash)
		}
		chunks = append(chunks, b)
	}
	if err != nil {
		panic(err)
	}
	return f.of.body, chunks, n.watch.highest(list)
}

// BlobsForTest counts the blobs that lie with the copy of a log, and their bytes.
func BlobsForTest(n *Node, origin string) (count, size int, err error) {
	r := n.log.Reader
	if h, ok := n.mirrors.get(origin); ok {
		r = h.Reader
	}
	all, err := r.Blobs()
	for _, hash := range all {
		b, berr := r.Blob(hash)
		err, size = errors.Join(err, berr), size+len(b)
	}
	return len(all), size, err
}

// BlobForTest stores a blob beside a node's own log, or drops it.
func BlobForTest(n *Node, blob []byte, here bool) error {
	hash := sha256.Sum256(blob)
	if here {
		return n.log.AddBlob(hash, blob)
	}
	return n.log.DropBlobs([][32]byte{hash})
}
