package control

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/watchlist/numbers"
)

const pathNumbers = "/numbers"

// ReleasedNumbers says what came of a release of bare numbers. Refused says why there is none.
type ReleasedNumbers struct {
	node.NumbersReleased
	Refused string
}

// ReleaseNumbers hands a new release of a list of bare document numbers to a centre, chunk by chunk. bound is the share of the numbers
// in force that it may lack, from 0 to 1.
func (c *Client) ReleaseNumbers(ctx context.Context, list string, source int64, terms record.NumbersTerms, set *numbers.Set, bound float64,
	progress func(done, total int)) (ReleasedNumbers, error) {
	body, w := io.Pipe()
	go func() { w.CloseWithError(writeNumbers(w, set, progress)) }()
	defer body.Close()
	q := url.Values{"list": {list}, "source": {strconv.FormatInt(source, 10)}, "count": {strconv.Itoa(set.Len())}, "issuer": {terms.Issuer},
		"status": {terms.Status}, "action": {strconv.Itoa(int(terms.Action))}, "bound": {strconv.FormatFloat(bound, 'g', -1, 64)}}
	var out ReleasedNumbers
	err := c.do(ctx, numbersTime, http.MethodPost, pathNumbers+"?"+q.Encode(), body, &out)
	return out, err
}

func writeNumbers(w io.Writer, set *numbers.Set, progress func(done, total int)) error {
	done := 0
	frame := func(chunk []byte, count int) error {
		if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(chunk))), chunk...)); err != nil {
			return err
		}
		if done += count; progress != nil {
			progress(done, set.Len())
		}
		return nil
	}
	for keys, papers := range pieces(set) {
		var err error
		if len(keys) > 0 {
			err = frame(lists.PackNumbers(keys), len(keys))
		}
		if len(papers) > 0 && err == nil {
			slices.SortFunc(papers, lists.Paper.Compare)
			err = frame(lists.PackPapers(papers), len(papers))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pieces parts a set into what one chunk of each kind holds.
func pieces(set *numbers.Set) iter.Seq2[[]uint64, []lists.Paper] {
	return func(yield func([]uint64, []lists.Paper) bool) {
		var keys []uint64
		for key := range set.Keys {
			if keys = append(keys, key); len(keys) == lists.NumbersPerChunk {
				if !yield(keys, nil) {
					return
				}
				keys = keys[:0]
			}
		}
		var papers []lists.Paper
		for e := range set.Papers {
			papers = append(papers, lists.Paper{Issuer: e.Issuer, Number: e.Number, To: e.To})
			if len(papers) == lists.PapersPerChunk {
				if !yield(keys, papers) {
					return
				}
				keys, papers = nil, papers[:0]
			}
		}
		yield(keys, papers)
	}
}

// numbers takes a whole release of numbers before it writes anything: six bytes each.
func (s *server) numbers(w http.ResponseWriter, r *http.Request) {
	deadline := time.Now().Add(numbersTime)
	rc := http.NewResponseController(w)
	if err := errors.Join(rc.SetReadDeadline(deadline), rc.SetWriteDeadline(deadline)); err != nil {
		answer(w, nil, err)
		return
	}
	q := r.URL.Query()
	count, err := strconv.Atoi(q.Get("count"))
	source, serr := strconv.ParseInt(q.Get("source"), 10, 64)
	action, aerr := strconv.ParseUint(q.Get("action"), 10, 8)
	bound, berr := strconv.ParseFloat(q.Get("bound"), 64)
	if errors.Join(err, serr, aerr, berr) != nil || count <= 0 {
		http.Error(w, "not a release of numbers", http.StatusBadRequest)
		return
	}
	set, err := readNumbers(r.Body, count)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	terms := record.NumbersTerms{Action: border.Action(action), Issuer: q.Get("issuer"), Status: q.Get("status")}
	var out ReleasedNumbers
	out.NumbersReleased, err = s.n.ReleaseNumbers(r.Context(), q.Get("list"), source, terms, set, bound)
	if errors.Is(err, node.ErrShrinks) {
		out.Refused, err = err.Error(), nil
	}
	answer(w, out, err)
}

// readNumbers reads chunks of package lists, each behind its length in four bytes, big-endian, until all are here.
func readNumbers(body io.Reader, count int) (*numbers.Set, error) {
	var b numbers.Builder
	var buf bytes.Buffer
	for have := 0; have < count; {
		var length [4]byte
		if _, err := io.ReadFull(body, length[:]); err != nil {
			return nil, fmt.Errorf("the release was broken off after %d of %d numbers", have, count)
		}
		n := binary.BigEndian.Uint32(length[:])
		if n > maxFrame {
			return nil, fmt.Errorf("a chunk of %d bytes, at most %d", n, maxFrame)
		}
		buf.Reset()
		if _, err := io.CopyN(&buf, body, int64(n)); err != nil {
			return nil, fmt.Errorf("the release was broken off after %d of %d numbers", have, count)
		}
		c, err := lists.FromNumbers(buf.Bytes())
		if err != nil {
			return nil, err
		}
		for _, key := range c.Keys {
			if !b.AddKey(key) {
				return nil, lists.ErrChunk
			}
		}
		for _, p := range c.Papers {
			err = errors.Join(err, b.Add(numbers.Entry{Issuer: p.Issuer, Number: p.Number, To: p.To}))
		}
		if err != nil || len(c.Strikes) > 0 {
			return nil, errors.Join(err, lists.ErrChunk)
		}
		have += c.Len()
	}
	set := b.Set()
	if n, _ := io.ReadFull(body, make([]byte, 1)); n > 0 || set.Len() != count {
		return nil, fmt.Errorf("the release has other than the %d numbers that it names", count)
	}
	return set, nil
}
