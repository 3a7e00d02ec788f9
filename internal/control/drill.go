package control

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"tims/internal/record"
)

// exercise is what travels: an exercise that begins or ends.
type exercise struct {
	Begins bool             `json:"begins"`
	Drill  record.DrillOpen `json:"drill"`
}

// Exercise lets the running node record that an exercise begins or ends.
func (c *Client) Exercise(ctx context.Context, begins bool, d record.DrillOpen) error {
	b, err := json.Marshal(exercise{begins, d})
	if err != nil {
		return err
	}
	var done struct{}
	return c.do(ctx, smallTime, http.MethodPost, pathDrill, bytes.NewReader(b), &done)
}

func (s *server) drill(w http.ResponseWriter, r *http.Request) {
	var e exercise
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSmall)).Decode(&e); err != nil {
		http.Error(w, "an exercise is asked for as JSON", http.StatusBadRequest)
		return
	}
	answer(w, struct{}{}, s.n.Exercise(r.Context(), e.Begins, e.Drill))
}
