package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/tlog"
	"tims/internal/witness"
)

// strangersLog makes a log with a key of its own, and another history under the same key.
func strangersLog(t *testing.T) (log, fork *tlog.Log) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "example.com/behind-the-sofa")
	if err != nil {
		t.Fatal(err)
	}
	open := func(story string) *tlog.Log {
		signer, err := note.NewSigner(skey)
		if err != nil {
			t.Fatal(err)
		}
		l, err := tlog.Open(filepath.Join(t.TempDir(), "log.db"), tlog.Options{Key: vkey, Signer: signer})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		for i := range byte(5) {
			if _, err := l.Append(t.Context(), tlog.Entry{Act: [16]byte{i + 1}, Leaf: append([]byte(story), i)}); err != nil {
				t.Fatal(err)
			}
		}
		return l
	}
	return open("true"), open("false")
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A witnessProcess is `tims witness` as a process of its own.
type witnessProcess struct {
	t    *testing.T
	cmd  *exec.Cmd
	base string
}

func startWitness(t *testing.T, config string) *witnessProcess {
	t.Helper()
	cmd := program("witness", "--config", config)
	journal, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &witnessProcess{t: t, cmd: cmd}
	t.Cleanup(func() { cmd.Process.Kill() })
	lines := bufio.NewScanner(journal)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "listen="); ok {
			p.base = "http://" + strings.Fields(rest)[0]
			go io.Copy(io.Discard, journal)
			return p
		}
	}
	t.Fatalf("the witness did not start: %v", cmd.Wait())
	return nil
}

func (p *witnessProcess) add(status int, a tlog.AddCheckpoint) string {
	p.t.Helper()
	resp, err := http.Post(p.base+"/add-checkpoint", "application/octet-stream", bytes.NewReader(a.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		p.t.Fatalf("status %d (%q, %v), want %d", resp.StatusCode, b, err, status)
	}
	return string(b)
}

// A witness is made, runs, is killed, goes on where its disk says, and shows what it keeps.
func TestWitnessProcess(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "witness")
	vkey := strings.TrimSpace(must(t, 0, "witness", "init", "--dir", home, "--name", "witness.court.example"))
	own, err := cosign.NewVerifierForCosignatureV1(vkey)
	if err != nil || own.Name() != "witness.court.example" {
		t.Fatalf("vkey %q: %v", vkey, err)
	}
	must(t, 2, "witness", "init", "--dir", home, "--name", "witness.court.example")
	must(t, 0, "witness", "evidence", "--dir", home+"/") // nothing was kept yet, and nothing is missed

	log, fork := strangersLog(t)
	config := filepath.Join(dir, "witness.toml")
	writeText(t, filepath.Join(dir, "logs"), "log "+log.Key()+"\n")
	writeText(t, config, "dir = \"witness\"\nlisten = \"127.0.0.1:0\"\nlogs = \"logs\"\n")
	p := startWitness(t, config)
	lines := p.add(200, tlog.AddCheckpoint{Checkpoint: log.Checkpoint()})
	if n, err := log.AddCosignatures(append(log.Checkpoint(), lines...), note.VerifierList(own)); n != 1 || err != nil {
		t.Errorf("%d cosignatures kept: %v", n, err)
	}
	if code, _, errOut := tims(t, "", "witness", "--config", config); code != 1 || !strings.Contains(errOut, "another process") {
		t.Errorf("a second process: exit code %d, %s", code, errOut)
	}
	p.cmd.Process.Kill()
	p.cmd.Wait()

	p = startWitness(t, config)
	if size := p.add(409, tlog.AddCheckpoint{Checkpoint: log.Checkpoint()}); size != "5\n" {
		t.Errorf("after a kill the witness is at %q", size)
	}
	p.add(422, tlog.AddCheckpoint{Old: 5, Checkpoint: fork.Checkpoint()})
	text := must(t, 1, "witness", "evidence", "--dir", home)
	if !strings.Contains(text, "CONVICTS") || !strings.Contains(text, "two different trees") {
		t.Errorf("evidence told as %q", text)
	}
	listed := mustJSON[evidenceReport](t, 1, "witness", "evidence", "--dir", home)
	if len(listed.Evidence) != 1 || !listed.Evidence[0].Convicts || !listed.Evidence[0].Verified || listed.Evidence[0].Kind != witness.Fork {
		t.Errorf("evidence listed as %+v", listed)
	}
	files, err := filepath.Glob(filepath.Join(home, "evidence", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %q, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, files[0], strings.Replace(string(b), `"fork"`, `"unproven"`, 1))
	if text := must(t, 1, "witness", "evidence", "--dir", home); !strings.Contains(text, "DOES NOT VERIFY") {
		t.Errorf("touched evidence told as %q", text)
	}
	p.cmd.Process.Signal(os.Interrupt)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestWitnessMisuse(t *testing.T) {
	dir := t.TempDir()
	log, _ := strangersLog(t)
	writeText(t, filepath.Join(dir, "logs"), "log "+log.Key()+"\n")
	writeText(t, filepath.Join(dir, "nonsense"), "log\n")
	const good = "dir = \"w\"\nlisten = \"127.0.0.1:0\"\nlogs = \"logs\"\n"
	for what, text := range map[string]string{
		"no key yet":       good,
		"nothing to serve": "dir = \"w\"\nlisten = \"127.0.0.1:0\"\n",
		"no directory":     strings.Replace(good, `"w"`, `""`, 1),
		"no port":          strings.Replace(good, "127.0.0.1:0", "127.0.0.1", 1),
		"half a pair":      good + "cert = \"x\"\n",
		"an unknown key":   good + "log = \"x\"\n",
		"no such file":     strings.Replace(good, `"logs"`, `"none"`, 1),
		"no policy":        strings.Replace(good, `"logs"`, `"nonsense"`, 1),
		"a short hash":     good + "[[country]]\nfounding = \"x\"\nhash = \"00\"\n",
		"a level":          good + "[journal]\nlevel = \"loud\"\n",
		"a format":         good + "[journal]\nformat = \"xml\"\n",
	} {
		config := filepath.Join(dir, "witness.toml")
		writeText(t, config, text)
		if code, _, errOut := tims(t, "", "witness", "--config", config); code != 2 {
			t.Errorf("%s: exit code %d, %s", what, code, errOut)
		}
	}
	for _, args := range [][]string{{"witness"}, {"witness", "unknown"}, {"witness", "init"}, {"witness", "evidence"},
		{"witness", "evidence", "--dir", dir}, {"witness", "init", "--dir", filepath.Join(dir, "w"), "--name", "two words"},
		{"witness", "init", "--dir", filepath.Join(dir, "w"), "--name", "plus+.example"}} {
		must(t, 2, args...)
	}
}
