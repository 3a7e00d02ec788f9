package centre

import (
	"bufio"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
)

// who may come to each address, by duty, and what an empty request of his is answered. Who may not is answered 403; at the
// start page who has a page of his own is led there.
var who = map[string]struct {
	may    []roster.Duty
	status int
}{
	"GET /{$}":                 {[]roster.Duty{roster.Supervisor, roster.Analyst, roster.Administrator}, 200},
	"GET /search":              {[]roster.Duty{roster.Analyst}, 200},
	"POST /search":             {[]roster.Duty{roster.Analyst}, 400},
	"GET /messages":            {[]roster.Duty{roster.BoothOfficer, roster.SecondLine, roster.Supervisor, roster.Analyst}, 200},
	"POST /messages":           {[]roster.Duty{roster.Supervisor, roster.Analyst}, 422},
	"GET /alerts":              {[]roster.Duty{roster.Supervisor, roster.Analyst}, 200},
	"GET /alerts/new":          {[]roster.Duty{roster.Supervisor, roster.Analyst}, 200},
	"GET /alerts/search":       {[]roster.Duty{roster.Supervisor, roster.Analyst}, 200},
	"GET /alerts/face/{key}":   {[]roster.Duty{roster.Supervisor, roster.Analyst}, 404},
	"POST /alerts":             {[]roster.Duty{roster.Supervisor, roster.Analyst}, 422},
	"POST /alerts/edit":        {[]roster.Duty{roster.Supervisor, roster.Analyst}, 422},
	"POST /alerts/form":        {[]roster.Duty{roster.Supervisor, roster.Analyst}, 200},
	"POST /alerts/review":      {[]roster.Duty{roster.Supervisor, roster.Analyst}, 422},
	"POST /alerts/search":      {[]roster.Duty{roster.Supervisor, roster.Analyst}, 422},
	"POST /alerts/show":        {[]roster.Duty{roster.Supervisor, roster.Analyst}, 422},
	"POST /alerts/withdraw":    {[]roster.Duty{roster.Supervisor, roster.Analyst}, 422},
	"GET /hits":                {[]roster.Duty{roster.Analyst}, 200},
	"GET /hits.csv":            {[]roster.Duty{roster.Analyst}, 200},
	"GET /frozen":              {[]roster.Duty{roster.Supervisor, roster.Analyst, roster.Administrator}, 200},
	"GET /frozen/{log}/{file}": {[]roster.Duty{roster.Supervisor, roster.Analyst, roster.Administrator}, 404},
	"GET /twice":               {[]roster.Duty{roster.Supervisor, roster.Analyst, roster.Administrator}, 200},
	"GET /isolation":           {[]roster.Duty{roster.Supervisor, roster.Administrator}, 200},
	"POST /isolation":          {[]roster.Duty{roster.Supervisor, roster.Administrator}, 422},
	"POST /messages/read":      {[]roster.Duty{roster.BoothOfficer, roster.SecondLine, roster.Supervisor, roster.Analyst}, 400},
}

// while are pages that the navigation offers only while there is something on them, and those to which another page leads.
var while = map[string]bool{"/hits.csv": true, "/alerts/new": true, "/alerts/search": true, "/alerts/face/{key}": true, "/frozen": true, "/frozen/{log}/{file}": true, "/twice": true}

// recorded are pages of which each look is a record for the auditor.
var recorded = map[string]bool{"/hits": true, "/hits.csv": true}

var labels = map[roster.Duty]string{roster.BoothOfficer: "Booth 1", roster.SecondLine: "Line 2", roster.Supervisor: "Super 1",
	roster.Analyst: "Arta Hoxha", roster.Administrator: "Ilir Dema"}

// traveller is what the country's records say of a person; the reason is that of a search for her.
var traveller = []string{"CELA", "ERINA", "X0000001", "AA123BC", "Cela", "case 12"}

// shows fails the test where a page names the traveller.
func shows(t *testing.T, where, body string) {
	t.Helper()
	for _, word := range traveller {
		if strings.Contains(body, word) {
			t.Errorf("%s names a traveller", where)
		}
	}
}

// Every address of the centre is asked for in the name of every duty; an address that is not in the table fails the test.
// Nothing that the administrator is answered names a traveller.
func TestDuties(t *testing.T) {
	c := found(t, nil, twoPosts...)
	c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA"), border.Entry, node.Vehicle{Kind: border.Car, Plate: "AA123BC"}, "")
	c.settle()
	routes := map[string]bool{}
	for _, r := range c.face.Routes() {
		routes[r.Pattern] = true
	}
	if got, want := slices.Sorted(maps.Keys(routes)), slices.Sorted(maps.Keys(who)); !slices.Equal(got, want) {
		t.Fatalf("the centre has the addresses %q; the table has %q", got, want)
	}
	for duty, label := range labels {
		client := c.officer(label)
		_, home := c.get(client, "/messages", "en")
		for pattern, table := range who {
			method, path, _ := strings.Cut(strings.TrimSuffix(pattern, "{$}"), " ")
			size := c.size()
			res, body := c.ask(client, method, path)
			may := slices.Contains(table.may, duty)
			want := http.StatusForbidden
			switch {
			case may:
				want = table.status
			case path == "/":
				want = http.StatusSeeOther
			}
			if res.StatusCode != want {
				t.Errorf("%s: %s is %d, not %d", duty, pattern, res.StatusCode, want)
			}
			if c.size() != size && !(may && recorded[path]) {
				t.Errorf("%s: %s left a record", duty, pattern)
			}
			shows(t, string(duty)+": "+pattern, body)
			if method == http.MethodGet && path != "/" && !while[path] && strings.Contains(home, `class="nav"`) && strings.Contains(home, `href="`+path+`"`) != may {
				t.Errorf("%s: %s is offered: %v", duty, path, !may)
			}
		}
	}
}

