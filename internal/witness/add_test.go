package witness

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/tlog"
)

const foreignName = "example.com/behind-the-sofa"

// Every status of add-checkpoint by exact bytes. Each row begins at size 5.
func TestStatuses(t *testing.T) {
	l, fork := newForeign(t, foreignName, "", 20), newForeign(t, foreignName, "fork", 20)
	stranger := newForeign(t, "example.com/stranger", "", 20)
	other := newForeign(t, "example.com/other", "", 20)
	named := newForeign(t, foreignName, "", 20) // a log that another key signs under the same name
	named.signer = renamed{other.signer}
	good := l.at(8)
	sign := func(n int64, root sumdb.Hash) []byte {
		return l.sign(fmt.Sprintf("%s\n%d\n%s\n", foreignName, n, base64.StdEncoding.EncodeToString(root[:])))
	}
	hashes := func(n int) (out []sumdb.Hash) { return make([]sumdb.Hash, n) }
	for _, c := range []struct {
		what, body string
		status     int
		text       string
	}{
		{"grows", l.body(5, 8), 200, ""},
		{"by many", l.body(5, 20), 200, ""},
		{"the same again", l.body(5, 5), 200, ""},
		{"with another key's signature beside", request(5, l.proof(5, 8), both(t, l, other, 8)), 200, ""},
		{"with extension lines", request(5, l.proof(5, 8), l.at(8, "ext 1\n", "ext 2\n")), 200, ""},

		{"empty", "", 400, "malformed request\n"},
		{"no old line", "\n" + string(good), 400, "malformed request\n"},
		{"no size", request("", l.proof(5, 8), good), 400, "malformed request\n"},
		{"leading zero", request("05", l.proof(5, 8), good), 400, "malformed request\n"},
		{"a sign", request("+5", l.proof(5, 8), good), 400, "malformed request\n"},
		{"two blanks", request(" 5", l.proof(5, 8), good), 400, "malformed request\n"},
		{"carriage return", request("5\r", l.proof(5, 8), good), 400, "malformed request\n"},
		{"over 64 bits", request("18446744073709551616", nil, good), 400, "malformed request\n"},
		{"64 hashes", request(5, hashes(64), good), 400, "malformed request\n"},
		{"a short hash", "old 5\nAAAA\n\n" + string(good), 400, "malformed request\n"},
		{"a hash in two spellings", "old 5\n" + strings.Repeat("A", 42) + "B=\n\n" + string(good), 400, "malformed request\n"},
		{"no empty line", "old 5\n" + string(good), 400, "malformed request\n"},
		{"old beyond the checkpoint", request(9, nil, good), 400, "malformed request\n"},
		{"no signature at all", request(5, l.proof(5, 8), good[:strings.Index(string(good), "\n\n")+1]), 400, "malformed request\n"},
		{"half a note", request(5, l.proof(5, 8), good[:len(good)-1]), 400, "malformed request\n"},
		{"a size with leading zero", request(5, l.proof(5, 8), l.sign(strings.Replace(textOf(good), "\n8\n", "\n08\n", 1))), 400, "malformed request\n"},
		{"two lines", request(5, nil, l.sign(foreignName+"\n8\n")), 400, "malformed request\n"},
		{"2^63 leaves", request(5, nil, l.sign(strings.Replace(textOf(good), "\n8\n", "\n9223372036854775808\n", 1))), 400, "malformed request\n"},
		{"2^55 leaves", request(5, nil, l.sign(strings.Replace(textOf(good), "\n8\n", "\n36028797018963968\n", 1))), 400, "malformed request\n"},
		{"an empty extension line", request(5, l.proof(5, 8), l.at(8, "ext\n", "\n", "ext\n")), 400, "malformed request\n"},
		{"9 KiB of extension lines", request(5, l.proof(5, 8), l.at(8, strings.Repeat("x", 9<<10), "\n")), 400, "malformed request\n"},
		{"101 signatures", request(5, l.proof(5, 8), append(good, strings.Repeat("— x AAAAAAAAAAAAAAAA\n", 100)...)), 400, "malformed request\n"},
		{"1 MiB", request(5, l.proof(5, 8), append(good, strings.Repeat("— x AAAAAAAAAAAAAAAA\n", 1<<15)...)), 400, "malformed request\n"},

		{"unknown origin", stranger.body(0, 8), 404, "unknown log origin\n"},
		{"no origin", "old 0\n\n\n8\n", 404, "unknown log origin\n"},
		{"unsigned by any known key", request(5, l.proof(5, 8), named.at(8)), 403, "not signed by the log's key\n"},
		{"a signature that fails", request(5, l.proof(5, 8), bent(good)), 403, "not signed by the log's key\n"},
		{"another text under the signature", request(5, l.proof(5, 9), []byte(strings.Replace(string(good), "\n8\n", "\n9\n", 1))), 403,
			"not signed by the log's key\n"},

		{"old too small", l.body(0, 8), 409, "5\n"},
		{"old too large", l.body(6, 8), 409, "5\n"},
		{"an older checkpoint", l.body(3, 3), 409, "5\n"},
		{"a fork with another old", fork.body(0, 5), 409, "5\n"},

		{"no proof", request(5, nil, good), 422, "proof does not verify\n"},
		{"the proof of another size", request(5, l.proof(5, 9), good), 422, "proof does not verify\n"},
		{"a proof too long", request(5, append(l.proof(5, 8), sumdb.Hash{}), good), 422, "proof does not verify\n"},
		{"63 hashes", request(5, hashes(63), good), 422, "proof does not verify\n"},
		{"a fork", fork.body(5, 8), 422, "proof does not verify\n"},
		{"a fork of the same size", fork.body(5, 5), 422, "proof does not verify\n"},
		{"the same size with a proof", request(5, hashes(1), l.at(5)), 422, "proof does not verify\n"},
		{"another root", request(5, l.proof(5, 8), sign(8, sumdb.Hash{})), 422, "proof does not verify\n"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := newSite(t, l.vkey, other.vkey)
			s.add(200, l.body(0, 5))
			rec := s.add(c.status, c.body)
			kind := "text/plain; charset=utf-8"
			if c.status == 409 {
				kind = "text/x.tlog.size"
			}
			if got := rec.Header().Get("Content-Type"); got != kind {
				t.Errorf("content type %q", got)
			}
			if c.status != 200 {
				if rec.Body.String() != c.text {
					t.Errorf("body %q, want %q", rec.Body, c.text)
				}
				if b := s.add(200, l.body(5, 6)); cosignedSize(t, l, l.at(6), b.Body.Bytes()) != 6 {
					t.Error("the refusal changed what was cosigned")
				}
				return
			}
			_, checkpoint, _ := strings.Cut(c.body, "\n\n")
			cp, err := tlog.OpenCheckpoint(l.vkey, []byte(checkpoint))
			must(t, err)
			if cosignedSize(t, l, cp.Note, rec.Body.Bytes()) != cp.Size {
				t.Error("the lines are for another size")
			}
		})
	}
}

