package node

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/seal"
	"tims/internal/watchlist"
)

// The index lies sealed in the node's directory, with what it was made of, so that a node that starts again has its watchlist before
// it has opened a chunk. It is a copy of what the logs say: one that is not there, does not open, or names releases that are not
// here is made anew, and one that is older than the logs is brought up to them as if the node had run until then.
//
// Trust: only a key of this node's own seals it. Crash: it is replaced whole.

// indexFile holds, sealed: frames behind their lengths in four bytes, big-endian (per list a head, the places, each version), an
// empty frame, then the index.
const indexFile = "watchlist"

// savedList is the head of one list in the file.
type savedList struct {
	_       struct{} `cbor:",toarray"`
	List    string
	Origin  string
	Release uint64
	Chunks  [32]byte // SHA-256 of all names of chunks
	Older   int
	Sets    int
	Gone    int // versions that follow
	Numbers int // in the set that lies in the file of numbers
	Before  int // places behind the versions: where alerts read otherwise

	Base       uint64
	BaseOrigin string
}

// savedBefore is the place where an alert read otherwise.
type savedBefore struct {
	_       struct{} `cbor:",toarray"`
	ID      uint64
	Origin  string
	Release uint64
	Chunk   int
}

// savedVersion is a version that is gone and not lost.
type savedVersion struct {
	_       struct{} `cbor:",toarray"`
	Alert   border.Alert
	Origin  string
	Release uint64
	Now     *border.Alert
}

// fileKey is the key of one of this node's own sealed files.
func (n *Node) fileKey(name string) seal.Key {
	shadow := n.ring.Shadow()
	mac := hmac.New(sha256.New, shadow[:])
	mac.Write([]byte("tims/" + name + "/1\n"))
	return seal.Key(mac.Sum(nil))
}

// saveIndex writes what is in force. It costs nothing but time if it fails: the next start builds the index.
func (n *Node) saveIndex() error {
	w := n.withoutSingles(n.watch.now.Load())
	if err := n.saveNumbers(w); err != nil {
		return err
	}
	return n.saveSealed(indexFile, w.write)
}

// saveSealed replaces a sealed file of the node's directory whole.
func (n *Node) saveSealed(name string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(n.opt.Dir, "."+name+"-")
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	defer os.Remove(tmp.Name())
	out := bufio.NewWriterSize(tmp, 1<<20)
	sealed, err := seal.NewFileWriter(out, rand.Reader, n.fileKey(name))
	if err == nil {
		err = write(sealed)
	}
	if err == nil {
		err = errors.Join(sealed.Close(), out.Flush(), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(n.opt.Dir, name))
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}

func (w *watch) write(to io.Writer) error {
	var b []byte
	frame := func(part []byte) { b = append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...) }
	for name, f := range w.lists {
		frame(record.Marshal(savedList{List: name, Origin: f.of.origin, Release: f.of.body.Release, Chunks: namesHash(f.of.chunks),
			Older: f.from.older, Sets: f.from.sets, Gone: len(f.gone),
			Numbers: f.numberCount(), Before: len(f.before),
			Base: f.from.base.release, BaseOrigin: f.from.base.origin}))
		at := make([]byte, 0, 12*len(f.at))
		for _, p := range f.at {
			at = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(at, p.id), p.chunk)
		}
		frame(at)
		facts := make([]byte, 0, 12*len(f.facts))
		for _, c := range f.facts {
			facts = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(facts, c.size), c.alerts), c.canaries)
		}
		frame(facts)
		for _, v := range f.gone {
			frame(record.Marshal(savedVersion{Alert: v.alert, Origin: v.last.origin, Release: v.last.release, Now: v.now}))
		}
		for id, p := range f.before {
			frame(record.Marshal(savedBefore{ID: id, Origin: p.of.origin, Release: p.of.body.Release, Chunk: p.at}))
		}
	}
	frame(nil)
	if _, err := to.Write(b); err != nil {
		return err
	}
	_, err := w.index.WriteTo(to)
	return err
}

func namesHash(chunks [][32]byte) [32]byte {
	h := sha256.New()
	for _, c := range chunks {
		h.Write(c[:])
	}
	return [32]byte(h.Sum(nil))
}

