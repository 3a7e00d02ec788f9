package replica

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tims/internal/tlog"
)

func groupOf(t *testing.T, entries string, parts ...tlog.IndexedPart) string {
	t.Helper()
	b, err := group{[]byte(entries), parts}.appendTo(nil)
	must(t, err)
	return string(b)
}

func partAt(index uint64, number uint8, wrap, body string) tlog.IndexedPart {
	return tlog.IndexedPart{Index: index, Part: tlog.Part{Number: number, Wrap: []byte(wrap), Body: []byte(body)}}
}

func TestGroup(t *testing.T) {
	a, b := sha256.Sum256([]byte("a's body")), sha256.Sum256([]byte("b's body"))
	first, second := partAt(7, 1, "wrap", "a's body"), partAt(9, 3, "", "b's body")
	for what, g := range map[string]group{
		"entries alone":                 {entries: []byte("entries")},
		"both hashes":                   {[]byte("x" + string(a[:]) + "yz" + string(b[:])), []tlog.IndexedPart{first, second}},
		"hashes at the edges":           {[]byte(string(a[:]) + string(b[:])), []tlog.IndexedPart{first, second}},
		"no hash":                       {[]byte("entries"), []tlog.IndexedPart{first, second}},
		"the second alone":              {[]byte("x" + string(b[:])), []tlog.IndexedPart{first, second}},
		"in the other order":            {append(bytes.Clone(b[:]), a[:]...), []tlog.IndexedPart{first, second}},
		"one body twice, its hash once": {a[:], []tlog.IndexedPart{first, partAt(7, 2, "", "a's body")}},
	} {
		wire, err := g.appendTo(nil)
		must(t, err)
		r := bufio.NewReader(bytes.NewReader(wire))
		got, err := readGroup(r)
		if err != nil || !bytes.Equal(got.entries, g.entries) || len(got.parts) != len(g.parts) {
			t.Fatalf("%s: %d parts, %q, %v", what, len(got.parts), got.entries, err)
		}
		for i, p := range got.parts {
			if p.Index != g.parts[i].Index || p.Number != g.parts[i].Number || !bytes.Equal(p.Wrap, g.parts[i].Wrap) || !bytes.Equal(p.Body, g.parts[i].Body) {
				t.Errorf("%s: part %d is %+v", what, i, p)
			}
		}
		if _, err := readGroup(r); err != io.EOF {
			t.Errorf("%s: behind it: %v", what, err)
		}
		for cut := 1; cut < len(wire); cut++ {
			if _, err := readGroup(bufio.NewReader(bytes.NewReader(wire[:cut]))); !errors.Is(err, tlog.ErrMalformed) {
				t.Fatalf("%s: %d of %d bytes: %v", what, cut, len(wire), err)
			}
		}
	}
}

// The bytes are those of docs/design/replication.md: another program may have written them.
func TestGroupGolden(t *testing.T) {
	packed := "\x0a" + "leaf:;rest" + "\x01" + "\x07\x01\x04\x08\x06" + "wrap"
	stored := "\x01" + string([]byte{byte(len(packed)), 0, ^byte(len(packed)), 0xff}) + packed // a stored DEFLATE block
	wire := "\x00\x00\x00" + string([]byte{byte(len(stored))}) + stored + "the body"
	g, err := readGroup(bufio.NewReader(strings.NewReader(wire)))
	must(t, err)
	hash := sha256.Sum256([]byte("the body"))
	if want := "leaf:" + string(hash[:]) + ";rest"; string(g.entries) != want ||
		!reflect.DeepEqual(g.parts, []tlog.IndexedPart{partAt(7, 1, "wrap", "the body")}) {
		t.Errorf("%q, %+v", g.entries, g.parts)
	}
	if got := hex.EncodeToString([]byte(packed)); got != "0a6c6561663a3b72657374"+"01"+"0701040806"+"77726170" {
		t.Errorf("packed: %s", got)
	}
}

func FuzzGroup(f *testing.F) {
	hash := sha256.Sum256([]byte("body"))
	for _, g := range []group{{entries: []byte("entries")}, {append([]byte("x"), hash[:]...), []tlog.IndexedPart{partAt(1, 2, "w", "body")}}} {
		b, err := g.appendTo(nil)
		must(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := readGroup(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			return
		}
		again, err := g.appendTo(nil)
		must(t, err)
		back, err := readGroup(bufio.NewReader(bytes.NewReader(again)))
		if err != nil || !bytes.Equal(back.entries, g.entries) || len(back.parts) != len(g.parts) {
			t.Errorf("%d bytes come back otherwise: %v", len(b), err)
		}
	})
}

// Of 400 forged requests none makes a copy hold what the log does not, and each meets a specified status.
func TestForgedRecords(t *testing.T) {
	const seed = 5
	l := newLog(t, 20, "", "")
	var wire bytes.Buffer
	_, err := writeGroups(&wire, l, 0, 20, numbers)
	must(t, err)
	r := rand.New(rand.NewPCG(seed, 0))
	var m *tlog.Mirror
	var h http.Handler
	refused, taken := 0, 0
	for i := range 400 {
		if m == nil || m.Next() > 0 {
			m, _ = newMirror(t)
			a, err := addCheckpoint(l, 0)
			must(t, err)
			must(t, m.AddCheckpoint(a))
			h = (&Server{Grown: func(string, *http.Request) {}, Mirror: func(o string) (*tlog.Mirror, bool) { return m, o == origin }}).Handler()
		}
		forged := forge(r, wire.Bytes())
		if bytes.HasPrefix(forged, wire.Bytes()) {
			continue // the same with something behind it
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("POST", pathRecords, bytes.NewReader(forged)))
		if !slices.Contains([]int{200, 202, 400, 404, 409, 422}, rec.Code) || m.Evidence() != nil {
			t.Fatalf("forgery %d (seed %d): status %d\n%q", i, seed, rec.Code, forged)
		}
		if rec.Code >= 400 {
			refused++
		} else {
			taken++
		}
		prefix(t, m, l)
		parts, _, err := m.Parts(0, 20, numbers...)
		must(t, err)
		for _, p := range parts {
			if own, err := l.Part(p.Index, p.Number); err != nil || !bytes.Equal(own.Body, p.Body) {
				t.Fatalf("forgery %d (seed %d): part %d of record %d is stored and not the log's", i, seed, p.Number, p.Index)
			}
		}
	}
	if refused < 9*taken {
		t.Errorf("%d forgeries are refused, %d taken", refused, taken)
	}
}

// A mirror of somebody else speaks tlog-mirror alone. It gets the entries, and asks for no parts.
func TestPushToAnotherProgram(t *testing.T) {
	l := newLog(t, 300, "", "")
	m, _ := newMirror(t)
	ours := Server{Grown: func(string, *http.Request) {}, Mirror: func(o string) (*tlog.Mirror, bool) { return m, o == origin }}
	asked := map[string]int{}
	theirs := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		if r.URL.Path == pathRecords {
			http.NotFound(w, r)
			return
		}
		ours.Handler().ServeHTTP(w, r)
	})
	_, err := clientOf(t, theirs, 0).Push(ctx, l, numbers)
	must(t, err)
	same(t, m, l)
	if asked[pathEntries] < 2 || asked[pathParts] == 0 {
		t.Errorf("asked %v", asked)
	}
	// A mirror of ours has all by one request, and signs in its answer.
	m, _ = newMirror(t)
	clear(asked)
	all := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked[r.URL.Path]++; ours.Handler().ServeHTTP(w, r) })
	p, err := clientOf(t, all, 0).Push(ctx, l, numbers)
	must(t, err)
	same(t, m, l)
	if asked[pathRecords] != 1 || asked[pathParts] != 0 || asked[pathEntries] != 1 || p.Parts != 600 || p.Leaves != 300 || p.Note == nil {
		t.Errorf("asked %v, pushed %+v", asked, p)
	}
}
