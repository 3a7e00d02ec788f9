package witness

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tims/internal/record"
)

// forge bends a request as its number says: a bit, a cut, a line doubled, moved or left out, a number made huge, bytes slipped in.
func forge(r *rand.Rand, body string) string {
	lines := strings.SplitAfter(body, "\n")
	i, j := r.IntN(len(lines)), r.IntN(len(body))
	switch r.IntN(8) {
	case 0, 1, 2:
		b := []byte(body)
		b[j] ^= 1 << r.IntN(8)
		return string(b)
	case 3:
		return body[:j]
	case 4:
		return strings.Join(slices.Insert(lines, r.IntN(len(lines)), lines[i]), "")
	case 5:
		return strings.Join(slices.Delete(lines, i, i+1), "")
	case 6:
		return strings.Replace(body, "\n8\n", fmt.Sprintf("\n%d\n", r.Uint64()), 1)
	}
	return body[:j] + strings.Repeat("\x00", 1<<r.IntN(18)) + body[j:]
}

// 2,000 structured forgeries of each request are refused by the specified statuses, change nothing, and take no memory with them.
func TestForgeries(t *testing.T) {
	const seed, count = 4, 2000
	l := newForeign(t, foreignName, "", 20)
	s := countrySite(t)
	must(t, s.w.Close())
	s.opt.Logs = []string{l.vkey}
	s.start()
	s.add(200, l.body(0, 5))
	good := l.body(5, 8)
	statement := string(record.Marshal(statement(t, "kakavija", 1, "")))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	seen := map[int]int{}
	for path, body := range map[string]string{"/add-checkpoint": good, "/tims/epoch": statement, "/tims/changes?country=xk": statement} {
		r := rand.New(rand.NewPCG(seed, uint64(len(path))))
		for i := range count {
			forged := forge(r, body)
			if forged == body || forged == "" || path == "/add-checkpoint" && strings.HasPrefix(forged, good) {
				continue // no forgery: the same, an empty list of changes, or a further line behind the signature
			}
			if i%1000 == 0 {
				s.h = s.w.Handler() // a new window of the limiter
			}
			rec := s.do("POST", path, forged)
			seen[rec.Code]++
			if !slices.Contains([]int{400, 403, 404, 409, 422}, rec.Code) {
				t.Fatalf("forgery %d of %s (seed %d): status %d\n%q", i, path, seed, rec.Code, forged)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap has grown by %d KiB", grown>>10)
	}
	for _, status := range []int{400, 403, 404, 409, 422} {
		if seen[status] == 0 {
			t.Errorf("no forgery met status %d: %v", status, seen)
		}
	}
	if len(s.w.logs) != 1 || s.w.logs[foreignName].last.Load().Size != 5 {
		t.Error("a forgery changed what is known")
	}
	s.add(200, good)
}
