package messages

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

func newFace(n *node.Node) (stationtest.Face, error) {
	st, err := station.Open(n, station.Options{Label: "Kakavijë", Role: "frame.role.post", Demo: true}, Files())
	if err != nil {
		return nil, err
	}
	Mount(st)
	return st, nil
}

// analyst opens a shift of the centre's analyst there.
func analyst(c *stationtest.Country, centre *node.Node) *node.Shift {
	c.Helper()
	for _, o := range centre.State().Roster.Officers {
		if o.Label == "N. Analisti" {
			s, err := centre.StartShift(c.Context(), o, "centre", publicKey(c))
			if err != nil {
				c.Fatal(err)
			}
			return s
		}
	}
	c.Fatal("no analyst")
	return nil
}

// publicKey is of a booth key that signs nothing.
func publicKey(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return point
}

func send(c *stationtest.Country, n *node.Node, s *node.Shift, act byte, p record.Priority, text string, to ...string) {
	c.Helper()
	if _, err := n.Do(c.Context(), node.Message{Act: record.Act{act}, Shift: s, Priority: p, Text: text, To: to}); err != nil {
		c.Fatal(err)
	}
}

// until asks for a page until a reader sees the text on it.
func until(b *stationtest.Browser, path, text string) stationtest.Answer {
	b.Helper()
	var a stationtest.Answer
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if a = b.Get(path); strings.Contains(stationtest.Plain(a.Body), text) {
			return a
		}
	}
	b.Fatalf("%s never says %q:\n%s", path, text, stationtest.Plain(a.Body))
	return a
}

// A message comes from the centre's log to the post's pages once, is acknowledged there, and the centre sees by whom.
func TestMessageArrivesOnceAndIsAcknowledged(t *testing.T) {
	c := stationtest.Found(t, newFace)
	centre := c.OpenCentre()
	s := analyst(c, centre)
	send(c, centre, s, 1, record.Urgent, "Stolen lorries AA 123 BC on the way south")
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	a := until(b, "/messages", "Stolen lorries")
	if n := strings.Count(a.Body, `<article class="message `); n != 1 {
		t.Errorf("the message is listed %d times", n)
	}
	a.Has(t, "Urgent", "Tirana, N. Analisti", "I have read it", "all posts and centres", "Not read at Kakavija, Durres")
	b.Signed("/messages/read", a.Hiddens(t)...).Has(t, "You have acknowledged it", "Kakavija: A. Hoxha")
	if strings.Contains(b.Get("/messages").Body, "message-strip") {
		t.Error("the strip shows what is acknowledged")
	}
	b.Post("/messages/read", a.Hiddens(t)...) // from another page that still shows it
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		posted, err := centre.Messages(t.Context(), s)
		if err != nil || len(posted) != 1 {
			t.Fatalf("%d messages at the centre, %v", len(posted), err)
		}
		if p := posted[0]; len(p.Read) == 1 && p.Read[0].Node == "kakavija" && p.Read[0].Officer == "A. Hoxha" && slices.Equal(p.Unread, []string{"durres"}) {
			break
		} else if time.Now().After(deadline) || len(p.Read) > 1 {
			t.Fatalf("the centre knows of %+v, unread at %v", p.Read, p.Unread)
		}
	}
	other := c.Browser()
	other.Enter("B. Leka", "K2")
	if !strings.Contains(other.Get("/messages").Body, "message-strip") {
		t.Error("one officer's acknowledgement speaks for another")
	}
}

// Without script the officer comes back to where he was; with it the strip alone is answered.
func TestAcknowledgeKeepsThePage(t *testing.T) {
	c := stationtest.Found(t, newFace)
	centre := c.OpenCentre()
	s := analyst(c, centre)
	send(c, centre, s, 1, record.Flash, "first")
	send(c, centre, s, 2, record.Flash, "second")
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	a := until(b, "/messages", "1 more")
	a.Has(t, "FLASH")
	if strip := a.Body[:strings.Index(a.Body, "<main")]; !strings.Contains(strip, "first") || strings.Contains(strip, ">second<") {
		t.Error("the strip does not begin with the older flash alone")
	}
	if !strings.Contains(a.Body, `data-sound="flash"`) {
		t.Error("a flash has no sound")
	}
	if again := b.Get("/messages"); !slices.Equal(a.Hiddens(t), again.Hiddens(t)) {
		t.Error("the strip changes while nothing happens")
	}
}

