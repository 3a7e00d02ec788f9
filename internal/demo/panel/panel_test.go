package panel

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tims/internal/demo"
	"tims/internal/node"
	"tims/internal/web"
)

// A stage is a country with traffic and its panel.
type stage struct {
	*testing.T
	c *demo.Country
	p *Panel
	s *httptest.Server
}

func open(t *testing.T, rate float64, face func(*node.Node) (http.Handler, error)) *stage {
	t.Helper()
	var c *demo.Country
	var err error
	for port := 20400; port < 21400; port += 100 {
		if c, err = demo.Start(demo.Options{Dir: t.TempDir(), Listen: fmt.Sprintf("127.0.0.1:%d", port), Seed: 7, Version: "test", Face: face}); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	traffic, err := c.NewTraffic(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(c, traffic)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { traffic.Run(ctx, rate); close(ended) }()
	one := &stage{t, c, p, httptest.NewServer(p)}
	t.Cleanup(func() {
		stop()
		<-ended
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		one.s.Close()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return one
}

func (s *stage) now() state {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	return s.p.s
}

// press sends a form as a browser without script does and waits until the action has ended.
func (s *stage) press(kind, node string) {
	s.Helper()
	before := len(s.now().journal)
	r, err := http.PostForm(s.s.URL+"/act", url.Values{"act": {kind}, "node": {node}})
	if err != nil {
		s.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK || r.Request.URL.Path != "/" {
		s.Fatalf("%s %s: %s at %s", kind, node, r.Status, r.Request.URL.Path)
	}
	s.until(kind+" ends", func(st state) bool { return st.busy == nil })
	said := s.now().journal
	for _, e := range said[:len(said)-before] {
		if e.key == "demo.log.failed" || e.key == "demo.log.refused" {
			s.Fatalf("%s %s: %s %v %s", kind, node, e.key, e.args, e.raw)
		}
	}
}

func (s *stage) until(what string, so func(state) bool) state {
	s.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		st := s.now()
		if so(st) {
			return st
		}
		if time.Now().After(end) {
			s.Fatalf("not so after 30 s: %s: centre %s, %+v", what, st.centre, st.figures)
		}
	}
}

func (s *stage) more(n int) {
	s.Helper()
	from := s.now().figures.Accepted
	s.until("the booths go on", func(st state) bool { return st.figures.Accepted >= from+n })
}

func (s *stage) allThere() {
	s.Helper()
	st := s.until("all is at the centre", func(st state) bool { return st.centre == centreOK && st.returned == nil && st.whole != nil })
	if st.figures.Lost != 0 || st.figures.NotRecorded != 0 {
		s.Errorf("lost %d, not recorded %d: %s", st.figures.Lost, st.figures.NotRecorded, st.figures.Problem)
	}
}

// found verifies a node: exactly the edited record is found.
func (s *stage) found(node string) {
	s.Helper()
	s.press(actVerify, node)
	st := s.now()
	found := st.verified[node].Found
	if len(found) != 1 || found[0].Where != st.edit.Origin || found[0].Index != st.edit.Index || !st.edit.found {
		s.Fatalf("edited %s %d, found %d: %v", st.edit.Origin, st.edit.Index, len(found), found[:min(len(found), 5)])
	}
	if key, _ := finding(found[0]); key != "demo.found.bytes" {
		s.Errorf("the finding is told as %s", key)
	}
}

func (s *stage) body() string {
	s.Helper()
	r, err := http.Get(s.s.URL + "/")
	if err != nil {
		s.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		s.Fatal(r.Status, err)
	}
	return string(b)
}

// doors are the people's pages of a node as far as a visitor of the panel comes.
func doors(n *node.Node) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/enter" && r.FormValue("officer") != "" {
			w.Write([]byte("the door of " + n.Name()))
		}
	}), nil
}

func TestPanel(t *testing.T) {
	s := open(t, 20, doors)
	for _, part := range []struct {
		name string
		run  func(*stage)
	}{{"attacks", attacks}, {"refusals", refusals}, {"browser", browser}} {
		t.Run(part.name, func(t *testing.T) {
			one := *s
			one.T = t
			part.run(&one)
		})
	}
}

