package proof

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	c2sp "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

const origin = "al/kakavija/1"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func seed(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(s[:])
}

// keys are the note keys that a name always has here.
func keys(name string) (skey, vkey string) {
	key := seed(name)
	vkey = must(note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey)))
	return "PRIVATE+KEY+" + name + "+" + strings.Split(vkey, "+")[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...)), vkey
}

// A world is a portal's copy of a post's log: twenty records of which numbers 5 and 15 are status records and 9 gives a receipt,
// cosigned by the centre.
type world struct {
	*tlog.Hashes
	state         *roster.State
	epochs        []roster.SignedEpoch
	receipt       seal.Receipt
	logKey, comit string // verifier keys
}

func leafAt(i int, opening seal.Opening) (record.Leaf, tlog.Entry) {
	l := record.Leaf{Kind: record.Check, Act: record.Act{byte(i), 1}, Written: int64(i) * time.Hour.Milliseconds()}
	e := tlog.Entry{Act: l.Act}
	switch i {
	case 5, 15:
		l.Kind = record.Status
		plain := record.Marshal(record.StatusOpen{From: l.Written - 3600_000, To: l.Written, Entries: i, Version: "test"})
		body := append(make([]byte, 32), plain...)
		l.Parts = []record.PartRef{{Part: record.Open, Commit: seal.Commit(byte(record.Open), [32]byte{}, plain), Sealed: seal.SealedHash(body), Length: uint32(len(body))}}
		e.Parts = []tlog.Part{{Number: uint8(record.Open), Body: body}}
	case 9:
		claim := opening.Claim()
		l.Kind, l.Claim = record.Crossing, claim[:]
	}
	e.Leaf = must(l.Encode())
	return l, e
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{}
	skey, vkey := keys(origin)
	ckey, cvkey := keys("al/centre/1/mirror")
	w.logKey, w.comit = vkey, must(cosign.VKeyToCosignatureV1(cvkey))
	log := must(tlog.Open(filepath.Join(t.TempDir(), "log.db"), tlog.Options{Key: vkey, Signer: must(note.NewSigner(skey))}))
	t.Cleanup(func() { log.Close() })
	opening := seal.Opening{1, 2, 3}
	for i := range 20 {
		_, e := leafAt(i, opening)
		if _, err := log.Append(context.Background(), e); err != nil {
			t.Fatal(err)
		}
		if i == 9 {
			w.receipt = must(must(seal.NewReceipt(origin, 9, e.Leaf, opening)).Promised(must(note.NewSigner(skey)).Sign))
		}
	}
	w.Hashes = must(tlog.OpenHashes(filepath.Join(t.TempDir(), "hashes.db"), tlog.HashesOptions{Key: vkey, Keep: Keep}))
	t.Cleanup(func() { w.Close() })
	if err := w.Extend(must(log.Growth(0, Keep))); err != nil {
		t.Fatal(err)
	}
	n := must(note.Open(log.Checkpoint(), note.VerifierList(must(note.NewVerifier(vkey)))))
	cosigned := must(note.Sign(n, must(cosign.NewSignerForCosignatureV1(ckey))))
	if kept, err := w.AddCosignatures(cosigned, note.VerifierList(must(cosign.NewVerifierForCosignatureV1(w.comit)))); kept != 1 || err != nil {
		t.Fatal(kept, err)
	}
	w.govern()
	return w
}

