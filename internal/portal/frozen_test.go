package portal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// to makes a client of the captured post towards another node.
func (c *country) to(name string) *replica.Client {
	c.Helper()
	captured := c.as(filepath.Join(c.dir, "rinas"))
	node, _ := c.portal.State().Roster.Node(name)
	captured.Base = "https://" + node.Address
	return captured
}

// restated signs a second statement for the first epoch of a post.
func (c *country) restated(post string) (roster.SignedEpoch, ed25519.PublicKey) {
	c.Helper()
	ring, err := keyring.Open(filepath.Join(c.dir, post, keysFile))
	if err != nil {
		c.Fatal(err)
	}
	l := c.portal.living(post)
	second := l.epoch.Epoch
	public, _, _ := ed25519.GenerateKey(rand.Reader)
	if second.LogKey, err = note.NewEd25519VerifierKey(l.Origin(), public); err != nil {
		c.Fatal(err)
	}
	return roster.SignEpoch(second, ring.Identity()), ring.Identity().Public().(ed25519.PublicKey)
}

// forkOf is another history of a post's log, signed with its key.
func (c *country) forkOf(post, origin string, size uint64) *tlog.Log {
	c.Helper()
	ring, err := keyring.Open(filepath.Join(c.dir, post, keysFile))
	if err != nil {
		c.Fatal(err)
	}
	signer, vkey, err := ring.Log(origin)
	if err != nil {
		c.Fatal(err)
	}
	fork, err := tlog.Open(filepath.Join(c.TempDir(), "log.db"), tlog.Options{Key: vkey, Signer: signer})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { fork.Close() })
	for i := range size {
		if _, err := fork.Append(c.Context(), tlog.Entry{Act: [16]byte{byte(i), byte(i >> 8), 1}, Leaf: []byte("another history")}); err != nil {
			c.Fatal(err)
		}
	}
	return fork
}

