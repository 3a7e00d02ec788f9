package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/lists"
)

// alertFiles are the files that each format is made of, by the issuer's own names; the first is needed.
var alertFiles = func() map[lists.Format][]string {
	files := map[lists.Format][]string{}
	for _, f := range lists.Formats() {
		files[f] = lists.Files(f)
	}
	return files
}()

func formatsText() string {
	var b strings.Builder
	for _, f := range lists.Formats() {
		fmt.Fprintf(&b, "  %s: %s\n", f, strings.Join(alertFiles[f], ", "))
	}
	return b.String()
}

func knownFormat(format string) error {
	if !slices.Contains(lists.Formats(), lists.Format(format)) {
		return misused("--format %q is none of %v", format, lists.Formats())
	}
	return nil
}

// openLists opens the files of a list under the issuer's names: what stands before a folder and behind .gz does not matter,
// nor do capitals. The file of a format that has but one may be called anything.
func openLists(format lists.Format, paths []string) (files map[string]io.Reader, closeAll func(), err error) {
	files = map[string]io.Reader{}
	var open []io.Closer
	closeAll = func() {
		for _, c := range open {
			c.Close()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	for _, path := range paths {
		full := strings.ToLower(filepath.Base(path))
		name := strings.TrimSuffix(full, ".gz")
		packed := name != full
		if known := alertFiles[format]; len(known) == 1 {
			name = known[0]
		} else if !slices.Contains(known, name) {
			return nil, closeAll, misused("%s is no file of the format %s, which has %s", path, format, strings.Join(known, ", "))
		}
		if files[name] != nil {
			return nil, closeAll, misused("two files called %s", name)
		}
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, closeAll, misused("there is no file %s", path)
		}
		if err != nil {
			return nil, closeAll, err
		}
		open = append(open, f)
		if files[name], err = readable(f, path, packed); err != nil {
			return nil, closeAll, err
		}
	}
	return files, closeAll, nil
}

// A typedFile is one file of a list, under the name by which it was asked for.
type typedFile struct {
	io.Reader
	path string
}

func readable(f io.Reader, path string, packed bool) (io.Reader, error) {
	if !packed {
		return typedFile{f, path}, nil
	}
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s is not compressed as its name says: %w", path, err)
	}
	return typedFile{unpacked, path}, nil
}

// asTyped puts the names of files as they were typed in place of the issuer's, in what an import says of them.
func asTyped(files map[string]io.Reader, format lists.Format, s *lists.Summary, err error) error {
	typed := func(file string) string {
		if f, ok := files[file].(typedFile); ok {
			return f.path
		}
		return file
	}
	for i := range s.Faults {
		s.Faults[i].File = typed(s.Faults[i].File)
	}
	var at *lists.FileError
	if errors.As(err, &at) {
		err = &lists.FileError{File: typed(at.File), Err: at.Err}
	}
	if errors.Is(err, lists.ErrInput) {
		return misused("%w; it was read as %s", err, format)
	}
	return err
}

// readList imports a list under a name, sorted for a comparison.
func readList(c *cobra.Command, format lists.Format, name string, files map[string]io.Reader) (sorted []border.Alert, twice int, s lists.Summary, err error) {
	var alerts []border.Alert
	p, counted, bytes := newProgress(c), map[string]io.Reader{}, int64(0)
	for file, r := range files {
		counted[file] = readerFunc(func(b []byte) (int, error) {
			n, err := r.Read(b)
			bytes += int64(n)
			p.say("%d MiB read, %s", bytes>>20, many(len(alerts), "alert"))
			return n, err
		})
	}
	s, err = lists.Import(format, counted, func(a border.Alert) error {
		a.List = name
		alerts = append(alerts, a)
		return c.Context().Err()
	})
	if err := asTyped(files, format, &s, err); err != nil {
		return nil, 0, s, err
	}
	sorted, twice = lists.Sort(alerts)
	return sorted, twice, s, nil
}

// A readerFunc is a reader made of its one method.
type readerFunc func(b []byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }
