package centre

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// An analyst sees each hit once, discreet ones too, with what the alert says and no name of a traveller; who looks is recorded, once
// for a page and each time for a file.
func TestHits(t *testing.T) {
	c := found(t, nil, twoPosts...)
	alert := func(id string, action border.Action, number string) border.Alert {
		return border.Alert{ID: id, List: "watch", Kind: border.DocumentAlert, Action: action, Issuer: "Tirana court",
			Documents: []border.AlertDocument{{Issuer: "ALB", Number: number}}}
	}
	_, err := c.centre.Release(context.Background(), "watch", 0, []border.Alert{alert("=1-1", border.ActSeize, "X0000001"),
		alert("watch:2", border.ActDiscreet, "X0000002"), alert("watch:3", border.ActSeize, "X0000003")})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); len(c.posts["kakavija"].Lists()) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the list does not come")
		}
	}
	c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA"), border.Entry, node.Vehicle{}, "")
	c.pass("kakavija", passport(t, "X0000002", "ALB", "DODA", "GENTA"), border.Entry, node.Vehicle{}, "")
	c.settle()
	client := c.officer("Arta Hoxha")

	looks := c.searches()
	_, body := c.get(client, "/hits", "en")
	for _, want := range []string{"=1-1", "watch:2", "Tirana court", "discreet", "not said yet", "dealt with", "no answer was asked for", "Kakavij", "Crossing"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	for _, secret := range []string{"CELA", "ERINA", "DODA", "GENTA", "X0000001", "watch:3"} {
		if strings.Contains(body, secret) {
			t.Errorf("%q on the page", secret)
		}
	}
	if n := strings.Count(body, `<tr class=`); n != 2 {
		t.Errorf("%d hits: a decision counts the hit of its check again", n)
	}
	for class, want := range map[string]int{"red": 1, "done": 1} { // the stolen document waits for an answer, the discreet alert asks for none
		if n := strings.Count(body, `<tr class="`+class+`"`); n != want {
			t.Errorf("%d rows are %s, not %d", n, class, want)
		}
	}
	c.get(client, "/hits", "en")
	if n := c.searches() - looks; n != 1 {
		t.Errorf("two looks within the hour are %d records", n)
	}
	for filter, want := range map[string]int{"?discreet=1": 1, "?state=open": 2, "?state=same": 0, "?list=watch": 2, "?list=other": 0} {
		if _, body := c.get(client, "/hits"+filter, "en"); strings.Count(body, `<tr class=`) != want {
			t.Errorf("%s: not %d hits", filter, want)
		}
	}
	if res, _ := c.get(client, "/hits?state=nonsense", "en"); res.StatusCode == http.StatusOK {
		t.Error("a state that is none is answered")
	}

	looks = c.searches()
	for range 2 {
		res, body := c.get(client, "/hits.csv?list=watch", "en")
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || len(rows) != 3 || rows[2][1] != "'=1-1" || rows[1][2] != "discreet" || rows[1][7] != "open" || rows[1][6] != "crossing" {
			t.Errorf("the file is %v, %v", rows, err)
		}
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/csv") || strings.Contains(body, "X000000") || strings.Contains(body, "CELA") {
			t.Error("the file names a traveller, or is none")
		}
	}
	if n := c.searches() - looks; n != 2 {
		t.Errorf("two files are %d records", n)
	}
	if news := c.stream(client, "/state?live="+liveHits); !strings.Contains(news, "#"+hitFilter{List: "watch"}.ID()) {
		t.Error("an open list of hits is not kept true")
	}
}

// searches counts the records of looks at the centre.
func (c *country) searches() (n int) {
	for i := range c.size() {
		if o, err := c.centre.ReadOwn(i); err == nil && o.Leaf.Kind == record.Search {
			n++
		}
	}
	return n
}
