package replica

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"tims/internal/tlog"
)

// pushRecords sends entries with their parts, and says how many parts.
func (c *Client) pushRecords(ctx context.Context, src Source, start, end uint64, numbers []uint8) (a answer, parts int, err error) {
	body, done := io.Pipe()
	sent := make(chan int, 1)
	go func() {
		n, err := writeGroups(done, src, start, end, numbers)
		done.CloseWithError(err)
		sent <- n
	}()
	resp, err := c.do(ctx, http.MethodPost, pathRecords, body, "")
	body.Close()
	parts = <-sent
	if err != nil {
		return a, parts, err
	}
	a, err = readAnswer(resp)
	return a, parts, err
}

// upload sends records from start on. A mirror that knows only tlog-mirror gets the entries alone, and asks for no parts.
func (c *Client) upload(ctx context.Context, src Source, start, end uint64, numbers []uint8) (a answer, parts int, err error) {
	if start < end {
		a, parts, err = c.pushRecords(ctx, src, start, end, numbers)
		var refused *StatusError
		if !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
			return a, parts, err
		}
	}
	a, err = c.pushEntries(ctx, src, start, end)
	return a, 0, err
}

// writeGroups writes the body of add-records from start on, as much as one request may hold, and counts the parts.
func writeGroups(w io.Writer, src Source, start, end uint64, numbers []uint8) (sent int, err error) {
	written := 0
	for n := 0; n < tlog.MaxPackages && start < end && written < requestBytes; n++ {
		o, err := src.Offer(start, end)
		if err != nil {
			return sent, err
		}
		next := start + uint64(o.Len())
		parts, _, err := src.Parts(start, next, numbers...)
		if err != nil {
			return sent, fmt.Errorf("read parts: %w", err)
		}
		g := group{o.AppendTo((tlog.EntriesHeader{Origin: src.Origin(), Start: start, End: end}).AppendTo(nil)), firstOf(parts)}
		b, err := g.appendTo(nil)
		if err != nil {
			return sent, err
		}
		if _, err := w.Write(b); err != nil {
			return sent, err
		}
		sent, start, written = sent+len(g.parts), next, written+len(b)
	}
	return sent, nil
}

// firstOf gives as many parts as a group may hold. The rest follows by add-parts.
func firstOf(parts []tlog.IndexedPart) []tlog.IndexedPart {
	total := 0
	for i, p := range parts {
		if total += len(p.Body); i == partsPerPush || total > pushBytes {
			return parts[:i]
		}
	}
	return parts
}

// addRecords takes entries with their parts (records.go), a group at a time. It answers as add-entries does; what came whole is kept.
func (s *Server) addRecords(w http.ResponseWriter, r *http.Request) {
	body := bufio.NewReaderSize(http.MaxBytesReader(w, r.Body, maxBody), 64<<10)
	var at tlog.EntriesHeader
	var m *tlog.Mirror
	for {
		g, err := readGroup(body)
		if err == io.EOF && m != nil {
			break
		}
		if err == io.EOF {
			err = tlog.ErrMalformed
		}
		if err == nil {
			at, m, err = s.addGroup(g)
		}
		if err != nil {
			if m != nil {
				s.Grown(m.Origin(), r)
			}
			refuse(w, err)
			return
		}
	}
	s.Grown(m.Origin(), r)
	at.Start = at.End // asking with nothing to send tells where the mirror is
	d, err := tlog.DecodeEntries(bytes.NewReader(at.AppendTo(nil)))
	if err != nil {
		refuse(w, err)
		return
	}
	lines, err := m.AddEntries(d)
	answerEntries(w, lines, err)
}

func (s *Server) addGroup(g group) (tlog.EntriesHeader, *tlog.Mirror, error) {
	d, err := tlog.DecodeEntries(bytes.NewReader(g.entries))
	if err != nil {
		return tlog.EntriesHeader{}, nil, err
	}
	m, ok := s.Mirror(d.Header.Origin)
	if !ok {
		return d.Header, nil, tlog.ErrUnknownOrigin
	}
	var partial *tlog.PartialError
	var missing *tlog.MissingPartsError
	if _, err := m.AddEntries(d); err != nil && !errors.As(err, &partial) && !errors.As(err, &missing) {
		return d.Header, m, err
	}
	if len(g.parts) > 0 {
		_, err = m.AddParts(g.parts)
	}
	return d.Header, m, err
}
