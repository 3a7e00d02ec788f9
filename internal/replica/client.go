package replica

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"tims/internal/tlog"
)

// A Client exchanges with one peer. HTTP carries the pinned transport; Base is the peer's address without a final slash.
type Client struct {
	HTTP *http.Client
	Base string
}

// Pushed says what a push achieved.
type Pushed struct {
	Size   uint64 // of the source that the mirror was brought to
	Note   []byte // checkpoint with the mirror's cosignatures, nil where the mirror gave none
	Parts  int    // parts sent
	Leaves uint64 // leaves sent
}

// Push brings a mirror's copy of src up to src's present size: checkpoint, entries, parts of the numbers given, and a last
// empty upload that asks for the cosignature. It goes on where an earlier push ended.
func (c *Client) Push(ctx context.Context, src Source, numbers []uint8) (Pushed, error) {
	note, err := c.pushCheckpoint(ctx, src)
	if err != nil {
		return Pushed{}, fmt.Errorf("push checkpoint: %w", err)
	}
	end := noteSize(note)
	p := Pushed{Size: end}
	if note == nil {
		return p, nil // the mirror knows more than this source
	}
	start := end                          // asking with nothing to send tells where the mirror is
	leaves, parts := int64(-1), int64(-1) // where it said so last: each round must bring it further
	for range maxRounds {
		answer, sent, err := c.upload(ctx, src, start, end, numbers)
		p.Parts += sent
		if err != nil {
			return p, fmt.Errorf("push records: %w", err)
		}
		switch at := int64(answer.next); {
		case answer.lines != nil:
			p.Note = append(bytes.Clone(note), answer.lines...)
			return p, nil
		case answer.parts && at > parts:
			parts = at
			sent, err := c.pushParts(ctx, src, answer.next, end, numbers)
			p.Parts += sent
			if err != nil || sent == 0 {
				return p, err // a source that lacks parts leaves the copy as far as it goes
			}
			start = end
		case !answer.parts && answer.next < end && at > leaves:
			leaves = at
			p.Leaves = max(p.Leaves, end-answer.next)
			start = answer.next
		default:
			return p, ErrRounds // the mirror has all and will not say so, or asks for the same again
		}
	}
	return p, ErrRounds
}

// pushCheckpoint tells the mirror of the source's checkpoint and gives the note that is pending now, nil where the mirror
// knows a later one than this source.
func (c *Client) pushCheckpoint(ctx context.Context, src Source) ([]byte, error) {
	old := uint64(0)
	for range maxRaces { // another pusher may come between
		a, err := addCheckpoint(src, old)
		if errors.Is(err, tlog.ErrNotHere) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		resp, err := c.do(ctx, http.MethodPost, pathCheckpoint, bytes.NewReader(a.Encode()), "")
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusConflict {
			old, err = tlog.DecodeSize(resp.Body)
			resp.Body.Close()
			if err != nil {
				return nil, err
			}
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, &StatusError{resp.StatusCode}
		}
		return a.Checkpoint, nil
	}
	return nil, ErrRounds
}

// An answer to add-entries: cosignatures, or where to go on.
type answer struct {
	lines      []byte
	size, next uint64
	parts      bool // the entries are there, parts are missing from next on
}

func (c *Client) pushEntries(ctx context.Context, src Source, start, end uint64) (answer, error) {
	body, done := io.Pipe()
	go func() {
		z, _ := gzip.NewWriterLevel(done, gzip.BestSpeed) // most of a leaf is hashes: more effort finds nothing more
		err := writeEntries(z, src, start, end)
		done.CloseWithError(errors.Join(err, z.Close()))
	}()
	resp, err := c.do(ctx, http.MethodPost, pathEntries, body, "gzip")
	body.Close()
	if err != nil {
		return answer{}, err
	}
	return readAnswer(resp)
}

