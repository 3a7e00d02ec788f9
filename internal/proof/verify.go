package proof

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	cosign "github.com/transparency-dev/formats/note"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// Trust is what whoever verifies believes. One of the two is needed.
type Trust struct {
	Policy *Policy
	State  *roster.State // of the country's founding, with the changes known since
}

// A Report is what a proof proves.
type Report struct {
	Origin   string   `json:"origin"`
	Index    uint64   `json:"index"`
	Size     uint64   `json:"size"` // of the tree whose checkpoint the log signed
	LeafHash string   `json:"leaf_hash"`
	Receipt  bool     `json:"receipt"`          // the holder of this receipt was given it for this record, with the log's promise
	Code     string   `json:"code,omitempty"`   // of the receipt
	Status   *Counts  `json:"status,omitempty"` // of a published status record
	Signers  []Signer `json:"cosigned_by"`
	Quorum   *bool    `json:"quorum,omitempty"` // of the policy, where one was given
	Places   []string `json:"places,omitempty"` // with a founding: other places whose mirrors have signed, which hold the parts too
	// After and Before enclose the time at which the record was written: the log's own clock in the records in clear next to
	// it, and the first cosignature's time. UTC ms, 0 where nothing says.
	After  int64 `json:"after"`
	Before int64 `json:"before"`
}

// A Signer is a cosigner and when it signed, UTC ms.
type Signer struct {
	Name string `json:"name"`
	At   int64  `json:"at"`
}

// Counts are those of a status record.
type Counts struct {
	From     int64 `json:"from"`
	To       int64 `json:"to"`
	Entries  int   `json:"entries"`
	Exits    int   `json:"exits"`
	Refusals int   `json:"refusals"`
	Vehicles int   `json:"vehicles"`
}

var (
	// ErrWrong says that a file does not prove what it claims: it is damaged, forged, or of another record.
	ErrWrong = errors.New("the proof does not hold")
	// ErrUntrusted says that no key that is trusted has signed. With another policy it may hold.
	ErrUntrusted = errors.New("the log's key is not one of those trusted")
)

// Verify judges a file off line. Its errors wrap ErrForm, ErrWrong or ErrUntrusted.
func Verify(b []byte, t Trust) (Report, error) {
	p, x, err := parse(b)
	if err != nil {
		return Report{}, err
	}
	hash, receipt, err := x.leafHash()
	if err != nil {
		return Report{}, err
	}
	first, _, _ := bytes.Cut(p.Checkpoint, []byte("\n"))
	r := Report{Origin: string(first), Index: p.Index, LeafHash: fmt.Sprintf("%x", hash[:]), Signers: []Signer{}}
	if receipt != nil {
		if receipt.Origin != r.Origin || receipt.Index != r.Index {
			return r, fmt.Errorf("%w: the receipt is of another record", ErrWrong)
		}
		r.Receipt, r.Code = true, receipt.Opening.Code()
	}
	root, err := r.checkpoint(p.Checkpoint, x, t)
	if err != nil {
		return r, err
	}
	if !included(p.Hashes, r.Size, root, r.Index, hash) {
		return r, fmt.Errorf("%w: the record does not stand under this checkpoint", ErrWrong)
	}
	if receipt != nil && !t.promised(*receipt, x) {
		return r, fmt.Errorf("%w: the log's key has not signed this receipt", ErrWrong)
	}
	if t.State != nil {
		r.Places = r.places(t.State.Roster)
	}
	if err := r.status(x); err != nil {
		return r, err
	}
	return r, r.date(x, root)
}

// promised says whether a trusted key of the log has signed the receipt.
func (t Trust) promised(receipt seal.Receipt, x Extra) bool {
	logs, _ := t.keys(receipt.Origin, x)
	return slices.ContainsFunc(logs, func(v note.Verifier) bool { return v.Verify(receipt.Promise(), receipt.Signature[:]) })
}

// Promised says of a receipt alone, without a proof, whether a log key of the policy has promised its record. Whether the record
// stands in the log, only a proof tells; a promise without its record is evidence that it was erased.
func Promised(receipt seal.Receipt, p *Policy) bool {
	return Trust{Policy: p}.promised(receipt, Extra{})
}

// Mirrored says that mirrors in two places other than the log's have signed (design, section 2).
func (r Report) Mirrored() bool { return len(r.Places) > 1 }

