package node

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// Paths of the peers' listener beyond those of package replica.
const (
	pathHeads   = "/heads"
	pathEpoch   = "/epoch"
	pathChanges = "/changes"
	pathBlob    = "/add-blob"
	pathCosign  = "/cosigned"
	pathLines   = "/cosignatures"
)

// Heads tell a peer what is held here and what is missing.
type heads struct {
	Logs    []logHead `cbor:"1,keyasint"`
	Missing []blobRef `cbor:"2,keyasint"`           // chunks of lists that are not here
	Mends   []mendRef `cbor:"9,keyasint,omitempty"` // what is damaged here and nobody could give whom this node reaches out to
	Proving bool      `cbor:"3,keyasint,omitempty"` // nothing is exchanged: this node asks what is held of its log (rejoin.go)
}

type logHead struct {
	_     struct{} `cbor:",toarray"`
	Epoch roster.SignedEpoch
	Size  uint64    // settled
	Root  tlog.Hash // of the tree of Size; zero where nothing is settled
	// Whole is up to where the parts that this node wants are here: less than Size in a copy that was a follower's.
	Whole uint64
	// Cosigned tells apart what is known of cosignatures, so that they are asked for only where somebody knows more.
	Cosigned []byte
}

type blobRef struct {
	_      struct{} `cbor:",toarray"`
	Origin string
	Hash   [32]byte
}

// identity gives the key that stands for a living node of the roster now.
func (n *Node) identity(name string) (ed25519.PublicKey, bool) {
	node, ok := n.State().Roster.Node(name)
	if !ok || node.Dropped {
		return nil, false
	}
	return node.Identity(), true
}

// PeerListener puts mutual TLS on a listener. Whoever connects shows a certificate; each request asks whether the identity
// key of a living node of the roster signed it. An unknown key may do one thing: hand over approved changes.
func (n *Node) PeerListener(l net.Listener) (net.Listener, error) {
	cert, err := n.ring.Certificate(n.opt.Now())
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
		ClientAuth: tls.RequireAnyClientCert, SessionTicketsDisabled: true}), nil
}

func (n *Node) peerOf(s tls.ConnectionState) (string, error) {
	raw := make([][]byte, len(s.PeerCertificates))
	for i, c := range s.PeerCertificates {
		raw[i] = c.Raw
	}
	name, err := keyring.VerifyPeer(raw, n.identity)
	if mutantAnyKey && len(s.PeerCertificates) > 0 {
		name, err = s.PeerCertificates[0].DNSNames[0], nil
	}
	return name, err
}

// ServePeers answers other nodes on a listener of PeerListener until ctx ends.
func (n *Node) ServePeers(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: n.peerHandler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ReadTimeout: 2 * time.Minute, WriteTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: log.New(io.Discard, "", 0)}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
		return err
	}
	return nil
}

type peerKey struct{}

// peerHandler serves what peers may ask. The roster is asked again at each request: a dropped node is out at once.
func (n *Node) peerHandler() http.Handler {
	mux := http.NewServeMux()
	server := replica.Server{Source: n.source, Comparable: n.comparable, Grown: n.grown, Mirror: func(origin string) (*tlog.Mirror, bool) {
		h, ok := n.mirrors.get(origin)
		if !ok || n.shuns(h.node) {
			return nil, false
		}
		return h.Mirror, true
	}}
	mux.Handle("/", server.Handler())
	mux.HandleFunc("GET "+pathHeads, n.serveHeads)
	mux.HandleFunc("POST "+pathEpoch, n.serveEpoch)
	mux.HandleFunc("GET "+pathChanges, n.serveChanges)
	mux.HandleFunc("POST "+pathBlob, n.serveBlob)
	mux.HandleFunc("POST "+pathCosign, n.serveCosigned)
	mux.HandleFunc("GET "+pathLines, n.serveLines)
	mux.HandleFunc("POST "+pathLines, n.takeLines)
	mux.HandleFunc("POST "+pathMend, n.serveMend)
	mux.HandleFunc("POST "+pathAgree, n.serveAgree)
	mux.Handle("/log/", http.StripPrefix("/log", replica.Tiles(n.sourceByHex, true)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		name, err := n.peerOf(*r.TLS)
		if err != nil {
			name = ""
		}
		if n.bars(name, r.URL.Path) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		admitted := err == nil && n.listensTo(name)
		if !admitted && r.Method == http.MethodPost && r.URL.Path == pathChanges && n.roleOf(name) != roster.Centre {
			n.takeChanges(w, r) // a change counts by its approvals, from whomever it comes; a centre has no road into a post
			return
		}
		if !admitted {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		now := n.Now()
		n.reached.update(name, func(p *Peer) { p.LastSeen, p.Error = now, "" })
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), peerKey{}, name)))
	})
}

// listensTo says who may come in: at a post its neighbours alone, so that no road leads into it from a centre, from a portal, or
// from a post at the other end of the country; at a centre every living node.
func (n *Node) listensTo(name string) bool {
	return n.Self().Role != roster.Post || isNeighbour(n.State().Roster, n.Name(), name)
}

