package tlog

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// What we take and what we refuse, held against other people's programs.

// agreeOnCheckpoint opens a note with ours and with formats. Where they differ, ours is the stricter one, for one of the reasons
// that are written out here.
func agreeOnCheckpoint(t *testing.T, vkey string, msg []byte) {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	must(t, err)
	theirs, more, n, err := log.ParseCheckpoint(msg, v.Name(), v)
	want := err == nil
	if want {
		text := string(theirs.Marshal()) + string(more)
		lines := strings.Split(strings.TrimSuffix(string(more), "\n"), "\n")
		want = n.Text == text && // one number and one hash have one spelling
			len(theirs.Hash) == 32 && theirs.Size < maxSize && len(msg) <= maxNote && // bounds
			(len(more) == 0 || !slices.Contains(lines, "")) // tlog-checkpoint: extension lines are not empty
	}
	ours, err := OpenCheckpoint(vkey, msg)
	if (err == nil) != want {
		t.Fatalf("ours: %v, theirs: %v\n%q", err, want, msg)
	}
	if err != nil {
		return
	}
	if ours.Size != theirs.Size || !bytes.Equal(ours.Root[:], theirs.Hash) || ours.Origin != theirs.Origin {
		t.Fatalf("read as %+v and as %+v", ours, theirs)
	}
	if _, err := note.Open(ours.Note, note.VerifierList(v)); err != nil {
		t.Fatalf("what is kept does not open: %v", err)
	}
}

// FuzzTextAgainstFormats signs whatever text there is with the log's own key.
func FuzzTextAgainstFormats(f *testing.F) {
	root := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, text := range []string{
		testOrigin + "\n5\n" + root + "\n", testOrigin + "\n0\n" + root + "\n", testOrigin + "\n05\n" + root + "\n", testOrigin + "\n+5\n" + root + "\n",
		testOrigin + "\n5\n" + root + "\next\n", testOrigin + "\n5\n" + root + "\n\n", testOrigin + "\n5\n" + root + "\na\n\nb\n",
		testOrigin + "\n36028797018963968\n" + root + "\n", testOrigin + "\n36028797018963967\n" + root + "\n", testOrigin + "\n5\nAAAA\n",
		testOrigin + "\n5\n" + root[:42] + "B=\n", "other\n5\n" + root + "\n", testOrigin + "\n18446744073709551616\n" + root + "\n", "\n", "",
	} {
		f.Add(text)
	}
	signer, vkey := testSigner(f, testOrigin)
	f.Fuzz(func(t *testing.T, text string) {
		msg, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			return // no text of a note
		}
		agreeOnCheckpoint(t, vkey, msg)
	})
}

// FuzzNoteAgainstFormats takes whole notes as they come from the wire.
func FuzzNoteAgainstFormats(f *testing.F) {
	signer, vkey := testSigner(f, testOrigin)
	other, _ := testSigner(f, "xk/beta/1")
	root := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, signers := range [][]note.Signer{{signer}, {other}, {signer, other}, {other, signer}} {
		msg, err := note.Sign(&note.Note{Text: testOrigin + "\n5\n" + root + "\n"}, signers...)
		must(f, err)
		f.Add(msg)
		f.Add(msg[:len(msg)-1])
		f.Add(append(bytes.Clone(msg), msg[bytes.LastIndex(msg, []byte("—")):]...))
	}
	f.Fuzz(func(t *testing.T, msg []byte) { agreeOnCheckpoint(t, vkey, msg) })
}

// proofTree is a tree of 130 leaves, of which every proof below is made.
var proofTree = func() *[]Hash {
	var hs []Hash
	for i := range int64(130) {
		more, err := sumdb.StoredHashes(i, fmt.Append(nil, i), hashSlice(hs))
		if err != nil {
			panic(err)
		}
		hs = append(hs, more...)
	}
	return &hs
}()

type hashSlice []Hash

