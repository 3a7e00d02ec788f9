package control

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"tims/internal/node"
)

// Scrub lets the running node read all its files again, and repair what is bad where asked.
func (c *Client) Scrub(ctx context.Context, repair bool) (node.Scrubbed, error) {
	b, err := json.Marshal(node.ScrubOptions{Repair: repair})
	if err != nil {
		return node.Scrubbed{}, err
	}
	var s node.Scrubbed
	return s, c.do(ctx, releaseTime, http.MethodPost, pathScrub, bytes.NewReader(b), &s)
}

func (s *server) scrub(w http.ResponseWriter, r *http.Request) {
	var o node.ScrubOptions
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSmall)).Decode(&o); err != nil {
		http.Error(w, "a scrub is asked for as JSON", http.StatusBadRequest)
		return
	}
	done, err := s.n.Scrub(r.Context(), node.ScrubOptions{Repair: o.Repair})
	answer(w, done, err)
}
