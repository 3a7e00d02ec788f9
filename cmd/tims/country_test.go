package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tims/internal/control"
	"tims/internal/node"
)

// A country from its founding to a rebuilt centre, by commands and processes alone.
func TestCountry(t *testing.T) {
	a := foundAland(t)
	a.checkFounding()
	a.start("centre", "eckero", "airport")
	a.checkSecondProcess()
	a.checkLink()
	a.checkPages()
	a.checkOfficer()
	a.checkAlerts()
	a.until("the centre holds the posts' logs", a.whole(2, "eckero", "airport"))
	a.checkVerify()
	a.checkIsolation()
	a.checkJoin()
	a.checkRebuild()
	for _, name := range []string{"eckero", "airport", "godby"} {
		a.stop(name)
	}
	a.checkTampered()
}

func (a *aland) checkFounding() {
	t := a.t
	t.Helper()
	if a.founded.Country != "ax" || len(a.founded.Nodes) != 3 || len(a.founded.Handout) != 12 {
		t.Fatalf("founded %+v", a.founded)
	}
	for _, path := range a.founded.Handout {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || filepath.Dir(path) != filepath.Join(a.dir, handout) {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	must(t, 2, "found", "--plan", filepath.Join(a.dir, "..", "plan.toml"), "--dir", a.dir)
	r := mustJSON[rosterReport](t, 0, "roster", "show", "--dir", a.node("eckero"))
	if r.Hash != a.founded.Hash || len(r.Nodes) != 3 || len(r.Officers) != 2 || r.Threshold != 2 {
		t.Errorf("roster %+v", r)
	}
	must(t, 1, "link", "--dir", a.node("eckero")) // nobody runs yet
	must(t, 1, "verify", a.node("eckero"))        // and there is no log
	a.checkCertificates()
}

// checkSecondProcess: a second process for one directory ends before it has touched the log.
func (a *aland) checkSecondProcess() {
	a.t.Helper()
	out, err := program("serve", "--config", a.configs["centre"]).CombinedOutput()
	if err == nil || !strings.Contains(string(out), control.ErrRunning.Error()) {
		a.t.Errorf("a second process for the centre: %v\n%s", err, out)
	}
}

// checkCertificates: every node has a certificate of the country's root for its own name, and the root issues further ones.
func (a *aland) checkCertificates() {
	t := a.t
	t.Helper()
	rootKey := filepath.Join(a.dir, handout, "root.key")
	rootCert, err := os.ReadFile(filepath.Join(a.dir, handout, "root.crt"))
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(rootCert) {
		t.Fatal("no root certificate", err)
	}
	to := t.TempDir()
	must(t, 0, "certificate", "--root", rootKey, "--node", "godby", "--to", to)
	must(t, 2, "certificate", "--root", rootKey, "--node", "godby", "--to", to) // nothing is overwritten
	must(t, 2, "certificate", "--root", rootKey, "--node", "godby.x", "--to", t.TempDir())
	must(t, 2, "certificate", "--root", filepath.Join(a.dir, handout, "root.crt"), "--node", "godby", "--to", t.TempDir())
	for name, dir := range map[string]string{"centre": a.node("centre"), "eckero": a.node("eckero"), "godby": to} {
		pair, err := tls.LoadX509KeyPair(filepath.Join(dir, pagesCert), filepath.Join(dir, pagesKey))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name + ".aland.example", Roots: pool}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checkOfficer: an officer is added, gets a new code for a lost passkey, and is dropped.
func (a *aland) checkOfficer() {
	t := a.t
	t.Helper()
	change := func(args ...string) officerReport {
		changes := filepath.Join(t.TempDir(), "changes")
		must(t, 0, "roster", "export", "--dir", a.node("eckero"), "--to", changes)
		to := filepath.Join(t.TempDir(), "change")
		r := mustJSON[officerReport](t, 0, append(append([]string{"officer", "--label", "K-08", "--to", to, "--founding", a.founded.Founding,
			"--hash", a.founded.Hash, "--changes", changes}, args...), a.authority(2)...)...)
		if l := mustJSON[control.Learned](t, 0, "roster", "learn", r.Change, "--dir", a.node("eckero")); l.InForce != 1 {
			t.Errorf("learned %+v", l)
		}
		return r
	}
	change("--duty", "booth")
	r := mustJSON[rosterReport](t, 0, "roster", "show", "--dir", a.node("eckero"))
	if last := r.Officers[len(r.Officers)-1]; last.Label != "K-08" || last.Dropped {
		t.Errorf("the new officer: %+v", last)
	}
	again := change()
	if again.Code == "" {
		t.Error("no code for a lost passkey")
	}
	if gone := change("--drop"); gone.Code != "" {
		t.Errorf("dropped: %+v", gone)
	}
	r = mustJSON[rosterReport](t, 0, "roster", "show", "--dir", a.node("eckero"))
	if last := r.Officers[len(r.Officers)-1]; last.Label != "K-08" || !last.Dropped || len(r.Officers) != 3 {
		t.Errorf("the dropped officer: %+v", r.Officers)
	}
}

// checkPages: the pages are served encrypted under the node's name, to whoever trusts the country's root.
func (a *aland) checkPages() {
	t := a.t
	t.Helper()
	link := mustJSON[control.People](t, 0, "link", "--dir", a.node("airport"))
	cert, err := os.ReadFile(filepath.Join(a.dir, handout, "root.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	for name, ok := range map[string]bool{"airport.aland.example": true, "eckero.aland.example": false} {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: name}}}
		resp, err := client.Get(link.URL)
		if (err == nil) != ok {
			t.Errorf("%s as %s: %v", link.URL, name, err)
		}
		if err == nil {
			resp.Body.Close()
		}
	}
}

// checkLink: the link leads to the page of the post where officers sign in.
func (a *aland) checkLink() {
	t := a.t
	t.Helper()
	link := mustJSON[control.People](t, 0, "link", "--dir", a.node("eckero"))
	resp, err := http.Get(link.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(page), "<form") {
		t.Errorf("%s answers %s, %v", link.URL, resp.Status, err)
	}
}

// checkAlerts: a list released by command at the centre is in force at both posts.
func (a *aland) checkAlerts() {
	t := a.t
	t.Helper()
	const ofac = "../../internal/lists/testdata/ofac/"
	dry := mustJSON[importReport](t, 0, "alerts", "import", "--format", "ofac-sdn", "--dry-run", ofac+"sdn.csv", ofac+"alt.csv")
	got := mustJSON[importReport](t, 0, "alerts", "import", ofac+"sdn.csv", "--format=ofac-sdn", ofac+"alt.csv", "--config", a.configs["centre"])
	if !got.Released || got.Release != 1 || !got.Whole || got.Alerts == 0 || got.Alerts != dry.Alerts || dry.Released {
		t.Errorf("imported %+v, dry run %+v", got, dry)
	}
	must(t, 1, "alerts", "import", ofac+"sdn.csv", "--format=ofac-sdn", "--dir", a.node("eckero")) // a post releases nothing
	for _, post := range []string{"eckero", "airport"} {
		a.until("the list is in force at "+post, func() bool {
			h, err := a.health(post)
			return err == nil && len(h.Lists) == 1 && h.Lists[0].Count == got.Alerts
		})
	}
	broken := a.write("sdn.csv", "306,\"BANCO\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n")
	cut := mustJSON[importReport](t, 1, "alerts", "import", broken, "--format=ofac-sdn", "--dir", a.node("centre"))
	if cut.Released || cut.Whole {
		t.Errorf("a list that was broken off: %+v", cut)
	}
}

// checkVerify: running nodes, their public listeners and their exports are sound.
func (a *aland) checkVerify() {
	t := a.t
	t.Helper()
	for _, name := range []string{"centre", "eckero"} {
		v := mustJSON[verifyReport](t, 0, "verify", a.node(name))
		if v.Kind != "node" || !v.Sound || v.Logs != 3 || v.Records == 0 {
			t.Errorf("%s: %+v", name, v)
		}
		v = mustJSON[verifyReport](t, 0, "verify", a.public[name])
		if v.Kind != "listener" || !v.Sound || v.Logs != 3 || v.Pinned {
			t.Errorf("%s: %+v", a.public[name], v)
		}
	}
	to := filepath.Join(a.dir, "..", "logs")
	logs := mustJSON[struct{ Logs map[string]string }](t, 0, "export", a.node("centre"), "--to", to).Logs
	if len(logs) != 3 {
		t.Fatalf("exported %v", logs)
	}
	var keys []string
	for _, dir := range logs {
		vkey, err := os.ReadFile(filepath.Join(dir, "vkey"))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, "--key", string(vkey))
		must(t, 0, "verify", dir)
	}
	v := mustJSON[verifyReport](t, 0, append([]string{"verify", to}, keys...)...)
	if v.Kind != "export" || v.Logs != 3 || !v.Pinned {
		t.Errorf("export: %+v", v)
	}
	v = mustJSON[verifyReport](t, 0, append([]string{"verify", a.public["centre"]}, keys...)...)
	if !v.Pinned {
		t.Errorf("listener with keys: %+v", v)
	}
	a.checkDamagedExport(to, logs["ax/eckero/1"], keys)
}

// checkDamagedExport changes one byte of each file of a log in turn, then leaves the whole log out.
func (a *aland) checkDamagedExport(to, dir string, keys []string) {
	t := a.t
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		changed := bytes.Clone(b)
		changed[len(changed)/2] ^= 1
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			return err
		}
		if v := mustJSON[verifyReport](t, 1, "verify", to); v.Sound || len(v.Found) == 0 {
			t.Errorf("one byte of %s changed: %+v", path, v)
		}
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil || files < 4 {
		t.Fatalf("%d files, %v", files, err)
	}
	must(t, 0, "verify", to)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	must(t, 0, "verify", to) // nobody told it that there should be one more
	out := must(t, 1, append([]string{"verify", to}, keys...)...)
	if !strings.Contains(out, "ax/eckero/1") || !strings.Contains(out, "not here") {
		t.Errorf("a log left out:\n%s", out)
	}
}

// checkJoin: a third post comes in by a change that a running post learns, and its log reaches the centre.
func (a *aland) checkJoin() {
	t := a.t
	t.Helper()
	peers := freeAddress(t)
	changes := filepath.Join(t.TempDir(), "changes")
	must(t, 0, "roster", "export", "--dir", a.node("eckero"), "--to", changes)
	join := []string{"join", "--changes", changes, "--dir", a.node("godby"), "--name", "godby", "--role", "post", "--place", "Godby", "--traffic", "road",
		"--address", peers, "--founding", a.founded.Founding, "--hash", a.founded.Hash}
	must(t, 1, append(join, a.authority(1)...)...) // one approval is too few, and leaves nothing behind
	j := mustJSON[joinReport](t, 0, append(join, a.authority(2)...)...)
	must(t, 2, append(join, a.authority(2)...)...) // nothing is overwritten
	l := mustJSON[control.Learned](t, 0, "roster", "learn", j.Change, "--dir", a.node("eckero"))
	if l.InForce != 1 || l.Known != 0 {
		t.Errorf("learned %+v", l)
	}
	if l = mustJSON[control.Learned](t, 0, "roster", "learn", j.Change, "--dir", a.node("eckero")); l.InForce != 0 || l.Known != 1 {
		t.Errorf("learned again %+v", l)
	}
	a.configure("godby", "post", peers)
	a.start("godby")
	a.until("the new post's log is at the centre", a.whole(1, "godby"))
	a.until("the new post has the list", func() bool {
		h, err := a.health("godby")
		return err == nil && len(h.Lists) == 1
	})
}

// checkIsolation: the centre is switched off as a normal act, also over a restart, and serves again once the posts have vouched
// for its log.
func (a *aland) checkIsolation() {
	t := a.t
	t.Helper()
	command := func(code int, args ...string) control.Alone {
		t.Helper()
		return mustJSON[control.Alone](t, code, append(args, "--dir", a.node("centre"), "--by", "R. Admin", "--reason", "order 17")...)
	}
	if got := command(0, "isolate"); got.Isolated == nil || got.Isolated.Scope != node.StoppedAll {
		t.Errorf("isolated %+v", got)
	}
	must(t, 1, "isolate", "--dir", a.node("centre"), "--by", "R. Admin", "--reason", "once more")
	public, err := http.Get(a.public["centre"] + "/logs")
	if err != nil || public.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a silent centre shows its logs: %v, %v", public, err)
	} else {
		public.Body.Close()
	}
	a.stop("centre")
	a.start("centre")
	h, err := a.health("centre")
	if err != nil || h.Isolated == nil {
		t.Errorf("after a restart %+v, %v", h.Isolated, err)
	}
	before := time.Now().UnixMilli()
	time.Sleep(1500 * time.Millisecond)
	if h, err := a.health("eckero"); err != nil || lastSeen(h, "centre") > before {
		t.Errorf("a post reaches a silent centre: %v", err)
	}
	must(t, 2, "rejoin", "--dir", a.node("centre"), "--by", "R. Admin", "--reason", "order 18", "--wait", "-1s")
	if got := command(0, "rejoin", "--wait", "60s"); got.Isolated != nil || len(got.Proven) == 0 {
		t.Errorf("rejoined %+v", got)
	}
	a.until("the posts are in touch again", func() bool {
		h, err := a.health("eckero")
		return err == nil && lastSeen(h, "centre") > before
	})
	must(t, 1, "rejoin", "--dir", a.node("centre"), "--by", "R. Admin", "--reason", "once more")
}

func lastSeen(h node.Health, name string) (at int64) {
	for _, p := range h.Peers {
		if p.Node == name {
			at = p.LastSeen
		}
	}
	return at
}

// checkRebuild: the centre loses everything and comes back from the posts, and the account names what each had.
func (a *aland) checkRebuild() {
	t := a.t
	t.Helper()
	a.stop("centre")
	if err := os.RemoveAll(a.node("centre")); err != nil {
		t.Fatal(err)
	}
	changes := filepath.Join(a.dir, "..", "changes")
	x := mustJSON[struct {
		Changes, Founding string
		Hash              string `json:"founding_hash"`
		Count             int
	}](t, 0, "roster", "export", "--to", changes, "--dir", a.node("airport"))
	if x.Hash != a.founded.Hash || x.Count != 4 {
		t.Errorf("exported %+v", x)
	}
	rebuild := append([]string{"rebuild", "--dir", a.node("centre"), "--name", "centre", "--hash", x.Hash, "--founding", x.Founding,
		"--changes", x.Changes, "--config", a.configs["centre"], "--wait", "20s"}, a.authority(2)...)
	r := mustJSON[rebuildReport](t, 0, rebuild...)
	if !r.Whole || len(r.Peers) != 3 {
		t.Errorf("rebuilt %+v", r)
	}
	for _, p := range r.Peers {
		if p.Received == 0 || p.Received != p.Expected || p.Missing != 0 || p.Reason != "" {
			t.Errorf("rebuilt from %+v", p)
		}
	}
	a.start("centre")
	a.until("the rebuilt centre has the list of its former life", func() bool {
		h, err := a.health("centre")
		return err == nil && h.Epoch == 2 && len(h.Lists) == 1
	})
	must(t, 0, "verify", a.node("centre"))
	a.stop("centre")
}

// checkTampered: one byte of a post's log file is changed, and verify says where.
func (a *aland) checkTampered() {
	t := a.t
	t.Helper()
	must(t, 0, "verify", a.node("eckero"))
	path := filepath.Join(a.node("eckero"), "log.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := exportedLeaf(t, a.node("eckero"))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, leaf)
	if at < 0 {
		t.Fatal("the leaf is not in the file")
	}
	b[at+len(leaf)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	v := mustJSON[verifyReport](t, 1, "verify", a.node("eckero"))
	if len(v.Found) == 0 || v.Found[0].Where != "ax/eckero/1" || v.Found[0].Index != 0 {
		t.Errorf("found %+v", v.Found)
	}
}

// exportedLeaf gives the bytes of a node's first leaf from an export.
func exportedLeaf(t *testing.T, dir string) ([]byte, error) {
	to := t.TempDir()
	logs, err := node.Export(t.Context(), dir, to)
	if err != nil {
		return nil, err
	}
	bundles, err := filepath.Glob(filepath.Join(logs["ax/eckero/1"], "tile/entries/000*"))
	if err != nil || len(bundles) != 1 {
		return nil, fmt.Errorf("bundles %v: %w", bundles, err)
	}
	path := bundles[0]
	if parts, err := filepath.Glob(path + "/*"); err == nil && len(parts) == 1 {
		path = parts[0]
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return b[2 : 2+int(b[0])<<8+int(b[1])], nil
}
