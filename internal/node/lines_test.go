package node

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/record"
	"tims/internal/replica"
)

// A cosignature for a size that is not here is not taken for told: it comes again, and is kept once the log has grown.
func TestLinesOfASizeThatIsNotHere(t *testing.T) {
	f := newForger(t)
	f.grow()
	if status := f.do(f.peer, "POST", pathEpoch, record.Marshal(f.post.epoch)); status != 200 {
		t.Fatalf("the epoch: %d", status)
	}
	client := &replica.Client{HTTP: &http.Client{Transport: f}, Base: "https://backup"}
	push := func() {
		t.Helper()
		_, err := client.Push(t.Context(), f.post.log, partsToPush)
		f.must(err)
	}
	push()
	f.grow()
	signer, _, err := f.at.ring.Mirror(f.at.mirrorName())
	f.must(err)
	verifier, err := note.NewVerifier(f.post.log.Key())
	f.must(err)
	n, err := note.Open(f.post.log.Checkpoint(), note.VerifierList(verifier))
	f.must(err)
	cosigned, err := note.Sign(n, signer)
	f.must(err)
	path, lines := pathLines+"?origin="+url.QueryEscape(f.post.origin), record.Marshal([]line{{Note: cosigned}})
	if status := f.do(f.peer, "POST", path, lines); status != 409 {
		t.Errorf("before the log is here: %d", status)
	}
	push()
	if status := f.do(f.peer, "POST", path, lines); status != 200 {
		t.Errorf("when it is: %d", status)
	}
	if status := f.do(f.peer, "POST", pathLines+"?origin=al/nobody/1", lines); status != 409 {
		t.Errorf("of a log that is not here: %d", status)
	}
}

// What makes no progress with one log leaves the line to the peer as it is.
func TestRefused(t *testing.T) {
	for err, want := range map[error]bool{replica.ErrRounds: true, &replica.StatusError{Status: 409}: true, errors.New("connection reset"): false} {
		if got := refused(fmt.Errorf("push: %w", err)); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}
