package portal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// as makes a client that shows the certificate of a directory's keys, as a captured node would.
func (c *country) as(dir string) *replica.Client {
	c.Helper()
	ring, err := keyring.Open(filepath.Join(dir, keysFile))
	if err != nil {
		c.Fatal(err)
	}
	cert, err := ring.Certificate(c.portal.opt.Now())
	if err != nil {
		c.Fatal(err)
	}
	self, _ := c.portal.State().Roster.Node("portal")
	transport := &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{cert}, InsecureSkipVerify: true}}
	c.Cleanup(transport.CloseIdleConnections)
	return &replica.Client{HTTP: &http.Client{Transport: transport}, Base: "https://" + self.Address}
}

func statusOf(err error) int {
	var s *replica.StatusError
	if errors.As(err, &s) {
		return s.Status
	}
	if err == nil {
		return http.StatusOK
	}
	return 0
}

// copyOf opens the copy of a post's log that a halted centre left, to make growths from.
func (c *country) copyOf(origin string) *tlog.Mirror {
	c.Helper()
	c.stops["centre"]()
	m, err := tlog.OpenMirror(filepath.Join(c.dir, "centre", "mirror", tlog.DirName(origin), "log.db"), tlog.MirrorOptions{Key: c.key(origin), ReadOnly: true})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { m.Close() })
	return m
}

func (c *country) key(origin string) string {
	l, ok := c.portal.log(origin)
	if !ok {
		c.Fatal("the portal does not hold " + origin)
	}
	return l.Key()
}

func TestStrangersAreRefused(t *testing.T) {
	c := found(t)
	dir := t.TempDir()
	if _, err := node.CreateKeys(dir, "al", "kakavija", roster.Post, 1); err != nil { // the name is right, the key is not
		t.Fatal(err)
	}
	stranger := c.as(dir)
	if _, err := stranger.Published(t.Context()); statusOf(err) != http.StatusForbidden {
		t.Errorf("a stranger asks what is held: %v", err)
	}
	for _, path := range []string{replica.PathGrowth, replica.PathEpoch, replica.PathCosignatures} {
		if err := stranger.Post(t.Context(), path, nil); statusOf(err) != http.StatusForbidden {
			t.Errorf("a stranger posts to %s: %v", path, err)
		}
	}
	// Changes count by their approvals: those of a stranger who has none change nothing.
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	change := roster.Change{Chain: roster.ChainRoster, Number: 1, State: record.Marshal(roster.Roster{})}
	forged := roster.AppendChange(nil, roster.Approved{Change: change, Approvals: []roster.Approval{roster.Approve(change, "director", key)}})
	if err := stranger.Post(t.Context(), replica.PathChanges, forged); statusOf(err) != http.StatusUnprocessableEntity || len(c.portal.State().Changes) != 0 {
		t.Errorf("a forged change: %v", err)
	}
	// A portal is a node of the roster too, and pushes to nobody.
	if _, err := c.as(c.opt.Dir).Published(t.Context()); statusOf(err) != http.StatusForbidden {
		t.Errorf("the portal itself: %v", err)
	}
}

// A captured post of the roster pushes what it likes; the portal keeps what is proven.
func TestHostilePushes(t *testing.T) {
	c := found(t)
	r, _ := c.cross("kakavija")
	c.holds(r)
	c.until("a status record is here", func() bool { return c.portal.Crossings()[0].Record != nil })
	origin := r.Ref.Origin
	c.until("the centre has it too", func() bool { return len(c.portal.living("kakavija").Cosigned()) > 0 })
	c.stops["kakavija"]() // what it wrote last comes to the portal by the centre
	m := c.copyOf(origin)
	l, _ := c.portal.log(origin)
	c.until("the portal has what the centre has", func() bool { return l.Size() >= m.Size() })
	size := l.Size()
	captured := c.as(filepath.Join(c.dir, "rinas"))
	good, err := m.Growth(0, proof.Keep)
	if err != nil || len(good.Held) == 0 || size < m.Size() {
		t.Fatalf("%v, %d held, size %d of %d", err, len(good.Held), size, m.Size())
	}
	push := func(g tlog.Growth) int { return statusOf(captured.Post(t.Context(), replica.PathGrowth, g.Encode())) }
	if got := push(good); got != http.StatusOK {
		t.Errorf("what is held already: status %d", got)
	}
	for name, x := range map[string]struct {
		spoil func(*tlog.Growth)
		want  int
	}{
		"a crossing as a status record": {func(g *tlog.Growth) {
			leaf, err := m.Leaf(r.Ref.Index)
			if err != nil {
				t.Fatal(err)
			}
			g.Held = []tlog.HeldLeaf{{Index: r.Ref.Index, Leaf: leaf, Part: tlog.Part{Number: uint8(record.Open), Body: g.Held[0].Part.Body}}}
		}, http.StatusUnprocessableEntity},
		"other counts":                {func(g *tlog.Growth) { b := bytes.Clone(g.Held[0].Part.Body); b[40] ^= 1; g.Held[0].Part.Body = b }, http.StatusUnprocessableEntity},
		"counts at another index":     {func(g *tlog.Growth) { g.Held[0].Index++ }, http.StatusUnprocessableEntity},
		"a note that nobody signed":   {func(g *tlog.Growth) { g.Note = bytes.Replace(g.Note, []byte("\n\n"), []byte("x\n\n"), 1) }, http.StatusForbidden},
		"a log that is not announced": {func(g *tlog.Growth) { g.Note = append([]byte("al/other/1\n"), g.Note...) }, http.StatusNotFound},
	} {
		g, err := tlog.DecodeGrowth(good.Encode())
		if err != nil {
			t.Fatal(err)
		}
		x.spoil(&g)
		if got := push(g); got != x.want || l.Size() != size || l.frozen() != "" {
			t.Errorf("%s: status %d, size %d, frozen %q", name, got, l.Size(), l.frozen())
		}
	}
	if got := statusOf(captured.Post(t.Context(), replica.PathGrowth, []byte("junk"))); got != http.StatusBadRequest {
		t.Errorf("junk: status %d", got)
	}
}

