package centre

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
	"tims/internal/messages"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

func TestQuery(t *testing.T) {
	for _, test := range []struct {
		form  form
		want  projection.Query
		fault string // field, "" where there is none
	}{
		{form{Number: " ab-12 34<"}, projection.Query{Number: "AB1234"}, ""},
		{form{Number: "AB12é4"}, projection.Query{}, "number"},
		{form{Number: "- -"}, projection.Query{}, "number"},
		{form{Number: "123456789012345678901"}, projection.Query{}, "number"},
		{form{Surname: "Shën  Gjergji", Given: "Çlirim-Besnik"}, projection.Query{Surname: "SHEN GJERGJI", Given: "CLIRIM BESNIK"}, ""},
		{form{Surname: "Müller"}, projection.Query{Surname: "MUELLER"}, ""},
		{form{Surname: "Иванов"}, projection.Query{Surname: "IVANOV"}, ""},
		{form{Surname: "O'Neill"}, projection.Query{Surname: "ONEILL"}, ""},
		{form{Surname: "Παπάς"}, projection.Query{}, "surname"},
		{form{Surname: "Cela7"}, projection.Query{}, "surname"},
		{form{Surname: "C"}, projection.Query{}, "surname"},
		{form{Given: "Ana"}, projection.Query{}, "surname"},
		{form{Surname: "Cela", Given: "7"}, projection.Query{}, "given"},
		{form{}, projection.Query{}, "number"},
		{form{Number: "A1", Given: "Ana"}, projection.Query{}, "number"},
		{form{Number: "A1", Reason: " four "}, projection.Query{}, "reason"},
	} {
		if test.form.Reason == "" {
			test.form.Reason = "case 12/2026"
		}
		got, ok := test.form.query()
		if ok != (test.fault == "") || !ok && test.form.Faults[test.fault] == "" || ok && got != test.want {
			t.Errorf("%+v: %+v, %v", test.form, got, ok)
		}
	}
}

// words are those of the pages without a node.
func words(t *testing.T, lang string) station.Words {
	t.Helper()
	pages, err := web.Open(web.Config{Node: "centre"}, append(station.Files(), files, messages.Files())...)
	if err != nil {
		t.Fatal(err)
	}
	return station.WordsOf(pages, lang)
}

func TestNation(t *testing.T) {
	for _, test := range [][3]string{{"en", "D<<", "Germany"}, {"sq", "D<<", "Gjermania"}, {"sq", "QQQ", "QQQ"}} {
		if got := nation(words(t, test[0]), test[1]); got != test[2] {
			t.Errorf("%s %s: %s", test[0], test[1], got)
		}
	}
}

func TestPeerState(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixMilli()
	before := func(d time.Duration) int64 { return now - d.Milliseconds() }
	for _, test := range []struct {
		peer    node.Peer
		level   web.Level
		word    string
		reached bool
		lag     uint64
	}{
		{node.Peer{LastSeen: now, Held: 5, Size: 5}, web.OK, "centre.post.reached", true, 0},
		{node.Peer{LastSeen: before(reachedWithin), Held: 5, Size: 9}, web.OK, "centre.post.catching", true, 4},
		{node.Peer{LastSeen: before(reachedWithin + 1e6), Held: 5, Size: 9}, web.Amber, "centre.post.cut", false, 4},
		{node.Peer{LastSeen: before(lostAfter + 1e6), Held: 5, Size: 5}, web.Red, "centre.post.cut", false, 0},
		{node.Peer{}, web.Grey, "centre.post.never", false, 0},
		{node.Peer{LastSeen: now, Held: 9, Size: 5, Frozen: "split view"}, web.Red, "centre.post.frozen", true, 0},
	} {
		s := state{health: node.Health{Now: now, Peers: []node.Peer{test.peer}}}
		got := s.peers(words(t, "en"), "")[0]
		if got.Level != test.level || got.Word != test.word || got.Reached != test.reached || got.Lag != test.lag || s.lag() != test.lag {
			t.Errorf("%+v: %+v", test.peer, got)
		}
	}
}

