package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A traveller crosses, the centre is closed, and his receipt is checked: on the page, and off line with the founding.
func TestReceiptIsCheckedWithTheCentreClosed(t *testing.T) {
	c := found(t)
	first, text := c.cross("kakavija")
	c.until("the centre has cosigned", func() bool {
		l, ok := c.portal.log(first.Ref.Origin)
		if !ok || l.Size() <= first.Ref.Index {
			return false
		}
		_, size, err := l.Covering(first.Ref.Index)
		return err == nil && size > first.Ref.Index && len(l.Cosigned()) > 0 && l.Cosigned()[0].Size > first.Ref.Index
	})
	c.stops["centre"]()
	later, laterText := c.cross("kakavija")
	c.holds(later)

	status, page := c.post("/receipt", url.Values{"text": {text}})
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	mustContain(t, page, "Your crossing stands in the log", first.Ref.Origin, first.Code[:5], "centre (Tirana)")
	status, file := c.post("/receipt/proof", url.Values{"text": {text}})
	state, err := roster.Begin(c.founded.Founding)
	if err != nil {
		t.Fatal(err)
	}
	report, err := proof.Verify([]byte(file), proof.Trust{State: state})
	if status != 200 || err != nil || !report.Receipt || report.Code != first.Code || report.Index != first.Ref.Index ||
		len(report.Signers) != 1 || !strings.HasPrefix(report.Signers[0].Name, "al/centre/1") {
		t.Errorf("status %d, %v, %+v", status, err, report)
	}
	if report.Before == 0 || report.Before < first.Written || report.After > first.Written {
		t.Errorf("written at %d, between %d and %d", first.Written, report.After, report.Before)
	}
	// What came after the centre was closed stands under the post's own signature.
	_, page = c.post("/receipt", url.Values{"text": {laterText}})
	mustContain(t, page, "Your crossing stands in the log", "no copy has signed it yet")
	_, page = c.post("/receipt", url.Values{"number": {" Kakavija / 1 / 1 "}})
	mustContain(t, page, "A record with this number stands in the log", "only the text of the QR code tells", "--policy tims-policy.txt")
	// The policy that the page hands out is enough to judge the proof off line.
	status, keys := c.get("/policy")
	policy, err := proof.ParsePolicy([]byte(keys))
	if status != 200 || err != nil {
		t.Fatal(status, err)
	}
	if report, err := proof.Verify([]byte(file), proof.Trust{Policy: policy}); err != nil || !report.Receipt || report.Index != first.Ref.Index {
		t.Errorf("by the policy: %v, %+v", err, report)
	}
	_, page = c.post("/receipt", url.Values{"number": {"kakavija/1/999999"}})
	mustContain(t, page, "Not here yet")
	_, page = c.post("/receipt", url.Values{"number": {"morina/1/3"}})
	mustContain(t, page, "No such log is known here")
	for _, form := range []url.Values{{"text": {text[:40]}}, {"number": {"7041"}}, {}} {
		if status, page := c.post("/receipt", form); status != http.StatusUnprocessableEntity || strings.Contains(page, `id="answer"`) {
			t.Errorf("%v: status %d", form, status)
		}
	}
}

