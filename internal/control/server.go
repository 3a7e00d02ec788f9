package control

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/node"
	"tims/internal/roster"
)

const (
	pathPeople  = "/people"
	pathLearn   = "/learn"
	pathRelease = "/release"
	pathHealth  = "/health"
	pathSheets  = "/sheets"
	pathDrill   = "/drill"
	pathScrub   = "/scrub"
	pathIsolate = "/isolate"
	pathRejoin  = "/rejoin"
)

// People says where officers sign in at a node.
type People struct {
	Node string `json:"node"`
	URL  string `json:"url"` // of the page that opens a shift and takes one-time codes
}

// server answers for one node.
type server struct {
	n      *node.Node
	people string // address of the node's pages, without a final slash
}

// Serve answers commands for the node until ctx ends, then lets those under way end and gives the socket up. people is the
// address of the node's pages as officers' browsers have it, such as https://kakavija.example.
func (s *Socket) Serve(ctx context.Context, n *node.Node, people string) error {
	h := &server{n, people}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathPeople, h.where)
	mux.HandleFunc("POST "+pathLearn, h.learn)
	mux.HandleFunc("POST "+pathRelease, h.release)
	mux.HandleFunc("POST "+pathNumbers, h.numbers)
	mux.HandleFunc("GET "+pathHealth, h.health)
	mux.HandleFunc("POST "+pathSheets, h.sheets)
	mux.HandleFunc("POST "+pathParcel+"{what}", h.parcel)
	mux.HandleFunc("POST "+pathDrill, h.drill)
	mux.HandleFunc("POST "+pathScrub, h.scrub)
	mux.HandleFunc("POST "+pathIsolate, h.isolate)
	mux.HandleFunc("POST "+pathRejoin, h.rejoin)
	mux.HandleFunc("GET "+pathLosses+"waiting", h.waiting)
	mux.HandleFunc("POST "+pathLosses+"{what}", h.losses)
	mux.HandleFunc("GET "+pathLists, h.lists)
	mux.HandleFunc("GET "+pathComing, h.coming)
	mux.HandleFunc("GET "+pathAlerts, h.alerts)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: dialTime, ReadTimeout: releaseTime, WriteTimeout: releaseTime,
		MaxHeaderBytes: maxSmall, ErrorLog: log.New(io.Discard, "", 0)}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(s.l) }()
	select {
	case err := <-ended:
		return errors.Join(fmt.Errorf("control socket: %w", err), s.Close())
	case <-ctx.Done():
	}
	// The name goes before the listener is closed: a command that comes now is told that no node runs.
	s.forget()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	err := srv.Shutdown(grace)
	<-ended
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	return err
}

func answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// OfficerByLabel finds a living officer by the label that colleagues see.
func OfficerByLabel(r roster.Roster, label string) (roster.Officer, error) {
	var found []roster.Officer
	for _, o := range r.Officers {
		if o.Label == label && !o.Dropped {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return roster.Officer{}, fmt.Errorf("no officer %q in the roster", label)
	case 1:
		return found[0], nil
	}
	return roster.Officer{}, fmt.Errorf("%d officers of the roster are called %q", len(found), label)
}

func (s *server) where(w http.ResponseWriter, r *http.Request) {
	answer(w, People{Node: s.n.Name(), URL: s.people + "/enter"}, nil)
}

// Learned says what came of approved changes.
type Learned struct {
	InForce int `json:"in_force"` // of those given, changes that came into force now
	Known   int `json:"known"`    // those that were in force already
}

func (s *server) learn(w http.ResponseWriter, r *http.Request) {
	changes, err := roster.DecodeChanges(http.MaxBytesReader(w, r.Body, roster.MaxChanges))
	if err != nil {
		http.Error(w, "not a file of approved changes", http.StatusBadRequest)
		return
	}
	n, err := s.n.Learn(r.Context(), changes)
	if err != nil {
		err = fmt.Errorf("%d of %d changes came into force, then: %w", n, len(changes), err)
	}
	answer(w, Learned{InForce: n, Known: len(changes) - n}, err)
}

func (s *server) health(w http.ResponseWriter, r *http.Request) {
	h, err := s.n.Health(r.Context())
	answer(w, h, err)
}

// release takes a whole release before it writes anything. The client says how many alerts it sends: a release that was
// broken off on the way is refused whole.
func (s *server) release(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	count, err := strconv.Atoi(q.Get("count"))
	source, serr := strconv.ParseInt(q.Get("source"), 10, 64)
	if err != nil || serr != nil || count <= 0 || count > maxAlerts {
		http.Error(w, fmt.Sprintf("a release has 1 to %d alerts", maxAlerts), http.StatusBadRequest)
		return
	}
	alerts, err := readAlerts(r.Body, count)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	in, err := s.n.Release(r.Context(), q.Get("list"), source, alerts)
	answer(w, in, err)
}

// readAlerts reads chunks of package lists, each behind its length in four bytes, big-endian.
func readAlerts(body io.Reader, count int) ([]border.Alert, error) {
	var alerts []border.Alert
	for len(alerts) < count {
		var length [4]byte
		if _, err := io.ReadFull(body, length[:]); err != nil {
			return nil, fmt.Errorf("the release was broken off after %d of %d alerts", len(alerts), count)
		}
		n := binary.BigEndian.Uint32(length[:])
		if n > maxFrame {
			return nil, fmt.Errorf("a chunk of %d bytes, at most %d", n, maxFrame)
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(body, chunk); err != nil {
			return nil, fmt.Errorf("the release was broken off after %d of %d alerts", len(alerts), count)
		}
		more, err := lists.FromChunk(chunk)
		if err != nil {
			return nil, err
		}
		alerts = append(alerts, more...)
	}
	if n, _ := io.ReadFull(body, make([]byte, 1)); n > 0 || len(alerts) != count {
		return nil, fmt.Errorf("the release has more than the %d alerts that it names", count)
	}
	return alerts, nil
}