var errStale = errors.New("it names a release that is not here")

// openIndex puts the saved watchlist in force where all that it names is here. No file is no error.
func (n *Node) openIndex() error {
	n.watch.loading.Lock()
	defer n.watch.loading.Unlock()
	b, err := os.ReadFile(filepath.Join(n.opt.Dir, indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		b, err = seal.OpenFile(n.fileKey(indexFile), b)
	}
	saved := &watch{lists: map[string]*inForce{}}
	if err == nil {
		b, err = n.readLists(saved, b)
	}
	if err == nil {
		saved.index, err = watchlist.Open(b)
	}
	if err == nil {
		err = saved.withPapers()
	}
	if err != nil {
		return fmt.Errorf("the saved watchlist is not used and will be built anew: %w", err)
	}
	if len(saved.lists) > 0 {
		n.watch.now.Store(saved)
		n.thresholds.nudge()
	}
	return nil
}

// readLists reads what stands before the index. Whoever sealed the bytes is this node; a fault in them is a fault of the program.
func (n *Node) readLists(into *watch, b []byte) ([]byte, error) {
	sets, heads, err := n.openNumbers()
	if err != nil {
		return nil, err
	}
	bad := false
	frame := func() []byte {
		if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
			bad, b = true, nil
			return nil
		}
		part := b[4 : 4+binary.BigEndian.Uint32(b)]
		b = b[4+len(part):]
		return part
	}
	for head := frame(); len(head) > 0; head = frame() {
		var l savedList
		if err := record.Unmarshal(head, &l); err != nil {
			return nil, err
		}
		f := &inForce{of: n.watch.announcement(l.List, rank{l.Release, l.Origin})}
		if f.of == nil || f.of.broken {
			return nil, errStale
		}
		if missing, err := n.lacking(f.of, 1); err != nil || len(missing) > 0 || namesHash(f.of.chunks) != l.Chunks {
			return nil, errors.Join(errStale, err)
		}
		if l.Numbers > 0 {
			of := heads[l.List]
			if f.numbers = sets[l.List]; f.numbers == nil || of.Release != l.Release || of.Origin != l.Origin || of.Chunks != l.Chunks || f.numbers.Len() != l.Numbers ||
				slices.ContainsFunc(of.Strikes, func(i uint32) bool { return int(i) >= len(f.of.chunks) }) {
				return nil, errStale
			}
			f.strikes = of.Strikes
		}
		for part := range slices.Chunk(frame(), 12) {
			if len(part) == 12 {
				f.at = append(f.at, place{binary.BigEndian.Uint64(part), binary.BigEndian.Uint32(part[8:])})
			}
		}
		for part := range slices.Chunk(frame(), 12) {
			if len(part) == 12 {
				f.facts = append(f.facts, chunkFacts{binary.BigEndian.Uint32(part), binary.BigEndian.Uint32(part[4:]), binary.BigEndian.Uint32(part[8:])})
			}
		}
		if len(f.facts) != len(f.of.chunks) {
			return nil, record.ErrFormat
		}
		for range l.Gone {
			var v savedVersion
			if err := record.Unmarshal(frame(), &v); err != nil {
				return nil, err
			}
			f.gone = append(f.gone, version{alert: v.Alert, hash: alertHash(&v.Alert), last: rank{v.Release, v.Origin}, now: v.Now})
			f.goneRoom += bytesOf(&v.Alert)
		}
		f.before = make(map[uint64]chunkPlace, l.Before)
		for range l.Before {
			var b savedBefore
			if err := record.Unmarshal(frame(), &b); err != nil {
				return nil, err
			}
			if of := n.watch.announcement(l.List, rank{b.Release, b.Origin}); of != nil && b.Chunk < len(of.chunks) {
				f.before[b.ID] = chunkPlace{of, b.Chunk}
			}
		}
		f.from, f.held = loaded{f.of.rank(), l.Older, l.Sets, rank{l.Base, l.BaseOrigin}}, heaviest(f.gone)
		into.lists[l.List] = f
	}
	if bad {
		return nil, record.ErrFormat
	}
	return b, nil
}