// Other nodes find two histories of one log, and two statements for the epoch of another. Nobody ever pushes the portal a second
// history, and it freezes both logs all the same, keeps what convicts, and says so in both languages, also after a restart.
func TestEvidenceComesFromTheNodes(t *testing.T) {
	c := found(t)
	r, text := c.cross("kakavija")
	s, _ := c.cross("rinas")
	c.holds(r)
	c.holds(s)
	forked, contested := c.portal.living("kakavija"), c.portal.living("rinas")
	c.until("the centre holds both", func() bool { return len(forked.Cosigned()) > 0 && len(contested.Cosigned()) > 0 })

	if _, err := c.to("centre").Compare(t.Context(), c.forkOf("kakavija", r.Ref.Origin, 1)); err != nil {
		t.Fatal(err)
	}
	second, identity := c.restated("rinas")
	if err := c.to("centre").Post(t.Context(), replica.PathEpoch, record.Marshal(second)); statusOf(err) != http.StatusUnprocessableEntity {
		t.Fatal(err)
	}
	c.until("the portal has frozen both", func() bool { return forked.code() == codeHistories && contested.code() == codeStatements })
	if err := forked.Evidence().Check(forked.Key()); err != nil {
		t.Error(err)
	}
	c.until("each since a time", func() bool { return forked.since.Load() > 0 && contested.since.Load() > 0 })
	was := c.portal.Contradictions()
	c.stops["portal"]()
	c.open()
	if is := c.portal.Contradictions(); len(is) != 2 || len(was) != 2 || is[0] != was[0] || is[1] != was[1] {
		t.Errorf("before the restart %+v\nafter it %+v", was, is)
	}
	_, page := c.get("/")
	mustContain(t, page, "Logs that contradict themselves", "Kakavijë</strong> <code>"+r.Ref.Origin+"</code>: the key of this log has signed two histories.",
		"Rinas</strong> <code>"+s.Ref.Origin+"</code>: the identity key of this crossing point has signed two statements", "Shown here since")
	_, page = c.albanian("/")
	mustContain(t, page, "Regjistra që bien në kundërshtim me vetveten", "çelësi i këtij regjistri ka nënshkruar dy histori.", "dy deklarata",
		"Shfaqet këtu që nga")
	_, page = c.post("/receipt", map[string][]string{"text": {text}})
	mustContain(t, page, "Your crossing stands in the log", "This log contradicts itself", "two histories. Shown here since")

	c.judges(r.Ref.Origin, s.Ref.Origin, identity)
	_, page = c.get("/crossings.json")
	var list listing
	if err := json.Unmarshal([]byte(page), &list); err != nil || len(list.Contradictions) != 2 || list.Contradictions[0].Since == 0 {
		t.Errorf("%v: %+v", err, list.Contradictions)
	}
	if err := c.portal.WriteStatic(); err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile(filepath.Join(c.opt.Static, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list.Contradictions {
		mustContain(t, string(index), x.Origin, `href="`+staticEvidence(x)+`"`)
		if b, err := os.ReadFile(filepath.Join(c.opt.Static, staticEvidence(x))); err != nil || len(b) == 0 {
			t.Errorf("%s: %d bytes, %v", staticEvidence(x), len(b), err)
		}
	}
}

// judges takes what the page hands out as a stranger does: with the keys alone.
func (c *country) judges(forked, contested string, identity ed25519.PublicKey) {
	c.Helper()
	status, b := c.get("/evidence/" + tlog.DirName(forked))
	e, err := tlog.DecodeEvidence([]byte(strings.TrimSpace(b)))
	if err == nil {
		err = e.Check(c.key(forked))
	}
	if status != http.StatusOK || err != nil {
		c.Errorf("status %d: %v", status, err)
	}
	status, b = c.get("/evidence/" + tlog.DirName(contested))
	var two roster.TwoEpochs
	if err = record.Unmarshal([]byte(b), &two); err == nil {
		err = two.Convicts(identity)
	}
	if status != http.StatusOK || err != nil {
		c.Errorf("status %d: %v", status, err)
	}
	for _, origin := range []string{"al/centre/1", "al/nowhere/1"} {
		if status, _ := c.get("/evidence/" + tlog.DirName(origin)); status != http.StatusNotFound {
			c.Errorf("%s: status %d", origin, status)
		}
	}
}

func (c *country) albanian(path string) (int, string) {
	c.Helper()
	req, err := http.NewRequest(http.MethodGet, c.server.URL+path, nil)
	if err != nil {
		c.Fatal(err)
	}
	req.Header.Set("Accept-Language", "sq")
	return c.answer(http.DefaultClient.Do(req))
}

// A thief shows his history to the portal alone. The nodes that publish learn of it there, and the whole country freezes the log.
func TestNodesLearnFromThePortal(t *testing.T) {
	c := found(t)
	r, _ := c.cross("kakavija")
	c.holds(r)
	c.until("the centre holds it", func() bool { return len(c.portal.living("kakavija").Cosigned()) > 0 })
	if _, err := c.as(filepath.Join(c.dir, "rinas")).Compare(t.Context(), c.forkOf("kakavija", r.Ref.Origin, 1)); err != nil {
		t.Fatal(err)
	}
	if c.portal.living("kakavija").code() != codeHistories {
		t.Fatal("the portal has not frozen the log")
	}
	for _, name := range []string{"kakavija", "centre"} {
		c.until(name+" has frozen the log", func() bool { e, _ := c.nodes[name].EvidenceOf(r.Ref.Origin); return e != nil })
	}
}

// Nothing that convicts nobody freezes a log at the portal.
func TestComparisonsThatConvictNobody(t *testing.T) {
	c := found(t)
	r, _ := c.cross("kakavija")
	c.holds(r)
	c.until("the centre holds it", func() bool { return len(c.portal.living("kakavija").Cosigned()) > 0 })
	c.stops["kakavija"]()
	l := c.portal.living("kakavija")
	captured := c.as(filepath.Join(c.dir, "rinas"))
	ours := l.Checkpoint()
	invented := &tlog.Evidence{Origin: l.Origin(), Ours: ours, Theirs: ours, OurRoot: tlog.Hash{1}}
	compare := replica.PathCompare + "?origin=" + l.Origin()
	for name, x := range map[string]struct {
		path string
		body []byte
		want int
	}{
		"its own checkpoint twice":  {compare, []byte(`{"evidence":` + string(invented.Encode()) + `}`), http.StatusUnprocessableEntity},
		"junk":                      {compare, []byte("junk"), http.StatusBadRequest},
		"a log that is not here":    {replica.PathCompare + "?origin=al/durres/1", []byte("{}"), http.StatusNotFound},
		"a note that nobody signed": {compare, []byte(`{"notes":["` + hex.EncodeToString([]byte("x")) + `"]}`), http.StatusBadRequest},
		"nothing":                   {compare, []byte("{}"), http.StatusOK},
	} {
		if got := statusOf(captured.Post(t.Context(), x.path, x.body)); got != x.want || l.code() != "" {
			t.Errorf("%s: status %d, want %d, frozen %q", name, got, x.want, l.code())
		}
	}
	if _, err := captured.Compare(t.Context(), c.copyOf(r.Ref.Origin)); err != nil || l.code() != "" {
		t.Errorf("an honest copy: %v, frozen %q", err, l.code())
	}
}
