package node

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// forge bends a request as chance says: a bit, a cut, a stretch doubled or left out, a number made huge, bytes slipped in.
func forge(r *mrand.Rand, body []byte) []byte {
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

// A forger is a captured node of the roster, or a stranger, who speaks to a node's peers' listener.
type forger struct {
	*testing.T
	at       *Node
	handler  http.Handler
	peer     []*x509.Certificate
	stranger []*x509.Certificate
	given    http.Handler // what a peer may pull of the post's log: the bytes that would be pushed
	founded  Founded
	post     *Node
}

// newForger founds a country of two centres and two posts. The second centre is spoken to; the first post writes.
func newForger(t *testing.T) *forger {
	f := &forger{T: t}
	dir := t.TempDir()
	plan := Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []PlannedNode{{Name: "tirana", Role: roster.Centre, Place: "Tirana"}, {Name: "backup", Role: roster.Centre, Place: "Durres"},
			{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road"}, {Name: "rinas", Role: roster.Post, Place: "Rinas", Traffic: "air"}}}
	var err error
	f.founded, err = Found(dir, plan)
	f.must(err)
	nobody := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody is reached") }
	open := func(name string) *Node {
		n, err := Open(Options{Dir: filepath.Join(dir, name), Dial: nobody, SyncEvery: time.Hour, StatusEvery: time.Hour})
		f.must(err)
		t.Cleanup(func() { f.must(n.Close()) })
		return n
	}
	f.at, f.post = open("backup"), open("kakavija")
	f.handler, f.peer = f.at.peerHandler(), f.certificate(filepath.Join(dir, "kakavija"))
	strange := t.TempDir()
	_, err = CreateKeys(strange, "al", "stranger", roster.Post, 1)
	f.must(err)
	f.stranger = f.certificate(strange)
	f.given = (&replica.Server{Source: f.post.source}).Handler()
	return f
}

func (f *forger) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *forger) certificate(dir string) []*x509.Certificate {
	f.Helper()
	ring, err := keyring.Open(filepath.Join(dir, "keys"))
	f.must(err)
	cert, err := ring.Certificate(time.Now())
	f.must(err)
	x, err := x509.ParseCertificate(cert.Certificate[0])
	f.must(err)
	return []*x509.Certificate{x}
}

func (f *forger) do(as []*x509.Certificate, method, path string, body []byte) int {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.TLS = &tls.ConnectionState{PeerCertificates: as}
	rec := httptest.NewRecorder()
	f.handler.ServeHTTP(rec, r)
	return rec.Code
}

// pulled is what a peer would push of the post's log.
func (f *forger) pulled(what string) []byte {
	f.Helper()
	rec := httptest.NewRecorder()
	f.given.ServeHTTP(rec, httptest.NewRequest("GET", what+"&origin="+url.QueryEscape(f.post.origin), nil))
	if rec.Code != http.StatusOK || rec.Body.Len() == 0 {
		f.Fatalf("%s: status %d, %d bytes", what, rec.Code, rec.Body.Len())
	}
	return rec.Body.Bytes()
}

// grow lets the post write and waits until its log is settled.
func (f *forger) grow() uint64 {
	f.Helper()
	for range 12 {
		_, err := f.post.append(f.Context(), draft{kind: record.Alarm, act: newAct(), contents: []content{{record.Open,
			record.AlarmOpen{What: record.Damaged, Origin: f.post.origin, From: f.post.Now(), Detail: "an exercise"}}}})
		f.must(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if size, _ := f.post.log.Head(); size >= 12 && noteSizeOf(f.post.log.Checkpoint()) == size {
			return size
		}
		if time.Now().After(end) {
			f.Fatal("the post's log is not settled")
		}
	}
}

func noteSizeOf(note []byte) uint64 {
	var size uint64
	fmt.Sscanf(string(note[bytes.IndexByte(note, '\n')+1:]), "%d\n", &size)
	return size
}

// world is all that a request could change.
func (f *forger) world() string {
	s := fmt.Sprint(len(f.at.Changes()), f.at.log.Size(), len(f.at.log.Cosigned()), f.at.log.Evidence() != nil, len(f.at.Frozen()))
	for _, h := range f.at.mirrors.all() {
		_, pending := h.Pending()
		s += fmt.Sprint(" ", h.Origin(), h.Next(), h.Size(), h.Cursor(), pending, len(h.Cosigned()), len(f.at.missingBlobs(h.Origin())))
	}
	return s
}

// A forgery is one kind of request: forged count times it is refused or changes nothing, and then the true one is taken.
type forgery struct {
	name, method, path string
	body               []byte // of GET: what stands behind path
	allowed            []int  // 200 among them: the request may have become one that asks for nothing
	good               int    // of the true request; 0 where it is not sent
	stranger           bool
}

func (f *forger) try(q forgery, count int, seed uint64) {
	f.Helper()
	as := f.peer
	if q.stranger {
		as = f.stranger
	}
	r := mrand.New(mrand.NewPCG(seed, uint64(len(q.name))))
	before := f.world()
	for i := range count {
		forged := forge(r, q.body)
		if bytes.Equal(forged, q.body) || len(forged) == 0 || q.method == "POST" && bytes.HasPrefix(forged, q.body) {
			continue // no forgery: the same with something behind it, or nothing
		}
		if bytes.Equal(spelt(forged), spelt(q.body)) {
			continue // nor this: the end of a signature in base64 has bits that mean nothing
		}
		path := q.path
		if q.method == "GET" {
			if path, forged = path+url.PathEscape(string(forged)), nil; i%2 == 0 {
				path = q.path + plainOf(forge(r, q.body))
			}
		}
		status := f.do(as, q.method, path, forged)
		if !slices.Contains(q.allowed, status) {
			f.Fatalf("%s, forgery %d (seed %d): status %d\n%s %q", q.name, i, seed, status, path, forged)
		}
		if now := f.world(); now != before {
			f.Fatalf("%s, forgery %d (seed %d): status %d, and it had an effect\n%s %q\n%s\n%s", q.name, i, seed, status, path, forged, before, now)
		}
	}
	if q.good != 0 {
		if status := f.do(as, q.method, q.path, q.body); status != q.good {
			f.Errorf("%s: the true request met %d", q.name, status)
		}
	}
}

// spelt writes each signature of a note as base64 is written.
func spelt(note []byte) []byte {
	lines := bytes.Split(note, []byte("\n"))
	for i, line := range lines {
		at := bytes.LastIndexByte(line, ' ') + 1
		if sig, err := base64.StdEncoding.DecodeString(string(line[at:])); err == nil && bytes.HasPrefix(line, []byte("— ")) {
			lines[i] = base64.StdEncoding.AppendEncode(slices.Clone(line[:at]), sig)
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// plainOf keeps what may stand in a request line.
func plainOf(b []byte) string {
	return string(slices.DeleteFunc(slices.Clone(b), func(c byte) bool { return c <= ' ' || c >= 0x7f || c == '#' || c == '%' }))
}

// 2,000 structured forgeries of every request that a node's peers' listener knows meet the specified statuses, change nothing and
// take no memory with them. After them the true requests are taken: what was refused was refused for what was forged.
func TestForgeriesOfPeers(t *testing.T) {
	const seed, count = 4, 2000
	f := newForger(t)
	size := f.grow()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, make := range []func(uint64) []forgery{f.stated, f.pushed, f.kept, f.asked} {
		for _, q := range make(size) {
			f.try(q, count, seed)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap has grown by %d KiB", grown>>10)
	}
	if h, ok := f.at.mirrors.get(f.post.origin); !ok || h.Size() != size || h.Cursor() != size || len(f.at.Frozen()) != 0 {
		t.Errorf("the copy is not what was pushed: %s", f.world())
	}
}

// stated are statements and changes.
func (f *forger) stated(uint64) []forgery {
	r := f.at.State().Roster
	r.Nodes = slices.Clone(r.Nodes)
	r.Nodes[0].Place = "Tirana, new house"
	c := f.at.State().Next(roster.ChainRoster, record.Marshal(r), time.Now().Add(time.Hour).UnixMilli())
	approved := roster.Approved{Change: c, Approvals: []roster.Approval{roster.Approve(c, "director", f.founded.Approvers["director"])}}
	return []forgery{
		{"a change, by a stranger", "POST", pathChanges, roster.AppendChange(nil, approved), []int{422}, 200, true},
		{"an epoch", "POST", pathEpoch, record.Marshal(f.post.epoch), []int{400, 422}, 200, false},
	}
}

// pushed is the growth of a log, as replica knows it.
func (f *forger) pushed(size uint64) []forgery {
	query := "?origin=" + url.QueryEscape(f.post.origin)
	parts := bytes.NewReader(f.pulled("/pull/parts?from=0&to=" + strconv.FormatUint(size, 10) + "&numbers=" + hex.EncodeToString(partsToPush)))
	var bare []byte
	for d := tlog.DecodeParts(parts); ; {
		p, err := d.Next()
		if err != nil {
			break
		}
		if p.Wrap = nil; len(bare) == 0 { // no hash covers a wrap; and of several parts those that came whole are kept
			bare = p.AppendTo(bare)
		}
	}
	notes, err := json.Marshal(map[string][][]byte{"notes": f.post.log.Notes()})
	f.must(err)
	end := strconv.FormatUint(size, 10)
	return []forgery{
		{"a checkpoint", "POST", "/add-checkpoint", f.pulled("/pull/checkpoint?old=0"), []int{400, 403, 404, 409, 422}, 200, false},
		{"entries", "POST", "/add-entries", f.pulled("/pull/entries?start=0&end=" + end), []int{400, 404, 409, 422}, 202, false},
		{"parts", "POST", "/add-parts" + query, bare, []int{200, 400, 409, 422}, 200, false},
		{"a comparison", "POST", replica.PathCompare + query, notes, []int{200, 400, 403, 404, 422}, 200, false},
	}
}

// kept are cosignatures, evidence, and what was asked for.
func (f *forger) kept(size uint64) []forgery {
	own := "?origin=" + url.QueryEscape(f.post.origin)
	client := &replica.Client{HTTP: &http.Client{Transport: f}, Base: "https://backup"}
	_, err := client.Push(f.Context(), f.post.log, partsToPush) // the parts with their wraps
	f.must(err)
	h, ok := f.at.mirrors.get(f.post.origin)
	if !ok || h.Size() != size {
		f.Fatal("the true log is not taken: " + f.world())
	}
	chunk := make([]byte, 3000)
	rand.Read(chunk)
	hash := sha256.Sum256(chunk)
	o := &Opened{List: &record.ListBody{List: "l", Release: 1, Chunks: [][32]byte{hash}}}
	o.Origin, o.Node = f.post.origin, f.post.Name()
	f.at.watch.announce(o)
	if len(f.at.missingBlobs(f.post.origin)) != 1 {
		f.Fatal("no chunk is wanted")
	}
	f.at.scrubs.turn <- struct{}{} // the pass that a gift wakes would find that nothing is wanted
	f.Cleanup(func() { <-f.at.scrubs.turn })
	f.at.scrubs.want(h.Reader, []tlog.Trouble{{Harm: tlog.HarmLeaf, Index: 0, End: size}})
	wanted := f.at.scrubs.wanted()[0]
	gift, end, err := gift(f.post.log, wanted)
	f.must(err)
	mend := url.Values{"origin": {wanted.Origin}, "piece": {"0"}, "index": {"0"}, "number": {"0"}, "hash": {hex.EncodeToString(wanted.Hash[:])},
		"end": {strconv.FormatUint(end, 10)}}.Encode()
	_, other, err := ed25519.GenerateKey(rand.Reader)
	f.must(err)
	evidence, err := json.Marshal(map[string]*tlog.Evidence{"evidence": {Origin: f.post.origin, Ours: f.post.log.Checkpoint(), Theirs: f.post.log.Checkpoint(),
		OurRoot: tlog.Hash(sha256.Sum256(other))}})
	f.must(err)
	cosigned := f.cosigned() // a line of a key that is not known is passed over: the request asks for nothing then
	return []forgery{
		{"a chunk of a list", "POST", pathBlob + own + "&hash=" + hex.EncodeToString(hash[:]), chunk, []int{400, 422}, 200, false},
		{"which chunk", "POST", pathBlob + own + "&hash=" + hex.EncodeToString(other[:32]), chunk, []int{400}, 0, false},
		{"a wanted piece", "POST", pathMend + "?" + mend, gift, []int{200, 400, 503}, 200, false},
		{"a piece that nobody wants", "POST", pathMend + "?" + strings.Replace(mend, "index=0", "index=7", 1), gift, []int{404}, 0, false},
		{"evidence", "POST", replica.PathCompare + own, evidence, []int{200, 400, 422}, 422, false},
		{"this node's own checkpoint, cosigned", "POST", pathCosign, cosigned, []int{200, 422}, 200, false},
		{"cosignatures", "POST", pathLines + "?origin=" + url.QueryEscape(f.at.origin), record.Marshal([]line{{Note: cosigned}}), []int{200, 400, 422}, 200, false},
		{"agreement, unasked", "POST", pathAgree, f.at.log.Checkpoint(), []int{400}, 400, false},
	}
}

// cosigned is the tested node's own checkpoint with the post's line below it.
func (f *forger) cosigned() []byte {
	f.Helper()
	signer, _, err := f.post.ring.Mirror(f.post.mirrorName())
	f.must(err)
	verifier, err := note.NewVerifier(f.at.log.Key())
	f.must(err)
	n, err := note.Open(f.at.log.Checkpoint(), note.VerifierList(verifier))
	f.must(err)
	b, err := note.Sign(n, signer)
	f.must(err)
	return b
}

// RoundTrip lets a client speak to the tested node as the captured post.
func (f *forger) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.TLS = r.URL.RequestURI(), &tls.ConnectionState{PeerCertificates: f.peer}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	f.handler.ServeHTTP(rec, in)
	return rec.Result(), nil
}

// asked is what peers ask, with what they ask it by behind each path.
func (f *forger) asked(size uint64) []forgery {
	origin, dir := "origin="+url.QueryEscape(f.post.origin), tlog.DirName(f.post.origin)
	end := strconv.FormatUint(size, 10)
	return []forgery{
		{"heads", "GET", pathHeads + "?", []byte(origin), []int{200}, 0, false},
		{"changes", "GET", pathChanges + "?", []byte(origin), []int{200}, 0, false},
		{"cosignatures of", "GET", pathLines + "?", []byte(origin), []int{200, 404}, 0, false},
		{"pulled checkpoint", "GET", "/pull/checkpoint?", []byte(origin + "&old=3"), []int{200, 404}, 0, false},
		{"pulled entries", "GET", "/pull/entries?", []byte(origin + "&start=1&end=" + end), []int{200, 404}, 0, false},
		{"pulled parts", "GET", "/pull/parts?", []byte(origin + "&from=1&to=5&numbers=0102"), []int{200, 404}, 0, false},
		{"pulled chunk", "GET", "/pull/blob?", []byte(origin + "&hash=" + hex.EncodeToString(make([]byte, 32))), []int{404}, 0, false},
		{"a tile", "GET", "/log/", []byte(dir + "/tile/0/000.p/" + end), []int{200, 301, 307, 400, 404}, 0, false},
		{"any path", "GET", "/", []byte("log/" + dir + "/checkpoint"), []int{200, 301, 307, 404, 405}, 0, false},
	}
}