func readAnswer(resp *http.Response) (answer, error) {
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		lines, err := io.ReadAll(io.LimitReader(resp.Body, maxSmall))
		if err == nil && lines == nil {
			lines = []byte{}
		}
		return answer{lines: lines}, err
	case http.StatusConflict, http.StatusAccepted:
		info, err := tlog.DecodeMirrorInfo(resp.Body)
		a := answer{size: info.Size, next: info.Next}
		if cursor, perr := strconv.ParseUint(resp.Header.Get(headerCursor), 10, 63); perr == nil {
			a.parts, a.next = true, cursor
		}
		return a, err
	}
	return answer{}, &StatusError{resp.StatusCode}
}

// pushParts sends the parts of [from, to) in requests of a bounded size and gives how many it sent.
func (c *Client) pushParts(ctx context.Context, src Source, from, to uint64, numbers []uint8) (int, error) {
	sent := 0
	for from < to {
		parts, next, err := src.Parts(from, min(to, from+partsPerPush/tlog.MaxParts), numbers...)
		if err != nil {
			return sent, fmt.Errorf("read parts: %w", err)
		}
		if len(parts) > 0 {
			cursor, err := c.pushBatch(ctx, src.Origin(), parts)
			if err != nil {
				return sent, fmt.Errorf("push parts: %w", err)
			}
			if cursor <= from {
				return 0, nil // the mirror wants a part that this source does not hold
			}
			sent += len(parts)
			next = max(next, cursor)
		}
		from = next
	}
	return sent, nil
}

func (c *Client) pushBatch(ctx context.Context, origin string, parts []tlog.IndexedPart) (cursor uint64, err error) {
	var b []byte
	for _, p := range parts {
		b = p.AppendTo(b)
	}
	resp, err := c.do(ctx, http.MethodPost, pathParts+"?origin="+url.QueryEscape(origin), bytes.NewReader(b), "")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, &StatusError{resp.StatusCode}
	}
	info, err := tlog.DecodeMirrorInfo(resp.Body)
	return info.Next, err
}

// Pull brings a copy up to what the peer has of its log, with the parts of the numbers given. It reports whether anything
// new came. Two pulls of one copy from two peers may run at once: the one that finds the copy moved on beneath it begins again,
// for that says nothing against its peer.
func (c *Client) Pull(ctx context.Context, m *tlog.Mirror, numbers []uint8) (bool, error) {
	before, cursor := m.Size(), m.Cursor()
	var stale *tlog.ConflictError
	err := c.pullOnce(ctx, m, numbers)
	for again := 1; again < maxRaces && errors.As(err, &stale); again++ {
		err = c.pullOnce(ctx, m, numbers)
	}
	if err != nil {
		return false, err
	}
	return m.Size() > before || m.Cursor() > cursor, nil
}

func (c *Client) pullOnce(ctx context.Context, m *tlog.Mirror, numbers []uint8) error {
	_, pending := m.Pending()
	resp, err := c.get(ctx, "checkpoint", url.Values{"origin": {m.Origin()}, "old": {strconv.FormatUint(pending, 10)}})
	if err != nil {
		return fmt.Errorf("pull checkpoint: %w", err)
	}
	if resp == nil {
		return nil // the peer is behind this copy
	}
	a, err := tlog.DecodeAddCheckpoint(io.LimitReader(resp, maxSmall))
	resp.Close()
	if err == nil {
		err = m.AddCheckpoint(a)
	}
	if err != nil {
		return fmt.Errorf("pull checkpoint: %w", err)
	}
	_, end := m.Pending()
	for range maxRounds {
		if m.Next() >= end {
			break
		}
		if err := c.pullEntries(ctx, m, end); err != nil {
			return fmt.Errorf("pull entries: %w", err)
		}
	}
	for range maxRounds {
		at := m.Cursor()
		if at >= end {
			break
		}
		if err := c.pullParts(ctx, m, at, end, numbers); err != nil {
			return fmt.Errorf("pull parts: %w", err)
		}
		if m.Cursor() == at {
			break // the peer does not hold them
		}
	}
	var missing *tlog.MissingPartsError
	if _, err := m.Settle(end); err != nil && !errors.As(err, &missing) {
		return fmt.Errorf("settle: %w", err)
	}
	return nil
}

