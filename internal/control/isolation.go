package control

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"tims/internal/node"
)

// Alone is what is told to a node that is to be isolated or to rejoin, and what it answers.
type Alone struct {
	By     string        `json:"by"`
	Reason string        `json:"reason"`
	Wait   time.Duration `json:"wait,omitempty"` // for mirrors, when it rejoins

	Node     string          `json:"node"`
	Isolated *node.Isolation `json:"isolated"`         // as it is afterwards
	Proven   []string        `json:"proven,omitempty"` // nodes whose copies agree with its log
}

// Isolate cuts the running node off on purpose.
func (c *Client) Isolate(ctx context.Context, by, reason string) (Alone, error) {
	return c.alone(ctx, pathIsolate, Alone{By: by, Reason: reason}, smallTime)
}

// Rejoin lets the running node prove its log and end its isolation.
func (c *Client) Rejoin(ctx context.Context, by, reason string, wait time.Duration) (Alone, error) {
	return c.alone(ctx, pathRejoin, Alone{By: by, Reason: reason, Wait: wait}, wait+smallTime)
}

func (c *Client) alone(ctx context.Context, path string, a Alone, within time.Duration) (out Alone, err error) {
	b, err := json.Marshal(a)
	if err != nil {
		return out, err
	}
	err = c.do(ctx, within, http.MethodPost, path, bytes.NewReader(b), &out)
	return out, err
}

func (s *server) isolate(w http.ResponseWriter, r *http.Request) {
	if a, ok := readAlone(w, r); ok {
		err := s.n.Isolate(r.Context(), a.By, a.Reason)
		answer(w, Alone{By: a.By, Reason: a.Reason, Node: s.n.Name(), Isolated: s.n.Isolated()}, err)
	}
}

func (s *server) rejoin(w http.ResponseWriter, r *http.Request) {
	a, ok := readAlone(w, r)
	if !ok {
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(a.Wait + smallTime)) // a node may wait for its mirrors for long
	proven, err := s.n.Rejoin(r.Context(), a.By, a.Reason, a.Wait)
	answer(w, Alone{By: a.By, Reason: a.Reason, Node: s.n.Name(), Isolated: s.n.Isolated(), Proven: proven}, err)
}

func readAlone(w http.ResponseWriter, r *http.Request) (a Alone, ok bool) {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSmall)).Decode(&a); err != nil {
		http.Error(w, "an isolation is asked for with a name and a reason", http.StatusBadRequest)
		return a, false
	}
	return a, true
}