// One country goes through all attacks. What the page says of them is what the nodes' own files and receipts bear out.
func attacks(s *stage) {
	s.more(30)

	s.press(actCut, "")
	cut := s.until("the cut shows", func(st state) bool { return st.centre == centreCut && st.figures.AtPost == st.figures.Accepted })
	s.more(20)
	st := s.until("crossings wait", func(st state) bool { return st.figures.Accepted-st.figures.AtCentre >= 15 })
	if st.figures.AtCentre > cut.figures.Accepted {
		s.Errorf("%d are at a centre that was cut off at %d", st.figures.AtCentre, cut.figures.Accepted)
	}
	if page := s.body(); !strings.Contains(page, `class="road cut"`) || strings.Count(page, `aria-disabled="true"`) < 3 {
		s.Error("the page does not show the cut")
	}
	s.press(actMend, "")
	s.allThere()

	s.press(actEdit, demo.Posts()[0])
	s.found(demo.Posts()[0])
	s.press(actVerify, demo.CentreName)
	if v := s.now().verified[demo.CentreName]; len(v.Found) != 0 || v.Logs != 5 {
		s.Errorf("the centre's copies: %+v", v.Verified)
	}

	s.press(actWipe, "")
	s.more(20)
	if st := s.until("nothing is at the centre", func(st state) bool { return st.figures.AtCentre == 0 }); st.centre != centreWiped {
		s.Errorf("the centre is %s", st.centre)
	}
	s.press(actRebuild, "") // the new centre takes nothing from the post that does not fit its signed tree
	s.press(actRestore, "")
	s.allThere()

	s.press(actEdit, demo.CentreName)
	s.found(demo.CentreName)
	s.press(actOff, "")
	s.press(actRestore, "")
	s.press(actOn, "")
	s.allThere()
	for _, lang := range s.p.langs {
		for _, name := range parts {
			if _, err := s.p.pages.Text(lang, name, web.Page{Data: s.p.view(lang), Stream: "/live"}); err != nil {
				s.Error(err)
			}
		}
	}
}

// What makes no sense now is not done and said in words; what no form of ours sends is refused.
func refusals(s *stage) {
	post := func(kind, node string) int {
		r, err := http.PostForm(s.s.URL+"/act", url.Values{"act": {kind}, "node": {node}})
		if err != nil {
			s.Fatal(err)
		}
		r.Body.Close()
		return r.StatusCode
	}
	s.p.mu.Lock()
	s.p.s.busy = &busy{kind: actVerify, node: demo.CentreName, since: time.Now()}
	s.p.mu.Unlock()
	post(actCut, "")
	s.p.mu.Lock()
	s.p.s.busy = nil
	s.p.mu.Unlock()
	if s.c.LinkCut() {
		s.Error("two actions at a time")
	}
	for _, c := range []struct{ kind, node, why string }{{actMend, "", "demo.no.whole"}, {actOn, "", "demo.no.on"}, {actRebuild, "", "demo.no.files"},
		{actRestore, "", "demo.no.unedited"}, {actEdit, "", "demo.no.node"}, {actVerify, "", "demo.no.node"}} {
		if got := post(c.kind, c.node); got != http.StatusOK {
			s.Errorf("%s: %d", c.kind, got)
		}
		if e := s.now().journal[0]; e.key != "demo.log.refused" || e.args[3] != word(c.why) {
			s.Errorf("%s: %s %v", c.kind, e.key, e.args)
		}
	}
	for _, c := range [][2]string{{"", ""}, {"explode", ""}, {actVerify, "../centre"}} {
		if got := post(c[0], c[1]); got != http.StatusBadRequest {
			s.Errorf("%q: %d", c, got)
		}
	}
	r := httptest.NewRecorder()
	q := httptest.NewRequest(http.MethodGet, "/", nil)
	q.Host = "tims.example:8400"
	if s.p.ServeHTTP(r, q); r.Code != http.StatusMisdirectedRequest {
		s.Errorf("by another name: %d", r.Code)
	}
}

func TestWords(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "demo"}, files)
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for kind := range icons {
		used = append(used, "demo.do."+kind, "demo.busy."+kind)
		if kind != actVerify {
			used = append(used, "demo.log."+kind)
		}
	}
	for state := range levels {
		used = append(used, "demo.centre."+state, "demo.booths.text."+state, "demo.losses.text."+state)
	}
	for _, row := range []string{"line", "power", "wipe", "edit", "verify"} {
		used = append(used, "demo.row."+row, "demo.row."+row+".text")
	}
	source, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	whole := regexp.MustCompile(`"(demo\.[a-z.]*[a-z])"`)
	for _, name := range source {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range whole.FindAllStringSubmatch(string(b), -1) {
			used = append(used, m[1])
		}
	}
	if gaps := web.MissingKeys(pages, used...); len(gaps) > 0 {
		t.Error(strings.Join(gaps, "\n"))
	}
}