// The beginning of a log has rules of its own.
func TestFirstCheckpoint(t *testing.T) {
	l := newForeign(t, foreignName, "", 9)
	empty := sha256.Sum256(nil)
	for _, c := range []struct {
		what, body string
		status     int
	}{
		{"a tree", l.body(0, 9), 200},
		{"the empty tree", l.body(0, 0), 200},
		{"a tree with a proof", request(0, make([]sumdb.Hash, 1), l.at(9)), 422},
		{"an empty tree of another root", request(0, nil, l.sign(foreignName+"\n0\n"+base64.StdEncoding.EncodeToString(make([]byte, 32))+"\n")), 422},
		{"an empty tree with a proof", request(0, []sumdb.Hash{empty}, l.at(0)), 422},
		{"from a size", l.body(4, 9), 409},
	} {
		s := newSite(t, l.vkey)
		if rec := s.add(c.status, c.body); c.status == 409 && rec.Body.String() != "0\n" {
			t.Errorf("%s: %q", c.what, rec.Body)
		}
		if found, err := s.w.Evidence(foreignName); err != nil || len(found) != 0 {
			t.Errorf("%s: %d pieces of evidence, %v", c.what, len(found), err)
		}
	}
	s := newSite(t, l.vkey)
	s.add(200, l.body(0, 0))
	s.add(200, l.body(0, 0))
	s.add(200, l.body(0, 3))
	s.add(409, l.body(0, 9))
}

func TestOtherRequests(t *testing.T) {
	l := newForeign(t, foreignName, "", 5)
	s := newSite(t, l.vkey)
	path := "/" + tlog.DirName(foreignName) + "/checkpoint"
	if rec := s.do("GET", path, ""); rec.Code != 404 {
		t.Errorf("before the first cosignature: %d", rec.Code)
	}
	lines := s.add(200, l.body(0, 5)).Body.String()
	if rec := s.do("GET", path, ""); rec.Code != 200 || rec.Body.String() != string(l.at(5))+lines {
		t.Errorf("%d, %q", rec.Code, rec.Body)
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/add-checkpoint", 405}, {"PUT", "/add-checkpoint", 405}, {"POST", path, 405},
		{"GET", strings.ToUpper(path[:65]) + "/checkpoint", 404}, {"GET", "/..%2f..%2flock/checkpoint", 404}, {"GET", "/", 404},
		{"GET", "/tims/evidence", 404}, {"POST", "/tims/epoch", 400}, {"POST", "/tims/changes?country=xk", 404},
	} {
		if rec := s.do(c.method, c.path, ""); rec.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, rec.Code, c.status)
		}
	}
	for range requestsEach {
		s.do("GET", "/", "")
	}
	if rec := s.do("POST", "/add-checkpoint", l.body(5, 5)); rec.Code != http.StatusTooManyRequests || rec.Header().Get("Retry-After") != "60" {
		t.Errorf("one visitor may ask without end: %d", rec.Code)
	}
}

type renamed struct{ note.Signer }

func (renamed) Name() string { return foreignName }

// both is a checkpoint that two logs' keys signed.
func both(t *testing.T, a, b *foreignLog, n int64) []byte {
	t.Helper()
	msg, err := note.Sign(&note.Note{Text: textOf(a.at(n))}, renamed{b.signer}, a.signer)
	must(t, err)
	return msg
}

func textOf(msg []byte) string {
	text, _, _ := strings.Cut(string(msg), "\n\n")
	return text + "\n"
}

// bent changes the last bit of a signature.
func bent(msg []byte) []byte {
	s := string(msg)
	i := strings.LastIndex(s, " ") + 1
	b, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(s[i:]))
	b[len(b)-1] ^= 1
	return []byte(s[:i] + base64.StdEncoding.EncodeToString(b) + "\n")
}
