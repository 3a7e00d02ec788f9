package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// pathMend takes what a centre asked for in its heads: it reaches out to no post, so posts bring it.
const pathMend = "/mend"

// A want is a damaged piece of a log that nobody could give whom this node reaches out to.
type want struct {
	trouble tlog.Trouble
	mendRef
}

// A mendRef tells a peer which piece is wanted. Trees of up to Size records are known here, so that it can be proven.
type mendRef struct {
	_      struct{} `cbor:",toarray"`
	Origin string
	Piece  uint8
	Index  uint64 // of a leaf or part
	Size   uint64
	Number uint8    // of a part
	Hash   [32]byte // of a blob
}

// Pieces. The numbers are those of the wire.
const (
	pieceLeaf = 0
	piecePart = 1
	pieceBlob = 2
)

// want puts what is left of one log in the place of what was wanted of it. Until a pass has read that log again, what was wanted
// stays so: passes that follow each other closely, or end early, must not take it from those who are on their way with it.
func (s *scrubbing) want(r *tlog.Reader, left []tlog.Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wants = slices.DeleteFunc(s.wants, func(w want) bool { return w.Origin == r.Origin() })
	for _, t := range left {
		w := want{t, mendRef{Origin: r.Origin(), Index: t.Index, Size: r.Size(), Number: t.Number, Hash: t.Blob}}
		switch t.Harm {
		case tlog.HarmLeaf, tlog.HarmTree:
		case tlog.HarmPart:
			w.Piece = piecePart
		case tlog.HarmBlob:
			w.Piece = pieceBlob
		default:
			continue
		}
		for at := t.Index; len(s.wants) < maxWants; at += tlog.PackageSize {
			w.Index = at
			s.wants = append(s.wants, w)
			if t.Harm != tlog.HarmLeaf || at+tlog.PackageSize >= t.End {
				break
			}
		}
	}
}

// wanted lists what is wanted, for the heads.
func (s *scrubbing) wanted() (out []mendRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wants {
		out = append(out, w.mendRef)
	}
	return out
}

func (s *scrubbing) find(m mendRef) (want, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.wants, func(w want) bool {
		return w.Origin == m.Origin && w.Piece == m.Piece && w.Index == m.Index && w.Number == m.Number && w.Hash == m.Hash
	})
	if i < 0 {
		return want{}, false
	}
	return s.wants[i], true
}

func (s *scrubbing) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// bring gives a centre the pieces that it asks for and that are sound here.
func (x *exchange) bring(ctx context.Context, c *replica.Client) error {
	if x.n.roleOf(x.peer) != roster.Centre {
		return nil
	}
	for _, m := range x.theirs.Mends {
		src, held := x.n.source(m.Origin)
		if !held {
			continue
		}
		b, end, err := gift(src, m)
		if err != nil || len(b) == 0 {
			continue // it is not here, or not sound here either
		}
		q := url.Values{"origin": {m.Origin}, "piece": {strconv.Itoa(int(m.Piece))}, "index": {strconv.FormatUint(m.Index, 10)},
			"number": {strconv.Itoa(int(m.Number))}, "hash": {hex.EncodeToString(m.Hash[:])}, "end": {strconv.FormatUint(end, 10)}}
		err = x.post(ctx, c.Base+pathMend+"?"+q.Encode(), b)
		var status *replica.StatusError
		if err != nil && !errors.As(err, &status) {
			return err
		}
	}
	x.theirs.Mends = nil // the next heads say what is wanted still
	return nil
}

func gift(src replica.Source, m mendRef) (b []byte, end uint64, err error) {
	switch end = min(m.Size, src.Size()); {
	case m.Piece == pieceBlob:
		b, err = src.Blob(m.Hash)
	case m.Piece == piecePart || m.Index < end:
		b, err = replica.Gift(src, m.Index, end, m.Piece == piecePart, partsToPush)
	}
	return b, end, err
}

// serveMend takes one piece that was asked for. It is verified like everything from outside.
func (n *Node) serveMend(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	piece, err1 := strconv.ParseUint(q.Get("piece"), 10, 8)
	index, err2 := strconv.ParseUint(q.Get("index"), 10, 63)
	number, err3 := strconv.ParseUint(q.Get("number"), 10, 8)
	hash, err4 := hex.DecodeString(q.Get("hash"))
	if errors.Join(err1, err2, err3, err4) != nil || len(hash) != 32 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	wanted, ok := n.scrubs.find(mendRef{Origin: q.Get("origin"), Piece: uint8(piece), Index: index, Number: uint8(number), Hash: [32]byte(hash)})
	s, held := n.subject(q.Get("origin"))
	if !ok || !held {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxGift))
	var given *replica.Given
	switch {
	case err != nil:
	case piece == pieceBlob:
		given = replica.GiftBlob(b)
	default:
		given, err = replica.OpenGift(bytes.NewReader(b), s.Origin(), piece == piecePart)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	t := wanted.trouble
	t.Index = index
	if t.Harm == tlog.HarmTree || t.End > 0 {
		t.Harm, t.End = tlog.HarmLeaf, index+1
	}
	if err := s.Heal(r.Context(), []tlog.Trouble{t}, n.scrubOptions(s, unpaced), given); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	n.scrubs.nudge()
}

// subject finds a log that lies on this node's disk.
func (n *Node) subject(origin string) (*subject, bool) {
	if origin == n.origin {
		return &subject{Reader: n.log.Reader, head: n.log.MendHead}, true
	}
	h, ok := n.mirrors.get(origin)
	if !ok {
		return nil, false
	}
	return &subject{Reader: h.Reader, head: h.MendHead, held: h}, true
}
