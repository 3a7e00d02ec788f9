package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// Policy is the content security policy of every answer: everything from this
// node, nothing inline, no frame around us.
const Policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// Guard stands before every handler of a people's listener.
type Guard struct {
	Pages   *Pages           // says refusals in clear words, and has the journal
	MaxBody int64            // bytes of a request's body; 64 KiB if zero
	Larger  map[string]int64 // MaxBody of single paths; whoever serves them reads as a stream
	MaxTime time.Duration    // for a handler that is not a stream; 15 s if zero
}

// Wrap sets the security headers, refuses other methods than GET, HEAD and
// POST, writing requests from other sites, and bodies over the bound; cancels
// the context of a handler over its time; and turns a panic into an error page.
//
// Journal lines carry method, path pattern, status and time. Never the path,
// the query, a form or the value of a panic: they may name a traveller.
func (g Guard) Wrap(next http.Handler) http.Handler {
	if g.MaxBody == 0 {
		g.MaxBody = maxBody
	}
	if g.MaxTime == 0 {
		g.MaxTime = maxTime
	}
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		setHeaders(w.Header())
		rec := &recorder{ResponseWriter: w}
		if status := g.refusal(crossOrigin, r); status != 0 {
			g.Pages.Fail(rec, r, status)
			g.journal(r.Method, "", rec.status, began)
			return
		}
		ctx, limit := withLimit(r.Context(), g.MaxTime)
		defer limit.stop()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(rec, r.Body, g.bound(r))
		defer func() {
			if v := recover(); v != nil {
				g.afterPanic(rec, r, v)
			}
			g.journal(r.Method, r.Pattern, rec.status, began)
		}()
		next.ServeHTTP(rec, r)
	})
}

// setHeaders. The referrer policy is same-origin and not no-referrer: under the
// latter browsers send "Origin: null" with our own forms, which is refused where
// Sec-Fetch-Site is absent (plain HTTP beyond localhost). No
// Strict-Transport-Security: it would let an expired certificate stop a
// crossing. Pages are never stored by a browser: they show travellers.
func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("Cache-Control", "no-store")
}

// refusal is the status of a request that no handler shall see, or 0.
func (g Guard) refusal(crossOrigin *http.CrossOriginProtection, r *http.Request) int {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		return http.StatusMethodNotAllowed
	}
	if crossOrigin.Check(r) != nil {
		return http.StatusForbidden
	}
	if r.ContentLength > g.bound(r) {
		return http.StatusRequestEntityTooLarge
	}
	return 0
}

// bound is that of a request's body.
func (g Guard) bound(r *http.Request) int64 {
	if most, ok := g.Larger[r.URL.Path]; ok {
		return most
	}
	return g.MaxBody
}

func (g Guard) afterPanic(rec *recorder, r *http.Request, v any) {
	if v == http.ErrAbortHandler {
		panic(v)
	}
	stack := debug.Stack()
	g.Pages.cfg.Log.Error("web: handler panicked", "method", r.Method, "pattern", r.Pattern,
		"type", fmt.Sprintf("%T", v), "stack", string(stack[:min(len(stack), maxStack)]))
	if rec.status != 0 { // half an answer is out: cut it, so that nobody takes it for whole
		panic(http.ErrAbortHandler)
	}
	g.Pages.Fail(rec, r, http.StatusInternalServerError)
}

func (g Guard) journal(method, pattern string, status int, began time.Time) {
	level := slog.LevelDebug
	if status >= 500 {
		level = slog.LevelError
	}
	g.Pages.cfg.Log.Log(context.Background(), level, "web: request", "method", known(method), "pattern", pattern,
		"status", status, "ms", time.Since(began).Milliseconds())
}

// known keeps a made-up method out of the journal.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return method
	}
	return "other"
}

// recorder remembers whether and how the answer began; Unwrap lets
// http.ResponseController reach the connection.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// limit ends a handler's context after its time, unless a stream lifts it.
type limit struct {
	cancel context.CancelFunc
	timer  *time.Timer
}

type limitKey struct{}

func withLimit(ctx context.Context, d time.Duration) (context.Context, limit) {
	ctx, cancel := context.WithCancel(ctx)
	l := limit{cancel: cancel, timer: time.AfterFunc(d, cancel)}
	return context.WithValue(ctx, limitKey{}, l), l
}

func (l limit) stop() { l.timer.Stop(); l.cancel() }

// liftLimit lets a stream run on.
func liftLimit(ctx context.Context) {
	if l, ok := ctx.Value(limitKey{}).(limit); ok {
		l.timer.Stop()
	}
}
