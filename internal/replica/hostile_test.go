package replica

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tims/internal/tlog"
)

// flipper changes one byte of the answers to one path.
type flipper struct {
	http.RoundTripper
	path string
	at   int
	hit  bool
}

func (f *flipper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil || r.URL.Path != f.path {
		return resp, err
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if f.at < len(b) {
		b[f.at] ^= 0x40
		f.hit = true
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp, err
}

// Whatever byte is changed on the way, nothing that is wrong is stored, and nothing is stored for ever half.
func TestWrongBytesOnTheWay(t *testing.T) {
	l := newLog(t, 20, "", "")
	for path, step := range map[string]int{pathPull + "checkpoint": 5, pathPull + "entries": 97, pathPull + "parts": 131} {
		t.Run(strings.TrimPrefix(path, pathPull), func(t *testing.T) {
			t.Parallel()
			for at := 0; ; at += step {
				m, _ := newMirror(t)
				c := serve(t, nil, l, 0)
				f := &flipper{RoundTripper: c.HTTP.Transport, path: path, at: at}
				_, err := (&Client{HTTP: &http.Client{Transport: f}, Base: c.Base}).Pull(ctx, m, numbers)
				if !f.hit {
					return // beyond the last byte
				}
				prefix(t, m, l)
				if err == nil && m.Size() > 0 { // an unsigned byte, such as that of a wrap
					troubles, err := m.Verify(ctx, tlog.VerifyOptions{Parts: refs})
					must(t, err)
					if len(troubles) > 0 {
						t.Fatalf("byte %d: %v", at, troubles)
					}
				}
				_, err = c.Pull(ctx, m, numbers)
				must(t, err)
				same(t, m, l)
			}
		})
	}
}

func TestAnotherLogIsRefused(t *testing.T) {
	l := newLog(t, 10, "", "")
	m, _ := newMirror(t)
	c := serve(t, m, nil, 0)
	_, err := c.Push(ctx, l, numbers)
	must(t, err)
	var status *StatusError
	if _, err := c.Push(ctx, newLog(t, 20, "", "another key"), numbers); !errors.As(err, &status) || status.Status != http.StatusForbidden {
		t.Errorf("a log of another key: %v", err)
	}
	if _, err := c.Push(ctx, newLog(t, 20, "another story", ""), numbers); !errors.As(err, &status) || status.Status != http.StatusUnprocessableEntity {
		t.Errorf("another tree by the same key: %v", err)
	}
	same(t, m, l)
	if m.Evidence() != nil {
		t.Error("a longer tree that does not continue ours is no evidence against its key by itself")
	}
	if _, err := c.Push(ctx, newLog(t, 10, "another story", ""), numbers); !errors.As(err, &status) || status.Status != http.StatusUnprocessableEntity {
		t.Errorf("another tree of the same size: %v", err)
	}
	if m.Evidence() == nil {
		t.Error("two trees of one size by one key are evidence")
	}
	_, err = serve(t, nil, l, 0).Pull(ctx, m, numbers)
	var proof *tlog.Evidence
	if !errors.As(err, &proof) {
		t.Errorf("a frozen copy was extended: %v", err)
	}
}

// liar is a source whose parts are not those of its leaves.
type liar struct{ *tlog.Log }

func (l liar) Parts(from, to uint64, numbers ...uint8) ([]tlog.IndexedPart, uint64, error) {
	parts, next, err := l.Log.Parts(from, to, numbers...)
	for i := range parts {
		parts[i].Body = bytes.Clone(parts[i].Body)
		parts[i].Body[0] ^= 1
	}
	return parts, next, err
}

func TestWrongPartsAreRefused(t *testing.T) {
	l := newLog(t, 10, "", "")
	m, _ := newMirror(t)
	var status *StatusError
	if _, err := serve(t, m, nil, 0).Push(ctx, liar{l}, numbers); !errors.As(err, &status) || status.Status != http.StatusUnprocessableEntity {
		t.Errorf("push: %v", err)
	}
	var part *tlog.PartError
	if _, err := serve(t, nil, liar{l}, 0).Pull(ctx, m, numbers); !errors.As(err, &part) {
		t.Errorf("pull: %v", err)
	}
	if m.Size() != 0 || m.Cursor() != 0 {
		t.Errorf("the copy stands for %d records, parts to %d", m.Size(), m.Cursor())
	}
	_, err := serve(t, m, nil, 0).Push(ctx, l, numbers)
	must(t, err)
	same(t, m, l)
}

// A follower's copy lacks parts. It gives a mirror the leaves, and whoever has the parts brings those.
func TestSourceWithoutAllParts(t *testing.T) {
	l := newLog(t, 300, "", "")
	m, _ := newMirror(t)
	c := serve(t, m, nil, 0)
	if p, err := c.Push(ctx, l, numbers[:1]); err != nil || p.Note != nil {
		t.Errorf("pushed %+v, %v", p, err)
	}
	if m.Next() != 300 || m.Size() != 0 {
		t.Errorf("the copy has %d leaves and stands for %d", m.Next(), m.Size())
	}
	p, err := c.Push(ctx, l, numbers)
	must(t, err)
	if p.Leaves != 0 {
		t.Errorf("%d leaves were sent again", p.Leaves)
	}
	same(t, m, l)
}

func TestRequestsThatAreRefused(t *testing.T) {
	l := newLog(t, 300, "", "")
	m, _ := newMirror(t)
	c := serve(t, m, l, 0)
	header := string(tlog.EntriesHeader{Origin: origin, Start: 0, End: 300}.AppendTo(nil))
	unknown := string(tlog.EntriesHeader{Origin: "xk/other/1", Start: 0, End: 300}.AppendTo(nil))
	for _, r := range []struct {
		what, method, path, encoding, body string
		want                               int
	}{
		{"no checkpoint", "POST", pathCheckpoint, "", "", 400},
		{"a checkpoint of a log that is not here", "POST", pathCheckpoint, "", "old 0\n\nxk/other/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAA\n", 404},
		{"a checkpoint without end", "POST", pathCheckpoint, "", strings.Repeat("a", maxSmall+1), 400},
		{"entries before any checkpoint", "POST", pathEntries, "", header, 422},
		{"entries of a log that is not here", "POST", pathEntries, "", unknown, 404},
		{"entries that are none", "POST", pathEntries, "", "abc", 400},
		{"entries said to be packed", "POST", pathEntries, "gzip", header, 400},
		{"entries packed otherwise", "POST", pathEntries, "br", header, 400},
		{"records that are none", "POST", pathRecords, "", "", 400},
		{"records of a log that is not here", "POST", pathRecords, "", groupOf(t, unknown), 404},
		{"records before any checkpoint", "POST", pathRecords, "", groupOf(t, header), 422},
		{"records without end", "POST", pathRecords, "", "\x00\x00\x00\x05abc", 400},
		{"records of a length beyond all bounds", "POST", pathRecords, "", "\xff\xff\xff\xffabc", 400},
		{"parts of a log that is not here", "POST", pathParts + "?origin=xk/other/1", "", "", 404},
		{"parts that are none", "POST", pathParts + "?origin=" + origin, "", "abc", 400},
		{"checkpoint from nowhere", "GET", pathPull + "checkpoint?origin=" + origin + "&old=-1", "", "", 404},
		{"checkpoint beyond the log", "GET", pathPull + "checkpoint?origin=" + origin + "&old=301", "", "", 404},
		{"entries beyond the log", "GET", pathPull + "entries?origin=" + origin + "&start=0&end=301", "", "", 404},
		{"entries backwards", "GET", pathPull + "entries?origin=" + origin + "&start=3&end=2", "", "", 404},
		{"parts backwards", "GET", pathPull + "parts?origin=" + origin + "&from=3&to=2&numbers=01", "", "", 404},
		{"too many part numbers", "GET", pathPull + "parts?origin=" + origin + "&from=0&to=2&numbers=" + strings.Repeat("01", 17), "", "", 404},
		{"a blob by half a hash", "GET", pathPull + "blob?origin=" + origin + "&hash=abcd", "", "", 404},
		{"a blob that is not here", "GET", pathPull + "blob?origin=" + origin + "&hash=" + strings.Repeat("00", 32), "", "", 404},
		{"something else", "GET", "/", "", "", 404},
		{"another method", "GET", pathEntries, "", "", 405},
	} {
		req, err := http.NewRequest(r.method, c.Base+r.path, strings.NewReader(r.body))
		must(t, err)
		req.Header.Set("Content-Encoding", r.encoding)
		resp, err := c.HTTP.Do(req)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != r.want {
			t.Errorf("%s: status %d, want %d", r.what, resp.StatusCode, r.want)
		}
	}
	if m.Next() != 0 {
		t.Errorf("%d leaves were stored", m.Next())
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A body that unpacks to more than one exchange may carry is read no further than that.
func TestPackedFlood(t *testing.T) {
	l := newLog(t, 10, "", "")
	m, _ := newMirror(t)
	c := serve(t, m, nil, 0)
	_, err := c.pushCheckpoint(ctx, l)
	must(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(tlog.EntriesHeader{Origin: origin, Start: 0, End: 10}.AppendTo(nil))
	_, err = io.CopyN(z, zeros{}, 2*maxBody)
	must(t, errors.Join(err, z.Close()))
	resp, err := c.do(ctx, http.MethodPost, pathEntries, &packed, "gzip")
	must(t, err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest && resp.StatusCode != http.StatusUnprocessableEntity || m.Next() != 0 {
		t.Errorf("status %d, %d leaves", resp.StatusCode, m.Next())
	}
}

// Peers that answer without sense or without end cost a bounded number of requests.
func TestPeersThatLeadNowhere(t *testing.T) {
	l := newLog(t, 10, "", "")
	for what, answer := range map[string]http.HandlerFunc{
		"always at the beginning": func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if r.URL.Path == pathEntries || r.URL.Path == pathRecords {
				w.WriteHeader(http.StatusConflict)
				w.Write(tlog.MirrorInfo{Size: 10}.Encode())
			}
		},
		"always another size": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusConflict)
			w.Write(tlog.EncodeSize(3))
		},
		"always missing parts": func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if r.URL.Path == pathEntries || r.URL.Path == pathRecords {
				w.Header().Set(headerCursor, "0")
				w.WriteHeader(http.StatusAccepted)
			}
			w.Write(tlog.MirrorInfo{Size: 10, Next: 5}.Encode())
		},
		"no answer that can be read": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusConflict)
			io.CopyN(w, zeros{}, 1<<20)
		},
		"a failure": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	} {
		asked := 0
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++; answer(w, r) }), 0)
		if _, err := c.Push(ctx, l, numbers); err == nil || asked > 100 {
			t.Errorf("push to a peer that answers %s: %d requests, %v", what, asked, err)
		}
	}
	m, _ := newMirror(t)
	flood := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, zeros{}) }), 0)
	if _, err := flood.Pull(ctx, m, numbers); !errors.Is(err, tlog.ErrMalformed) {
		t.Errorf("pull of a flood: %v", err)
	}
	if err := flood.PullBlob(ctx, m, [32]byte{1}); err == nil {
		t.Error("a flood was taken for a blob")
	}
}