// places are those of the living nodes that mirror the log whole and whose mirror keys have signed, without the log's own, in
// alphabetical order. A portal or a distant post that signs holds no parts.
func (r *Report) places(nodes roster.Roster) (out []string) {
	_, own, _, err := roster.ParseOrigin(r.Origin)
	if err != nil {
		return nil
	}
	self, _ := nodes.Node(own)
	for _, s := range r.Signers {
		_, name, _, err := roster.ParseOrigin(strings.TrimSuffix(s.Name, roster.MirrorSuffix))
		n, _ := nodes.Node(name)
		if err == nil && !n.Dropped && n.Place != "" && n.Place != self.Place && nodes.MirrorsWhole(name, own) && !slices.Contains(out, n.Place) {
			out = append(out, n.Place)
		}
	}
	slices.Sort(out)
	return out
}

func included(hashes [][32]byte, size uint64, root tlog.Hash, index uint64, leaf tlog.Hash) bool {
	p := make(sumdb.RecordProof, len(hashes))
	for i, h := range hashes {
		p[i] = h
	}
	return index < size && size < 1<<62 && sumdb.CheckRecord(p, int64(size), root, int64(index), leaf) == nil
}

// checkpoint opens the signed note under the keys that are trusted, and gives its root.
func (r *Report) checkpoint(msg []byte, x Extra, t Trust) (root tlog.Hash, err error) {
	logs, cosigners := t.keys(r.Origin, x)
	if len(logs) == 0 {
		return root, ErrUntrusted
	}
	n, err := note.Open(msg, note.VerifierList(append(logs, cosigners...)...))
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return root, ErrUntrusted
	}
	if err != nil {
		return root, fmt.Errorf("%w: a signature of a trusted key is not valid", ErrWrong)
	}
	var c log.Checkpoint
	if _, err := c.Unmarshal([]byte(n.Text)); err != nil || c.Origin != r.Origin || len(c.Hash) != len(root) || string(c.Marshal()) != n.Text {
		return root, fmt.Errorf("%w: the signed text is no checkpoint", ErrWrong)
	}
	signed := map[string]bool{}
	byLog := false
	for _, s := range n.Sigs {
		if hasKey(logs, s) {
			byLog = true
			continue
		}
		signed[keyName(s.Name, s.Hash)] = true
		at, err := cosign.CoSigV1Timestamp(s)
		if err != nil {
			return root, fmt.Errorf("%w: a cosignature without its time", ErrWrong)
		}
		r.Signers = append(r.Signers, Signer{s.Name, at.UnixMilli()})
	}
	if !byLog {
		return root, ErrUntrusted
	}
	if t.Policy != nil {
		ok := t.Policy.Satisfied(func(name string, hash uint32) bool { return signed[keyName(name, hash)] })
		r.Quorum = &ok
	}
	r.Size = c.Size
	return tlog.Hash(c.Hash), nil
}

