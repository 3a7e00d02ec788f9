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
	"time"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/control"
	"tims/internal/lists"
)

// alertFiles are the files that each format is made of, by the issuer's own names; the first is needed.
var alertFiles = map[lists.Format][]string{lists.OFACSDN: {"sdn.csv", "alt.csv", "sdn_comments.csv"}}

// importFlags are the flags of `tims alerts import`.
type importFlags struct {
	format, list, dir, config, issued string
	dryRun, partial                   bool
}

func alertsCommand() *cobra.Command {
	c := &cobra.Command{Use: "alerts", Short: "Bring alert lists into force"}
	c.AddCommand(alertsImportCommand())
	return c
}

func alertsImportCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{Use: "import --format FORMAT FILE… --dir DIR", Short: "Release an alert list at a running centre", Args: cobra.MinimumNArgs(1),
		Long: "Reads a list as its issuer publishes it and releases it at the running centre of a directory, from where it reaches every\n" +
			"post. What cannot be read is told by file and line, and the rest is released; a list that was broken off is not, unless\n" +
			"--incomplete says so. Formats:\n" + formatsText() + "Files are known by their names; they may be compressed (.gz)."}
	c.Flags().StringVar(&f.format, "format", "", "format of the list")
	c.Flags().StringVar(&f.list, "list", "", "name of the list in this country; the format's unless told")
	c.Flags().StringVar(&f.dir, "dir", "", "directory of the running centre")
	c.Flags().StringVar(&f.config, "config", "", "configuration of the running centre, instead of --dir")
	c.Flags().StringVar(&f.issued, "issued", "", "day on which the issuer published it, such as 2026-07-22")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "read and count only; needs no centre")
	c.Flags().BoolVar(&f.partial, "incomplete", false, "release a list although its end is missing")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		issued, err := f.check(c)
		if err != nil {
			return err
		}
		out, err := f.run(c, args, issued)
		if err != nil {
			return err
		}
		if err := tell(c, *asJSON, out, out.text); err != nil || out.Whole || f.partial {
			return err
		}
		return errFound
	}
	return c
}

func formatsText() string {
	var b strings.Builder
	for _, f := range lists.Formats() {
		fmt.Fprintf(&b, "  %s: %s\n", f, strings.Join(alertFiles[f], ", "))
	}
	return b.String()
}

func (f *importFlags) check(c *cobra.Command) (issued int64, err error) {
	if err := required(c, "format"); err != nil {
		return 0, err
	}
	if !slices.Contains(lists.Formats(), lists.Format(f.format)) {
		return 0, misused("--format %q is none of %v", f.format, lists.Formats())
	}
	if f.list == "" {
		f.list = f.format
	}
	if strings.ContainsAny(f.list, " \t\n") {
		return 0, misused("--list %q: a name without blanks", f.list)
	}
	if f.issued != "" {
		day, err := time.Parse(time.DateOnly, f.issued)
		if err != nil {
			return 0, misused("--issued %q: a date such as 2026-07-22", f.issued)
		}
		issued = day.UnixMilli()
	}
	switch {
	case f.dryRun:
		return issued, nil
	case f.dir != "" && f.config != "":
		return 0, misused("give --dir or --config, not both")
	case f.config != "":
		cfg, err := readConfig(f.config)
		f.dir = cfg.Dir
		return issued, err
	case f.dir == "":
		return 0, misused("give the running centre with --dir or --config, or --dry-run to read only")
	}
	return issued, nil
}

// importReport is what `tims alerts import` did.
type importReport struct {
	List     string         `json:"list"`
	Release  uint64         `json:"release,omitempty"` // 0 where nothing was released
	Read     int            `json:"read"`
	Alerts   int            `json:"alerts"`
	Skipped  map[string]int `json:"skipped"`
	Faulty   int            `json:"faulty"`
	Faults   []faultReport  `json:"faults"` // the first of them
	Whole    bool           `json:"whole"`
	Released bool           `json:"released"`
}

type faultReport struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Why  string `json:"why"`
}

func (f *importFlags) run(c *cobra.Command, paths []string, issued int64) (importReport, error) {
	out := importReport{List: f.list, Faults: []faultReport{}}
	files, closeAll, err := openLists(lists.Format(f.format), paths)
	if err != nil {
		return out, err
	}
	defer closeAll()
	var alerts []border.Alert
	p := newProgress(c)
	s, err := lists.Import(lists.Format(f.format), files, func(a border.Alert) error {
		p.say("%s read", many(len(alerts), "alert"))
		a.List = f.list
		alerts = append(alerts, a)
		return c.Context().Err()
	})
	if errors.Is(err, lists.ErrInput) {
		return out, misused("%w", err)
	}
	if err != nil {
		return out, err
	}
	out.Read, out.Alerts, out.Skipped, out.Faulty, out.Whole = s.Read, s.Alerts, s.Skipped, s.Faulty, s.Whole
	for _, fault := range s.Faults {
		out.Faults = append(out.Faults, faultReport{fault.File, fault.Line, fault.Why})
	}
	if f.dryRun || !s.Whole && !f.partial {
		return out, nil
	}
	in, err := control.NewClient(f.dir).Release(c.Context(), f.list, issued, alerts, func(done, total int) {
		p.say("chunk %d of %d handed over", done, total)
	})
	if err != nil {
		return out, err
	}
	out.Release, out.Released = in.Release, true
	return out, nil
}

// openLists opens the files of a list under the issuer's names: what stands before a folder and behind .gz does not matter,
// nor do capitals.
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
		if !slices.Contains(alertFiles[format], name) {
			return nil, closeAll, misused("%s is no file of the format %s, which has %s", path, format, strings.Join(alertFiles[format], ", "))
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
		files[name] = f
		if name != full {
			if files[name], err = gzip.NewReader(f); err != nil {
				return nil, closeAll, fmt.Errorf("%s is not compressed as its name says: %w", path, err)
			}
		}
	}
	return files, closeAll, nil
}

func (r importReport) text(w io.Writer) {
	fmt.Fprintf(w, "Read %s: %s", many(r.Read, "row"), many(r.Alerts, "alert"))
	for _, why := range sorted(r.Skipped) {
		fmt.Fprintf(w, ", %s skipped (%s)", thousands(r.Skipped[why]), why)
	}
	fmt.Fprintf(w, ". %s.\n", many(r.Faulty, "fault"))
	for i, f := range r.Faults {
		if i == maxShown {
			fmt.Fprintf(w, "  and %d more; --json tells the first thousand\n", r.Faulty-maxShown)
			break
		}
		fmt.Fprintf(w, "  %s, line %d: %s\n", f.File, f.Line, f.Why)
	}
	switch {
	case r.Released:
		fmt.Fprintf(w, "Released as %s, release %d.\n", r.List, r.Release)
	case !r.Whole:
		fmt.Fprintln(w, "NOT released: the end of the list is missing, it was broken off. --incomplete releases it all the same.")
	default:
		fmt.Fprintln(w, "Nothing was released.")
	}
}
