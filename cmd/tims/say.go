package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// sayEvery is how often long work says how far it is: often enough to see that it lives, seldom enough for a journal.
const sayEvery = 2 * time.Second

// A progress writes how far long work is, on standard error. Work that ends within sayEvery says nothing.
type progress struct {
	w    io.Writer
	next time.Time
}

func newProgress(c *cobra.Command) *progress {
	return &progress{w: c.ErrOrStderr(), next: time.Now().Add(sayEvery)}
}

func (p *progress) say(format string, args ...any) {
	if now := time.Now(); now.After(p.next) {
		p.next = now.Add(sayEvery)
		fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// jsonFlag adds --json: the same that is told to persons, as one JSON object on one line.
func jsonFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("json", false, "print one JSON object instead of text")
}

// tell prints what a command did, for programs or for persons.
func tell(c *cobra.Command, asJSON bool, v any, text func(w io.Writer)) error {
	if asJSON {
		return json.NewEncoder(c.OutOrStdout()).Encode(v)
	}
	text(c.OutOrStdout())
	return nil
}

// required refuses a command without the flags that it cannot do without. Cobra's own check comes after other work and does
// not count as misuse.
func required(c *cobra.Command, names ...string) error {
	for _, name := range names {
		if f := c.Flags().Lookup(name); !f.Changed || f.Value.String() == "" || f.Value.String() == "[]" {
			return misused("%s needs --%s: %s", c.CommandPath(), name, f.Usage)
		}
	}
	return nil
}

// fresh lets fill make the content of a directory that is not there or empty, and empties it again if that fails. Nothing is
// ever overwritten.
func fresh(dir string, fill func() error) (err error) {
	old, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(old) > 0 {
		return misused("%s is not empty, and nothing is overwritten; give another --dir", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err = fill(); err == nil {
		return nil
	}
	made, rerr := os.ReadDir(dir)
	for _, e := range made {
		rerr = errors.Join(rerr, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return errors.Join(err, rerr)
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, b []byte, mode os.FileMode) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return misused("%s is there already, and nothing is overwritten", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// readFile reads a file of at most limit bytes. One that is not there was named wrongly.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, misused("there is no file %s", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is over %d bytes", path, limit)
	}
	return b, err
}

// thousands writes a count as persons read it: "1,204".
func thousands[N int | uint64](n N) string {
	s := strconv.FormatUint(uint64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// many writes a count with its noun: "1 node", "1,204 records".
func many[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}
