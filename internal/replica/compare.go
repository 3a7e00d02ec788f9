package replica

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"tims/internal/tlog"
)

// Comparable is a log of which another copy may be compared with this one: a node's own, or a mirror.
type Comparable interface {
	Origin() string
	Key() string
	Size() uint64
	RootAt(size uint64) (tlog.Hash, error)
	Notes() [][]byte
	Compare(note []byte) (*tlog.Evidence, error)
	Evidence() *tlog.Evidence
	Freeze(*tlog.Evidence) error
}

// A comparison is what each side says: the signed checkpoints that it stands behind, or the evidence that it has.
//
// Trust: neither is believed. A checkpoint counts by the log's signature and only against the tree proven here; evidence
// convicts by itself or is nothing. So a bad courier, an old copy or an invented answer accuses nobody.
type comparison struct {
	Notes    [][]byte       `json:"notes,omitempty"`
	Evidence *tlog.Evidence `json:"evidence,omitempty"`
}

func (c comparison) encode() []byte {
	b, _ := json.Marshal(c) // a struct of byte strings and hashes always encodes
	return b
}

func readComparison(r io.Reader) (comparison, error) {
	var c comparison
	b, err := io.ReadAll(io.LimitReader(r, maxComparison+1))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil || len(b) > maxComparison || len(c.Notes) > maxNotes {
		return c, fmt.Errorf("%w: comparison of checkpoints", tlog.ErrMalformed)
	}
	return c, nil
}

// judge freezes the log on what the other side said of it, and gives what convicts the log's key. ahead is the size of the
// largest checkpoint of the log's key, shown by the other side, that reaches beyond what can be judged here.
func (c comparison) judge(l Comparable) (found *tlog.Evidence, ahead uint64, err error) {
	if c.Evidence != nil {
		if err := l.Freeze(c.Evidence); err != nil {
			return nil, 0, err
		}
		return l.Evidence(), 0, nil
	}
	for _, note := range c.Notes {
		e, err := l.Compare(note)
		switch {
		case errors.Is(err, tlog.ErrNotHere):
			ahead = max(ahead, noteSize(note))
		case err != nil:
			return nil, 0, err
		case e != nil:
			if err := l.Freeze(e); err != nil {
				return nil, 0, err
			}
			return l.Evidence(), 0, nil
		}
	}
	return nil, ahead, nil
}

// Doubtful says whether what a peer tells of its tree, a size and a root, asks for a comparison of signed checkpoints: its root is
// not the one here, or its growth will not be verified here since an unfinished upload reaches beyond it. Else a larger tree is
// judged when its growth is verified.
func Doubtful(l Comparable, size uint64, root tlog.Hash) (bool, error) {
	if size > l.Size() {
		notes := l.Notes()
		return len(notes) > 0 && noteSize(notes[len(notes)-1]) > size, nil
	}
	ours, err := l.RootAt(size)
	return ours != root, err
}

// Compared is the outcome of a comparison: evidence, from whichever side, on which the log here is frozen now; or how far
// the log's key has signed beyond what is here.
type Compared struct {
	Evidence *tlog.Evidence
	Ahead    uint64
}

// Compare shows a peer the checkpoints of a log that are held here, and judges those that the peer shows in return. Where two
// contradict each other the side with the larger tree proves it, and both have the evidence afterwards.
func (c *Client) Compare(ctx context.Context, l Comparable) (Compared, error) {
	answer, err := c.compare(ctx, l)
	if err != nil {
		return Compared{}, fmt.Errorf("compare checkpoints: %w", err)
	}
	found, ahead, err := answer.judge(l)
	if err == nil && found != nil && answer.Evidence == nil {
		_, err = c.compare(ctx, l) // the peer's tree was the smaller one: it is given the proof
	}
	if err != nil {
		err = fmt.Errorf("compare checkpoints: %w", err)
	}
	return Compared{found, ahead}, err
}

func (c *Client) compare(ctx context.Context, l Comparable) (comparison, error) {
	resp, err := c.do(ctx, http.MethodPost, PathCompare+"?origin="+url.QueryEscape(l.Origin()), bytes.NewReader(standing(l).encode()), "")
	if err != nil {
		return comparison{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return comparison{}, &StatusError{resp.StatusCode}
	}
	return readComparison(resp.Body)
}

// standing is what a node says of a log.
func standing(l Comparable) comparison {
	if e := l.Evidence(); e != nil {
		return comparison{Evidence: e}
	}
	return comparison{Notes: l.Notes()}
}

// CompareHandler answers comparisons alone. It is for a portal, which takes growth in a form of its own.
func CompareHandler(find func(origin string) (Comparable, bool)) http.HandlerFunc {
	return (&Server{Comparable: find}).compare
}

// compare answers with evidence if a checkpoint that the peer shows contradicts the tree here, and else with the
// checkpoints held here.
func (s *Server) compare(w http.ResponseWriter, r *http.Request) {
	theirs, err := readComparison(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	l, ok := s.Comparable(r.URL.Query().Get("origin"))
	if !ok {
		refuse(w, tlog.ErrUnknownOrigin)
		return
	}
	if _, _, err := theirs.judge(l); err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(standing(l).encode())
}