// Outages that the posts signed stand with their length, the newest first and five of each post; who is not heard comes before.
func TestOutages(t *testing.T) {
	const hour = 3_600_000
	now := int64(1e12)
	var many []node.Outage
	for i := int64(1); i <= 7; i++ {
		many = append(many, node.Outage{From: now - i*hour, To: now - i*hour + 60_000})
	}
	s := state{health: node.Health{Now: now, Peers: []node.Peer{{Node: "rinas", Role: roster.Post, LastSeen: now}, {Node: "durres", Role: roster.Post, LastSeen: now - hour},
		{Node: "morina", Role: roster.Post}}}, days: map[string]*node.PostDay{"rinas": {Outages: many}, "durres": {Outages: []node.Outage{{From: now - 3*hour, To: now - 2*hour + 90_000, Down: true}}}}}
	var got []string
	for _, o := range s.outages(words(t, "en")) {
		got = append(got, fmt.Sprint(o.Label, " ", strings.TrimPrefix(o.Key, "centre.outage."), " ", (now-o.From)/hour, " ", o.To == 0, " ", o.For))
	}
	want := []string{"Durres unheard 1 true 1h0m0s", "Rinas cut 1 false 1m0s", "Durres down 3 false 1h1m30s", "Rinas cut 2 false 1m0s", "Rinas cut 3 false 1m0s",
		"Rinas cut 4 false 1m0s", "Rinas cut 5 false 1m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A regime and a waiting time are said as far as they are known.
func TestPostState(t *testing.T) {
	for _, test := range []struct {
		day    node.PostDay
		regime string
		wait   wait
	}{
		{node.PostDay{}, "", wait{}},
		{node.PostDay{Regime: &node.RegimeOf{RegimeBody: record.RegimeBody{Regime: node.Unrecorded, Until: 7}}}, "centre.regime.unrecorded", wait{}},
		{node.PostDay{Regime: &node.RegimeOf{RegimeBody: record.RegimeBody{Regime: "of a later version", Until: 7}}}, "centre.regime.other", wait{}},
		{node.PostDay{Waiting: 61, WaitingAt: 5, WaitingBooth: "K2", WaitingBy: "gate1"}, "", wait{2, 5, "K2", "gate1"}},
	} {
		s := state{health: node.Health{Peers: []node.Peer{{Node: "rinas"}}}, days: map[string]*node.PostDay{"rinas": &test.day}}
		got := s.peers(words(t, "en"), "")[0]
		if got.Regime != test.regime || got.Wait != test.wait || (got.Until == 7) != (test.regime != "") {
			t.Errorf("%+v: %q until %d, %+v", test.day, got.Regime, got.Until, got.Wait)
		}
	}
}

// A line says what its record is, whether it counts, and of a record written later both times.
func TestLines(t *testing.T) {
	w := words(t, "en")
	party := []byte{0xab, 0xcd, 1}
	for _, test := range []struct {
		found                          projection.Found
		level                          web.Level
		kind, standing, typed, vehicle string
		gone, clock                    bool
	}{
		{projection.Found{Sighting: projection.Sighting{Kind: record.Crossing, Standing: projection.Voided}}, web.OK, "Crossing", "taken back by the officer, does not count", "", "", true, false},
		{projection.Found{Sighting: projection.Sighting{Kind: record.Refusal, Standing: projection.Corrected}}, web.OK, "Refusal", "corrected or withdrawn by two officers, does not count", "", "", true, false},
		{projection.Found{Sighting: projection.Sighting{Kind: record.Correction, Standing: projection.Proposed}}, web.Amber, "Passage as corrected", "only proposed, does not count yet", "proposed", "", false, false},
		{projection.Found{Sighting: projection.Sighting{Kind: record.Late, Passage: border.Passage{Doubtful: true}}, Vehicle: border.Bus, Party: party, Driver: true}, web.OK, "Passage from paper", "", "typed in", "Bus", false, false},
		{projection.Found{Sighting: projection.Sighting{Kind: record.Late}, Decision: border.Refuse}, web.Red, "Passage from paper", "", "typed in", "", false, false},
		{projection.Found{Sighting: projection.Sighting{Kind: record.Crossing, Passage: border.Passage{Doubtful: true}}, Vehicle: border.Car}, web.OK, "Crossing", "", "", "Car", false, true},
	} {
		s := lineOf(w, test.found)
		if s.Level != test.level || s.Kind != test.kind || s.Standing != test.standing || s.Typed != test.typed || s.Vehicle != test.vehicle || s.Gone() != test.gone || s.Clock() != test.clock {
			t.Errorf("%+v", s)
		}
		if (s.Group == "abcd") != (test.found.Party != nil) {
			t.Errorf("the party's sign is %q", s.Group)
		}
	}
}

func TestMirrors(t *testing.T) {
	s := state{health: node.Health{Size: 10, Peers: []node.Peer{{Cosigned: 10}, {Cosigned: 9}, {Cosigned: 12}, {}}}}
	if whole, behind := s.mirrors(); whole != 2 || behind != 1 {
		t.Errorf("%d whole, %d behind", whole, behind)
	}
}

func TestTables(t *testing.T) {
	var figures []projection.Figure
	for i, code := range []string{"AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "III", "JJJ", "KKK", "LLL"} {
		figures = append(figures, projection.Figure{Node: "rinas", Direction: border.Entry, Nation: code, Count: 100 - i})
	}
	figures = append(figures, projection.Figure{Node: "gone", Direction: border.Exit, Nation: "BBB", Count: 50})
	s := state{health: node.Health{Peers: []node.Peer{{Node: "rinas", Role: roster.Post}, {Node: "durres", Role: roster.Post}, {Node: "centre-2", Role: roster.Centre}}},
		hours: node.Figures{ByNode: figures}, days: map[string]*node.PostDay{"rinas": {VehiclesIn: 7, VehiclesOut: 5}}}
	byPost := s.byPost(words(t, "en"))
	if diff := cmp.Diff([]row{{Name: "Durres", Code: "durres"}, {Name: "Gone", Code: "gone", Exits: 50, Share: 4},
		{Name: "Rinas", Code: "rinas", Entries: 1134, In: 7, Out: 5, Share: 100}}, byPost.Rows); diff != "" || byPost.Sum.Total() != 1184 || byPost.Sum.In != 7 || byPost.Sum.Out != 5 || byPost.Other != nil {
		t.Errorf("by post: %+v\n%s", byPost, diff)
	}
	byNation := s.byNation(words(t, "en"))
	if len(byNation.Rows) != topNations || byNation.Rows[0] != (row{Name: "BBB", Code: "BBB", Entries: 99, Exits: 50, Share: 149 * 100 / 179}) ||
		byNation.Others != 2 || byNation.Other.Total() != 90+89 || byNation.Sum.Total() != 1184 {
		t.Errorf("by nation: %+v", byNation)
	}
}

// seen is a sighting of a document at a post.
func seen(number, origin string, index uint64, day int, kind record.Kind, a record.Act) projection.Found {
	return projection.Found{Document: record.Document{Number: number, Issuer: "ALB"}, Sighting: projection.Sighting{Kind: kind, Act: a,
		Decided: kind == record.Check, Passage: border.Passage{Ref: border.Ref{Origin: origin, Index: index}, Day: border.Date(day),
			Happened: int64(day) * 86400000, Node: "n", Direction: border.Entry}}}
}

// Results stand by document, the one seen last first, each in the order of time; a repeated act is shown and not counted.
func TestResults(t *testing.T) {
	one, two, three := record.Act{1}, record.Act{2}, record.Act{3}
	a := results(words(t, "en"), projection.Query{Number: "X"}, []projection.Found{
		seen("B", "al/rinas/2", 7, 30, record.Crossing, three),
		seen("A", "al/rinas/2", 6, 20, record.Crossing, one),
		seen("A", "al/durres/1", 4, 20, record.Crossing, one),
		seen("A", "al/rinas/2", 5, 10, record.Refusal, two),
		seen("A", "al/rinas/2", 3, 9, record.Check, two),
	})
	var got [][]string
	for _, h := range a.Holders {
		line := []string{h.Document.Number}
		for _, s := range h.Sightings {
			text := s.Record
			if s.Double {
				text += " double"
			}
			line = append(line, text)
		}
		got = append(got, line)
	}
	want := [][]string{{"B", "rinas/2/7"}, {"A", "rinas/2/5", "durres/1/4", "rinas/2/6 double"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if h := a.Holders[1]; h.Crossings != 1 || len(h.Checks) != 1 || a.Cut || a.Count != 5 || h.Sightings[0].Level != web.Red {
		t.Errorf("%d crossings, %d checks, cut %v, %d shown", h.Crossings, len(h.Checks), a.Cut, a.Count)
	}
	many := make([]projection.Found, projection.MaxFound)
	for i := range many {
		many[i] = seen("A", "al/rinas/1", uint64(i), i, record.Crossing, record.Act{byte(i), byte(i >> 8)})
	}
	if full := results(words(t, "en"), projection.Query{}, many); !full.Cut || full.Holders[0].Crossings != projection.MaxFound {
		t.Error("a full answer does not say that there may be more")
	}
	if full := results(words(t, "en"), projection.Query{}, many[:projection.MaxFound-1]); full.Cut {
		t.Error("a whole answer says that there may be more")
	}
}

// Every live part is the element that it replaces; what was never heard is not dated; trouble is said in words.
func TestParts(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "centre"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	w := station.WordsOf(pages, "en")
	s := state{health: node.Health{Now: 1e12, Stopped: "disk <full>", Peers: []node.Peer{{Node: "rinas", Role: roster.Post, Frozen: "two roots", Held: 9},
		{Node: "durres", Role: roster.Post}}, Aside: map[string]int{"key": 3, "other": 1}, Clock: record.Clock{State: record.Stepped, Since: 1e12},
		Lists:    []node.ListInForce{{List: "sdn", Release: 9, Released: 1e12, Count: 3, Refused: 11, Why: node.RefusedHeld, Missing: 2, Oldest: 7}},
		ListsOut: []node.ListInForce{{List: "junk", Refused: 1, Why: node.RefusedRoom}}}}
	o := overview{Health: s.health, At: s.health.Now, Posts: s.peers(w, roster.Post), Day: "2026-11-21", Aside: s.aside(), ClockOff: true, ByPost: s.byPost(w),
		Outages: s.outages(w)}
	o.Frozen, o.Stopped = o.Posts[1:], w.Stopped(s.health)
	o.ClockLevel, o.ClockWord = clockState(s.health.Clock)
	all := ""
	for _, name := range parts {
		html, err := pages.Text("en", name, web.Page{Data: o})
		if err != nil || !strings.Contains(string(html), `id="`+name+`"`) {
			t.Errorf("%s: %v, or it is not the element %s", name, err, name)
		}
		all += string(html)
	}
	for _, want := range []string{"<dt>Last heard</dt><dd>never</dd>", "The copy of Rinas is frozen", "The 9 records before", "two roots",
		"release 11 not taken: it loses too many alerts at once", "2 earlier missing, the first is release 7",
		"junk", "release 1 not taken: no memory for it here",
		"disk &lt;full&gt;", "3 wait for their key, 1 for another reason", "Clock was set: "} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(all, "1970") {
		t.Error("what is not known is dated 1970")
	}
}

// A post that misses a canary is red, one that has not said that it looked is amber, and where there is none nothing is said.
func TestCanaries(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixMilli()
	for _, test := range []struct {
		name  string
		here  int // canaries that the centre itself must find
		day   node.PostDay
		word  string
		level web.Level
	}{
		{"none", 0, node.PostDay{}, "", web.OK},
		{"found", 2, node.PostDay{Canaries: 2, CanariesAt: now - 1000}, "centre.canaries.found", web.OK},
		{"missed", 2, node.PostDay{Canaries: 2, CanariesMissed: 1, CanariesAt: now - 1000}, "centre.canaries.missed", web.Red},
		{"never said", 2, node.PostDay{}, "centre.canaries.unsaid", web.Amber},
		{"said two days ago", 2, node.PostDay{Canaries: 2, CanariesAt: now - 48*time.Hour.Milliseconds()}, "centre.canaries.unsaid", web.Amber},
	} {
		s := state{health: node.Health{Now: now, Canaries: node.CanaryState{Count: test.here},
			Peers: []node.Peer{{Node: "rinas", Role: roster.Post, LastSeen: now}}}, days: map[string]*node.PostDay{"rinas": &test.day}}
		got := s.peers(words(t, "en"), roster.Post)[0]
		if got.Canary.Word != test.word || got.Canary.Word != "" && got.Canary.Level != test.level || got.Tile != test.level {
			t.Errorf("%s: %+v, tile %s", test.name, got.Canary, got.Tile)
		}
	}
}
