package node

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A cosigned is a log as far as others have signed it: this node's own, or a copy.
type cosigned interface {
	Cosigned() []tlog.Cosigned
	AddCosignatures(msg []byte, known note.Verifiers) (int, error)
}

func (n *Node) cosignedLog(origin string) (cosigned, bool) {
	if origin == n.origin {
		return n.log, true
	}
	h, ok := n.mirrors.get(origin)
	return h, ok
}

// A line is the largest checkpoint of a log that one cosigner is known to have signed, as it travels. Only the note counts: the
// rest tells whether it is worth sending.
type line struct {
	_       struct{} `cbor:",toarray"`
	Name    string
	KeyHash uint32
	Size    uint64
	Note    []byte
}

func linesOf(l cosigned) []line {
	var out []line
	for _, c := range l.Cosigned() {
		out = append(out, line{Name: c.Name, KeyHash: c.KeyHash, Size: c.Size, Note: c.Note})
	}
	slices.SortFunc(out, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.KeyHash, b.KeyHash))
	})
	return out
}

// cosignedTag is short and another whenever another set of cosignatures is known; nil where none is.
func cosignedTag(l interface{ Cosigned() []tlog.Cosigned }) []byte {
	h := sha256.New()
	all := l.Cosigned()
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b tlog.Cosigned) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.KeyHash, b.KeyHash))
	})
	for _, c := range all {
		fmt.Fprintf(h, "%s\n%d\n%d\n", c.Name, c.KeyHash, c.Size)
	}
	return h.Sum(nil)[:8]
}

// keepLines keeps below a log's checkpoint the signature lines of known keys: mirror keys of admitted epoch statements, and the
// keys of the witness policy. Whoever brought them adds nothing by his word. A line for a size that is not here yet comes again.
func (n *Node) keepLines(origin string, msg []byte) error {
	_, err := n.keepHere(origin, msg)
	return err
}

// keepHere is keepLines, and says whether the log is here up to the size that was signed: where it is not, whoever told of it tells
// again.
func (n *Node) keepHere(origin string, msg []byte) (here bool, err error) {
	l, ok := n.cosignedLog(origin)
	if !ok {
		return false, nil
	}
	known, err := n.cosigners(origin)
	if err != nil {
		return false, err
	}
	_, err = l.AddCosignatures(msg, note.VerifierList(known...))
	if errors.Is(err, tlog.ErrNotHere) && origin != n.origin {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cosignature of %s: %w", origin, err)
	}
	return true, nil
}

// cosigners are the keys that may cosign a log: nobody vouches for himself.
func (n *Node) cosigners(origin string) ([]note.Verifier, error) {
	_, writer, _, _ := roster.ParseOrigin(origin)
	epochs := []roster.SignedEpoch{n.epoch}
	for _, h := range n.mirrors.all() {
		epochs = append(epochs, h.epoch)
	}
	var out []note.Verifier
	for _, e := range epochs {
		if _, node, _, _ := roster.ParseOrigin(e.Epoch.Origin); node == writer {
			continue
		}
		v, err := cosign.NewVerifierForCosignatureV1(e.Epoch.MirrorKey)
		if err != nil {
			return nil, fmt.Errorf("mirror key of %s: %w", e.Epoch.Origin, err)
		}
		out = append(out, v)
	}
	if p := n.policies.witnessed; p != nil {
		out = append(out, p.Witnesses()...)
	}
	return out, nil
}

// cosignatures brings together what both sides know of others' signatures, of this node's own log first. A signature made by a
// mirror at another place, or by a witness that only some node reaches, comes to the log's writer in this way. Of logs of neither
// side it is asked now and then, and not of a centre, which has the whole country's.
func (x *exchange) cosignatures(ctx context.Context) error {
	x.mu.Lock()
	theirs := slices.Clone(x.theirs.Logs)
	x.mu.Unlock()
	slices.SortStableFunc(theirs, func(a, b logHead) int { return cmp.Compare(x.distant(a), x.distant(b)) })
	for _, l := range theirs {
		if err := x.shareLines(ctx, l); err != nil {
			return fmt.Errorf("cosignatures of %s: %w", l.Epoch.Epoch.Origin, err)
		}
	}
	return nil
}

