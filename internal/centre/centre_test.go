package centre

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/signin"
	"tims/internal/web"
)

var twoPosts = []node.PlannedNode{{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road"},
	{Name: "rinas", Role: roster.Post, Place: "Rinas", Traffic: "air"}}

// Every word that a template or the program can ask for is there in each language.
func TestWords(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "centre"}, files, signin.Files())
	if err != nil {
		t.Fatal(err)
	}
	used := []string{"centre.shift", "centre.entry", "centre.exit", "centre.hours", "centre.minutes", "centre.aside.other",
		"centre.clock.ok", "centre.clock.stepped", "centre.clock.off", "centre.chain.roster", "centre.chain.rulebook", "centre.chain.authority",
		"centre.post.reached", "centre.post.catching", "centre.post.cut", "centre.post.never", "centre.post.frozen",
		"centre.traffic.road", "centre.traffic.sea", "centre.traffic.air", "centre.traffic.rail",
		"centre.strip.posts", "centre.strip.stopped", "centre.strip.frozen", "centre.strip.nolists",
		"centre.search.empty", "centre.search.both", "centre.search.number.fault", "centre.search.surname.fault",
		"centre.search.given.fault", "centre.search.reason.fault", "centre.number", "centre.number.hint", "centre.surname",
		"centre.surname.hint", "centre.given", "centre.given.hint", "centre.reason", "centre.reason.hint"}
	for _, key := range asideWords {
		used = append(used, key)
	}
	for _, kind := range []record.Kind{record.Check, record.Crossing, record.Refusal, record.Referral} {
		used = append(used, "centre.kind."+kind.String())
	}
	for _, d := range []border.Decision{border.Admit, border.Refer, border.Refuse} {
		used = append(used, "centre.decision."+d.String())
	}
	for _, b := range border.Bases() {
		used = append(used, "centre.basis."+b.String())
	}
	for _, g := range append(border.Grounds(border.Entry), border.Grounds(border.Exit)...) {
		used = append(used, "centre.ground."+string(g))
	}
	for _, missing := range web.MissingKeys(pages, used...) {
		t.Error(missing)
	}
}

// Each duty sees what it may, and is offered nothing else.
func TestDuties(t *testing.T) {
	c := found(t, nil, twoPosts...)
	for _, test := range []struct {
		label                  string
		overview, search, live int
	}{
		{"", http.StatusSeeOther, http.StatusSeeOther, http.StatusSeeOther},
		{"Booth 1", 403, 403, 403},
		{"Ilir Dema", 200, 403, 0},
		{"Arta Hoxha", 200, 200, 0},
	} {
		client := c.officer(test.label)
		res, body := c.get(client, "/", "en")
		if res.StatusCode != test.overview {
			t.Errorf("%q: overview is %d", test.label, res.StatusCode)
		}
		if got, want := strings.Contains(body, `href="/search"`), test.search == 200; got != want {
			t.Errorf("%q: the search is offered: %v", test.label, got)
		}
		if res, _ := c.get(client, "/search", "en"); res.StatusCode != test.search {
			t.Errorf("%q: search is %d", test.label, res.StatusCode)
		}
		if test.search != 200 {
			size := c.size()
			if res, _ := c.post(client, "/search", url.Values{"number": {"X1"}, "reason": {"case 1"}}); res.StatusCode != 403 && res.StatusCode != 401 {
				t.Errorf("%q: a search is %d", test.label, res.StatusCode)
			}
			if c.size() != size {
				t.Errorf("%q: a search without the duty was recorded", test.label)
			}
		}
		if test.live != 0 {
			if res, _ := c.get(client, "/live", "en"); res.StatusCode != test.live {
				t.Errorf("%q: stream is %d", test.label, res.StatusCode)
			}
		}
	}
}

func (c *country) size() uint64 {
	c.Helper()
	h, err := c.centre.Health(context.Background())
	if err != nil {
		c.Fatal(err)
	}
	return h.Size
}

