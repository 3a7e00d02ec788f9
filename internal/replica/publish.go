package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tims/internal/tlog"
)

// Paths of a portal's peers' listener. A portal is pushed to and reaches into nobody.
const (
	PathPublished    = "/published"    // GET: what the portal holds
	PathGrowth       = "/growth"       // POST: a tlog.Growth
	PathCosignatures = "/cosignatures" // POST: a cosigned checkpoint
	PathEpoch        = "/epoch"        // POST: a signed epoch statement
	PathChanges      = "/changes"      // POST: approved changes, from anybody
	publishedHeader  = "tims/published/1"
)

// Published is what a portal tells whoever pushes to it.
type Published struct {
	Changes int // approved changes in force
	Logs    []PublishedLog
}

// PublishedLog is one log at a portal: checkpoint size, hashes held, and the newest leaves held in full, ascending.
type PublishedLog struct {
	Origin string
	Size   uint64
	Next   uint64
	Held   []uint64
}

// Encode writes lines: a header, "changes N", and per log "log SIZE NEXT HELD ORIGIN" with HELD indexes joined by commas or "-".
func (p Published) Encode() []byte {
	b := fmt.Appendf(nil, "%s\nchanges %d\n", publishedHeader, p.Changes)
	for _, l := range p.Logs {
		held := make([]string, len(l.Held))
		for i, x := range l.Held {
			held[i] = strconv.FormatUint(x, 10)
		}
		if len(held) == 0 {
			held = []string{"-"}
		}
		b = fmt.Appendf(b, "log %d %d %s %s\n", l.Size, l.Next, strings.Join(held, ","), l.Origin)
	}
	return b
}

// DecodePublished reads what Encode writes, and nothing else.
func DecodePublished(b []byte) (Published, error) {
	var p Published
	bad := func() (Published, error) { return Published{}, fmt.Errorf("%w: list of a portal", tlog.ErrMalformed) }
	lines := strings.SplitAfter(string(b), "\n")
	if len(b) > maxSmall || len(lines) < 3 || len(lines) > maxPublished+3 || lines[0] != publishedHeader+"\n" || lines[len(lines)-1] != "" {
		return bad()
	}
	if _, err := fmt.Sscanf(lines[1], "changes %d\n", &p.Changes); err != nil {
		return bad()
	}
	for _, line := range lines[2 : len(lines)-1] {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 5)
		if len(f) != 5 || f[0] != "log" || f[4] == "" {
			return bad()
		}
		size, err1 := strconv.ParseUint(f[1], 10, 63)
		next, err2 := strconv.ParseUint(f[2], 10, 63)
		held, err3 := indexes(f[3])
		if errors.Join(err1, err2, err3) != nil {
			return bad()
		}
		p.Logs = append(p.Logs, PublishedLog{f[4], size, next, held})
	}
	if !bytes.Equal(p.Encode(), b) {
		return bad()
	}
	return p, nil
}

func indexes(s string) (out []uint64, err error) {
	if s == "-" {
		return nil, nil
	}
	for x := range strings.SplitSeq(s, ",") {
		n, err := strconv.ParseUint(x, 10, 63)
		if err != nil || len(out) == MaxHeldTold {
			return nil, tlog.ErrMalformed
		}
		out = append(out, n)
	}
	return out, nil
}

// A PublishSource is a log that can be published: a node's own, or a copy.
type PublishSource interface {
	Origin() string
	Size() uint64
	Checkpoint() []byte
	Cosigned() []tlog.Cosigned
	Growth(from uint64, keep func(leaf []byte) (tlog.PartRef, bool)) (tlog.Growth, error)
	HeldLeaves(indexes []uint64, keep func(leaf []byte) (tlog.PartRef, bool)) ([]tlog.HeldLeaf, error)
}

// Published asks a portal what it holds.
func (c *Client) Published(ctx context.Context) (Published, error) {
	resp, err := c.do(ctx, http.MethodGet, PathPublished, nil, "")
	if err != nil {
		return Published{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Published{}, &StatusError{resp.StatusCode}
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxSmall+1))
	if err != nil {
		return Published{}, err
	}
	return DecodePublished(b)
}

// Publish pushes hashes of one log to a portal until it has the source's checkpoint, with the leaves that keep names. recent are
// indexes of such leaves that the sender knows of: those that the portal lacks are sent again. pause is called between two
// requests, so that a long upload takes no machine for itself. It gives what the portal has then.
func (c *Client) Publish(ctx context.Context, src PublishSource, at PublishedLog, recent []uint64,
	keep func(leaf []byte) (tlog.PartRef, bool), pause func(context.Context) error) (PublishedLog, []uint64, error) {
	var seen []uint64
	lacking := slices.DeleteFunc(slices.Clone(recent), func(i uint64) bool { return i >= at.Next || slices.Contains(at.Held, i) })
	for range maxRounds {
		if at.Size >= src.Size() && len(lacking) == 0 {
			return at, seen, nil
		}
		g, err := src.Growth(min(at.Next, src.Size()), keep)
		if err != nil {
			return at, seen, fmt.Errorf("read hashes to publish: %w", err)
		}
		for _, x := range g.Held {
			seen = append(seen, x.Index)
		}
		if len(lacking) > 0 {
			again, err := src.HeldLeaves(lacking[:min(len(lacking), tlog.MaxHeld-len(g.Held))], keep)
			if err != nil {
				return at, seen, fmt.Errorf("read leaves to publish: %w", err)
			}
			g.Held, lacking = append(g.Held, again...), nil
		}
		next, err := c.pushGrowth(ctx, g)
		if err != nil {
			return at, seen, err
		}
		if next.Size < at.Size || next.Size == at.Size && next.Next == at.Next && at.Size < src.Size() {
			return next, seen, ErrRounds
		}
		at = next
		if err := pause(ctx); err != nil {
			return at, seen, err
		}
	}
	return at, seen, ErrRounds
}

// pushGrowth sends one growth; the portal answers with what it has then, also where it began elsewhere.
func (c *Client) pushGrowth(ctx context.Context, g tlog.Growth) (PublishedLog, error) {
	resp, err := c.do(ctx, http.MethodPost, PathGrowth, bytes.NewReader(g.Encode()), "")
	if err != nil {
		return PublishedLog{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict {
		return PublishedLog{}, &StatusError{resp.StatusCode}
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxSmall+1))
	if err != nil {
		return PublishedLog{}, err
	}
	p, err := DecodePublished(b)
	if err == nil && len(p.Logs) != 1 {
		err = tlog.ErrMalformed
	}
	if err != nil {
		return PublishedLog{}, err
	}
	return p.Logs[0], nil
}

// Post sends a body to one of a portal's paths.
func (c *Client) Post(ctx context.Context, path string, body []byte) error {
	resp, err := c.do(ctx, http.MethodPost, path, bytes.NewReader(body), "")
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &StatusError{resp.StatusCode}
	}
	return nil
}
