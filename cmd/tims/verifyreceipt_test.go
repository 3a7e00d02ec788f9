package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// receiptFiles are a proof of a receipt, the receipt alone, the policy and the founding by which it is judged, and a proof with one bit changed.
func receiptFiles(t *testing.T) (good, bad, text, policy, founding string) {
	t.Helper()
	const origin = "al/kakavija/1"
	identity, key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	vkey, err := note.NewEd25519VerifierKey(origin, key.Public().(ed25519.PublicKey))
	check(t, err)
	signer, err := note.NewSigner("PRIVATE+KEY+" + origin + "+" + strings.Split(vkey, "+")[1] + "+" +
		base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...)))
	check(t, err)
	dir := t.TempDir()
	log, err := tlog.Open(filepath.Join(dir, "log.db"), tlog.Options{Key: vkey, Signer: signer})
	check(t, err)
	defer log.Close()
	opening := seal.Opening{7}
	claim := opening.Claim()
	leaf, err := record.Leaf{Kind: record.Crossing, Act: record.Act{1}, Written: 1_800_000_000_000, Claim: claim[:]}.Encode()
	check(t, err)
	_, err = log.Append(context.Background(), tlog.Entry{Act: [16]byte{1}, Leaf: leaf})
	check(t, err)
	hashes, err := tlog.OpenHashes(filepath.Join(dir, "hashes.db"), tlog.HashesOptions{Key: vkey, Keep: proof.Keep})
	check(t, err)
	defer hashes.Close()
	g, err := log.Growth(0, proof.Keep)
	check(t, err)
	check(t, hashes.Extend(g))
	receipt, err := seal.NewReceipt(origin, 0, leaf, opening)
	check(t, err)
	receipt, err = receipt.Promised(signer.Sign)
	check(t, err)
	f := roster.Founding{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Authority: roster.Authority{Threshold: 1,
		Approvers: []roster.Approver{{Name: "director", Key: identity.Public().(ed25519.PublicKey)}}}, Roster: roster.Roster{Nodes: []roster.Node{
		{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road", Identities: []roster.Identity{{Key: identity.Public().(ed25519.PublicKey), FromEpoch: 1}}}}}}
	epoch := roster.SignEpoch(roster.Epoch{Number: 1, Origin: origin, LogKey: vkey, MirrorKey: origin + roster.MirrorSuffix + "+none"}, identity)
	b, err := proof.Make(hashes, 0, proof.Extra{Receipt: receipt.Text(), Epochs: []roster.SignedEpoch{epoch}})
	check(t, err)
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		check(t, os.WriteFile(path, b, 0o600))
		return path
	}
	spoilt := bytes.Replace(b, []byte("index 0"), []byte("index 1"), 1)
	return write("good.tlog-proof", b), write("bad.tlog-proof", spoilt), receipt.Text(), write("policy", []byte("log "+vkey+"\nquorum none\n")), write("founding", record.Marshal(f))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestVerifyReceipt(t *testing.T) {
	good, bad, receipt, policy, founding := receiptFiles(t)
	junk := filepath.Join(t.TempDir(), "junk")
	check(t, os.WriteFile(junk, []byte("junk\n"), 0o600))
	strange := filepath.Join(t.TempDir(), "strange")
	check(t, os.WriteFile(strange, []byte("quorum none\n"), 0o600))
	file, err := os.ReadFile(good)
	check(t, err)
	for _, c := range []struct {
		args string
		in   string
		code int
		says string
	}{
		{"verify-receipt " + good + " --policy " + policy, "", 0, "The record of this receipt stands in the log"},
		{"verify-receipt " + good + " --founding " + founding, "", 0, "al/kakavija/1"},
		{"verify-receipt " + good + " --founding " + founding, "", 0, "Nobody compared the founding"},
		{"verify-receipt - --founding " + founding + " --policy " + policy, string(file), 0, "no copy that you trust has signed"},
		{"verify-receipt - --policy " + policy, receipt, 1, "promised this record"},
		{"verify-receipt - --policy " + policy, strings.ToLower(receipt[:len(receipt)-1]), 1, "NOT proven"},
		{"verify-receipt - --founding " + founding, receipt, 1, "--policy"},
		{"verify-receipt - --policy " + strange, receipt, 1, "not signed by a log of the policy"},
		{"verify-receipt " + bad + " --policy " + policy, "", 1, "NOT proven"},
		{"verify-receipt " + junk + " --policy " + policy, "", 1, "NOT proven"},
		{"verify-receipt " + good, "", 2, "say whose keys count"},
		{"verify-receipt " + good + " --policy " + junk, "", 2, "not a policy file"},
		{"verify-receipt " + good + " --founding " + junk, "", 2, "not a founding"},
		{"verify-receipt " + good + " --founding " + founding + " --hash 12", "", 2, "64 hexadecimal digits"},
		{"verify-receipt " + good + " --founding " + founding + " --hash " + strings.Repeat("07", 32), "", 1, "another country's, or forged"},
		{"verify-receipt " + good + " --policy " + policy + " --hash " + strings.Repeat("07", 32), "", 2, "go with --founding"},
		{"verify-receipt " + good + ".none --policy " + policy, "", 2, "there is no file"},
		{"verify-receipt - --policy " + policy, "", 2, "nothing on standard input"},
		{"verify-receipt --policy " + policy, "", 2, "something is missing"},
	} {
		var out, errOut bytes.Buffer
		code := run(context.Background(), strings.Fields(c.args), strings.NewReader(c.in), &out, &errOut)
		if said := out.String() + errOut.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit code %d, %s", c.args, code, said)
		}
	}
	var out, errOut bytes.Buffer
	if code := run(context.Background(), []string{"verify-receipt", good, "--policy", policy, "--json"}, nil, &out, &errOut); code != 0 {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	var got struct {
		Proven, Receipt bool
		Origin, Code    string
		Index           uint64
		Quorum          *bool
	}
	check(t, json.Unmarshal(out.Bytes(), &got))
	if !got.Proven || !got.Receipt || got.Origin != "al/kakavija/1" || got.Index != 0 || got.Code != (seal.Opening{7}).Code() || got.Quorum == nil || !*got.Quorum {
		t.Errorf("%s", out.String())
	}
}
