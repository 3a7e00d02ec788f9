package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"tims/internal/node"
)

const pathParcel = "/parcel/"

// A step is one line of the answer to a parcel command: how far it is, or its end.
type step struct {
	Origin string              `json:"origin,omitempty"`
	Done   uint64              `json:"done,omitempty"`
	Total  uint64              `json:"total,omitempty"`
	Wrote  *node.ParcelWritten `json:"wrote,omitempty"`
	Read   *node.ParcelRead    `json:"read,omitempty"`
	Error  string              `json:"error,omitempty"`
}

// WriteParcel lets the running node write a stick. The node opens dir itself, as its own user.
func (c *Client) WriteParcel(ctx context.Context, dir string, say node.Say) (node.ParcelWritten, error) {
	end, err := c.parcel(ctx, "write", dir, say)
	if err != nil || end.Wrote == nil {
		return node.ParcelWritten{}, errors.Join(err, end.broken(err))
	}
	return *end.Wrote, nil
}

// ReadParcel lets the running node read a stick.
func (c *Client) ReadParcel(ctx context.Context, dir string, say node.Say) (node.ParcelRead, error) {
	end, err := c.parcel(ctx, "read", dir, say)
	if err != nil || end.Read == nil {
		return node.ParcelRead{}, errors.Join(err, end.broken(err))
	}
	return *end.Read, nil
}

func (s step) broken(err error) error {
	if err != nil {
		return nil
	}
	return errors.New("the node ended before the parcel was done; the same command goes on")
}

// parcel follows the answer, line by line, for as long as the work takes.
func (c *Client) parcel(ctx context.Context, what, dir string, say node.Say) (end step, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return end, err
	}
	q := url.Values{"dir": {dir}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://node"+pathParcel+what+"?"+q.Encode(), nil)
	if err != nil {
		return end, err
	}
	resp, err := c.http.Do(req)
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	if err != nil {
		return end, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxText))
		return end, fmt.Errorf("the node refuses: %s", strings.TrimSpace(string(text)))
	}
	for lines := json.NewDecoder(resp.Body); ; {
		var s step
		if err := lines.Decode(&s); err == io.EOF {
			return end, nil
		} else if err != nil {
			return end, fmt.Errorf("ask the running node: its answer: %w", err)
		}
		switch {
		case s.Error != "":
			return end, fmt.Errorf("the node refuses: %s", s.Error)
		case s.Wrote != nil || s.Read != nil:
			end = s
		case say != nil:
			say(s.Origin, s.Done, s.Total)
		}
	}
}

// parcel reads or writes a stick for as long as it takes; it ends with the command that asked.
func (s *server) parcel(w http.ResponseWriter, r *http.Request) {
	dir := r.URL.Query().Get("dir")
	if !filepath.IsAbs(dir) {
		http.Error(w, "a parcel has an absolute path", http.StatusBadRequest)
		return
	}
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{})); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	lines := json.NewEncoder(w)
	var next time.Time
	say := func(origin string, done, total uint64) {
		if now := time.Now(); now.After(next) {
			next = now.Add(time.Second)
			lines.Encode(step{Origin: origin, Done: done, Total: total})
			control.Flush()
		}
	}
	var end step
	var err error
	if r.PathValue("what") == "write" {
		var out node.ParcelWritten
		out, err = s.n.WriteParcel(r.Context(), dir, say)
		end.Wrote = &out
	} else {
		var out node.ParcelRead
		out, err = s.n.ReadParcel(r.Context(), dir, say)
		end.Read = &out
	}
	if err != nil {
		end = step{Error: err.Error()}
	}
	lines.Encode(end)
}
