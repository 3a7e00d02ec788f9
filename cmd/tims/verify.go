package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tims/internal/node"
	"tims/internal/tlog"
)

// verifyReport is what `tims verify` found.
type verifyReport struct {
	Subject string         `json:"subject"`
	Kind    string         `json:"kind"` // "node", "export" or "listener"
	Sound   bool           `json:"sound"`
	Logs    int            `json:"logs"`
	Records uint64         `json:"records"`
	Found   []node.Finding `json:"found"`
	// Frozen are logs whose key has signed two histories. Their files are sound; the node is, unless it goes on under a new identity, not.
	Frozen []node.FrozenLog `json:"frozen"`
	// Pinned says that every log's key was given by whoever asks. Otherwise an export or a listener only agrees with itself.
	Pinned bool `json:"pinned"`
}

func verifyCommand() *cobra.Command {
	c := &cobra.Command{Use: "verify DIR|URL", Short: "Check a node, an export or a public listener; say in plain words what is wrong",
		Long: "DIR is a node's directory (log, parts and projection are read again, beside the running node if it runs), a directory\n" +
			"that `tims export` wrote, or one log of it. URL is a node's public listener. Exit code 0: sound; 1: something is wrong,\n" +
			"or it could not be read to the end; 2: misused.\n\n" +
			"Without --key an export or a listener is checked against the key that it brings itself, which shows damage but not that\n" +
			"it is the right log: take the keys from another node's /logs or from an earlier vkey.", Args: cobra.ExactArgs(1)}
	keys := c.Flags().StringArray("key", nil, "verifier key of a log of an export or a listener; repeat it for each log")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		pins, err := readPins(*keys)
		if err != nil {
			return err
		}
		v := &verification{ctx: c.Context(), pins: pins, progress: newProgress(c)}
		v.Subject, v.Found, v.Pinned = args[0], []node.Finding{}, true
		v.Frozen = []node.FrozenLog{}
		if err := v.run(); err != nil {
			return err
		}
		v.Sound = len(v.Found) == 0 && !slices.ContainsFunc(v.Frozen, func(f node.FrozenLog) bool { return !f.Past })
		if err := tell(c, *asJSON, v.verifyReport, v.text); err != nil || v.Sound {
			return err
		}
		return errFound
	}
	return c
}

// readPins reads verifier keys, by origin: the name in a key is the log's origin.
func readPins(keys []string) (map[string]string, error) {
	pins := map[string]string{}
	for _, k := range keys {
		k = strings.TrimSpace(k)
		origin, rest, ok := strings.Cut(k, "+")
		if !ok || origin == "" || strings.Count(rest, "+") == 0 {
			return nil, misused("--key %q is no verifier key: NAME+HASH+KEY, as in the file vkey of an export", k)
		}
		if pins[origin] != "" {
			return nil, misused("--key: two keys for the log %s", origin)
		}
		pins[origin] = k
	}
	return pins, nil
}

// A verification is under way.
type verification struct {
	verifyReport
	ctx      context.Context
	pins     map[string]string
	progress *progress
}

func (v *verification) run() error {
	if strings.Contains(v.Subject, "://") {
		u, err := url.Parse(v.Subject)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return misused("%q is no address of a public listener: http://HOST:PORT or https://HOST:PORT", v.Subject)
		}
		v.Kind = "listener"
		return v.listener(u)
	}
	info, err := os.Stat(v.Subject)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return misused("%s is not a directory; give a node's, an exported one, or the URL of a public listener", v.Subject)
	}
	if err != nil {
		return err
	}
	if isNode(v.Subject) {
		v.Kind = "node"
		return v.node()
	}
	v.Kind = "export"
	return v.export()
}

// isNode says whether a directory is meant to be a node's, even if somebody has deleted half of it.
func isNode(dir string) bool {
	return holds(dir, "keys", "founding", "log.db") && !holds(dir, "vkey")
}

// holds says whether a directory holds one of the files.
func holds(dir string, names ...string) bool {
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.IsDir() {
			return true
		}
	}
	return false
}