// govern founds the country whose identity keys vouch for both logs.
func (w *world) govern() {
	_, mirror := keys(origin + "/mirror")
	_, centreLog := keys("al/centre/1")
	f := roster.Founding{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Authority: roster.Authority{Threshold: 1,
		Approvers: []roster.Approver{{Name: "director", Key: seed("director").Public().(ed25519.PublicKey)}}}}
	for name, role := range map[string]roster.Role{"kakavija": roster.Post, "centre": roster.Centre} {
		f.Roster.Nodes = append(f.Roster.Nodes, roster.Node{Name: name, Role: role, Place: name,
			Identities: []roster.Identity{{Key: seed(name + " identity").Public().(ed25519.PublicKey), FromEpoch: 1}}})
	}
	w.state = must(roster.Begin(f))
	w.epochs = []roster.SignedEpoch{
		roster.SignEpoch(roster.Epoch{Number: 1, Origin: origin, LogKey: w.logKey, MirrorKey: must(cosign.VKeyToCosignatureV1(mirror))}, seed("kakavija identity")),
		roster.SignEpoch(roster.Epoch{Number: 1, Origin: "al/centre/1", LogKey: centreLog, MirrorKey: w.comit}, seed("centre identity"))}
}

func (w *world) policy(quorum string) *Policy {
	return must(ParsePolicy([]byte("log " + w.logKey + "\nwitness centre " + w.comit + "\nquorum " + quorum + "\n")))
}

func (w *world) make(index uint64, receipt string) []byte {
	x := Extra{Receipt: receipt, Epochs: w.epochs}
	if held := must(w.Held(index, index+1, 1)); receipt == "" && len(held) == 1 {
		x.Leaf, x.Part = held[0].Leaf, held[0].Part.Body
	}
	return must(Make(w.Hashes, index, x))
}

