package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Event is one server-sent event (HTML Living Standard, section 9.2). Without a
// name, htmx swaps Data in as HTML, which Partial makes; with a name, the page
// gets a DOM event of that name on its stream element, Data in detail.data.
type Event struct{ Name, Data string }

// Partial is an unnamed event that puts html where the CSS selector target
// points, by an htmx swap style such as "innerHTML", "outerMorph" or "prepend".
func Partial(target, swap string, html template.HTML) Event {
	return Event{Data: `<hx-partial hx-target="` + template.HTMLEscapeString(target) + `" hx-swap="` +
		template.HTMLEscapeString(swap) + `">` + string(html) + `</hx-partial>`}
}

// JSON is a named event that carries v.
func JSON(name string, v any) (Event, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return Event{}, fmt.Errorf("web: encode event %s: %w", name, err)
	}
	return Event{Name: name, Data: string(b)}, nil
}

// ErrStreamsFull is Events.Serve's answer when the bound is reached; nothing is
// written yet.
var ErrStreamsFull = errors.New("web: as many streams open as allowed")

// Events carries what happens to the open pages. Nothing is kept for those who
// were away: a page that comes back is given the state of now by Stream.First.
type Events struct {
	max int

	mu     sync.Mutex
	topics map[string]map[*subscriber]struct{}
	open   int
	closed bool
}

type subscriber struct {
	events chan Event
	gone   chan struct{} // closed when it lagged too far or the hub closed
	once   sync.Once
}

func (s *subscriber) drop() { s.once.Do(func() { close(s.gone) }) }

// NewEvents makes a hub for at most max open streams.
func NewEvents(max int) *Events {
	return &Events{max: max, topics: map[string]map[*subscriber]struct{}{}}
}

// Stream says what one page wants.
type Stream struct {
	// Topics are what it listens to, such as "posts" or "booth/3/sq".
	Topics []string
	// First gives the state of now; it is asked after the subscription began,
	// so that nothing falls between. May be nil.
	First func() []Event
	// Alive is asked at every heartbeat and before every write; false ends the
	// stream, such as when the session ended. May be nil.
	Alive func() bool
}

// Publish hands an event to every stream of the topic and never waits: a
// stream that is streamBuffer behind is ended, and its page comes back for the
// state of now.
func (e *Events) Publish(topic string, ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for s := range e.topics[topic] {
		select {
		case s.events <- ev:
		default:
			s.drop()
		}
	}
}

// Open is the number of open streams.
func (e *Events) Open() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open
}

// Close ends all streams and refuses new ones.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for _, subscribers := range e.topics {
		for s := range subscribers {
			s.drop()
		}
	}
}

func (e *Events) subscribe(topics []string) (*subscriber, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.open >= e.max {
		return nil, ErrStreamsFull
	}
	e.open++
	s := &subscriber{events: make(chan Event, streamBuffer), gone: make(chan struct{})}
	for _, topic := range topics {
		if e.topics[topic] == nil {
			e.topics[topic] = map[*subscriber]struct{}{}
		}
		e.topics[topic][s] = struct{}{}
	}
	return s, nil
}

func (e *Events) unsubscribe(s *subscriber, topics []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open--
	for _, topic := range topics {
		delete(e.topics[topic], s)
		if len(e.topics[topic]) == 0 {
			delete(e.topics, topic)
		}
	}
}

// Serve answers with a stream and returns when the browser left, the server
// drains, the hub closed, Alive said no or the browser did not keep up. An
// error means that no answer was given yet.
func (e *Events) Serve(w http.ResponseWriter, r *http.Request, stream Stream) error {
	sub, err := e.subscribe(stream.Topics)
	if err != nil {
		return err
	}
	defer e.unsubscribe(sub, stream.Topics)
	liftLimit(r.Context())
	out := &streamWriter{w: w, rc: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	first := []Event(nil)
	if stream.First != nil {
		first = stream.First()
	}
	if out.send(first...) != nil {
		return nil
	}
	e.carry(r.Context(), sub, stream, out)
	return nil
}

func (e *Events) carry(ctx context.Context, sub *subscriber, stream Stream, out *streamWriter) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var batch []Event
		select {
		case <-ctx.Done():
			return
		case <-draining(ctx):
			return
		case <-sub.gone:
			return
		case <-beat.C:
		case ev := <-sub.events:
			batch = append(batch, ev)
			for len(sub.events) > 0 { // only this goroutine takes from it
				batch = append(batch, <-sub.events)
			}
		}
		if stream.Alive != nil && !stream.Alive() || out.send(batch...) != nil {
			return
		}
	}
}

// streamWriter writes under a deadline, so that a stuck browser holds a
// goroutine no longer than streamWrite.
type streamWriter struct {
	w  io.Writer
	rc *http.ResponseController
}

// send writes the events, or a comment if there are none: it opens the stream
// and keeps it open through proxies.
func (s *streamWriter) send(events ...Event) error {
	var b strings.Builder
	for _, ev := range events {
		ev.encode(&b)
	}
	if len(events) == 0 {
		b.WriteString(":\n\n")
	}
	s.rc.SetWriteDeadline(time.Now().Add(streamWrite))
	if _, err := io.WriteString(s.w, b.String()); err != nil {
		return err
	}
	return s.rc.Flush()
}

var (
	oneLine  = strings.NewReplacer("\r", "", "\n", "")
	newLines = strings.NewReplacer("\r\n", "\n", "\r", "\n")
)

// encode writes the wire form. A line break in Data, of whichever kind, begins
// a new data line, so that no value can forge a field.
func (ev Event) encode(b *strings.Builder) {
	if ev.Name != "" {
		b.WriteString("event: " + oneLine.Replace(ev.Name) + "\n")
	}
	for line := range strings.SplitSeq(newLines.Replace(ev.Data), "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteString("\n")
}
