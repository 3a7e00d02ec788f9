// Package messages is the face of the short messages between posts and centres: a strip above every page of a station, one
// page with what was sent and received, and the form that sends. Posts and centres mount it alike.
//
// The strip is at most two lines high and stands above the traveller, never over him. It is the same for all officers of a
// node but for what each has acknowledged, so it is asked of the node once for all open pages.
//
// Trust: a message comes from the log of the node that sent it, verified, and its text was sealed to the addressees; this
// package shows only what node.Messages gives to the officer. An acknowledgement is a signed record of one officer. Text of a
// message is never part of an address or a journal line.
package messages

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
)

//go:embed pages parts lang assets
var files embed.FS

// Files are the pages and words of this face, for station.Open.
func Files() fs.FS { return files }

// face serves messages on one station.
type face struct {
	*station.Station
	news snapshot
}

// Mount adds page, form and strip to a station.
func Mount(st *station.Station) {
	f := &face{Station: st}
	st.Nav(station.Entry{Href: "/messages", Text: "messages.nav", Power: roster.ReadMessages, Count: f.waiting})
	st.Know(station.Trouble{Err: node.ErrLetter, Key: "messages.error.letter", Status: http.StatusUnprocessableEntity, Mend: true},
		station.Trouble{Err: node.ErrAddressee, Key: "messages.error.addressee", Status: http.StatusUnprocessableEntity, Mend: true})
	st.SetStrip(station.Strip{Part: "messages-strip", Data: f.strip})
	st.Live("messages", roster.ReadMessages, f.live)
	st.Handle("GET /messages", roster.ReadMessages, f.servePage)
	st.Deed("POST /messages", roster.SendMessages, station.Deed{Read: f.readMessage, Done: f.sent, Mend: f.mendMessage,
		What: what("messages.send"), Back: back})
	st.Deed("POST /messages/read", roster.ReadMessages, station.Deed{Read: f.readAcknowledge, Done: f.acknowledged,
		Mend: f.mendAcknowledge, What: what("messages.acknowledge"), Back: back})
}

func what(key string) func(*http.Request, station.Words) string {
	return func(_ *http.Request, w station.Words) string { return w.T(key) }
}

func back(*http.Request) string { return "/messages" }

// A snapshot is what the node said last. It is asked again after freshFor, and at once after an act of this face.
type snapshot struct {
	mu     sync.Mutex
	at     time.Time
	posted []node.Posted
}

// of gives the node's messages, newest first; Done is that of whoever asked first, so it is never read: hasRead tells.
func (c *snapshot) of(ctx context.Context, n *node.Node, s *node.Shift) ([]node.Posted, error) {
	if !n.Can(s, roster.ReadMessages) {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < freshFor {
		return c.posted, nil
	}
	posted, err := n.Messages(ctx, s)
	if err != nil {
		return nil, err
	}
	c.at, c.posted = time.Now(), posted
	return posted, nil
}

func (c *snapshot) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Time{}
}

// changed tells every open page at once.
func (f *face) changed() {
	f.news.forget()
	f.Nudge()
}

// hasRead reports whether the officer has acknowledged a message at this node.
func hasRead(p node.Posted, self, officer string) bool {
	for _, r := range p.Read {
		if r.Node == self && r.Officer == officer {
			return true
		}
	}
	return false
}

// unread are the messages to this node that the officer has not acknowledged, most urgent first and of those the oldest first:
// what was said first is done first.
func unread(all []node.Posted, self, officer string) (out []node.Posted) {
	for _, priority := range []record.Priority{record.Flash, record.Urgent, record.Routine} {
		for i := len(all) - 1; i >= 0; i-- {
			if p := all[i]; p.Mine && p.Priority == priority && !hasRead(p, self, officer) {
				out = append(out, p)
			}
		}
	}
	return out
}

func (f *face) waiting(ctx context.Context, s *node.Shift) int {
	all, err := f.news.of(ctx, f.Node, s)
	if err != nil {
		return 0
	}
	return len(unread(all, f.Node.Name(), s.Officer.Label))
}
