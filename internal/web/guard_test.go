package web

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
)

// door is a guarded mux with one handler of each temper.
func door(t *testing.T, journal io.Writer) http.Handler {
	p := open(t, journal, fstest.MapFS{"pages/ok.html": file("fine")})
	mux := http.NewServeMux()
	p.Mount(mux)
	mux.HandleFunc("GET /page/{traveller}", func(w http.ResponseWriter, r *http.Request) { p.Render(w, r, "ok", Page{}) })
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if p.ReadForm(w, r) {
			p.Render(w, r, "ok", Page{})
		}
	})
	mux.HandleFunc("GET /panic/{traveller}", func(w http.ResponseWriter, r *http.Request) { panic("SECRETNAME in a panic") })
	mux.HandleFunc("GET /late", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		panic(errors.New("SECRETNAME"))
	})
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) {
		hub := NewEvents(1)
		hub.Serve(w, r, Stream{Alive: func() bool { return false }, Topics: []string{"x"}, First: func() []Event { hub.Close(); return nil }})
	})
	return Guard{Pages: p, MaxBody: 100}.Wrap(mux)
}

func form(method, target, text string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(text))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// Every answer, good or bad, carries the policy; writing requests from other
// sites, other methods and large bodies are refused.
func TestGuard(t *testing.T) {
	h := door(t, io.Discard)
	unknownLength := form("POST", "/form", "a="+strings.Repeat("x", 200))
	unknownLength.ContentLength = -1
	for name, test := range map[string]struct {
		r    *http.Request
		want int
	}{
		"page":           {httptest.NewRequest("GET", "/page/x", nil), 200},
		"head":           {httptest.NewRequest("HEAD", "/page/x", nil), 200},
		"asset":          {httptest.NewRequest("GET", "/assets/0/tims.css", nil), 404},
		"nowhere":        {httptest.NewRequest("GET", "/nowhere", nil), 404},
		"panic":          {httptest.NewRequest("GET", "/panic/x", nil), 500},
		"stream":         {httptest.NewRequest("GET", "/live", nil), 200},
		"prefs":          {form("POST", "/prefs", "theme=dark"), 303},
		"same origin":    {form("POST", "/form", "a=1", "Sec-Fetch-Site", "same-origin"), 200},
		"plain HTTP":     {form("POST", "/form", "a=1", "Origin", "http://example.com"), 200},
		"cross-site":     {form("POST", "/form", "a=1", "Sec-Fetch-Site", "cross-site"), 403},
		"same site":      {form("POST", "/form", "a=1", "Sec-Fetch-Site", "same-site"), 403},
		"other origin":   {form("POST", "/form", "a=1", "Origin", "http://evil.example"), 403},
		"null origin":    {form("POST", "/form", "a=1", "Origin", "null"), 403},
		"PUT":            {form("PUT", "/form", "a=1"), 405},
		"CONNECT":        {form("OPTIONS", "/form", "a=1"), 405},
		"at the bound":   {form("POST", "/form", "a="+strings.Repeat("x", 98)), 200},
		"over the bound": {form("POST", "/form", "a="+strings.Repeat("x", 99)), 413},
		"no length":      {unknownLength, 413},
		"broken form":    {form("POST", "/form", "a=%zz"), 400},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, test.r)
		if w.Code != test.want {
			t.Errorf("%s: %d, want %d", name, w.Code, test.want)
		}
		for key, want := range map[string]string{"Content-Security-Policy": Policy, "X-Content-Type-Options": "nosniff",
			"Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
			if got := w.Header().Get(key); got != want {
				t.Errorf("%s: %s is %q", name, key, got)
			}
		}
	}
}

// The journal has patterns and statuses, and nothing that a person typed.
func TestJournalNamesNobody(t *testing.T) {
	var journal strings.Builder
	h := door(t, &journal)
	for _, r := range []*http.Request{
		httptest.NewRequest("GET", "/page/SECRETNAME?q=SECRETNAME", nil), httptest.NewRequest("GET", "/panic/SECRETNAME", nil),
		httptest.NewRequest("GET", "/SECRETNAME", nil), form("POST", "/form", "name=SECRETNAME"), form("POST", "/form", "a=%zzSECRETNAME"),
		form("SECRETNAME", "/form", ""), form("POST", "/form?SECRETNAME", "", "Origin", "http://SECRETNAME"),
	} {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	log := journal.String()
	if strings.Contains(log, "SECRETNAME") {
		t.Error(log)
	}
	for _, want := range []string{`pattern="GET /page/{traveller}" status=200`, `msg="web: handler panicked" method=GET pattern="GET /panic/{traveller}" type=string`, "method=other"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in %s", want, log)
		}
	}
}

// A panic after the answer began cuts the connection: nobody takes the half
// for the whole.
func TestPanicAfterHalfAnAnswer(t *testing.T) {
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("recovered %v", got)
		}
	}()
	door(t, io.Discard).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/late", nil))
	t.Error("the handler returned")
}

func TestTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := open(t, io.Discard, nil)
		began := time.Now()
		h := Guard{Pages: p}.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			p.Fail(w, r, http.StatusServiceUnavailable)
		}))
		if res := get(h, "/slow"); res.StatusCode != 503 || time.Since(began) != maxTime {
			t.Errorf("%d after %v", res.StatusCode, time.Since(began))
		}
	})
}

// An act in flight when the server is told to end still gets its answer; then
// nobody is served.
func TestServeDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inTime error
		h := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(5 * time.Second)
			inTime = r.Context().Err()
			io.WriteString(w, "receipt")
		}))
		go func() { time.Sleep(time.Second); h.stop() }()
		res, err := h.client.Get("http://post/")
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, res); got != "receipt" || inTime != nil {
			t.Errorf("%q, context %v", got, inTime)
		}
		h.leave(t)
		if _, err := h.client.Get("http://post/"); err == nil {
			t.Error("served after the end")
		}
	})
}

// A handler that does not end is given up after the grace, as an error.
func TestServeGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		go h.client.Get("http://post/")
		synctest.Wait()
		began := time.Now()
		h.stop()
		if err := <-h.ended; err == nil || time.Since(began) < shutdownGrace {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		time.Sleep(time.Second)
	})
}

// A client that never finishes its header does not hold a connection.
func TestSlowHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(http.NotFoundHandler())
		conn, err := h.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: po"); err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, conn)
		if got := time.Since(began); got != headerTimeout {
			t.Errorf("held for %v", got)
		}
		h.leave(t)
	})
}

func TestSecureCookieUnderTLS(t *testing.T) {
	s := NewSessions[string]("kakavija", SessionLimits{time.Hour, time.Hour, 10})
	r := httptest.NewRequest("POST", "/", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	s.Start(w, r, "x")
	if c := w.Result().Cookies()[0]; !c.Secure {
		t.Error(c)
	}
}
