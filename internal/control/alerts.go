package control

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

const (
	pathLists  = "/lists"
	pathComing = "/lists/coming"
	pathAlerts = "/alerts"
)

// Lists asks which alert lists are in force at the node.
func (c *Client) Lists(ctx context.Context) ([]node.ListInForce, error) {
	var in []node.ListInForce
	err := c.do(ctx, smallTime, http.MethodGet, pathLists, nil, &in)
	return in, err
}

// Coming asks which releases are on their way into force at the node.
func (c *Client) Coming(ctx context.Context) ([]node.ComingList, error) {
	var in []node.ComingList
	err := c.do(ctx, smallTime, http.MethodGet, pathComing, nil, &in)
	return in, err
}

// Alerts streams the alerts of a list as its release in force has them, by id, each once: what a new edition is compared with.
// With an id only the alert of that number comes. A list that is not in force has none.
func (c *Client) Alerts(ctx context.Context, list, id string) iter.Seq2[border.Alert, error] {
	return c.alerts(ctx, url.Values{"list": {list}, "id": {id}})
}

// Held streams the alerts of a list that the release in force lacks or weakens and that are matched until the authority lets
// them go.
func (c *Client) Held(ctx context.Context, list, id string) iter.Seq2[border.Alert, error] {
	return c.alerts(ctx, url.Values{"list": {list}, "id": {id}, "held": {"true"}})
}

func (c *Client) alerts(ctx context.Context, q url.Values) iter.Seq2[border.Alert, error] {
	return func(yield func(border.Alert, error) bool) {
		if err := c.eachAlert(ctx, q, func(a border.Alert) bool { return yield(a, nil) }); err != nil {
			yield(border.Alert{}, err)
		}
	}
}

func (c *Client) eachAlert(ctx context.Context, q url.Values, yield func(border.Alert) bool) error {
	ctx, cancel := context.WithTimeout(ctx, releaseTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://node"+pathAlerts+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err // its address names an alert
	}
	if err != nil {
		return fmt.Errorf("ask the running node: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxText))
		return fmt.Errorf("the node refuses: %s", strings.TrimSpace(string(text)))
	}
	if err := readAnswered(bufio.NewReader(resp.Body), yield); err != nil {
		return fmt.Errorf("ask the running node: its answer: %w", err)
	}
	return nil
}

var errAnswer = errors.New("broken off, or not one")

// readAnswered reads frames of alerts, each behind its length in four bytes, up to one of no length: without that the answer
// was broken off, and what is missing must not look as if it were not in force.
func readAnswered(in io.Reader, yield func(border.Alert) bool) error {
	for {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return errAnswer
		}
		n := binary.BigEndian.Uint32(length[:])
		if n == 0 {
			return nil
		}
		if n > maxFrame {
			return errAnswer
		}
		frame := make([]byte, n)
		if _, err := io.ReadFull(in, frame); err != nil {
			return errAnswer
		}
		var some []border.Alert
		if err := record.Unmarshal(frame, &some); err != nil {
			return err
		}
		for _, a := range some {
			if !yield(a) {
				return nil
			}
		}
	}
}

func (s *server) lists(w http.ResponseWriter, r *http.Request) {
	in := s.n.Lists()
	if in == nil {
		in = []node.ListInForce{}
	}
	answer(w, in, nil)
}

func (s *server) coming(w http.ResponseWriter, r *http.Request) {
	answer(w, append([]node.ComingList{}, s.n.Coming()...), nil)
}

// alerts answers with frames of some alerts. They are sorted by their places, so that a million of them cost four bytes each.
func (s *server) alerts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list, id := q.Get("list"), q.Get("id")
	all, err := s.inForce(list, id, q.Get("held") != "")
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	var places []int32
	for i := range all {
		if id == "" || all[i].ID == id {
			places = append(places, int32(i))
		}
	}
	slices.SortStableFunc(places, func(a, b int32) int { return cmp.Compare(all[a].ID, all[b].ID) })
	out := bufio.NewWriter(w)
	for part := range slices.Chunk(places, frameAlerts) {
		some := make([]border.Alert, len(part))
		for i, at := range part {
			some[i] = all[at]
		}
		if err := writeFrame(out, some); err != nil {
			return
		}
	}
	out.Write(make([]byte, 4))
	out.Flush()
}

// writeFrame writes alerts behind their length, in two frames where they are too large for one, as with many portraits.
func writeFrame(out io.Writer, some []border.Alert) error {
	b := record.Marshal(some)
	if len(b) > maxFrame/2 && len(some) > 1 {
		half := len(some) / 2
		return errors.Join(writeFrame(out, some[:half]), writeFrame(out, some[half:]))
	}
	_, err := out.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

var errNumbers = errors.New("a list of bare numbers is not given whole; ask for one by its id")

// inForce gives the alerts of the release in force, or those held beside it.
func (s *server) inForce(list, id string, held bool) ([]border.Alert, error) {
	var now, waiting []border.Alert
	switch {
	case s.counts(list).Numbers == 0:
		now, waiting = s.n.Released(list)
	case id == "":
		return nil, errNumbers
	default:
		now, waiting = s.n.NumberAlerts(list, id)
	}
	if held {
		return waiting, nil
	}
	return now, nil
}

// counts is zero for a list that is not in force.
func (s *server) counts(list string) node.ListInForce {
	for _, l := range s.n.Lists() {
		if l.List == list {
			return node.ListInForce{Release: l.Release, Count: l.Count, Waiting: l.Waiting, Numbers: l.Numbers}
		}
	}
	return node.ListInForce{}
}
