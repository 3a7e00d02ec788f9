package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// A content is one part before it is sealed.
type content struct {
	part  record.Part
	value any // encoded by record.Marshal
}

// A vault seals parts written by this node and opens parts of all nodes, as far as the ring has their keys.
type vault struct {
	ring   *keyring.Ring
	origin string
	now    func() time.Time
	state  func() *roster.State
	write  func(context.Context, record.KeysOpen) error // appends a keys record to the node's own log

	mu      sync.Mutex // makes buckets one at a time
	buckets map[record.Class]bucket
	fresh   map[record.Class]bool  // after renew: the classes that have a new bucket since; nil before
	highest map[seal.BucketID]byte // highest generation ever named in the own log, by class and month
}

type bucket struct {
	id  seal.BucketID
	key seal.Key
}

// seal turns contents, in ascending order of parts, into what the leaf says of them and what lies beside it.
func (v *vault) seal(ctx context.Context, kind record.Kind, act record.Act, contents []content) ([]record.PartRef, []tlog.Part, error) {
	at := seal.Address{Origin: v.origin, Act: act}
	refs, parts := make([]record.PartRef, 0, len(contents)), make([]tlog.Part, 0, len(contents))
	for _, c := range contents {
		plain := record.Marshal(c.value)
		at.Part = byte(c.part)
		var ref record.PartRef
		var part tlog.Part
		var err error
		if class := record.ClassOf(kind, c.part); class == record.ClassOpen {
			ref, part = inClear(c.part, plain)
		} else if ref, part, err = v.sealPart(ctx, at, class, plain); err != nil {
			return nil, nil, err
		}
		refs, parts = append(refs, ref), append(parts, part)
	}
	return refs, parts, nil
}

// roomOf gives how far a part is filled up: the length of each stands in the leaf, which more people read than the part. A slip has
// one length whatever it says: the longest fits (TestSlipHasOneLength). A police part has one length with no hit, with one and with
// two, each with the findings that go with it, so that nobody sees in a leaf that a traveller is wanted (TestHitsDoNotShow). A person
// part has one for nearly all of a small country, whose posts it lists; names and notes differ by less than a step. Every byte is
// carried over thin lines to each mirror.
func roomOf(p record.Part) seal.Room {
	switch p {
	case record.Slip:
		return seal.Room{Least: 120, Step: 128}
	case record.Person:
		return seal.Room{Least: 256, Step: 64}
	case record.Police:
		return seal.Room{Least: 208, Step: 128}
	}
	return seal.Wide
}

func (v *vault) sealPart(ctx context.Context, at seal.Address, class record.Class, plain []byte) (record.PartRef, tlog.Part, error) {
	b, err := v.bucket(ctx, class)
	if err != nil {
		return record.PartRef{}, tlog.Part{}, err
	}
	s, err := seal.Seal(rand.Reader, at, roomOf(record.Part(at.Part)), plain)
	if err != nil {
		return record.PartRef{}, tlog.Part{}, err
	}
	wrap, err := seal.WrapKey(rand.Reader, b.key, b.id, at, s.Key)
	if err != nil {
		return record.PartRef{}, tlog.Part{}, err
	}
	return record.PartRef{Part: record.Part(at.Part), Commit: s.Commit, Sealed: s.Hash, Length: uint32(len(s.Body))},
		tlog.Part{Number: at.Part, Wrap: wrap, Body: s.Body}, nil
}

// inClear is a part that everybody may read: salt(32) ‖ plaintext, committed like every other.
func inClear(p record.Part, plain []byte) (record.PartRef, tlog.Part) {
	var salt [32]byte
	rand.Read(salt[:])
	body := append(salt[:], plain...)
	return record.PartRef{Part: p, Commit: seal.Commit(byte(p), salt, plain), Sealed: seal.SealedHash(body), Length: uint32(len(body))},
		tlog.Part{Number: byte(p), Body: body}
}