// A post with no road to the portal shows by what the centre holds of it; one beside a closed centre shows by itself.
func TestCrossingsComeFromPostsAndFromTheCentre(t *testing.T) {
	c := found(t, "rinas")
	c.cross("kakavija")
	c.cross("rinas")
	var list listing
	c.until("both posts report a person", func() bool {
		_, body := c.get("/crossings.json")
		list = listing{}
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		return len(list.Crossings) == 2 && list.Crossings[0].Entries == 1 && list.Crossings[1].Entries == 1
	})
	k := list.Crossings[0]
	if list.Country != "al" || k.Node != "kakavija" || k.Label != "Kakavijë" || k.State != stateWorking || k.Waiting != nil || k.Lat == nil ||
		k.To <= k.From || k.Heard < k.To || k.Record == nil || k.Record.Origin != "al/kakavija/1" {
		t.Errorf("%+v", k)
	}
	status, file := c.get(k.Record.Proof)
	state, _ := roster.Begin(c.founded.Founding)
	report, err := proof.Verify([]byte(file), proof.Trust{State: state})
	if status != 200 || err != nil || report.Status == nil || report.Status.To != k.To || report.Receipt {
		t.Errorf("status %d, %v, %+v", status, err, report)
	}
	_, page := c.get("/")
	mustContain(t, page, "Kakavijë", "Working", "not measured", `class="land"`, `href="`+"/proof/")
	_, page = c.get("/?lang=sq")
	mustContain(t, page, "Pikat kufitare tani", "nuk është matur")

	c.stops["centre"]()
	held := c.portal.living("rinas").Size()
	later, _ := c.cross("kakavija")
	c.holds(later)
	if got := c.portal.living("rinas").Size(); got != held {
		t.Errorf("with the centre closed, a post without a road to the portal grew there from %d to %d", held, got)
	}
	if err := c.portal.WriteStatic(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"index.html": "Crossings now", "sq.html": "Pikat kufitare tani", "portal.css": ".map", "crossings.json": `"proof": "proof/`} {
		b, err := os.ReadFile(filepath.Join(c.opt.Static, name))
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// In all that a portal has on its disk there is no leaf but status records, no act of a passage, no key that opens a part.
func TestPortalHoldsNoEntry(t *testing.T) {
	c := found(t)
	r, _ := c.cross("kakavija")
	c.holds(r)
	c.until("a status record is here", func() bool { return c.portal.Crossings()[0].Record != nil })
	l, _ := c.portal.log(r.Ref.Origin)
	size := l.Size()
	held, err := l.Held(0, size, 1000)
	if err != nil || len(held) == 0 {
		t.Fatalf("%d held, %v", len(held), err)
	}
	for _, x := range held {
		if record.KindOf(x.Leaf) != record.Status {
			t.Errorf("leaf %d of kind %v is held", x.Index, record.KindOf(x.Leaf))
		}
	}
	if _, err := l.Tile("tile/entries/000.p/1"); err == nil {
		t.Error("an entry bundle is served")
	}
	var acts [][]byte
	for i := range size {
		o, err := c.nodes["kakavija"].ReadOwn(i)
		if err != nil {
			t.Fatal(err)
		}
		if o.Leaf.Kind != record.Status {
			acts = append(acts, o.Leaf.Act[:])
		}
	}
	c.stops["portal"]()
	files := 0
	err = filepath.WalkDir(c.opt.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		for _, act := range acts {
			if bytes.Contains(b, act) {
				t.Errorf("%s holds a leaf that is no status record", filepath.Base(path))
			}
		}
		return err
	})
	if err != nil || files < 4 || len(acts) < 3 {
		t.Errorf("%d files, %d acts, %v", files, len(acts), err)
	}
	// It starts again from its disk alone, and goes on.
	c.open()
	if l, ok := c.portal.log(r.Ref.Origin); !ok || l.Size() < size {
		t.Fatal("the log is not there after a restart")
	}
	after, _ := c.cross("kakavija")
	c.holds(after)
}

// A portal reaches into nobody: its handlers and its work make no connection.
func TestPublicListenerServesTiles(t *testing.T) {
	c := found(t)
	r, _ := c.cross("kakavija")
	c.holds(r)
	l, _ := c.portal.log(r.Ref.Origin)
	for path, want := range map[string]int{
		"/logs": 200, "/" + tlog.DirName(r.Ref.Origin) + "/checkpoint": 200, "/" + tlog.DirName(r.Ref.Origin) + "/tile/0/000.p/1": 200,
		"/" + tlog.DirName(r.Ref.Origin) + "/tile/entries/000.p/1": 404, "/" + tlog.DirName("al/other/1") + "/checkpoint": 404} {
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
		w := newRecorder()
		c.portal.PublicHandler().ServeHTTP(w, req)
		if w.Code != want {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	if l.Checkpoint() == nil {
		t.Error("no checkpoint")
	}
}