// The log's own key signs another history: the portal keeps the evidence, freezes the log and says so on its pages.
func TestForkIsShown(t *testing.T) {
	c := found(t)
	r, text := c.cross("kakavija")
	c.holds(r)
	c.until("a status record is here", func() bool { return c.portal.Crossings()[0].Record != nil })
	c.stops["kakavija"]()
	ring, err := keyring.Open(filepath.Join(c.dir, "kakavija", keysFile))
	if err != nil {
		t.Fatal(err)
	}
	signer, vkey, err := ring.Log(r.Ref.Origin)
	if err != nil {
		t.Fatal(err)
	}
	fork, err := tlog.Open(filepath.Join(t.TempDir(), "log.db"), tlog.Options{Key: vkey, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	defer fork.Close()
	l, _ := c.portal.log(r.Ref.Origin)
	for i := range l.Size() + 1 {
		if _, err := fork.Append(t.Context(), tlog.Entry{Act: [16]byte{byte(i), byte(i >> 8), 1}, Leaf: []byte("another history")}); err != nil {
			t.Fatal(err)
		}
	}
	g, err := fork.Growth(l.Size(), proof.Keep)
	if err != nil {
		t.Fatal(err)
	}
	if got := statusOf(c.as(filepath.Join(c.dir, "rinas")).Post(t.Context(), replica.PathGrowth, g.Encode())); got != http.StatusUnprocessableEntity {
		t.Errorf("a fork: status %d", got)
	}
	if l.Evidence() == nil || l.Evidence().Check(vkey) != nil {
		t.Fatal("the evidence does not convict")
	}
	_, page := c.get("/")
	mustContain(t, page, "Log contradicts itself")
	_, page = c.post("/receipt", map[string][]string{"text": {text}})
	mustContain(t, page, "Your crossing stands in the log", "This log contradicts itself")
}

// A second epoch statement for one number is kept beside the first and freezes the log.
func TestSecondEpochStatementFreezes(t *testing.T) {
	c := found(t)
	r, _ := c.cross("rinas")
	c.holds(r)
	l, _ := c.portal.log(r.Ref.Origin)
	ring, err := keyring.Open(filepath.Join(c.dir, "rinas", keysFile))
	if err != nil {
		t.Fatal(err)
	}
	second := l.epoch.Epoch
	public, _, _ := ed25519.GenerateKey(rand.Reader)
	if second.LogKey, err = note.NewEd25519VerifierKey(r.Ref.Origin, public); err != nil {
		t.Fatal(err)
	}
	captured := c.as(filepath.Join(c.dir, "kakavija"))
	signed := roster.SignEpoch(second, ring.Identity())
	if err := captured.Post(t.Context(), replica.PathEpoch, record.Marshal(signed)); statusOf(err) != http.StatusUnprocessableEntity || l.frozen() == "" {
		t.Errorf("a second statement: %v, frozen %q", err, l.frozen())
	}
	_, other, _ := ed25519.GenerateKey(rand.Reader)
	second.Number, second.Origin = 2, roster.Origin("al", "rinas", 2)
	forged := roster.SignEpoch(second, other)
	if err := captured.Post(t.Context(), replica.PathEpoch, record.Marshal(forged)); statusOf(err) != http.StatusUnprocessableEntity {
		t.Errorf("a statement of a foreign key: %v", err)
	}
	if _, ok := c.portal.log(second.Origin); ok {
		t.Error("a log was opened on a forged statement")
	}
	c.stops["portal"]()
	c.open()
	if l, ok := c.portal.log(r.Ref.Origin); !ok || l.frozen() == "" {
		t.Error("after a restart the log is not frozen")
	}
}

func FuzzReadChange(f *testing.F) {
	f.Add(roster.AppendChange(nil, roster.Approved{Change: roster.Change{Chain: roster.ChainRoster, Number: 1}}))
	f.Add([]byte{0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		c, err := roster.ReadChange(r)
		if err != nil {
			return
		}
		rest, _ := io.ReadAll(r)
		if !bytes.Equal(append(roster.AppendChange(nil, c), rest...), b) {
			t.Error("a change is not written back as it was read")
		}
	})
}