func (v *verification) node() error {
	if len(v.pins) > 0 {
		return misused("--key is for exports and listeners; a node has the keys of its roster")
	}
	if !holds(v.Subject, "log.db") {
		v.Found = append(v.Found, node.Finding{Where: v.Subject, What: "there is no log.db: the node was never started, or its log was deleted"})
		return nil
	}
	got, err := node.VerifyDir(v.ctx, v.Subject, v.say)
	v.Logs, v.Records, v.Found, v.Frozen = got.Logs, got.Records, append(v.Found, got.Found...), append(v.Frozen, got.Frozen...)
	return err
}

func (v *verification) say(origin string, done, total uint64) {
	v.progress.say("%s: %d of %s", origin, done, many(total, "record"))
}

// export checks one exported log, or each in a directory of several.
func (v *verification) export() error {
	dirs := []string{v.Subject}
	if !holds(v.Subject, "vkey", "checkpoint") {
		entries, err := os.ReadDir(v.Subject)
		if err != nil {
			return err
		}
		dirs = nil
		for _, e := range entries {
			if path := filepath.Join(v.Subject, e.Name()); e.IsDir() && (hexName(e.Name()) || holds(path, "vkey", "checkpoint")) {
				dirs = append(dirs, path)
			}
		}
		if len(dirs) == 0 || len(dirs) > maxLogs {
			return misused("%s holds neither a node nor exported logs (%d found)", v.Subject, len(dirs))
		}
	}
	seen := map[string]bool{}
	for _, dir := range dirs {
		origin, err := v.exported(dir)
		if err != nil {
			return err
		}
		seen[origin] = true
	}
	v.missing(seen)
	return nil
}

func hexName(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
}

// exported checks one exported log and gives its origin.
func (v *verification) exported(dir string) (string, error) {
	b, err := readFile(filepath.Join(dir, "vkey"), maxKeyFile)
	if err != nil {
		v.Found = append(v.Found, node.Finding{Where: dir, What: "there is no vkey that says whose log this is"})
		return "", nil
	}
	origin, _, _ := strings.Cut(string(b), "+")
	name := filepath.Base(filepath.Clean(dir))
	if hexName(name) && name != tlog.DirName(origin) {
		v.Found = append(v.Found, node.Finding{Where: dir, What: "the directory is named for another log than its vkey"})
		return origin, nil
	}
	v.Pinned = v.Pinned && v.pins[origin] != ""
	got, err := tlog.VerifyDir(v.ctx, dir, v.pins[origin], tlog.TilesOptions{Progress: func(done, total uint64) { v.say(origin, done, total) }})
	if err != nil && got.Origin == "" {
		v.Found = append(v.Found, node.Finding{Where: dir, What: "its vkey is no verifier key of a log"})
		return origin, nil
	}
	v.take(got)
	return origin, err
}

// take adds what was found in one log.
func (v *verification) take(got tlog.TilesReport) {
	v.Logs++
	v.Records += got.Size
	for _, t := range got.Troubles {
		v.Found = append(v.Found, node.Finding{Where: got.Origin, Index: t.Index, What: t.What})
	}
}

// missing reports logs whose keys were given and that are not there: leaving one out must not pass as sound.
func (v *verification) missing(seen map[string]bool) {
	for _, origin := range sorted(v.pins) {
		if !seen[origin] {
			v.Found = append(v.Found, node.Finding{Where: origin, What: "the log is not here, though its key was given"})
		}
	}
}

func (r verifyReport) text(w io.Writer) {
	if r.Sound {
		fmt.Fprintf(w, "Sound: %s, %s.\n", many(r.Logs, "log"), many(r.Records, "record"))
		if !r.Pinned {
			fmt.Fprintln(w, "The keys were those that came with the logs; give --key to know that these are the right logs.")
		}
	} else {
		fmt.Fprintf(w, "NOT sound: %s found in %s.\n", many(len(r.Found)+len(r.Frozen), "fault"), r.Subject)
	}
	for _, f := range r.Found {
		fmt.Fprintf(w, "  %s\n", f)
	}
	for _, f := range r.Frozen {
		fmt.Fprintf(w, "  %s is frozen: %s. %s; `tims evidence write` writes the proof.\n", f.Origin, f.What, frozenHint(f))
	}
}

// frozenHint says what is to be done about a frozen log.
func frozenHint(f node.FrozenLog) string {
	if f.Past {
		return "The node goes on under a later identity"
	}
	return "The node needs a new identity (`tims rebuild`)"
}