func (x *exchange) distant(l logHead) int {
	switch {
	case l.Epoch.Epoch.Origin == x.n.origin:
		return 0
	case nodeOf(l) == x.peer || nodeOf(l) == x.n.Name():
		return 1
	}
	return 2
}

func (x *exchange) shareLines(ctx context.Context, l logHead) error {
	origin := l.Epoch.Epoch.Origin
	mine, ok := x.n.cosignedLog(origin)
	if !ok {
		return nil
	}
	tag := cosignedTag(mine)
	if bytes.Equal(tag, l.Cosigned) || x.told[origin] == string(l.Cosigned)+"/"+string(tag) || x.n.shuns(nodeOf(l)) ||
		!x.mayRelay(l) {
		return nil
	}
	var have []line
	whole := true // all lines are for sizes that both sides have
	address := x.base + pathLines + "?" + url.Values{"origin": {origin}}.Encode()
	if len(l.Cosigned) > 0 {
		var err error
		if have, err = x.fetchLines(ctx, address); err != nil {
			return err
		}
		for _, h := range have {
			here, err := x.n.keepHere(origin, h.Note)
			if err != nil {
				return err
			}
			whole = whole && here
		}
	}
	tag = cosignedTag(mine) // before the lines are read: one that comes meanwhile is not taken for told
	news := slices.DeleteFunc(linesOf(mine), func(m line) bool {
		return slices.ContainsFunc(have, func(h line) bool { return h.Name == m.Name && h.KeyHash == m.KeyHash && h.Size >= m.Size })
	})
	if len(news) > 0 {
		var status *replica.StatusError
		err := x.post(ctx, address, record.Marshal(news))
		if errors.As(err, &status) && status.Status == http.StatusConflict {
			whole = false
		} else if err != nil {
			return err
		}
	}
	if !whole {
		return nil // what is not here yet, or not there, comes again
	}
	x.told[origin] = string(l.Cosigned) + "/" + string(tag)
	return nil
}

// mayRelay bounds how often cosignatures of logs of neither side are asked for.
func (x *exchange) mayRelay(l logHead) bool {
	if x.distant(l) < 2 {
		return true
	}
	if x.n.Self().Role == roster.Post && x.n.roleOf(x.peer) == roster.Centre {
		return false
	}
	now := x.n.Now()
	if last, ok := x.relayed[l.Epoch.Epoch.Origin]; ok && now-last < relayRounds*x.n.opt.SyncEvery.Milliseconds() {
		return false
	}
	x.relayed[l.Epoch.Epoch.Origin] = now
	return true
}

func (x *exchange) fetchLines(ctx context.Context, address string) ([]line, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := x.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &replica.StatusError{Status: resp.StatusCode}
	}
	return readLines(resp.Body)
}

// readLines reads lines within bounds and judges none of them.
func readLines(r io.Reader) ([]line, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxLines+1))
	if err != nil {
		return nil, err
	}
	var out []line
	if len(b) > maxLines || record.Unmarshal(b, &out) != nil {
		return nil, fmt.Errorf("%w: cosignatures", tlog.ErrMalformed)
	}
	return out, nil
}

// serveLines tells what is known of cosignatures of a log.
func (n *Node) serveLines(w http.ResponseWriter, r *http.Request) {
	l, ok := n.cosignedLog(r.URL.Query().Get("origin"))
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Write(record.Marshal(linesOf(l)))
}

// takeLines takes what a peer knows of cosignatures of a log. A line for a size that is not here yet is answered by 409: it has to come
// again.
func (n *Node) takeLines(w http.ResponseWriter, r *http.Request) {
	lines, err := readLines(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if n.shuns(nodeOfOrigin(r.URL.Query().Get("origin"))) {
		return // this log waits, and whoever tells of it has no part in that
	}
	whole := true
	for _, l := range lines {
		here, err := n.keepHere(r.URL.Query().Get("origin"), l.Note)
		if whole = whole && here; err != nil {
			n.opt.Journal.Warn("a cosignature is refused", "node", n.Name(), "peer", r.Context().Value(peerKey{}), "error", err)
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
	}
	if !whole {
		w.WriteHeader(http.StatusConflict)
	}
}
