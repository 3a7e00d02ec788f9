package centre

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
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

// Every code that a zone may have is named in Albanian, and nothing else is.
func TestAlbanianStates(t *testing.T) {
	left := map[string]bool{}
	for code := range albanian {
		left[code] = true
	}
	for _, s := range mrz.States() {
		if albanian[s.Code] == "" {
			t.Errorf("%s (%s) has no Albanian name", s.Code, s.Name)
		}
		delete(left, s.Code)
	}
	if len(left) > 0 {
		t.Errorf("no state: %v", left)
	}
	for _, test := range [][3]string{{"en", "D<<", "Germany"}, {"sq", "D<<", "Gjermania"}, {"sq", "QQQ", "QQQ"}} {
		if got := nation(test[0], test[1]); got != test[2] {
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
		got := s.peers("")[0]
		if got.Level != test.level || got.Word != test.word || got.Reached != test.reached || got.Lag != test.lag || s.lag() != test.lag {
			t.Errorf("%+v: %+v", test.peer, got)
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
		hours: node.Figures{ByNode: figures}}
	byPost := s.byPost()
	if diff := cmp.Diff([]row{{Name: "Durres", Code: "durres"}, {Name: "Gone", Code: "gone", Exits: 50, Share: 4},
		{Name: "Rinas", Code: "rinas", Entries: 1134, Share: 100}}, byPost.Rows); diff != "" || byPost.Sum.Total() != 1184 || byPost.Other != nil {
		t.Errorf("by post: %+v\n%s", byPost, diff)
	}
	byNation := s.byNation("en")
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
	a := results("en", projection.Query{Number: "X"}, []projection.Found{
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
	if full := results("en", projection.Query{}, many); !full.Cut || full.Holders[0].Crossings != projection.MaxFound {
		t.Error("a full answer does not say that there may be more")
	}
	if full := results("en", projection.Query{}, many[:projection.MaxFound-1]); full.Cut {
		t.Error("a whole answer says that there may be more")
	}
}

// Every live part is the element that it replaces; what was never heard is not dated; trouble is said in words.
func TestParts(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "centre"}, files)
	if err != nil {
		t.Fatal(err)
	}
	s := state{health: node.Health{Now: 1e12, Stopped: "disk <full>", Peers: []node.Peer{{Node: "rinas", Role: roster.Post, Frozen: "two roots", Held: 9},
		{Node: "durres", Role: roster.Post}}, Aside: map[string]int{"key": 3, "other": 1}, Clock: record.Clock{State: record.Stepped, Since: 1e12}}}
	o := overview{Health: s.health, At: s.health.Now, Posts: s.peers(roster.Post), Day: "2026-11-21", Aside: s.aside(), ClockOff: true, ByPost: s.byPost()}
	o.Frozen = o.Posts[1:]
	o.ClockLevel, o.ClockWord = clockState(s.health.Clock)
	all := ""
	for _, name := range slices.Concat(quick, slow) {
		html, err := pages.Text("en", name, web.Page{Data: o})
		if err != nil || !strings.Contains(string(html), `id="`+name+`"`) {
			t.Errorf("%s: %v, or it is not the element %s", name, err, name)
		}
		all += string(html)
	}
	for _, want := range []string{"<dt>Last heard</dt><dd>never</dd>", "The copy of Rinas is frozen", "The 9 records before", "two roots",
		"disk &lt;full&gt;", "3 wait for their key, 1 for another reason", "Clock was set: "} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(all, "1970") {
		t.Error("what is not known is dated 1970")
	}
}
