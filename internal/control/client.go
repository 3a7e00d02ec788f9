package control

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/node"
	"tims/internal/roster"
)

// A Client gives commands to the running node of a directory. Its methods fail with ErrNotRunning where there is none, and
// with the node's own words where it refuses.
type Client struct{ http *http.Client }

// NewClient makes a client for the node of a directory. It connects at the first command.
func NewClient(dir string) *Client {
	return &Client{&http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, dir) }}}}
}

// People asks where officers sign in.
func (c *Client) People(ctx context.Context) (People, error) {
	var p People
	err := c.do(ctx, smallTime, http.MethodGet, pathPeople, nil, &p)
	return p, err
}

// Learn hands approved changes to the node, which counts the approvals itself.
func (c *Client) Learn(ctx context.Context, changes []roster.Approved) (Learned, error) {
	var b bytes.Buffer
	for _, change := range changes {
		b.Write(roster.AppendChange(nil, change))
	}
	var l Learned
	err := c.do(ctx, smallTime, http.MethodPost, pathLearn, &b, &l)
	return l, err
}

// Health asks how the node is.
func (c *Client) Health(ctx context.Context) (node.Health, error) {
	var h node.Health
	err := c.do(ctx, smallTime, http.MethodGet, pathHealth, nil, &h)
	return h, err
}

// Release hands a new release of a list to a centre. source is the issuer's own date in UTC ms, 0 where unknown. progress, if
// set, hears how many of the chunks are on their way.
func (c *Client) Release(ctx context.Context, list string, source int64, alerts []border.Alert,
	progress func(done, total int)) (node.ListInForce, error) {
	chunks, err := lists.Chunks(alerts)
	if err != nil {
		return node.ListInForce{}, err
	}
	body, w := io.Pipe()
	go func() { w.CloseWithError(writeFrames(w, chunks, progress)) }()
	defer body.Close()
	q := url.Values{"list": {list}, "source": {strconv.FormatInt(source, 10)}, "count": {strconv.Itoa(len(alerts))}}
	var in node.ListInForce
	err = c.do(ctx, releaseTime, http.MethodPost, pathRelease+"?"+q.Encode(), body, &in)
	return in, err
}

func writeFrames(w io.Writer, chunks [][]byte, progress func(done, total int)) error {
	for i, chunk := range chunks {
		if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(chunk))), chunk...)); err != nil {
			return err
		}
		if progress != nil {
			progress(i+1, len(chunks))
		}
	}
	return nil
}

func (c *Client) do(ctx context.Context, limit time.Duration, method, path string, body io.Reader, into any) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://node"+path, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err // its address says nothing to whoever typed the command
	}
	if errors.Is(err, ErrNotRunning) {
		return err
	}
	if err != nil {
		return fmt.Errorf("ask the running node: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxText))
		return fmt.Errorf("the node refuses: %s", strings.TrimSpace(string(text)))
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("ask the running node: its answer: %w", err)
	}
	return nil
}