// PullParts fetches parts of leaves that are here, from an index on, as far as the peer has them: of a mirror's copy those that a
// follower can give. Nothing is settled by it.
func (c *Client) PullParts(ctx context.Context, m *tlog.Mirror, from uint64, numbers []uint8) error {
	for step := uint64(partsPerPush / tlog.MaxParts); from < m.Next(); from += step {
		if err := c.pullParts(ctx, m, from, min(from+step, m.Next()), numbers); err != nil {
			return fmt.Errorf("pull parts: %w", err)
		}
	}
	return nil
}

func (c *Client) pullEntries(ctx context.Context, m *tlog.Mirror, end uint64) error {
	q := url.Values{"origin": {m.Origin()}, "start": {strconv.FormatUint(m.Next(), 10)}, "end": {strconv.FormatUint(end, 10)}}
	resp, err := c.get(ctx, "entries", q)
	if err != nil {
		return err
	}
	if resp == nil {
		return tlog.ErrNotHere
	}
	defer resp.Close()
	d, err := tlog.DecodeEntries(io.LimitReader(resp, maxBody))
	if err != nil {
		return err
	}
	at := m.Next()
	_, err = m.AddEntries(d)
	var partial *tlog.PartialError
	var missing *tlog.MissingPartsError
	if m.Next() > at || errors.As(err, &partial) || errors.As(err, &missing) {
		return nil // what came whole stays; the next round goes on from there
	}
	return err
}

func (c *Client) pullParts(ctx context.Context, m *tlog.Mirror, from, to uint64, numbers []uint8) error {
	q := url.Values{"origin": {m.Origin()}, "from": {strconv.FormatUint(from, 10)}, "to": {strconv.FormatUint(to, 10)},
		"numbers": {hex.EncodeToString(numbers)}}
	resp, err := c.get(ctx, "parts", q)
	if err != nil {
		return err
	}
	if resp == nil {
		return tlog.ErrNotHere
	}
	defer resp.Close()
	at := m.Cursor()
	err = takeParts(m, io.LimitReader(resp, maxBody))
	if m.Cursor() > at {
		return nil
	}
	return err
}

// PullBlob fetches a blob that a list of the copy's log names. The copy checks the hash.
func (c *Client) PullBlob(ctx context.Context, m *tlog.Mirror, hash [32]byte) error {
	resp, err := c.get(ctx, "blob", url.Values{"origin": {m.Origin()}, "hash": {hex.EncodeToString(hash[:])}})
	if err != nil {
		return fmt.Errorf("pull blob: %w", err)
	}
	if resp == nil {
		return tlog.ErrNotHere
	}
	defer resp.Close()
	b, err := io.ReadAll(io.LimitReader(resp, tlog.MaxBlob+1))
	if err == nil {
		err = m.AddBlob(hash, b)
	}
	if err != nil {
		return fmt.Errorf("pull blob: %w", err)
	}
	return nil
}

// get asks for something to pull. It gives nil where the peer does not have it.
func (c *Client) get(ctx context.Context, what string, q url.Values) (io.ReadCloser, error) {
	resp, err := c.do(ctx, http.MethodGet, pathPull+what+"?"+q.Encode(), nil, "")
	if err != nil {
		return nil, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return resp.Body, nil
	case http.StatusNotFound:
		resp.Body.Close()
		return nil, nil
	}
	resp.Body.Close()
	return nil, &StatusError{resp.StatusCode}
}

func (c *Client) do(ctx context.Context, method, path string, body io.Reader, encoding string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address adds nothing that the caller does not know
		}
		return nil, err
	}
	return resp, nil
}
