package portal

import (
	"encoding/xml"
	"math"
	"strings"
	"testing"
	"time"

	"tims/internal/web"
)

func TestLimiterCountsByAddressAndTogether(t *testing.T) {
	l := newLimiter()
	now := time.UnixMilli(1e12)
	asked := func(remote string, n int) (let int) {
		for range n {
			if l.Allow(remote, now) {
				let++
			}
		}
		return let
	}
	for _, c := range []struct {
		remote string
		n, let int
	}{
		{"192.0.2.1:5000", lookupsEach + 9, lookupsEach},
		{"192.0.2.1:6000", 1, 0},
		{"192.0.2.2:5000", 1, 1},
		{"[2001:db8::1]:5000", lookupsEach, lookupsEach},
		{"[2001:db8::ffff]:5000", 1, 0}, // the same network of 64 bits
		{"[2001:db8:0:1::1]:5000", 1, 1},
		{"127.0.0.1:80", 2 * lookupsEach, 2 * lookupsEach}, // a reverse proxy's
		{"nonsense", lookupsEach + 1, lookupsEach},
	} {
		if let := asked(c.remote, c.n); let != c.let {
			t.Errorf("%s: %d of %d, want %d", c.remote, let, c.n, c.let)
		}
	}
	asked("192.0.2.1:5000", 2*lookupsAll)
	if asked("192.0.2.3:5000", 1) != 1 {
		t.Error("one visitor who asks on and on has used up what the others have")
	}
	asked("127.0.0.1:80", lookupsAll)
	if asked("192.0.2.9:1", 1) != 0 {
		t.Error("more than all together")
	}
	now = now.Add(lookupSpan)
	if asked("192.0.2.1:5000", 1) != 1 {
		t.Error("the next minute begins with nothing")
	}
}

func TestChartKeepsProportions(t *testing.T) {
	c := chartOf(outlinePoints(albania))
	x0, y0 := c.at(20, 41)
	x1, y1 := c.at(20.1, 41.1)
	if got, want := (x1-x0)/(y0-y1), math.Cos(41.15*math.Pi/180); math.Abs(got-want) > 0.01 {
		t.Errorf("a degree of longitude is %.3f of one of latitude, want %.3f", got, want)
	}
	for _, q := range outlinePoints(albania) {
		if x, y := c.at(q[0], q[1]); x < mapMargin-1 || x > mapWidth-mapMargin+1 || y < mapMargin-1 || y > mapHeight-mapMargin+1 {
			t.Fatalf("%v lies at %.0f, %.0f", q, x, y)
		}
	}
	if n := len(outlinePoints(albania)); n != 545 {
		t.Errorf("%d points of the outline", n)
	}
}

func TestMapIsDrawnFromPlacesAlone(t *testing.T) {
	lat, lon := 41.0, 20.0
	rows := []row{{Crossing: Crossing{Node: "a", Label: "A <b>", Lat: &lat, Lon: &lon}, Level: web.Amber, Word: "No news"}, {Crossing: Crossing{Node: "c"}}}
	for country, land := range map[string]bool{"al": true, "xx": false} {
		svg := string(mapSVG(country, "map", rows))
		if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil {
			t.Errorf("%s: %v", country, err)
		}
		if strings.Contains(svg, `class="land"`) != land || strings.Count(svg, `class="mark`) != 1 || !strings.Contains(svg, "A &lt;b&gt;: No news") ||
			strings.Contains(svg, "style=") {
			t.Errorf("%s: %s", country, svg)
		}
	}
	if mapSVG("xx", "map", nil) != "" {
		t.Error("a map of nothing")
	}
}

// Both languages have every word of the pages.
func TestWordsAreComplete(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "portal"}, files)
	if err != nil {
		t.Fatal(err)
	}
	used := []string{"portal.role", "portal.receipt.fault.text", "portal.receipt.fault.number"}
	for _, state := range []string{stateWorking, stateSilent, stateUnknown, stateFrozen} {
		used = append(used, "portal.state."+state)
	}
	for _, traffic := range []string{"road", "sea", "air", "rail"} {
		used = append(used, "portal.traffic."+traffic)
	}
	for _, answer := range []string{answerStands, answerProven, answerOther, answerForged, answerAhead, answerNoLog, answerLimited} {
		used = append(used, "portal.answer."+answer, "portal.answer."+answer+".text")
	}
	for _, missing := range web.MissingKeys(pages, append(used, "portal.regime.relaxed", "portal.regime.unrecorded",
		"portal.frozen."+codeHistories, "portal.frozen."+codeStatements)...) {
		t.Error(missing)
	}
}
