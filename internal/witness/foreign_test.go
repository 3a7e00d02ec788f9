package witness

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/tlog"
)

// A log of another maker, with his own client of tlog-witness, publishes nothing until this witness has cosigned it.
func TestAnotherMakersLog(t *testing.T) {
	const name = "example.com/tessera"
	signer, vkey := noteSigner(t, name, "")
	s := newSite(t, vkey)
	srv := httptest.NewServer(s.h)
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	must(t, err)
	court, err := tessera.NewWitness(s.opt.Key, at)
	must(t, err)
	driver, err := posix.New(t.Context(), posix.Config{Path: t.TempDir()})
	must(t, err)
	log, shutdown, reader, err := tessera.NewAppender(t.Context(), driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).WithCheckpointInterval(100*time.Millisecond).WithBatching(3, 10*time.Millisecond).
		WithWitnesses(tessera.NewWitnessGroup(1, court), nil))
	must(t, err)
	wait := tessera.NewPublicationAwaiter(t.Context(), reader.ReadCheckpoint, 20*time.Millisecond)
	for i := range byte(7) {
		_, msg, err := wait.Await(t.Context(), log.Add(t.Context(), tessera.NewEntry([]byte{i})))
		must(t, err)
		if !court.Satisfied(msg) {
			t.Fatal("published without the witness")
		}
		if _, err := tlog.OpenCheckpoint(vkey, msg); err != nil {
			t.Fatal(err)
		}
	}
	must(t, shutdown(t.Context()))
	rec := s.do("GET", "/"+tlog.DirName(name)+"/checkpoint", "")
	v, err := note.NewVerifier(vkey)
	must(t, err)
	n, err := note.Open(rec.Body.Bytes(), note.VerifierList(v, s.w.own))
	must(t, err)
	if head, err := tlog.ParseHead(n.Text); err != nil || head.Size != 7 || len(n.Sigs) != 2 {
		t.Errorf("the witness shows size %d with %d signatures, %v", head.Size, len(n.Sigs), err)
	}
}
