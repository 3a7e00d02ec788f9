package parcel

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/tlog"
)

// A log's key may sign any size. A stick whose checkpoint covers more than is here or will ever be is not searched for parts of
// records that nobody has.
func TestPartsOfWhatIsNotHere(t *testing.T) {
	l := newLog(t, 3)
	signer, err := note.NewSigner(l.secret)
	must(t, err)
	signed := func(size uint64) []byte {
		root := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(size >> 40)}, 32))
		b, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)}, signer)
		must(t, err)
		return b
	}
	m := copyOf(t, l.key, numbers...)
	must(t, m.AddCheckpoint(tlog.AddCheckpoint{Checkpoint: signed(1 << 41)}))
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, tlog.DirName(origin)), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, tlog.DirName(origin), checkpointFile), signed(1<<40), 0o644))
	s, err := Open(dir)
	must(t, err)
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	looked := 0
	out, err := s.Read(ctx, tlog.DirName(origin), m, func(uint64, uint64) { looked++; cancel() })
	if err != nil || looked != 0 || out.Records != 0 {
		t.Errorf("%d packs were looked for, %+v, %v", looked, out, err)
	}
}