func TestCompose(t *testing.T) {
	c := stationtest.Found(t, newFace)
	officer, supervisor := c.Browser(), c.Browser()
	officer.Enter("A. Hoxha", "K1")
	supervisor.Enter("S. Prifti", "K2")
	if strings.Contains(officer.Get("/messages").Body, `name="text"`) {
		t.Error("a booth officer is offered to send")
	}
	if a := officer.Post("/messages", "text", "x", "priority", "flash", "whom", "all"); a.Status != 403 {
		t.Errorf("a booth officer sends: %d", a.Status)
	}
	for _, bad := range []struct{ text, priority, whom, to, says string }{
		{"", "flash", "all", "", ""},
		{strings.Repeat("x", maxText+1), "flash", "all", "", ""},
		{"kept words", "", "all", "", "Choose a priority"},
		{"kept words", "flash", "some", "", "Choose at least one"},
		{"kept words", "flash", "some", "nowhere", "not in the roster"},
	} {
		pairs := []string{"act", strings.Repeat("0c", 16), "text", bad.text, "priority", bad.priority, "whom", bad.whom}
		if bad.to != "" {
			pairs = append(pairs, "to", bad.to)
		}
		a := supervisor.Post("/messages", pairs...)
		if a.Status != 422 || bad.text == "kept words" && !strings.Contains(a.Body, "kept words</textarea>") {
			t.Errorf("%.20q to %s: %d, or its text is lost", bad.text, bad.to, a.Status)
		}
		a.Has(t, bad.says)
	}
	pairs := []string{"act", strings.Repeat("0d", 16), "text", "Lane 2 closed", "priority", "routine", "whom", "some", "to", "durres", "to", "qendra"}
	supervisor.Signed("/messages", pairs...).Has(t, "Sent.", "Lane 2 closed", "Durres, Tirana", "nobody yet")
	supervisor.Signed("/messages", pairs...)
	a := supervisor.Get("/messages")
	if n := strings.Count(a.Body, `<article class="message `); n != 1 || strings.Contains(a.Body, "message-strip") {
		t.Errorf("asked again, the message is there %d times, or the sender is to acknowledge it", n)
	}
}

func TestUnread(t *testing.T) {
	of := func(index uint64, p record.Priority, mine bool, readers ...string) node.Posted {
		posted := node.Posted{Ref: record.Ref{Origin: "al/qendra/1", Index: index}, Priority: p, Mine: mine}
		for _, r := range readers {
			at, officer, _ := strings.Cut(r, "/")
			posted.Read = append(posted.Read, node.ReadBy{Node: at, Officer: officer})
		}
		return posted
	}
	newestFirst := []node.Posted{of(9, record.Routine, true), of(8, record.Flash, true), of(7, record.Urgent, true, "durres/A"),
		of(6, record.Flash, true, "kakavija/B"), of(5, record.Flash, true, "kakavija/A"), of(4, record.Urgent, false), of(3, record.Routine, true, "kakavija/")}
	var got []uint64
	for _, p := range unread(newestFirst, "kakavija", "A") {
		got = append(got, p.Ref.Index)
	}
	if want := []uint64{6, 8, 7, 3, 9}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

func TestBegin(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 2000), strings.Repeat("word ", 400), strings.Repeat("ëë ", 300), strings.Repeat("\n", 50) + "end", ""} {
		got := begin(text)
		if n := utf8.RuneCountInString(got); n > stripText+2 || !strings.HasSuffix(got, "…") || strings.Contains(got, "\n") || !utf8.ValidString(got) {
			t.Errorf("%d characters begin as %q", len(text), got)
		}
	}
	if got := begin("one\ntwo\nthree\nfour"); got != "one two three four …" {
		t.Errorf("%q", got)
	}
}

func TestActOf(t *testing.T) {
	seen := map[record.Act]string{}
	for _, origin := range []string{"al/a/1", "al/a/11"} {
		for index := range uint64(3) {
			for shift := range uint64(3) {
				act := actOf(record.Ref{Origin: origin, Index: index}, record.Ref{Origin: "al/b/1", Index: shift})
				name := fmt.Sprint(origin, index, shift)
				if was, twice := seen[act]; twice {
					t.Errorf("%s and %s are one act", name, was)
				}
				seen[act] = name
			}
		}
	}
}
