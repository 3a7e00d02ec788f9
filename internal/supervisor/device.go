package supervisor

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/tlog"
)

// POST /count. A gate or camera sends, under "Authorization: Bearer TOKEN" and as application/json,
//
//	{"act": "32 hex digits", "booth": "K1", "from": "2026-11-21T10:00:00+01:00", "to": "2026-11-21T11:00:00+01:00",
//	 "entries": 120, "exits": 98, "vehicles": 61, "waiting": 540}
//
// booth "" or absent is the whole post; figures that are absent are 0; waiting is in seconds. A count is of one hour at most.
// The answer is {"recorded": true}, or {"error": CODE, "text": …} in English, for who installs the device. The act is made by
// the device, anew for each count: the same act is recorded once, so a device that got no answer, or a 5xx, sends it again.
//
// Trust: a device states counts in its own name and nothing else; who has its token can make the difference to what was
// recorded look smaller or larger, and can hide no record. The configuration holds the tokens' hashes, not the tokens.
type devices struct {
	node *node.Node
	all  []*device
}

type device struct {
	name string
	hash [sha256.Size]byte

	mu    sync.Mutex
	spent time.Time // the bucket of requests is empty if this lies deviceBurst × devicePer ahead of now
}

func newDevices(n *node.Node, hashes map[string]string) (*devices, error) {
	if len(hashes) > maxDevices {
		return nil, fmt.Errorf("%d devices are more than %d", len(hashes), maxDevices)
	}
	d, seen := &devices{node: n}, map[[sha256.Size]byte]bool{}
	for name, text := range hashes {
		one := &device{name: name}
		b, err := hex.DecodeString(text)
		switch {
		case name == "" || len(name) > maxName:
			return nil, fmt.Errorf("the device %q: a name has 1 to %d characters", name, maxName)
		case err != nil || len(b) != sha256.Size:
			return nil, fmt.Errorf("the device %q: give the SHA-256 of its token, 64 hex digits", name)
		}
		one.hash = [sha256.Size]byte(b)
		if seen[one.hash] {
			return nil, fmt.Errorf("the device %q has the token of another one", name)
		}
		seen[one.hash] = true
		d.all = append(d.all, one)
	}
	return d, nil
}

// A refusal is the answer to a request that was not recorded.
type refusal struct {
	status int
	code   string
	text   string
}

var (
	errToken   = &refusal{http.StatusUnauthorized, "token", "send Authorization: Bearer with the token of a device of this post"}
	errRate    = &refusal{http.StatusTooManyRequests, "rate", "too many requests from this device; wait, then send the same again"}
	errType    = &refusal{http.StatusUnsupportedMediaType, "type", "send application/json"}
	errLong    = &refusal{http.StatusRequestEntityTooLarge, "long", fmt.Sprintf("a count has at most %d bytes", maxCountBody)}
	errFormat  = &refusal{http.StatusBadRequest, "format", "send one JSON object with act, from and to, and of booth, entries, exits, vehicles, waiting what is known"}
	errFigures = &refusal{http.StatusUnprocessableEntity, "figures", "a count is of at most one hour up to now, with figures from 0 to 100000"}
	errMaybe   = &refusal{http.StatusServiceUnavailable, "not-known", "it is not known whether the count is recorded; send the same again"}
	errNot     = &refusal{http.StatusServiceUnavailable, "not-recorded", "the count is not recorded; send the same again later"}
)

func (r *refusal) Error() string { return r.code }

func (d *devices) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	err := d.take(w, r)
	if err == nil {
		io.WriteString(w, `{"recorded":true}`+"\n") // an error here is a device that went away
		return
	}
	switch err {
	case errToken:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case errRate:
		w.Header().Set("Retry-After", "10")
	}
	w.WriteHeader(err.status)
	json.NewEncoder(w).Encode(map[string]string{"error": err.code, "text": err.text})
}

func (d *devices) take(w http.ResponseWriter, r *http.Request) *refusal {
	one := d.of(r.Header.Get("Authorization"))
	if one == nil {
		return errToken
	}
	if !one.allow(time.Now()) {
		return errRate
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCountBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return errLong
	case err != nil:
		return errFormat
	}
	act, count, err := readCount(body)
	if err != nil {
		return errFormat
	}
	if count.To-count.From > oneCount.Milliseconds() {
		return errFigures
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), countWithin)
	defer cancel()
	switch err := d.node.CountByDevice(ctx, one.name, act, count); {
	case err == nil:
		return nil
	case errors.Is(err, node.ErrCount):
		return errFigures
	case errors.Is(err, tlog.ErrNotRecorded), errors.Is(err, tlog.ErrStopped), errors.Is(err, tlog.ErrClosed):
		return errNot
	}
	return errMaybe
}

// of finds the device of a token, in a time that does not tell how much of a token was right.
func (d *devices) of(header string) (found *device) {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || len(token) < minToken || len(token) > maxToken {
		return nil
	}
	hash := sha256.Sum256([]byte(token))
	for _, one := range d.all {
		if subtle.ConstantTimeCompare(hash[:], one.hash[:]) == 1 {
			found = one
		}
	}
	return found
}

// allow takes one request out of the device's bucket.
func (d *device) allow(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.spent.Before(now) {
		d.spent = now
	}
	if d.spent.Sub(now) >= deviceBurst*devicePer {
		return false
	}
	d.spent = d.spent.Add(devicePer)
	return true
}

// readCount decodes a device's count: one object, with known names only. The figures are the node's to judge.
func readCount(body []byte) (act record.Act, c record.CountBody, err error) {
	var in struct {
		Act      string    `json:"act"`
		Booth    string    `json:"booth"`
		From     time.Time `json:"from"` // RFC 3339
		To       time.Time `json:"to"`
		Entries  int       `json:"entries"`
		Exits    int       `json:"exits"`
		Vehicles int       `json:"vehicles"`
		Waiting  int       `json:"waiting"` // seconds
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return act, c, fmt.Errorf("read a count: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return act, c, errors.New("read a count: more than one value")
	}
	b, err := hex.DecodeString(in.Act)
	if err != nil || len(b) != len(act) || in.From.IsZero() || in.To.IsZero() {
		return act, c, errors.New("read a count: no act, or no stretch of time")
	}
	copy(act[:], b)
	return act, record.CountBody{Booth: in.Booth, From: in.From.UnixMilli(), To: in.To.UnixMilli(), Entries: in.Entries, Exits: in.Exits,
		Vehicles: in.Vehicles, Waiting: in.Waiting}, nil
}