func TestReceiptIsProven(t *testing.T) {
	w := newWorld(t)
	b := w.make(9, w.receipt.Text())
	for name, trust := range map[string]Trust{"a policy": {Policy: w.policy("centre")}, "a founding": {State: w.state},
		"both": {Policy: w.policy("none"), State: w.state}} {
		r, err := Verify(b, trust)
		if err != nil || !r.Receipt || r.Code != w.receipt.Opening.Code() || r.Origin != origin || r.Index != 9 || r.Size != 20 ||
			len(r.Signers) != 1 || r.Signers[0].Name != "al/centre/1/mirror" {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
		if r.After != 5*3600_000 || r.Before != 15*3600_000 {
			t.Errorf("%s: between %d and %d", name, r.After, r.Before)
		}
		if (r.Quorum != nil) != (trust.Policy != nil) || r.Quorum != nil && !*r.Quorum {
			t.Errorf("%s: quorum %v", name, r.Quorum)
		}
	}
	from, to := must(Verify(b, Trust{State: w.state})).Days(time.UTC)
	if from != "1970-01-01" || to != "1970-01-01" {
		t.Errorf("days %s to %s", from, to)
	}
}

// A place counts where a living node there is to hold the log whole: not a portal, a distant post, a dropped mirror, a node of no
// place, or another node of the log's own place.
func TestMirrorsAloneMakePlaces(t *testing.T) {
	nodes := roster.Roster{Nodes: []roster.Node{
		{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Neighbours: []string{"qafe", "lost"}},
		{Name: "qafe", Role: roster.Post, Place: "Qafe Bote"},
		{Name: "kakavija-2", Role: roster.Post, Place: "Kakavija"},
		{Name: "lost", Role: roster.Post, Place: "Lost", Dropped: true},
		{Name: "rinas", Role: roster.Post, Place: "Rinas"},
		{Name: "portal", Role: roster.Portal, Place: "Outside"},
		{Name: "centre", Role: roster.Centre, Place: "Tirana"},
		{Name: "centre-2", Role: roster.Centre},
	}}
	r := Report{Origin: origin}
	for _, n := range nodes.Nodes {
		r.Signers = append(r.Signers, Signer{Name: roster.Origin("al", n.Name, 1) + roster.MirrorSuffix})
	}
	if got := strings.Join(r.places(nodes), ", "); got != "Qafe Bote, Tirana" {
		t.Errorf("mirrored at %s", got)
	}
}

func TestCountsAndNumbersAreProven(t *testing.T) {
	w := newWorld(t)
	r, err := Verify(w.make(15, ""), Trust{State: w.state})
	if err != nil || r.Status == nil || r.Status.Entries != 15 || r.Receipt || r.After != r.Before {
		t.Errorf("%v, %+v", err, r)
	}
	r, err = Verify(w.make(3, ""), Trust{State: w.state})
	if err != nil || r.Receipt || r.Status != nil || r.After != 0 || r.Before != 5*3600_000 {
		t.Errorf("%v, %+v", err, r)
	}
	if _, err := Make(w.Hashes, 20, Extra{}); !errors.Is(err, tlog.ErrNotHere) {
		t.Errorf("a record beyond the log: %v", err)
	}
}

// changed takes a proof apart, lets somebody change it, and puts it together again.
func changed(t *testing.T, b []byte, change func(p *c2sp.TLogProof, x *Extra)) []byte {
	t.Helper()
	p, x, err := parse(b)
	if err != nil {
		t.Fatal(err)
	}
	change(&p, &x)
	p.ExtraData = append([]byte(extraLabel), record.Marshal(x)...)
	return p.Marshal()
}

func TestTamperedProofsAreRefused(t *testing.T) {
	w := newWorld(t)
	good := w.make(9, w.receipt.Text())
	other := newOther(t)
	_, leaf := leafAt(9, seal.Opening{9})
	forged := must(seal.NewReceipt(origin, 9, leaf.Leaf, seal.Opening{9}))
	unsigned := w.receipt
	unsigned.Signature[5] ^= 1
	edit := func(f func(p *c2sp.TLogProof, x *Extra)) []byte { return changed(t, good, f) }
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"another index":               {edit(func(p *c2sp.TLogProof, _ *Extra) { p.Index = 8 }), ErrWrong},
		"another hash of the path":    {edit(func(p *c2sp.TLogProof, _ *Extra) { p.Hashes[1][0] ^= 1 }), ErrWrong},
		"a hash too few":              {edit(func(p *c2sp.TLogProof, _ *Extra) { p.Hashes = p.Hashes[1:] }), ErrWrong},
		"a promise that is forged":    {edit(func(_ *c2sp.TLogProof, x *Extra) { x.Receipt = unsigned.Text() }), ErrWrong},
		"a receipt of another":        {edit(func(_ *c2sp.TLogProof, x *Extra) { x.Receipt = forged.Text() }), ErrWrong},
		"the tree of another size":    {bytes.Replace(good, []byte("\n20\n"), []byte("\n21\n"), 1), ErrWrong},
		"a neighbour at another time": {edit(func(_ *c2sp.TLogProof, x *Extra) { x.Around[0].Index = 4 }), ErrWrong},
		"a neighbour that is itself":  {edit(func(_ *c2sp.TLogProof, x *Extra) { x.Around[0].Index = 9 }), ErrWrong},
		"no statement of the log":     {edit(func(_ *c2sp.TLogProof, x *Extra) { x.Epochs = x.Epochs[1:] }), ErrUntrusted},
		"a statement that is forged":  {edit(func(_ *c2sp.TLogProof, x *Extra) { x.Epochs[0].Signature[0] ^= 1 }), ErrUntrusted},
		"a log of another country":    {other, ErrUntrusted},
		"a spelling of its own":       {bytes.Replace(good, []byte("index 9"), []byte("index 09"), 1), ErrForm},
		"no extra data":               {withoutExtra(t, good), ErrForm},
		"two records at once":         {edit(func(_ *c2sp.TLogProof, x *Extra) { x.LeafHash = make([]byte, 32) }), ErrForm},
		"half a hash":                 {edit(func(_ *c2sp.TLogProof, x *Extra) { x.Receipt, x.LeafHash = "", []byte{1} }), ErrForm},
		"nothing":                     {nil, ErrForm},
		"too much":                    {bytes.Repeat([]byte("x"), MaxFile+1), ErrForm},
	} {
		if r, err := Verify(c.b, Trust{State: w.state}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
	}
	// One bit anywhere: never another record, never another day.
	want := must(Verify(good, Trust{State: w.state}))
	for i := range good {
		b := bytes.Clone(good)
		b[i] ^= 4
		r, err := Verify(b, Trust{State: w.state})
		if err == nil && (r.Index != want.Index || r.LeafHash != want.LeafHash || r.Origin != want.Origin || r.Size != want.Size || r.Code != want.Code) {
			t.Fatalf("a bit of byte %d: %+v", i, r)
		}
	}
	if _, err := Verify(good, Trust{}); !errors.Is(err, ErrUntrusted) {
		t.Errorf("trust in nobody: %v", err)
	}
}

func withoutExtra(t *testing.T, good []byte) []byte {
	t.Helper()
	p, _, err := parse(good)
	if err != nil {
		t.Fatal(err)
	}
	p.ExtraData = nil
	return p.Marshal()
}

// newOther is a proof of a log whose key nobody here trusts, under the same name.
func newOther(t *testing.T) []byte {
	t.Helper()
	w := newWorld(t)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	vkey := must(note.NewEd25519VerifierKey(origin, key.Public().(ed25519.PublicKey)))
	skey := "PRIVATE+KEY+" + origin + "+" + strings.Split(vkey, "+")[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...))
	return changed(t, w.make(9, w.receipt.Text()), func(p *c2sp.TLogProof, _ *Extra) {
		text, _, _ := strings.Cut(string(p.Checkpoint), "\n\n")
		p.Checkpoint = must(note.Sign(&note.Note{Text: text + "\n"}, must(note.NewSigner(skey))))
	})
}

