package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// listen opens the stream and sends each line that arrives; the channel closes
// when the stream ends.
func (h *house) listen(t *testing.T) <-chan string {
	t.Helper()
	res, err := h.client.Get("http://post/live")
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, got)
	}
	lines := make(chan string, 10000)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return lines
}

// so far: what has arrived, without waiting.
func soFar(lines <-chan string) (got []string) {
	for {
		select {
		case line, open := <-lines:
			if !open {
				return append(got, "END")
			}
			got = append(got, line)
		default:
			return got
		}
	}
}

func guarded(t *testing.T, hub *Events, stream Stream) http.Handler {
	p := open(t, io.Discard, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) {
		if err := hub.Serve(w, r, stream); err != nil {
			p.Fail(w, r, http.StatusServiceUnavailable)
		}
	})
	return Guard{Pages: p}.Wrap(mux)
}

func expect(t *testing.T, lines <-chan string, want ...string) {
	t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, soFar(lines)); diff != "" {
		t.Error(diff)
	}
}

// A page is given the state of now, then what is published, named and unnamed,
// and nothing of other topics.
func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := NewEvents(10)
		h := serve(guarded(t, hub, Stream{Topics: []string{"posts", "booth/3"}, First: func() []Event { return []Event{{Data: "<p>now</p>"}} }}))
		lines := h.listen(t)
		expect(t, lines, "data: <p>now</p>", "")
		ev, err := JSON("rates", map[string]int{"in": 2})
		if err != nil {
			t.Fatal(err)
		}
		hub.Publish("posts", ev)
		hub.Publish("booth/4", Event{Data: "other"})
		hub.Publish("booth/3", Event{Data: "a\nb\r\nc\rd"})
		expect(t, lines, "event: rates", `data: {"in":2}`, "", "data: a", "data: b", "data: c", "data: d", "")
		h.leave(t)
		expect(t, lines, "END")
		if hub.Open() != 0 || len(hub.topics) != 0 {
			t.Errorf("%d streams, %d topics left", hub.Open(), len(hub.topics))
		}
	})
}

// A quiet stream lives for hours: neither the server's time-outs nor the
// guard's end it, and heartbeats keep it.
func TestStreamOutlivesTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := NewEvents(10)
		h := serve(guarded(t, hub, Stream{Topics: []string{"x"}}))
		lines := h.listen(t)
		expect(t, lines, ":", "")
		time.Sleep(heartbeat)
		expect(t, lines, ":", "")
		time.Sleep(8 * time.Hour)
		synctest.Wait()
		soFar(lines)
		hub.Publish("x", Event{Name: "still", Data: "here"})
		expect(t, lines, "event: still", "data: here", "")
		h.leave(t)
	})
}

// The session's end ends its stream, at the next event or heartbeat.
func TestStreamEndsWithSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var alive atomic.Bool
		alive.Store(true)
		hub := NewEvents(10)
		h := serve(guarded(t, hub, Stream{Topics: []string{"x"}, Alive: alive.Load}))
		quiet, busy := h.listen(t), h.listen(t)
		expect(t, busy, ":", "")
		alive.Store(false)
		hub.Publish("x", Event{Data: "for the signed in"})
		expect(t, busy, "END")
		expect(t, quiet, ":", "", "END")
		h.leave(t)
	})
}

func TestStreamBoundAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := NewEvents(1)
		h := serve(guarded(t, hub, Stream{Topics: []string{"x"}}))
		lines := h.listen(t)
		res, err := h.client.Get("http://post/live")
		if err != nil {
			t.Fatal(err)
		}
		if html := body(t, res); res.StatusCode != 503 || !strings.Contains(html, "Not available now") {
			t.Errorf("%d %s", res.StatusCode, html)
		}
		hub.Close()
		expect(t, lines, ":", "", "END")
		if err := hub.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/live", nil), Stream{}); !errors.Is(err, ErrStreamsFull) {
			t.Error(err)
		}
		h.leave(t)
	})
}

// A browser that takes nothing is dropped and holds up nobody: neither the
// publisher nor another browser.
func TestSlowBrowserIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := NewEvents(10)
		h := serve(guarded(t, hub, Stream{Topics: []string{"x"}}))
		res, err := h.client.Get("http://post/live") // its body is never read
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		lines := h.listen(t)
		big := strings.Repeat("x", 4<<10)
		for i := range 3 * streamBuffer {
			hub.Publish("x", Event{Name: fmt.Sprint(i), Data: big})
			synctest.Wait()
		}
		if got := len(soFar(lines)); got != 2+3*3*streamBuffer {
			t.Errorf("the other browser has %d lines", got)
		}
		time.Sleep(streamWrite)
		synctest.Wait()
		if hub.Open() != 1 {
			t.Errorf("%d streams open", hub.Open())
		}
		h.leave(t)
	})
}

// Whatever an event holds, a reader by the rules of the HTML standard gets one
// event with that data and its line breaks as LF.
func FuzzEvent(f *testing.F) {
	for _, seed := range [][2]string{{"", ""}, {"a", "x\ny"}, {"a\nid: 7", "\r\n\r\nevent: forged"}, {"", ":"}, {"", "data: x\rretry: 1"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, data string) {
		var b strings.Builder
		Event{Name: name, Data: data}.encode(&b)
		got := readEvents(b.String())
		want := []Event{{Name: strings.NewReplacer("\r", "", "\n", "").Replace(name), Data: newLines.Replace(data)}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// readEvents follows HTML section 9.2.6 for the fields event and data; any
// other field shows as an event of its own.
func readEvents(stream string) (events []Event) {
	ev, lines := Event{}, []string(nil)
	for line := range strings.SplitSeq(strings.TrimSuffix(newLines.Replace(stream), "\n"), "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			ev.Data = strings.Join(lines, "\n")
			events, ev, lines = append(events, ev), Event{}, nil
		case field == "event":
			ev.Name = value
		case field == "data":
			lines = append(lines, value)
		default:
			events = append(events, Event{Name: "forged field " + field})
		}
	}
	return events
}
