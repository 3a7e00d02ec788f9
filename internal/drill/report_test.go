package drill

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tims/internal/browser"
)

// sample is a score of three acts: one that held, one that was broken, one that was never done.
func sample() Score {
	began := time.Date(2026, 9, 22, 8, 0, 0, 0, time.UTC)
	s := Score{Began: began, Seed: 7, For: 10, Rate: 8, By: "A. Hoxha <minister>"}
	for i, r := range []Result{{ID: "D1", Verdict: Held, Times: 1, Acked: 412, Heal: 3.2},
		{ID: "D7", Verdict: Broken, Times: 14, Acked: 380, Lost: 1, Unanswered: 9, Heal: 41, Problems: []string{"record 17 of durres: not at <centre>"}},
		{ID: "T1", Verdict: NotInjected, Acked: 90}} {
		r.Start = began.Add(time.Duration(i) * time.Minute)
		r.Injected, r.Healing, r.Healed, r.End = r.Start.Add(6*time.Second), r.Start.Add(16*time.Second), r.Start.Add(20*time.Second), r.Start.Add(25*time.Second)
		r.Before, r.During = Latency{100, 8, 22.4, 30}, Latency{160, 9, 24.6, 61}
		for k := range 500 {
			r.Answers = append(r.Answers, Answer{r.Start.Add(time.Duration(k) * 50 * time.Millisecond), "durres", time.Duration(5+k*k%37) * time.Millisecond, i != 1 || k%80 != 7, false})
		}
		s.Results = append(s.Results, r)
	}
	return s
}

func TestTable(t *testing.T) {
	var b strings.Builder
	if err := sample().Table(&b); err != nil {
		t.Fatal(err)
	}
	want := `  ACT  INJECTED  ACKNOWLEDGED  LOST  DOUBLED  INVENTED  P99 BEFORE  P99 DURING    HEAL       VERDICT
   D1         1           412     0        0         0     22.4 ms     24.6 ms   3.2 s          held
   D7        14           380     1        0         0     22.4 ms     24.6 ms  41.0 s        broken
   T1         0            90     0        0         0     22.4 ms     24.6 ms   0.0 s  not injected
D7: record 17 of durres: not at <centre>
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if (Score{Results: []Result{{Verdict: NotRun}}}).Held() || !(Score{Results: []Result{{Verdict: NotRun}, {Verdict: Held}}}).Held() {
		t.Error("who has held where something was not run")
	}
	if (Score{}).Held() || sample().Held() || !(Score{Results: []Result{{Verdict: Held}}}).Held() {
		t.Error("who has held")
	}
}

// The report stands alone: nothing in it is fetched, nothing runs, and what comes from the exercise is text.
func TestReportStandsAlone(t *testing.T) {
	for _, l := range []Language{English, Albanian} {
		b, err := sample().Report(l)
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		for _, not := range []string{"<script", "<link", "<img", "src=", "http:", "https:", "url(", "@import", "<centre>", "<minister>", "%!", "NaN"} {
			if strings.Contains(page, not) {
				t.Errorf("%s: the report has %q", l.Code, not)
			}
		}
		for _, has := range []string{`lang="` + l.Code + `"`, l.Act("D1").Held, l.Act("D7").Promise, "&lt;centre&gt;", l.T("lead.broken", 2, 3), l.T("verdict.not injected.text")} {
			if !strings.Contains(page, has) {
				t.Errorf("%s: the report lacks %q", l.Code, has)
			}
		}
		if dots := strings.Count(page, "<circle"); dots != 3*500-7 {
			t.Errorf("%s: %d answers are drawn", l.Code, dots)
		}
	}
}

// What was not run counts neither way, and the first sentence says so.
func TestReportOfWhatWasNotRun(t *testing.T) {
	s := sample()
	s.Results = append(s.Results[:1], Result{ID: "R4", Verdict: NotRun})
	b, err := s.Report(English)
	if err != nil {
		t.Fatal(err)
	}
	for _, has := range []string{English.T("lead.held") + " " + English.T("lead.notrun", 1), English.T("verdict.not run.text")} {
		if !strings.Contains(string(b), has) {
			t.Errorf("the report lacks %q", has)
		}
	}
	if strings.Contains(string(b), English.Act("R4").Held) {
		t.Error("what was not run is said to be held")
	}
}

// What stands in the chart lies within it, whatever the answers were.
func TestChartBounds(t *testing.T) {
	r := sample().Results[1]
	for _, odd := range []Answer{{r.Start.Add(-time.Hour), "x", 0, true, false}, {r.End.Add(time.Hour), "x", time.Hour, true, false}, {r.End.Add(time.Hour), "x", 0, false, false}} {
		r.Answers = append(r.Answers, odd)
	}
	c := draw(r)
	for _, d := range append(c.Dots, c.Crosses...) {
		if d.X < c.Left || d.X > c.Width || d.Y < 0 || d.Y > c.Bottom {
			t.Errorf("%+v lies outside", d)
		}
	}
	if c.Act.X <= c.Left || c.Act.Width <= 0 || c.Heal.X != round(c.Act.X+c.Act.Width) || len(c.Crosses) != 8 {
		t.Errorf("%+v, %+v, %d crosses", c.Act, c.Heal, len(c.Crosses))
	}
}

// A minister opens the file in his browser.
func TestReportInBrowser(t *testing.T) {
	tab := browser.Open(t)
	if tab == nil {
		return
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := English
		if r.URL.Path == "/sq" {
			l = Albanian
		}
		page, err := sample().Report(l)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
		w.Write(page)
	}))
	defer srv.Close()
	for _, code := range []string{"en", "sq"} {
		tab.Do(chromedp.Navigate(srv.URL + "/" + code))
		tab.Until(`document.querySelectorAll("svg").length === 3`)
		tab.Accessible("report " + code)
		tab.Shot("drill-report")
		if tab.Is(`document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the report is wider than the window")
		}
		if said := tab.Said(); len(said) > 0 {
			t.Errorf("the console says %q", said)
		}
	}
}