func TestPullBlob(t *testing.T) {
	l := newLog(t, 1, "", "")
	m, _ := newMirror(t)
	body := []byte("a chunk of a list")
	hash := sha256.Sum256(body)
	c := serve(t, nil, l, 0)
	if err := c.PullBlob(ctx, m, hash); !errors.Is(err, tlog.ErrNotHere) {
		t.Errorf("a blob that nobody has: %v", err)
	}
	must(t, l.AddBlob(hash, body))
	f := &flipper{RoundTripper: c.HTTP.Transport, path: pathPull + "blob"}
	if err := (&Client{HTTP: &http.Client{Transport: f}, Base: c.Base}).PullBlob(ctx, m, hash); err == nil || !f.hit {
		t.Errorf("a changed blob: %v", err)
	}
	must(t, c.PullBlob(ctx, m, hash))
	if got, err := m.Blob(hash); err != nil || !bytes.Equal(got, body) {
		t.Errorf("blob %q, %v", got, err)
	}
}

// The public listener shows checkpoints and hashes; leaves only where that is said; parts never.
func TestTiles(t *testing.T) {
	l := newLog(t, 300, "", "")
	dir := tlog.DirName(origin)
	for _, entries := range []bool{false, true} {
		h := Tiles(func(hex string) (Source, bool) { return l, hex == dir }, entries)
		leaves := http.StatusNotFound
		if entries {
			leaves = http.StatusOK
		}
		for path, want := range map[string]int{
			"/" + dir + "/checkpoint": 200, "/" + dir + "/tile/0/000": 200, "/" + dir + "/tile/0/001.p/44": 200,
			"/" + dir + "/tile/1/000.p/1": 200, "/" + dir + "/tile/entries/000": leaves, "/" + dir + "/tile/entries/001.p/44": leaves,
			"/" + dir + "/tile/0/002": 404, "/" + dir + "/tile/0/../../log.db": 404, "/" + dir + "/tile/x": 404,
			"/" + dir + "/log.db": 404, "/" + dir: 404, "/": 404, "/" + strings.Repeat("0", 64) + "/checkpoint": 404,
		} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
			if w.Code != want {
				t.Errorf("entries %v, %s: status %d, want %d", entries, path, w.Code, want)
			}
			w = httptest.NewRecorder()
			if h.ServeHTTP(w, &http.Request{Method: http.MethodPost, URL: &url.URL{Path: path}}); w.Code != 404 {
				t.Errorf("POST %s: status %d", path, w.Code)
			}
		}
	}
}