// bucket gives the key under which parts of a class are wrapped this month, and makes it where there is none: its wraps to
// the readers stand in the log before the first part is sealed under it, so no part is ever sealed that its readers cannot
// open.
func (v *vault) bucket(ctx context.Context, class record.Class) (bucket, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	// A clock far in the past or future must not stop the booths; the month is a backstop.
	now := v.now().UTC()
	if y := now.Year(); y < 2026 || y > 2400 {
		now = time.Date(min(max(y, 2026), 2400), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	end := now.AddDate(0, class.Months(), 0)
	month, err := seal.MonthOf(end.Year(), end.Month())
	if err != nil {
		return bucket{}, err
	}
	if b, ok := v.buckets[class]; ok && b.id.Month == month {
		return b, nil
	}
	id := seal.BucketID{Origin: v.origin, Class: byte(class), Month: month}
	id.Generation = v.highest[id]
	name, err := seal.BucketName(id)
	if err != nil {
		return bucket{}, err
	}
	if key, ok := v.ring.Key(name); ok && (v.fresh == nil || v.fresh[class]) {
		b := bucket{id, key}
		v.buckets[class] = b
		return b, nil
	}
	if v.fresh != nil {
		v.fresh[class] = true
	}
	id.Generation++ // a bucket whose key this node cannot read again, such as an auditor's, gets a new generation at each start
	return v.makeBucket(ctx, class, id)
}

func (v *vault) makeBucket(ctx context.Context, class record.Class, id seal.BucketID) (bucket, error) {
	key, err := seal.NewKey(rand.Reader)
	if err != nil {
		return bucket{}, err
	}
	name, err := seal.BucketName(id)
	if err != nil {
		return bucket{}, err
	}
	readers := v.state().Roster.ReaderKeys(class.Readers(), v.ring.Node())
	if len(readers) == 0 {
		return bucket{}, fmt.Errorf("nobody in the roster may read class %d", class)
	}
	wrapped, err := wrapTo(name, key, readers)
	if err != nil {
		return bucket{}, err
	}
	// The generation is used up before it is written, and whoever asked may leave meanwhile: if the outcome stays unknown, the
	// next bucket has another name, and no name ever has two keys.
	v.noted(id)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bucketWithin)
	defer cancel()
	if err := v.write(ctx, record.KeysOpen{Keys: []record.WrappedKey{wrapped}}); err != nil {
		return bucket{}, fmt.Errorf("log the wraps of a new bucket: %w", err)
	}
	v.ring.Add(name, key)
	b := bucket{id, key}
	v.buckets[class] = b
	return b, nil
}

// renew begins new buckets: the readers have changed, and who is no longer one opens nothing that comes from now on.
func (v *vault) renew() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.buckets)
	v.fresh = map[record.Class]bool{}
}

// noted remembers the highest generation that the own log names.
func (v *vault) noted(id seal.BucketID) {
	k := id
	k.Generation = 0
	v.highest[k] = max(v.highest[k], id.Generation)
}

func wrapTo(name seal.KeyName, key seal.Key, readers []roster.ReaderKey) (record.WrappedKey, error) {
	w := record.WrappedKey{Name: name.Bytes()}
	for _, r := range readers {
		wrap, err := seal.WrapToReader(name, key, r.Key)
		if err != nil {
			return w, fmt.Errorf("wrap a key to %s: %w", r.Name, err)
		}
		w.Wraps = append(w.Wraps, wrap)
	}
	return w, nil
}

var (
	// errNoKey says that a part's bucket key has not reached this node, or never will.
	errNoKey = errors.New("the key of this part is not here")
	// errBody says that a part is not the one that its leaf names. It names no content.
	errBody = errors.New("the part is not the one that its leaf names")
)

// open gives a part's plaintext after checking hash and commitment against the leaf.
func (v *vault) open(origin string, leaf *record.Leaf, ref record.PartRef, p tlog.Part) ([]byte, error) {
	if seal.SealedHash(p.Body) != ref.Sealed {
		return nil, errBody
	}
	if record.ClassOf(leaf.Kind, ref.Part) == record.ClassOpen {
		if len(p.Body) < 32 || seal.Commit(byte(ref.Part), [32]byte(p.Body[:32]), p.Body[32:]) != ref.Commit {
			return nil, errBody
		}
		return p.Body[32:], nil
	}
	id, err := seal.ParseWrap(origin, p.Wrap)
	if err != nil {
		return nil, errBody
	}
	name, err := seal.BucketName(id)
	if err != nil {
		return nil, errBody
	}
	key, ok := v.ring.Key(name)
	if !ok {
		return nil, errNoKey
	}
	at := seal.Address{Origin: origin, Act: leaf.Act, Part: byte(ref.Part)}
	partKey, err := seal.UnwrapKey(key, at, p.Wrap)
	if err != nil {
		return nil, errBody
	}
	plain, _, err := seal.Open(partKey, at, p.Body, ref.Commit)
	if err != nil {
		return nil, errBody
	}
	return plain, nil
}