// What is no address of an officer's page shows the administrator no traveller either, whoever has just been looked at.
func TestAdministrator(t *testing.T) {
	c := found(t, nil, twoPosts...)
	c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA"), border.Entry, node.Vehicle{Kind: border.Car, Plate: "AA123BC"}, "")
	c.settle()
	if _, body := c.post(c.officer("Arta Hoxha"), "/search", url.Values{"number": {"X0000001"}, "reason": {"case 12"}}); !strings.Contains(body, "CELA") {
		t.Fatal("the analyst finds nobody, so the test shows nothing")
	}
	client := c.officer("Ilir Dema")
	for path, want := range map[string]int{"/": 200, "/enter": 200, "/enter?code=X": 200, "/resume": 200, "/resume?to=/search": 200, "/search": 403,
		"/search?number=X0000001&reason=case+12": 403, "/messages": 403, "/check/1": 404, "/state?live=messages": 404, "/prefs": 404} {
		res, body := c.get(client, path, "en")
		if res.StatusCode != want && res.StatusCode != http.StatusSeeOther {
			t.Errorf("%s is %d", path, res.StatusCode)
		}
		shows(t, path, body)
	}
	size := c.size()
	if res, body := c.post(client, "/search", url.Values{"number": {"X0000001"}, "reason": {"case 12"}}); res.StatusCode != 403 || c.size() != size {
		t.Errorf("a search is %d, or recorded: %s", res.StatusCode, body)
	}
	for _, path := range []string{"/state", station.LiveAddress(live)} {
		shows(t, path, c.stream(client, path))
	}
}

// ask sends a request without a body, as a browser does.
func (c *country) ask(client *http.Client, method, path string) (*http.Response, string) {
	c.Helper()
	if method == http.MethodGet {
		return c.get(client, path, "en")
	}
	return c.post(client, path, url.Values{})
}

// stream reads what a page is told when it opens.
func (c *country) stream(client *http.Client, path string) string {
	c.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL+path, nil)
	if err != nil {
		c.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var said strings.Builder
	last := "#notices" // the strip comes last but for a live part
	switch path {
	case "/state":
	case "/state?live=" + liveHits:
		last = hitFilter{List: "watch"}.ID()
	default:
		last = "event: " + minutesEvent
	}
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), last) {
			return said.String()
		}
	}
	c.Fatalf("%s: %v", path, lines.Err())
	return ""
}

// What was voided, corrected or only proposed is found, marked in words, and not counted.
func TestStandings(t *testing.T) {
	c := found(t, nil, twoPosts...)
	doc := passport(t, "X0000001", "ALB", "CELA", "ERINA")
	car := node.Vehicle{Kind: border.Car, Plate: "AA123BC", Occupants: 2}
	voided := c.pass("kakavija", doc, border.Entry, car, "")
	c.do("kakavija", node.Void{Act: act(), Shift: c.shift("kakavija"), Of: voided.Index, Reason: "wrong key"})
	wrong := c.pass("kakavija", doc, border.Entry, car, "")
	right := c.do("kakavija", node.Correction{Act: act(), Shift: c.shift("kakavija"), Of: wrong.Index, Reason: "was an exit", Direction: border.Exit,
		Document: doc, Vehicle: car})
	c.do("kakavija", node.Assent{Act: act(), Shift: c.shiftOf("kakavija", "Line 2"), Kind: record.Correction, Of: right.Index})
	c.do("kakavija", node.Correction{Act: act(), Shift: c.shift("kakavija"), Of: right.Index, Reason: "an entry after all", Direction: border.Entry,
		Document: doc, Vehicle: car})
	c.settle()
	_, body := c.post(c.officer("Arta Hoxha"), "/search", url.Values{"number": {"X0000001"}, "reason": {"case 12"}})
	for _, want := range []string{"taken back by the officer, does not count", "corrected or withdrawn by two officers, does not count",
		"only proposed, does not count yet", "Passage as corrected", "corrected <time", "<s>Crossing</s>", "1 crossing<", "AA123BC"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
}

// The overview tells of each post its vehicles, its regime, the waiting time and its outages.
func TestPostDays(t *testing.T) {
	c := found(t, nil, twoPosts...)
	car := node.Vehicle{Kind: border.Car, Plate: "AA123BC"}
	c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA"), border.Entry, car, "")
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	n := c.posts["kakavija"]
	super, now := c.shiftOf("kakavija", "Super 1"), n.Now()
	c.do("kakavija", node.Regime{Act: act(), Shift: super, Regime: node.Relaxed, Reason: "article 9, a secret name", Until: now + time.Hour.Milliseconds()})
	c.do("kakavija", node.Count{Act: act(), Shift: super, CountBody: record.CountBody{Booth: "K1", From: now - 60_000, To: now, Entries: 3, Waiting: 700}})
	c.settle()
	client := c.officer("Ilir Dema")
	_, body := c.get(client, "/", "en")
	for _, want := range []string{"1 vehicle<", "0 vehicles<", "Checks relaxed", "12 min <small>measured", "Booth K1", "not measured", "every passage checked and recorded",
		`<th scope="row">Kakavijë</th><td class="num">1</td><td class="num">0</td><td class="num">1</td><td class="num">1</td><td class="num">0</td>`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(body, "secret") {
		t.Error("the reason of a regime is free text and is not shown")
	}
	c.do("kakavija", node.Regime{Act: act(), Shift: super, End: true, Passed: 4})
	c.settle()
	time.Sleep(freshFor)
	if _, body = c.get(client, "/", "en"); strings.Contains(body, "Checks relaxed") {
		t.Error("a regime that was ended is in force")
	}
}