func (s hashSlice) ReadHashes(indexes []int64) (out []Hash, err error) {
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

func rootOfTree(t *testing.T, size uint64) Hash {
	t.Helper()
	if size == 0 {
		return emptyRoot()
	}
	h, err := sumdb.TreeHash(int64(size%131), hashSlice(*proofTree))
	must(t, err)
	return h
}

// bend changes a proof and two sizes as the fuzzer says; edit 0 leaves them alone.
func bend(edit uint64, older, newer *uint64, p []Hash) []Hash {
	at, bit := edit>>8, edit>>16&7
	switch edit & 7 {
	case 1:
		if len(p) > 0 {
			p[at%uint64(len(p))][edit>>24&31] ^= 1 << bit
		}
	case 2:
		p = p[:at%uint64(len(p)+1)]
	case 3:
		p = append(p, Hash{byte(at)})
	case 4:
		*older = at
	case 5:
		*newer = at
	case 6:
		slices.Reverse(p)
	case 7:
		p = slices.Insert(p, int(at%uint64(len(p)+1)), Hash{byte(bit)})
	}
	return p
}

func rows(p []Hash) (out [][]byte) {
	for i := range p {
		out = append(out, p[i][:])
	}
	return out
}

// FuzzConsistencyAgainstMerkle holds CheckConsistency against transparency-dev/merkle.
func FuzzConsistencyAgainstMerkle(f *testing.F) {
	for edit := range uint64(8) {
		for _, sizes := range [][2]uint64{{0, 0}, {0, 5}, {5, 5}, {5, 8}, {8, 16}, {64, 130}, {127, 128}, {8, 5}, {5, 0}} {
			f.Add(sizes[0], sizes[1], edit|0x30201<<8)
		}
	}
	f.Fuzz(func(t *testing.T, older, newer, edit uint64) {
		older, newer = older%131, newer%131
		rootOlder, rootNewer := rootOfTree(t, older), rootOfTree(t, newer)
		var p []Hash
		if 0 < older && older < newer {
			var err error
			p, err = sumdb.ProveTree(int64(newer), int64(older), hashSlice(*proofTree))
			must(t, err)
		}
		honest := edit&7 == 0 && older <= newer
		p = bend(edit, &older, &newer, p)
		older, newer = older%maxSize, newer%maxSize
		if older == 0 {
			rootOlder = emptyRoot() // what a mirror or witness begins with
		}
		if newer == 0 && rootNewer != emptyRoot() {
			rootNewer = Hash{1} // an empty tree with another root, which a checkpoint may claim
		}
		ours := CheckConsistency(p, Checkpoint{Size: older, Root: rootOlder}, Checkpoint{Size: newer, Root: rootNewer})
		theirs := proof.VerifyConsistency(rfc6962.DefaultHasher, older, newer, rows(p), rootOlder[:], rootNewer[:])
		if (ours == nil) != (theirs == nil) || honest && ours != nil {
			t.Fatalf("%d to %d with %d hashes: ours %v, theirs %v", older, newer, len(p), ours, theirs)
		}
	})
}

// FuzzInclusionAgainstMerkle does the same for inclusion, which receipts rest on.
func FuzzInclusionAgainstMerkle(f *testing.F) {
	for edit := range uint64(8) {
		for _, at := range [][2]uint64{{0, 1}, {0, 5}, {4, 5}, {7, 8}, {63, 64}, {100, 130}, {5, 5}} {
			f.Add(at[0], at[1], edit|0x30201<<8)
		}
	}
	f.Fuzz(func(t *testing.T, index, size, edit uint64) {
		index, size = index%131, size%131
		root, leaf := rootOfTree(t, size), sumdb.RecordHash(fmt.Append(nil, index))
		var p []Hash
		if index < size {
			var err error
			p, err = sumdb.ProveRecord(int64(size), int64(index), hashSlice(*proofTree))
			must(t, err)
		}
		honest := edit&7 == 0 && index < size
		p = bend(edit, &index, &size, p)
		index, size = index%maxSize, size%maxSize
		ours := index < size && sumdb.CheckRecord(p, int64(size), root, int64(index), leaf) == nil
		theirs := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], rows(p), root[:])
		if ours != (theirs == nil) || honest && !ours {
			t.Fatalf("%d in %d with %d hashes: ours %v, theirs %v", index, size, len(p), ours, theirs)
		}
	})
}

// Every proof that our log gives, up to a size, is taken by other people's verification.
func TestOurProofsElsewhere(t *testing.T) {
	const size = 40
	l := newLog(t)
	fill(t, l, size)
	for newer := uint64(1); newer <= size; newer++ {
		root, err := l.RootAt(newer)
		must(t, err)
		for older := range newer + 1 {
			rootOlder, err := l.RootAt(older)
			must(t, err)
			p, err := l.ConsistencyProof(older, newer)
			must(t, err)
			must(t, proof.VerifyConsistency(rfc6962.DefaultHasher, older, newer, rows(p), rootOlder[:], root[:]))
			if older == newer {
				continue
			}
			leaf, err := l.Leaf(older)
			must(t, err)
			p, err = l.InclusionProof(older, newer)
			must(t, err)
			must(t, proof.VerifyInclusion(rfc6962.DefaultHasher, older, newer, rfc6962.DefaultHasher.HashLeaf(leaf), rows(p), root[:]))
		}
	}
}
