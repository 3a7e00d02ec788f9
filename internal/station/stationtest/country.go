// Package stationtest serves the pages of a post to a test: a founded country on one machine of which the post, and the centre
// if asked for, are real nodes; browsers without script that keep cookies and sign as deed.js does; and a sign-in for a real
// one. It is for tests alone.
package stationtest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/roster"
)

// A Face serves pages and keeps them true while Run lasts, as station.Station does.
type Face interface {
	http.Handler
	Run(context.Context)
}

// A Country is a founded one: the centre qendra, the posts kakavija and durres. Kakavija is open and its pages are served.
type Country struct {
	testing.TB
	Post   *node.Node // kakavija
	Face   Face
	Server *httptest.Server
	URL    string // on localhost, where Web Cryptography works
	Now    atomic.Int64

	dir     string
	peers   map[string]net.Listener
	newFace func(*node.Node) (Face, error)
}

// Noon is when a country's clock stands at first; Now moves it.
var Noon = time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)

// Officers are those of a country, by label.
var Officers = []node.PlannedOfficer{
	{Label: "A. Hoxha", Duties: []roster.Duty{roster.BoothOfficer}},
	{Label: "B. Leka", Duties: []roster.Duty{roster.BoothOfficer}},
	{Label: "D. Gjoka", Duties: []roster.Duty{roster.SecondLine}},
	{Label: "E. Marku", Duties: []roster.Duty{roster.SecondLine}},
	{Label: "S. Prifti", Duties: []roster.Duty{roster.Supervisor}},
	{Label: "T. Shehu", Duties: []roster.Duty{roster.Supervisor}},
	{Label: "N. Analisti", Duties: []roster.Duty{roster.Analyst}},
	{Label: "R. Admini", Duties: []roster.Duty{roster.Administrator}},
}

// Found makes a country and opens kakavija with the pages that newFace makes of it.
func Found(t testing.TB, newFace func(*node.Node) (Face, error)) *Country {
	t.Helper()
	c := &Country{TB: t, dir: t.TempDir(), peers: map[string]net.Listener{}, newFace: newFace}
	c.Now.Store(Noon.UnixMilli())
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost",
		Nodes: []node.PlannedNode{{Name: "qendra", Role: roster.Centre, Place: "tirana"},
			{Name: "kakavija", Role: roster.Post, Place: "kakavija", Traffic: "road"},
			{Name: "durres", Role: roster.Post, Place: "durres", Traffic: "sea"}},
		Officers: Officers, Approvers: []string{"director"}, Threshold: 1}
	for i := range plan.Nodes {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		c.peers[plan.Nodes[i].Name], plan.Nodes[i].Address = l, l.Addr().String()
	}
	if _, err := node.Found(c.dir, plan); err != nil {
		t.Fatal(err)
	}
	c.Open()
	return c
}

// Node opens a node of the country. The test closes it.
func (c *Country) Node(name string) *node.Node {
	c.Helper()
	n, err := node.Open(node.Options{Dir: c.dir + "/" + name, Now: c.clock, SyncEvery: 50 * time.Millisecond})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { n.Close() })
	return n
}

func (c *Country) clock() time.Time { return time.UnixMilli(c.Now.Load()) }

// Open opens the post and serves its pages; after closing Post it is a start anew.
func (c *Country) Open() {
	c.Helper()
	c.Post = c.Node("kakavija")
	c.Face = c.NewFace()
	c.Server = httptest.NewServer(c.Face)
	c.URL = strings.Replace(c.Server.URL, "127.0.0.1", "localhost", 1)
	ctx, stop := context.WithCancel(context.Background())
	go c.Face.Run(ctx)
	server := c.Server
	c.Cleanup(func() { stop(); server.CloseClientConnections(); server.Close() })
}

// Path is the directory of a node.
func (c *Country) Path(name string) string { return c.dir + "/" + name }

// NewFace makes the pages anew, without a memory of sessions.
func (c *Country) NewFace() Face {
	c.Helper()
	f, err := c.newFace(c.Post)
	if err != nil {
		c.Fatal(err)
	}
	return f
}

// OpenCentre opens the centre, serves it to its posts, releases a list if there are alerts, and waits until the post has it.
func (c *Country) OpenCentre(alerts ...border.Alert) *node.Node {
	c.Helper()
	centre := c.Node("qendra")
	l, err := centre.PeerListener(c.peers["qendra"])
	if err != nil {
		c.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- centre.ServePeers(ctx, l) }()
	c.Cleanup(func() { stop(); <-served })
	if len(alerts) == 0 {
		return centre
	}
	if _, err := centre.Release(ctx, "demo", 0, alerts); err != nil {
		c.Fatal(err)
	}
	for range 400 {
		if len(c.Post.Lists()) > 0 {
			return centre
		}
		time.Sleep(25 * time.Millisecond)
	}
	c.Fatal("the list did not reach the post in ten seconds")
	return nil
}

// Officer gives an officer of the roster by his label.
func (c *Country) Officer(label string) roster.Officer {
	c.Helper()
	for _, o := range c.Post.State().Roster.Officers {
		if o.Label == label {
			return o
		}
	}
	c.Fatalf("no officer %s", label)
	return roster.Officer{}
}

// Passport composes a valid TD3 zone of a holder born on 12 August 1974.
func Passport(t testing.TB, surname, given, number, nation string) string {
	t.Helper()
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: nation, DocumentNumber: number,
		Nationality: nation, BirthDate: "740812", Sex: "F", ExpiryDate: "310415", Primary: surname, Secondary: given})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
