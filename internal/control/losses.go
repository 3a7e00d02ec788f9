package control

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/node"
)

const pathLosses = "/losses/"

// Losses says what alerts wait to be let go, or what a draft would let go.
type Losses struct {
	List     string         `json:"list"`
	Release  uint64         `json:"release"`
	Node     string         `json:"node"` // by whose copy of the logs this is said
	Count    int            `json:"count"`
	Alerts   []WaitingAlert `json:"alerts"`   // the first thousand, by id
	Unknown  int            `json:"unknown"`  // of a draft: versions that this node does not match
	Settles  bool           `json:"settles"`  // a draft says that nothing else of earlier releases waits
	Left     int            `json:"left"`     // of a draft that says so: alerts that wait all the same
	Approved []string       `json:"approved"` // who has signed a draft
	Needed   int            `json:"needed"`   // approvals
}

// WaitingAlert is an alert that waits, in the words of an approver.
type WaitingAlert struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"`
	Action  string   `json:"action"`
	Names   []string `json:"names"`         // of a person, or numbers of documents and plates
	Release uint64   `json:"last_release"`  // that had it
	Now     string   `json:"now,omitempty"` // action in the release in force, empty where it is absent
	Weaker  []string `json:"weaker"`        // in what the release in force differs
}

// Waiting asks what of a list waits to be let go.
func (c *Client) Waiting(ctx context.Context, list string) (Losses, error) {
	var l Losses
	err := c.do(ctx, smallTime, http.MethodGet, pathLosses+"waiting?"+url.Values{"list": {list}}.Encode(), nil, &l)
	return l, err
}

// DraftLoss lets the node draft the loss of the alerts with these ids, or with none of all that wait.
func (c *Client) DraftLoss(ctx context.Context, list string, ids []string) (node.LossDraft, error) {
	var answer struct{ Draft []byte }
	err := c.do(ctx, releaseTime, http.MethodPost, pathLosses+"draft?"+url.Values{"list": {list}, "id": ids}.Encode(), nil, &answer)
	if err != nil {
		return node.LossDraft{}, err
	}
	return node.DecodeLoss(answer.Draft)
}

// JudgeLoss asks what a draft says by the node's own copy of the logs.
func (c *Client) JudgeLoss(ctx context.Context, d node.LossDraft) (Losses, error) {
	var l Losses
	err := c.do(ctx, releaseTime, http.MethodPost, pathLosses+"judge", bytes.NewReader(d.Encode()), &l)
	return l, err
}

// Withdraw hands an approved loss to the node, which counts the approvals itself.
func (c *Client) Withdraw(ctx context.Context, d node.LossDraft) error {
	return c.do(ctx, releaseTime, http.MethodPost, pathLosses+"withdraw", bytes.NewReader(d.Encode()), &struct{}{})
}

func (s *server) losses(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.PathValue("what") == "draft" {
		d, err := s.n.DraftLoss(q.Get("list"), q["id"], time.UnixMilli(s.n.Now()))
		answer(w, struct{ Draft []byte }{d.Encode()}, err)
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxLossDraft))
	d, derr := node.DecodeLoss(b)
	if err != nil || derr != nil {
		http.Error(w, node.ErrDraft.Error(), http.StatusBadRequest)
		return
	}
	switch r.PathValue("what") {
	case "judge":
		v, err := s.n.JudgeLoss(d)
		l := tellWaiting(v.Alerts)
		l.List, l.Release, l.Node, l.Unknown, l.Settles, l.Left = v.Loss.List, v.Loss.Release, s.n.Name(), v.Unknown, v.Loss.Settled, v.Left
		l.Approved, l.Needed = v.Approvals, v.Needed
		answer(w, l, err)
	case "withdraw":
		answer(w, struct{}{}, s.n.Withdraw(r.Context(), d))
	default:
		http.NotFound(w, r)
	}
}

var errNoList = errors.New("no release of this list is in force here")

func (s *server) waiting(w http.ResponseWriter, r *http.Request) {
	for _, in := range s.n.Lists() {
		if in.List == r.URL.Query().Get("list") {
			l := tellWaiting(s.n.Waiting(in.List))
			l.List, l.Release, l.Node, l.Needed = in.List, in.Release, s.n.Name(), s.n.State().Authority.Threshold
			answer(w, l, nil)
			return
		}
	}
	answer(w, nil, errNoList)
}

func tellWaiting(all []node.WaitingAlert) Losses {
	l := Losses{Count: len(all), Alerts: []WaitingAlert{}, Approved: []string{}}
	for _, a := range all[:min(len(all), toldLosses)] {
		t := WaitingAlert{ID: a.Alert.ID, Kind: a.Alert.Kind.String(), Action: a.Alert.Action.String(), Names: named(a.Alert), Release: a.Release,
			Weaker: a.Weaker()}
		if a.Now != nil {
			t.Now = a.Now.Action.String()
		}
		l.Alerts = append(l.Alerts, t)
	}
	return l
}

// named gives the first things by which a person knows an alert.
func named(a border.Alert) []string {
	out := []string{}
	for _, n := range a.Names {
		out = append(out, n.Primary+", "+n.Secondary)
	}
	for _, d := range a.Documents {
		out = append(out, strings.TrimSpace(d.Issuer+" "+d.Number))
	}
	for _, v := range a.Vehicles {
		out = append(out, strings.Join(strings.Fields(v.Country+" "+v.Plate+" "+v.VIN), " "))
	}
	return out[:min(len(out), toldNames)]
}
