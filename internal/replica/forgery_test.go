package replica

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"testing"

	"tims/internal/tlog"
)

// forge bends a request as chance says: a bit, a cut, a stretch doubled or left out, a number made huge, bytes slipped in.
func forge(r *rand.Rand, body []byte) []byte {
	at := r.IntN(len(body))
	to := min(at+1+r.IntN(64), len(body))
	switch r.IntN(8) {
	case 0, 1, 2:
		b := slices.Clone(body)
		b[at] ^= 1 << r.IntN(8)
		return b
	case 3:
		return slices.Clone(body[:at])
	case 4:
		return slices.Concat(body[:to], body[at:])
	case 5:
		return slices.Concat(body[:at], body[to:])
	case 6:
		b := slices.Clone(body)
		copy(b[at:], bytes.Repeat([]byte{0xff}, 8))
		return b
	}
	return slices.Concat(body[:at], make([]byte, 1<<r.IntN(18)), body[at:])
}

// 2,000 structured forgeries of each request of a peer are refused by the specified statuses, or without effect where a
// request may ask for nothing; they store nothing, freeze nothing, and take no memory with them. Then the true ones are taken.
func TestForgeries(t *testing.T) {
	const seed, count = 4, 2000
	l := newLog(t, 5, "", "")
	m, _ := newMirror(t)
	_, err := serve(t, m, nil, 0).Push(ctx, l, numbers)
	must(t, err)
	grow(t, l, 20, "")
	server := Server{Grown: func(string, *http.Request) {},
		Mirror:     func(o string) (*tlog.Mirror, bool) { return m, o == origin },
		Source:     func(o string) (Source, bool) { return m, o == origin },
		Comparable: func(o string) (Comparable, bool) { return m, o == origin }}
	h := server.Handler()
	do := func(method, path string, body []byte) int {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(method, path, bytes.NewReader(body)))
		return rec.Code
	}
	a, err := addCheckpoint(l, 5)
	must(t, err)
	parts, _, err := l.Parts(5, 20, numbers...)
	must(t, err)
	part := parts[0]
	part.Wrap = nil // no hash covers it
	var entries bytes.Buffer
	must(t, writeEntries(&entries, l, 5, 20))
	query := "origin=" + url.QueryEscape(origin)
	requests := []struct {
		method, path string
		body         []byte
		refusals     []int // 200 among them: the request may have become one that asks for nothing
		good         int   // of the true request; 0 where it is not sent
	}{
		{"POST", pathCheckpoint, a.Encode(), []int{400, 403, 404, 409, 422}, 200},
		{"POST", pathEntries, entries.Bytes(), []int{400, 404, 409, 422}, 202},
		{"POST", pathParts + "?" + query, part.AppendTo(nil), []int{200, 400, 409, 422}, 200},
		{"POST", PathCompare + "?" + query, standing(l).encode(), []int{200, 400, 403, 404, 422}, 200},
		{"GET", pathPull + "checkpoint?", []byte(query + "&old=3"), []int{200, 404}, 0},
		{"GET", pathPull + "entries?", []byte(query + "&start=1&end=5"), []int{200, 404}, 0},
		{"GET", pathPull + "parts?", []byte(query + "&from=1&to=5&numbers=0102"), []int{200, 404}, 0},
		{"GET", pathPull + "blob?", []byte(query + "&hash=" + fmt.Sprintf("%064x", 7)), []int{404}, 0},
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n, q := range requests {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		leaves, cursor, seen := m.Next(), m.Cursor(), map[int]int{}
		for i := range count {
			forged := forge(r, q.body)
			if bytes.HasPrefix(forged, q.body) && q.method == "POST" || bytes.Equal(forged, q.body) || len(forged) == 0 {
				continue // no forgery: the same with something behind it, or nothing
			}
			path := q.path
			if q.method == "GET" {
				path += url.PathEscape(string(forged)) // a query of any bytes
				if i%2 == 0 {
					path = q.path + queryOf(forged)
				}
				forged = nil
			}
			status := do(q.method, path, forged)
			seen[status]++
			if !slices.Contains(q.refusals, status) {
				t.Fatalf("forgery %d of %s (seed %d): status %d\n%q", i, q.path, seed, status, forged)
			}
			if m.Next() != leaves || m.Cursor() != cursor || m.Evidence() != nil {
				t.Fatalf("forgery %d of %s (seed %d): status %d, and it had an effect\n%q", i, q.path, seed, status, forged)
			}
		}
		if refused := count - seen[200]; refused < count/2 && q.method == "POST" || len(seen) == 0 {
			t.Errorf("%s: met %v", q.path, seen)
		}
		if q.good != 0 {
			if status := do(q.method, q.path, q.body); status != q.good {
				t.Fatalf("%s: the true request met %d", q.path, status)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap has grown by %d KiB", grown>>10)
	}
	_, err = serve(t, m, nil, 0).Push(ctx, l, numbers)
	must(t, err)
	same(t, m, l)
}

// queryOf keeps what may stand in the query of a request line.
func queryOf(b []byte) string {
	return string(slices.DeleteFunc(slices.Clone(b), func(c byte) bool { return c <= ' ' || c >= 0x7f || c == '#' }))
}