// PublicHandler serves the checkpoints and hash tiles of every log held here to anybody, and the list of them. It reads no
// part and no leaf.
func (n *Node) PublicHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", replica.Tiles(n.sourceByHex, false))
	mux.HandleFunc("GET /logs", func(w http.ResponseWriter, r *http.Request) {
		type entry struct {
			Origin string `json:"origin"`
			Path   string `json:"path"`
			VKey   string `json:"vkey"`
			Size   uint64 `json:"size"`
		}
		var out []entry
		for _, h := range n.logHeads() {
			e := h.Epoch.Epoch
			out = append(out, entry{e.Origin, "/" + tlog.DirName(e.Origin), e.LogKey, h.Size})
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(out)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.silent() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (n *Node) source(origin string) (replica.Source, bool) {
	if origin == n.origin {
		return n.log, true
	}
	if h, ok := n.mirrors.get(origin); ok {
		return h.Mirror, true
	}
	return nil, false
}

func (n *Node) sourceByHex(hexOrigin string) (replica.Source, bool) {
	for _, h := range n.logHeads() {
		if tlog.DirName(h.Epoch.Epoch.Origin) == hexOrigin {
			return n.source(h.Epoch.Epoch.Origin)
		}
	}
	return nil, false
}

// logHeads lists the logs held here, the node's own first.
func (n *Node) logHeads() []logHead {
	size, root := n.log.Head()
	out := []logHead{{Epoch: n.epoch, Size: size, Root: root, Whole: size, Cosigned: cosignedTag(n.log)}}
	for _, h := range n.mirrors.all() {
		size, root := h.Head()
		out = append(out, logHead{Epoch: h.epoch, Size: size, Root: root, Whole: min(size, h.Cursor()), Cosigned: cosignedTag(h)})
	}
	return out
}

func (n *Node) heads() heads {
	h := heads{Logs: n.logHeads(), Mends: n.scrubs.wanted(), Proving: n.silent()}
	for _, l := range h.Logs {
		origin := l.Epoch.Epoch.Origin
		for i, hash := range n.missingBlobs(origin) {
			if i < maxMissing/4 && len(h.Missing) < maxMissing { // no log takes the place of all others
				h.Missing = append(h.Missing, blobRef{Origin: origin, Hash: hash})
			}
		}
	}
	return h
}

// serveHeads answers with what is held, or 304 where the peer knows it already: on a thin line an idle exchange is small.
func (n *Node) serveHeads(w http.ResponseWriter, r *http.Request) {
	b := record.Marshal(n.heads())
	sum := sha256.Sum256(b)
	tag := hex.EncodeToString(sum[:16])
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(b)
}

func (n *Node) serveEpoch(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	var e roster.SignedEpoch
	if err != nil || record.Unmarshal(b, &e) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if n.shuns(nodeOfOrigin(e.Epoch.Origin)) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if _, err := n.Admit(e); err != nil {
		n.opt.Journal.Warn("epoch statement refused", "node", n.Name(), "peer", r.Context().Value(peerKey{}), "error", err)
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

// takeChanges learns approved changes one by one; nothing else is read of the sender.
func (n *Node) takeChanges(w http.ResponseWriter, r *http.Request) {
	select {
	case n.strangers <- struct{}{}:
		defer func() { <-n.strangers }()
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if _, err := n.learnAll(r.Context(), http.MaxBytesReader(w, r.Body, roster.MaxChanges)); err != nil {
		n.opt.Journal.Warn("changes of an unknown peer refused", "node", n.Name(), "error", err)
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

func (n *Node) serveChanges(w http.ResponseWriter, r *http.Request) {
	w.Write(roster.EncodeChanges(n.Changes()))
}

// serveCosigned takes the cosignature of a peer that has pulled this node's log.
func (n *Node) serveCosigned(w http.ResponseWriter, r *http.Request) {
	msg, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err == nil {
		err = n.keepLines(n.origin, msg)
	}
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

func (n *Node) serveBlob(w http.ResponseWriter, r *http.Request) {
	origin := r.URL.Query().Get("origin")
	to, err := n.blobsOf(origin) // this node's own log too: a rebuilt centre goes on with chunks that its posts have
	hash, herr := hex.DecodeString(r.URL.Query().Get("hash"))
	if err != nil || n.shuns(nodeOfOrigin(origin)) || herr != nil || len(hash) != 32 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	wanted := false
	for _, m := range n.missingBlobs(origin) {
		wanted = wanted || m == [32]byte(hash)
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, tlog.MaxBlob))
	if err != nil || !wanted {
		w.WriteHeader(http.StatusBadRequest) // only what a record here names is stored
		return
	}
	if err := to.AddBlob([32]byte(hash), b); err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	n.watch.nudge()
}

// grown is called when a peer's upload has extended a copy.
func (n *Node) grown(string, *http.Request) { n.fold.nudge() }
