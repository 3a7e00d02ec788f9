package replica

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/tlog"
)

func TestPush(t *testing.T) {
	l := newLog(t, 1, "", "")
	m, verifier := newMirror(t)
	c := serve(t, m, nil, 0)
	_, logKey := keys(t, origin, "")
	byLog, err := note.NewVerifier(logKey)
	must(t, err)
	for _, n := range []int{1, 2, 255, 256, 257, 700, 700} {
		grow(t, l, n, "")
		p, err := c.Push(ctx, l, numbers)
		must(t, err)
		same(t, m, l)
		signed, err := note.Open(p.Note, note.VerifierList(byLog, verifier))
		must(t, err)
		if p.Size != uint64(n) || len(signed.Sigs) != 2 {
			t.Errorf("at %d: %+v", n, p)
		}
	}
}

func TestPull(t *testing.T) {
	l := newLog(t, 1, "", "")
	m, _ := newMirror(t)
	c := serve(t, nil, l, 0)
	for i, n := range []int{1, 2, 256, 257, 700, 700} {
		grow(t, l, n, "")
		grown, err := c.Pull(ctx, m, numbers)
		must(t, err)
		if grown != (i < 5) {
			t.Errorf("at %d: grown %v", n, grown)
		}
		same(t, m, l)
	}
	// A peer that is behind has nothing to give, and takes nothing away.
	behind := serve(t, nil, newLog(t, 3, "", ""), 0)
	if grown, err := behind.Pull(ctx, m, numbers); grown || err != nil {
		t.Errorf("from a peer that is behind: %v, %v", grown, err)
	}
	same(t, m, l)
}

// A line that is cut after any number of bytes leaves a copy that is right as far as it goes, and the next push or pull
// finishes it.
func TestCutAfterAnyByte(t *testing.T) {
	l := newLog(t, 300, "", "")
	for name, exchange := range map[string]func(c *Client, m *tlog.Mirror) error{
		"push": func(c *Client, _ *tlog.Mirror) error { _, err := c.Push(ctx, l, numbers); return err },
		"pull": func(c *Client, m *tlog.Mirror) error { _, err := c.Pull(ctx, m, numbers); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := newMirror(t)
			whole := serve(t, m, l, 0)
			must(t, exchange(whole, m))
			carried := whole.HTTP.Transport.(*http.Transport)
			conn, err := carried.DialContext(ctx, "tcp", strings.TrimPrefix(whole.Base, "http://"))
			must(t, err)
			total := conn.(*meteredConn).left.bytes
			conn.Close()
			const cuts = 24
			for i := range cuts {
				m, _ := newMirror(t)
				if err := exchange(serve(t, m, l, 1+total*i/cuts), m); err == nil {
					t.Fatalf("%d of %d bytes were enough", total*i/cuts, total)
				}
				prefix(t, m, l)
				if m.Size() != 0 && m.Cursor() < m.Size() {
					t.Fatalf("after %d bytes the copy stands for %d records and has parts of %d", total*i/cuts, m.Size(), m.Cursor())
				}
				must(t, exchange(serve(t, m, l, 0), m))
				same(t, m, l)
			}
		})
	}
}

// On a line that never carries more than a little at once, each attempt goes on where the last one ended.
func TestManySmallSteps(t *testing.T) {
	l := newLog(t, 1500, "", "")
	m, _ := newMirror(t)
	attempts := 0
	for ; m.Size() < l.Size(); attempts++ {
		if attempts > 40 {
			t.Fatalf("after %d attempts the copy has %d leaves and the parts of %d", attempts, m.Next(), m.Cursor())
		}
		serve(t, m, l, 200_000).Push(ctx, l, numbers)
	}
	same(t, m, l)
	if attempts < 3 {
		t.Errorf("%d attempts: nothing was cut", attempts)
	}
}
