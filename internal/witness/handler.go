package witness

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
	"tims/internal/web"
)

// Handler serves both prefixes of tlog-witness, which are one here, and beside them what a TIMS country tells its witness:
//
//	POST /add-checkpoint             tlog-witness
//	GET  /<origin hash>/checkpoint   tlog-witness, monitoring
//	POST /tims/epoch                 a signed epoch statement
//	POST /tims/changes?country=xx    approved changes
//	GET  /tims/evidence?origin=…     what is kept against a log, as JSON
//
// Nobody signs in: each request is judged by the signatures in it.
func (w *Witness) Handler() http.Handler {
	h := &handler{Witness: w, turns: web.Turns{Each: inFlightEach, All: inFlight}, strangers: web.Turns{Each: 1, All: maxStrangers},
		limit: web.Limiter{Span: requestsSpan, Each: requestsEach, All: requestsAll, Visitors: maxVisitors}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", h.addCheckpoint)
	mux.HandleFunc("GET /{hash}/checkpoint", h.serveCheckpoint)
	mux.HandleFunc("POST "+replica.PathWitnessEpoch, h.takeEpoch)
	mux.HandleFunc("POST "+replica.PathWitnessChanges, h.takeChanges)
	mux.HandleFunc("GET /tims/evidence", h.serveEvidence)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !h.limit.Allow(r.RemoteAddr, time.Now()) {
			rw.Header().Set("Retry-After", strconv.Itoa(int(requestsSpan/time.Second)))
			answer(rw, http.StatusTooManyRequests, "too many requests")
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

type handler struct {
	*Witness
	limit     web.Limiter
	turns     web.Turns // submissions and statements under way
	strangers web.Turns // lists of changes under way
}

// sender is whom a place is counted for. Behind a reverse proxy it is the connection.
func sender(r *http.Request) string {
	from, many := web.Visitor(r.RemoteAddr)
	if many {
		return r.RemoteAddr
	}
	return from.String()
}

// enter takes a place for a request whose body must come within a time. It answers where there is none.
func enter(turns *web.Turns, within time.Duration, rw http.ResponseWriter, r *http.Request) (leave func(), ok bool) {
	from := sender(r)
	if !turns.Take(from) {
		answer(rw, http.StatusServiceUnavailable, "too many requests at once")
		return nil, false
	}
	slow := http.NewResponseController(rw) // where there is no connection to bound, nothing is slow
	slow.SetReadDeadline(time.Now().Add(within))
	slow.SetWriteDeadline(time.Now().Add(within + answerWithin))
	return func() { turns.Give(from) }, true
}

func (h *handler) addCheckpoint(rw http.ResponseWriter, r *http.Request) {
	leave, ok := enter(&h.turns, bodyWithin, rw, r)
	if !ok {
		return
	}
	defer leave()
	a, err := tlog.DecodeAddCheckpoint(r.Body)
	var lines []byte
	if err == nil {
		origin, _, _ := strings.Cut(string(a.Checkpoint), "\n")
		if n, ok := h.changesOf(origin); ok {
			rw.Header().Set(replica.HeaderChanges, strconv.Itoa(n))
		}
		lines, err = h.Add(a)
	}
	if err != nil {
		h.refuse(rw, r, err)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Write(lines)
}

// refuse answers with the status that tlog-witness gives a refusal. The text beside it is for whoever looks for a mistake.
func (h *handler) refuse(rw http.ResponseWriter, r *http.Request, err error) {
	var conflict *tlog.ConflictError
	switch {
	case errors.As(err, &conflict):
		rw.Header().Set("Content-Type", tlog.SizeType)
		rw.WriteHeader(http.StatusConflict)
		rw.Write(tlog.EncodeSize(conflict.Size))
	case errors.Is(err, tlog.ErrUnknownOrigin):
		answer(rw, http.StatusNotFound, tlog.ErrUnknownOrigin.Error())
	case errors.Is(err, tlog.ErrSignature):
		answer(rw, http.StatusForbidden, tlog.ErrSignature.Error())
	case errors.Is(err, tlog.ErrProof):
		answer(rw, http.StatusUnprocessableEntity, tlog.ErrProof.Error())
	case errors.Is(err, tlog.ErrMalformed), errors.Is(err, record.ErrFormat):
		answer(rw, http.StatusBadRequest, tlog.ErrMalformed.Error())
	case errors.Is(err, errRefused):
		h.opt.Journal.Warn("statement refused", "path", r.URL.Path, "error", err)
		answer(rw, http.StatusUnprocessableEntity, "not accepted by the roster in force here")
	default:
		h.opt.Journal.Error("witness cannot answer", "path", r.URL.Path, "error", err)
		answer(rw, http.StatusServiceUnavailable, "the witness has trouble of its own; ask later")
	}
}

func answer(rw http.ResponseWriter, status int, text string) { http.Error(rw, text, status) }

func (h *handler) serveCheckpoint(rw http.ResponseWriter, r *http.Request) {
	b, ok := h.Witness.checkpoint(r.PathValue("hash"))
	if !ok {
		answer(rw, http.StatusNotFound, "never cosigned")
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	rw.Write(b)
}

func (h *handler) takeEpoch(rw http.ResponseWriter, r *http.Request) {
	leave, ok := enter(&h.turns, bodyWithin, rw, r)
	if !ok {
		return
	}
	defer leave()
	b, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxEpoch))
	var e roster.SignedEpoch
	if err == nil {
		err = record.Unmarshal(b, &e)
	}
	if err != nil {
		h.refuse(rw, r, tlog.ErrMalformed)
		return
	}
	if err := h.Admit(e); err != nil {
		h.refuse(rw, r, err)
	}
}

// takeChanges has places of its own, so that long lists take none of the submissions'.
func (h *handler) takeChanges(rw http.ResponseWriter, r *http.Request) {
	leave, ok := enter(&h.strangers, changesWithin, rw, r)
	if !ok {
		return
	}
	defer leave()
	body := http.MaxBytesReader(rw, r.Body, roster.MaxChanges)
	if err := h.Learn(r.URL.Query().Get("country"), body, time.Now().UnixMilli()); err != nil {
		h.refuse(rw, r, err)
	}
}

func (h *handler) serveEvidence(rw http.ResponseWriter, r *http.Request) {
	out, err := h.Evidence(r.URL.Query().Get("origin"))
	if err != nil {
		h.refuse(rw, r, err)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	json.NewEncoder(rw).Encode(out)
}