func TestQuorumIsCounted(t *testing.T) {
	w := newWorld(t)
	_, x := keys("al/second/1/mirror")
	second := must(cosign.VKeyToCosignatureV1(x))
	head := "log " + w.logKey + "\nwitness centre " + w.comit + "\nwitness second " + second + " https://second.example/\n"
	for rule, want := range map[string]bool{"quorum none": true, "quorum centre": true, "quorum second": false,
		"group g any centre second\nquorum g": true, "group g all centre second\nquorum g": false, "group g 2 centre second\nquorum g": false,
		"group h any second\ngroup g 1 centre h\nquorum g": true, "# none\n\n group\tg any centre\n quorum g": true} {
		r, err := Verify(w.make(9, w.receipt.Text()), Trust{Policy: must(ParsePolicy([]byte(head + rule + "\n")))})
		if err != nil || r.Quorum == nil || *r.Quorum != want {
			t.Errorf("%q: %v, %v; want %v", rule, r.Quorum, err, want)
		}
	}
	for _, bad := range []string{"", "quorum nobody", "quorum none\nquorum none", "witness centre " + second + "\nquorum none",
		"witness again " + w.comit + "\nquorum none", "group g any\nquorum g", "group g 3 centre second\nquorum g", "group g 0 centre\nquorum g",
		"group g 01 centre\nquorum g", "group g any centre centre\nquorum g", "group g any none\nquorum none", "group centre any second\nquorum none",
		"log x\nquorum none", "log " + w.logKey + "\nquorum none", "king\nquorum none", "quorum\x01none"} {
		if _, err := ParsePolicy([]byte(head + bad + "\n")); !errors.Is(err, ErrPolicy) {
			t.Errorf("taken: %q", bad)
		}
	}
}

func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	f.Add(w.make(9, w.receipt.Text()))
	f.Add(w.make(15, ""))
	want := w.receipt.LeafHash()
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Verify(b, Trust{State: w.state})
		if err == nil && r.Receipt && (r.Index != 9 || r.LeafHash != tlogHex(want)) {
			t.Errorf("proven: %+v", r)
		}
	})
}

func tlogHex(h [32]byte) string { return fmt.Sprintf("%x", h) }

func FuzzParsePolicy(f *testing.F) {
	w := newWorld(f)
	f.Add([]byte("log " + w.logKey + "\nwitness centre " + w.comit + "\ngroup g any centre\nquorum g\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := ParsePolicy(b); err == nil && p.Satisfied(func(string, uint32) bool { return false }) && p.quorum != "none" {
			t.Error("nobody is a quorum")
		}
	})
}