var (
	inline   = regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=|<style|javascript:|hx-on`)
	scripted = regexp.MustCompile(`<script[^>]*>`)
	allowed  = regexp.MustCompile(`^<script( defer src="/assets/[0-9a-f]{16}/[a-z.-]+\.js"| type="application/json")>$`)
	refresh  = regexp.MustCompile(`<noscript><meta http-equiv="refresh" content="10"></noscript>`)
)

// The overview has the day's figures, in both languages, and reads without script.
func TestOverview(t *testing.T) {
	c := found(t, nil, twoPosts...)
	c.pass("kakavija", passport(t, "X0000001", "GRC", "PAPADOPOULOU", "ELENI"), border.Entry, node.Vehicle{}, "")
	c.pass("kakavija", passport(t, "X0000002", "GRC", "PAPPAS", "NIKOS"), border.Entry, node.Vehicle{}, "")
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	c.settle()
	client := c.officer("Arta Hoxha")
	for lang, wants := range map[string][]string{
		"en": {"Greece <small>GRC</small></th><td class=\"num\">2</td><td class=\"num\">0</td>", "2 of 2 posts reachable",
			"Italy <small>ITA</small></th><td class=\"num\">0</td><td class=\"num\">1</td>", "roster 0, rulebook 0, authority 0",
			"<th scope=\"row\">All posts</th><td class=\"num\">2</td><td class=\"num\">1</td><td class=\"num\">3</td>"},
		"sq": {"Greqia <small>GRC</small></th><td class=\"num\">2</td>", "2 nga 2 pika të arritshme", "Kalime në orë"},
	} {
		res, body := c.get(client, "/", lang)
		for _, want := range append(wants, `id="centre-posts"`, `id="post-kakavija"`, `<svg class="bars"`) {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
		if !refresh.MatchString(body) || inline.MatchString(body) || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: no reload, or inline %q, or %q", lang, inline.FindString(body), res.Header.Get("Cache-Control"))
		}
		for _, tag := range scripted.FindAllString(body, -1) {
			if !allowed.MatchString(tag) {
				t.Errorf("%s: script %q", lang, tag)
			}
		}
		for _, name := range []string{"PAPADOPOULOU", "X0000001"} {
			if strings.Contains(body, name) {
				t.Errorf("%s: the overview names a traveller", lang)
			}
		}
	}
}

// An open page is told the state of now and then what changes.
func TestLive(t *testing.T) {
	c := found(t, nil, twoPosts...)
	client := c.officer("Ilir Dema")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("no %s came: %v", want, lines.Err())
	}
	until(`hx-target="#centre-posts"`)
	until("event: " + minutesEvent)
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	until("Italy <small>ITA</small></th>")
}

// A search is answered after it is recorded; what cannot be searched is recorded nowhere; nothing of it is in the journal.
func TestSearch(t *testing.T) {
	c := found(t, nil, twoPosts...)
	ref := c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA MARIA"), border.Entry, node.Vehicle{Plate: "AA123BC", Occupants: 3}, "")
	c.pass("rinas", passport(t, "X0000001", "ALB", "CELA", "ERINA MARIA"), border.Exit, node.Vehicle{}, border.ExitWanted)
	c.settle()
	client := c.officer("Arta Hoxha")
	for _, bad := range []url.Values{
		{"number": {"X0000001"}}, {"number": {"X0000001"}, "reason": {"case"}}, {"number": {"X0000001"}, "reason": {strings.Repeat("x", 201)}},
		{"reason": {"case 12"}}, {"number": {"X0000001"}, "surname": {"Cela"}, "reason": {"case 12"}},
		{"number": {"X000;1"}, "reason": {"case 12"}}, {"surname": {"C"}, "reason": {"case 12"}}, {"given": {"Erina"}, "reason": {"case 12"}},
		{"surname": {"北京"}, "reason": {"case 12"}},
	} {
		size := c.size()
		res, body := c.post(client, "/search", bad)
		if res.StatusCode != 400 || !strings.Contains(body, `aria-invalid="true"`) || c.size() != size {
			t.Errorf("%v: %d, recorded %v", bad, res.StatusCode, c.size() != size)
		}
	}
	for _, good := range []url.Values{
		{"number": {" x000-0001 "}, "reason": {"case 12/2026"}},
		{"surname": {"Çela"}, "reason": {"case 12/2026"}},
		{"surname": {"çe"}, "given": {"Erina-M"}, "reason": {"case 12/2026"}},
	} {
		res, body := c.post(client, "/search", good)
		for _, want := range []string{"CELA, ERINA MARIA", number(ref.Border()), "AA123BC", "3 persons", "Refusal, refused: X1, ",
			"by the node", "2 checks that were decided", "1 crossing<", "1 document, 4 records"} {
			if !strings.Contains(body, want) {
				t.Errorf("%v: no %q", good, want)
			}
		}
		if res.Header.Get("Cache-Control") != "no-store" || res.Request.URL.RawQuery != "" || inline.MatchString(body) {
			t.Errorf("%v: may be kept, or is in the address, or inline", good)
		}
		last, err := c.centre.ReadOwn(c.size() - 1)
		if err != nil || last.Leaf.Kind != record.Search {
			t.Errorf("%v: the newest record is %v, %v", good, last.Leaf.Kind, err)
		}
	}
	if _, body := c.post(client, "/search", url.Values{"number": {"NOBODY"}, "reason": {"case 12/2026"}}); !strings.Contains(body, "Nothing is known here") {
		t.Error("an empty answer is not said")
	}
	for _, secret := range []string{"X0000001", "x000", "CELA", "ERINA", "Erina", "case 12", "NOBODY"} {
		if strings.Contains(c.said.String(), secret) {
			t.Errorf("the journal has %q", secret)
		}
	}
	if !strings.Contains(c.said.String(), `pattern="POST /search"`) {
		t.Error("the journal was not looked at")
	}
}
