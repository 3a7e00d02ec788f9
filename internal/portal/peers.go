package portal

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// PeerListener puts mutual TLS on a listener, as nodes do: whoever connects shows a certificate, and each request asks whether
// the identity key of a living post or centre of the roster signed it.
func (p *Portal) PeerListener(l net.Listener) (net.Listener, error) {
	cert, err := p.ring.Certificate(p.opt.Now())
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
		ClientAuth: tls.RequireAnyClientCert, SessionTicketsDisabled: true}), nil
}

// ServePeers takes what posts and centres push, on a listener of PeerListener, until ctx ends.
func (p *Portal) ServePeers(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: p.peerHandler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ReadTimeout: 2 * time.Minute, WriteTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0)}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
		return err
	}
	return nil
}

// identity gives the key of a living node that may push.
func (p *Portal) identity(name string) (ed25519.PublicKey, bool) {
	node, ok := p.State().Roster.Node(name)
	if !ok || node.Dropped || node.Role != roster.Post && node.Role != roster.Centre {
		return nil, false
	}
	return node.Identity(), true
}

func (p *Portal) peerOf(s tls.ConnectionState) (string, error) {
	raw := make([][]byte, len(s.PeerCertificates))
	for i, c := range s.PeerCertificates {
		raw[i] = c.Raw
	}
	return keyring.VerifyPeer(raw, p.identity)
}

func (p *Portal) peerHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+replica.PathPublished, func(w http.ResponseWriter, r *http.Request) {
		out := replica.Published{Changes: len(p.State().Changes)}
		for _, l := range p.all() {
			out.Logs = append(out.Logs, published(l))
		}
		w.Write(out.Encode())
	})
	mux.HandleFunc("POST "+replica.PathEpoch, p.takeEpoch)
	mux.HandleFunc("POST "+replica.PathGrowth, p.takeGrowth)
	mux.HandleFunc("POST "+replica.PathCosignatures, p.takeCosignatures)
	mux.HandleFunc("POST "+replica.PathChanges, p.takeChanges)
	mux.HandleFunc("POST "+replica.PathCompare, p.takeComparison)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if _, err := p.peerOf(*r.TLS); err != nil && (r.Method != http.MethodPost || r.URL.Path != replica.PathChanges) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// takeChanges learns approved changes from anybody. Strangers share few places, so that they take none of the members'.
func (p *Portal) takeChanges(w http.ResponseWriter, r *http.Request) {
	peer, err := p.peerOf(*r.TLS)
	if err == nil {
		if !p.pushing.Take(peer) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		defer p.pushing.Give(peer)
	} else {
		select {
		case p.strangers <- struct{}{}:
			defer func() { <-p.strangers }()
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	if err := p.learn(http.MaxBytesReader(w, r.Body, roster.MaxChanges)); err != nil {
		p.opt.Journal.Warn("changes refused", "portal", p.Name(), "error", err)
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

func (p *Portal) takeEpoch(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEpoch))
	var e roster.SignedEpoch
	if err == nil {
		err = record.Unmarshal(b, &e)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err := p.admit(e); err != nil {
		p.opt.Journal.Warn("epoch statement refused", "portal", p.Name(), "error", err)
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

// takeGrowth answers with what is here then, also where the growth began elsewhere (409).
func (p *Portal) takeGrowth(w http.ResponseWriter, r *http.Request) {
	peer, err := p.peerOf(*r.TLS)
	if err != nil || !p.pushing.Take(peer) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer p.pushing.Give(peer)
	select {
	case p.pushes <- struct{}{}:
		defer func() { <-p.pushes }()
	case <-r.Context().Done():
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxGrowth))
	var g tlog.Growth
	if err == nil {
		g, err = tlog.DecodeGrowth(b)
	}
	var l *heldLog
	if err == nil {
		l, err = p.take(g)
	}
	var conflict *tlog.ConflictError
	if errors.As(err, &conflict) {
		w.WriteHeader(http.StatusConflict)
	} else if err != nil {
		p.opt.Journal.Warn("growth refused", "portal", p.Name(), "error", err)
		w.WriteHeader(status(err))
		return
	}
	w.Write(replica.Published{Logs: []replica.PublishedLog{published(l)}}.Encode())
}

func (p *Portal) takeCosignatures(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNote))
	origin, _, _ := strings.Cut(string(b), "\n")
	l, ok := p.log(origin)
	if err != nil || !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if _, err := l.AddCosignatures(b, p.cosigners()); err != nil {
		p.noteFrozen(l)
		w.WriteHeader(status(err))
	}
}

// status is that which tlog-witness and tlog-mirror give a refusal.
func status(err error) int {
	var lying *tlog.Evidence
	var part *tlog.PartError
	switch {
	case errors.Is(err, tlog.ErrMalformed):
		return http.StatusBadRequest
	case errors.Is(err, tlog.ErrSignature):
		return http.StatusForbidden
	case errors.Is(err, tlog.ErrUnknownOrigin), errors.Is(err, tlog.ErrNotHere):
		return http.StatusNotFound
	case errors.Is(err, tlog.ErrProof), errors.As(err, &lying), errors.As(err, &part):
		return http.StatusUnprocessableEntity
	}
	return http.StatusServiceUnavailable
}

// PublicHandler serves the checkpoint and hash tiles of every log here to anybody (C2SP tlog-tiles), and the list of them.
// There are no entry bundles to serve.
func (p *Portal) PublicHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /logs", func(w http.ResponseWriter, r *http.Request) {
		type entry struct {
			Origin string `json:"origin"`
			Path   string `json:"path"`
			VKey   string `json:"vkey"`
			Size   uint64 `json:"size"`
		}
		out := []entry{}
		for _, l := range p.all() {
			out = append(out, entry{l.Origin(), "/" + tlog.DirName(l.Origin()), l.Key(), l.Size()})
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(out)
	})
	mux.HandleFunc("GET /{log}/checkpoint", func(w http.ResponseWriter, r *http.Request) {
		l, ok := p.byDir(r.PathValue("log"))
		if !ok || l.Checkpoint() == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Write(l.Checkpoint())
	})
	mux.HandleFunc("GET /{log}/tile/{path...}", func(w http.ResponseWriter, r *http.Request) {
		l, ok := p.byDir(r.PathValue("log"))
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		b, err := l.Tile("tile/" + r.PathValue("path"))
		if err != nil {
			w.WriteHeader(status(err))
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Write(b)
	})
	return mux
}

// byDir finds a log by the hash of its origin.
func (p *Portal) byDir(name string) (*heldLog, bool) {
	for _, l := range p.all() {
		if tlog.DirName(l.Origin()) == name {
			return l, true
		}
	}
	return nil, false
}