func keyName(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

func hasKey(vs []note.Verifier, s note.Signature) bool {
	for _, v := range vs {
		if v.Name() == s.Name && v.KeyHash() == s.Hash {
			return true
		}
	}
	return false
}

// keys are the verifiers of the log and of cosigners that the policy or the founding vouches for.
func (t Trust) keys(origin string, x Extra) (logs, cosigners []note.Verifier) {
	known := map[string]bool{}
	add := func(to *[]note.Verifier, v note.Verifier) {
		if id := keyName(v.Name(), v.KeyHash()); !known[id] {
			known[id] = true
			*to = append(*to, v)
		}
	}
	if t.Policy != nil {
		for _, v := range t.Policy.Logs {
			if v.Name() == origin {
				add(&logs, v)
			}
		}
		for _, v := range t.Policy.Witnesses() {
			add(&cosigners, v)
		}
	}
	for _, e := range x.Epochs {
		if t.State == nil {
			break
		}
		if _, err := t.State.VerifyEpoch(e); err != nil {
			continue
		}
		if v, err := note.NewVerifier(e.Epoch.LogKey); err == nil && e.Epoch.Origin == origin {
			add(&logs, v)
		}
		if v, err := cosign.NewVerifierForCosignatureV1(e.Epoch.MirrorKey); err == nil && e.Epoch.Origin != origin {
			add(&cosigners, v)
		}
	}
	return logs, cosigners
}

// status reads the open part of a record in clear against its leaf.
func (r *Report) status(x Extra) error {
	if len(x.Part) == 0 {
		return nil
	}
	open, err := OpenStatus(x.Leaf, x.Part)
	if err != nil {
		return fmt.Errorf("%w: the counts are not those of the record", ErrWrong)
	}
	r.Status = &Counts{open.From, open.To, open.Entries, open.Exits, open.Refusals, open.Vehicles}
	return nil
}

// StatusBody gives what a status record says, unread, after checking that the body is the one its leaf names. Its errors name
// no content.
func StatusBody(leaf, body []byte) ([]byte, error) {
	l, err := record.DecodeLeaf(leaf)
	if err != nil {
		return nil, err
	}
	ref, ok := StatusPart(leaf)
	if !ok || len(body) < 32 || uint32(len(body)) != ref.Length || seal.SealedHash(body) != ref.Sealed ||
		seal.Commit(byte(ref.Part), [32]byte(body[:32]), body[32:]) != ref.Commit || l.Kind != record.Status {
		return nil, fmt.Errorf("%w: not the open part of a status record", record.ErrFormat)
	}
	return body[32:], nil
}

// OpenStatus reads the counts of a status record after the checks of StatusBody. Counts that cannot be are an error too.
func OpenStatus(leaf, body []byte) (open record.StatusOpen, err error) {
	said, err := StatusBody(leaf, body)
	if err != nil {
		return open, err
	}
	if err := record.Unmarshal(said, &open); err != nil {
		return open, err
	}
	if open.To < open.From || open.Entries < 0 || open.Exits < 0 || open.Refusals < 0 || open.Vehicles < 0 || open.VehiclesIn < 0 ||
		open.VehiclesOut < 0 || open.Waiting < 0 {
		return open, fmt.Errorf("%w: a negative count", record.ErrFormat)
	}
	return open, nil
}

// StatusPart gives the open part of a leaf that is a status record with that part and no other.
func StatusPart(leaf []byte) (record.PartRef, bool) {
	if record.KindOf(leaf) != record.Status {
		return record.PartRef{}, false
	}
	parts := record.PartsOf(leaf)
	if len(parts) != 1 || parts[0].Part != record.Open {
		return record.PartRef{}, false
	}
	return parts[0], true
}

// Keep tells package tlog which leaves a portal may hold in full: status records.
func Keep(leaf []byte) (tlog.PartRef, bool) {
	ref, ok := StatusPart(leaf)
	return tlog.PartRef{Number: uint8(ref.Part), Sealed: ref.Sealed, Length: uint64(ref.Length)}, ok
}

// date encloses the time of the record between signed times of the same tree.
func (r *Report) date(x Extra, root tlog.Hash) error {
	for _, n := range x.Around {
		l, err := record.DecodeLeaf(n.Leaf)
		hashes := make([][32]byte, len(n.Hashes))
		for i, h := range n.Hashes {
			hashes[i] = h
		}
		if err != nil || n.Index == r.Index || !included(hashes, r.Size, root, n.Index, recordHash(n.Leaf)) {
			return fmt.Errorf("%w: a record that should date it does not stand under this checkpoint", ErrWrong)
		}
		if n.Index < r.Index {
			r.After = max(r.After, l.Written)
		} else {
			r.Before = earlier(r.Before, l.Written)
		}
	}
	if len(x.Leaf) > 0 {
		if l, err := record.DecodeLeaf(x.Leaf); err == nil {
			r.After, r.Before = l.Written, l.Written
		}
	}
	for _, s := range r.Signers {
		r.Before = earlier(r.Before, s.At+999) // a cosignature tells whole seconds (C2SP tlog-cosignature): it was made within one
	}
	return nil
}

func earlier(a, b int64) int64 {
	if a == 0 {
		return b
	}
	return min(a, b)
}

func recordHash(leaf []byte) tlog.Hash { return sumdb.RecordHash(leaf) }

// Days are the civil dates that enclose the record, "" where nothing says.
func (r Report) Days(zone *time.Location) (from, to string) {
	day := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return time.UnixMilli(ms).In(zone).Format(time.DateOnly)
	}
	return day(r.After), day(r.Before)
}
