package node_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"

	"tims/internal/keyring"
	"tims/internal/replica"
)

// intrude asks a node with a key that no roster names, under the name of a node that one does.
func (d *drill) intrude(a []string) ([]string, error) {
	keys := filepath.Join(d.t.TempDir(), "keys")
	if _, err := keyring.Create(keys, "al", a[0], 1); err != nil {
		return nil, err
	}
	client := d.callerAt("elsewhere", keys, a[1])
	defer client.CloseIdleConnections()
	got := status(client, http.MethodGet, "/heads", "")
	if got == http.StatusForbidden {
		d.sim.count("strangers refused", 1)
		return nil, nil
	}
	if got == 0 {
		return nil, nil // the line did not carry it
	}
	return nil, fmt.Errorf("%s answers a stranger who calls himself %s with status %d", a[1], a[0], got)
}

// courier brings a post's log to a centre as somebody does who has its keys and changes one bit of each request.
func (d *drill) courier(a []string) ([]string, error) {
	files, err := d.logs(a[0])
	if err != nil {
		return nil, err
	}
	client := d.callerAt("elsewhere", filepath.Join(d.path(a[0]), "keys"), a[1])
	defer client.CloseIdleConnections()
	flip := &flipper{next: client.Transport, draw: d.sim.rng.IntN}
	for _, f := range files {
		if f.own {
			c := replica.Client{HTTP: &http.Client{Transport: flip}, Base: "https://peer"}
			_, _ = c.Push(context.Background(), f.Reader, partsOfAll) // refused or not: what is stored is looked at
		}
		err = f.close()
	}
	d.sim.count("requests with a changed bit", flip.changed)
	return nil, err
}

var partsOfAll = []uint8{1, 2, 3, 4, 5, 6}

// A flipper changes one bit in the body of each upload of entries.
type flipper struct {
	next    http.RoundTripper
	draw    func(int) int
	changed int
}

func (f *flipper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.URL.Path != "/add-entries" && r.URL.Path != "/add-records" {
		return f.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body.Close()
	if r.Header.Get("Content-Encoding") == "gzip" {
		if body, err = f.unzipped(body); err != nil {
			return nil, err
		}
	}
	at, n := 0, len(body)
	if r.URL.Path == "/add-records" && n > 4 { // in its first sealed body: of a wrap no hash tells
		at = min(4+int(binary.BigEndian.Uint32(body)), n-1)
		n = min(64, n-at)
	}
	if n > 0 {
		body[at+f.draw(n)] ^= 1 << f.draw(8)
		f.changed++
	}
	if r.Header.Get("Content-Encoding") == "gzip" {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(body)
		z.Close()
		body = b.Bytes()
	}
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return f.next.RoundTrip(r)
}

func (f *flipper) unzipped(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
