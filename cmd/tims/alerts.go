package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/control"
	"tims/internal/lists"
	"tims/internal/node"
)

func alertsCommand() *cobra.Command {
	c := &cobra.Command{Use: "alerts", Short: "Bring alert lists into force, compare their editions, look at them"}
	c.AddCommand(alertsImportCommand(), alertsDiffCommand(), alertsListCommand(), alertsShowCommand(), alertsCanaryCommand(),
		alertsLossesCommand(), alertsApproveCommand(), alertsWithdrawCommand())
	return c
}

// importFlags are the flags of `tims alerts import`.
type importFlags struct {
	format, list, issued, against string
	at                            runningFlags
	bound                         float64
	dryRun, partial, shrink       bool
}

func alertsImportCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{Use: "import --format FORMAT FILE… --dir DIR", Short: "Release an alert list at a running centre", Args: cobra.MinimumNArgs(1),
		Long: "Reads a list as its issuer publishes it, tells what it adds, changes, weakens and withdraws, and releases it at the running\n" +
			"centre of a directory, from where it reaches every post. What cannot be read is told by file and line, and the rest is\n" +
			"released. Nothing is released where the list was broken off (--incomplete releases it all the same) or where more than\n" +
			"--bound percent of the alerts in force would be lost (--shrink). Whatever is withdrawn or weakened stays matched at every\n" +
			"post until the authority has approved the loss. Formats, with their files:\n" + formatsText() +
			"Several files of one format are known by their names. Files may be compressed (.gz)."}
	c.Flags().StringVar(&f.format, "format", "", "format of the list")
	c.Flags().StringVar(&f.list, "list", "", "name of the list in this country; the format's unless told")
	f.at.add(c)
	c.Flags().StringVar(&f.issued, "issued", "", "day on which the issuer published it, such as 2026-07-22")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "read, count and compare only; needs no centre")
	c.Flags().StringVar(&f.against, "against", "", "with --dry-run, the main file of the edition to compare with")
	c.Flags().BoolVar(&f.partial, "incomplete", false, "release a list although its end is missing")
	c.Flags().Float64Var(&f.bound, "bound", defaultBound, "percent of the alerts in force that may be lost")
	c.Flags().BoolVar(&f.shrink, "shrink", false, "release a list although it loses more than that")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		issued, err := f.check(c)
		if err != nil {
			return err
		}
		if lists.Format(f.format) == lists.Numbers {
			return f.runNumbers(c, args, issued, *asJSON)
		}
		out, err := f.run(c, args, issued)
		if err != nil {
			return err
		}
		if err := tell(c, *asJSON, out, out.text); err != nil || out.Refused == "" && (out.Whole || f.partial) {
			return err
		}
		return errFound
	}
	return c
}

func (f *importFlags) check(c *cobra.Command) (issued int64, err error) {
	if err := required(c, "format"); err != nil {
		return 0, err
	}
	if err := knownFormat(f.format); err != nil {
		return 0, err
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
	case f.bound < 0 || f.bound > 100 || f.bound != f.bound:
		return 0, misused("--bound %g: 0 to 100 percent", f.bound)
	case f.dryRun:
		return issued, nil
	case f.against != "":
		return 0, misused("--against goes with --dry-run; without it the list is compared with the release in force")
	}
	return issued, f.at.check(", or read only with --dry-run")
}

// importReport is what `tims alerts import` did.
type importReport struct {
	List     string         `json:"list"`
	Release  uint64         `json:"release,omitempty"` // 0 where nothing was released
	Read     int            `json:"read"`
	Alerts   int            `json:"alerts"`
	Twice    int            `json:"twice"` // alerts whose id another one has; the first of each counts
	Skipped  map[string]int `json:"skipped"`
	Faulty   int            `json:"faulty"`
	Faults   []faultReport  `json:"faults"` // the first of them
	Whole    bool           `json:"whole"`
	Diff     *diffReport    `json:"diff,omitempty"`
	Refused  string         `json:"refused,omitempty"` // why it was not released
	Released bool           `json:"released"`
	Waiting  int            `json:"waiting"` // alerts that stay matched until the authority lets them go
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
	alerts, twice, s, err := readList(c, lists.Format(f.format), f.list, files)
	if err != nil {
		return out, err
	}
	out.Read, out.Alerts, out.Twice, out.Skipped, out.Faulty, out.Whole = s.Read, len(alerts), twice, s.Skipped, s.Faulty, s.Whole
	for _, fault := range s.Faults {
		out.Faults = append(out.Faults, faultReport{fault.File, fault.Line, fault.Why})
	}
	if f.dryRun {
		return out, f.compareOffLine(c, &out, alerts)
	}
	if !s.Whole && !f.partial {
		out.Refused = "it was broken off; --incomplete releases it all the same"
		return out, nil
	}
	return out, f.release(c, &out, alerts, issued)
}

func (f *importFlags) compareOffLine(c *cobra.Command, out *importReport, alerts []border.Alert) error {
	if f.against == "" {
		return nil
	}
	old, _, err := readEdition(c, lists.Format(f.format), f.list, f.against)
	if err != nil {
		return err
	}
	d, err := lists.Compare(lists.All(old), lists.All(alerts), maxFirst)
	out.Diff = newDiffReport(d, f.bound)
	out.refuse(f.shrink)
	return err
}

// refuse says why an edition that loses too much is not released.
func (r *importReport) refuse(shrink bool) {
	if r.Diff.Over && !shrink {
		r.Refused = fmt.Sprintf("%.2f %% of the alerts before would be lost, over the bound of %g %%; --shrink releases it all the same",
			r.Diff.Shrinkage, r.Diff.Bound)
	}
}

// release compares the list with what is in force and releases it. Nobody is relied upon to have read the diff: each post keeps
// matching what is lost until the authority has approved it.
func (f *importFlags) release(c *cobra.Command, out *importReport, alerts []border.Alert, issued int64) error {
	client, p := control.NewClient(f.at.dir), newProgress(c)
	in, err := client.Lists(c.Context())
	if err != nil {
		return err
	}
	if slices.ContainsFunc(in, func(l node.ListInForce) bool { return l.List == f.list && l.Numbers > 0 }) {
		return fmt.Errorf("list %s in force is one of document numbers: give these alerts another --list, or import --format numbers", f.list)
	}
	d, err := lists.Compare(client.Alerts(c.Context(), f.list, ""), lists.All(alerts), maxFirst)
	if err != nil {
		return err
	}
	out.Diff = newDiffReport(d, f.bound)
	if out.refuse(f.shrink); out.Refused != "" {
		return nil
	}
	released, err := client.Release(c.Context(), f.list, issued, alerts, func(done, total int) {
		p.say("chunk %d of %d handed over", done, total)
	})
	if err != nil {
		return err
	}
	out.Release, out.Released, out.Waiting = released.Release, true, released.Waiting
	return nil
}

// tellFaults lists the first faults of a list, and says where its end is missing.
func tellFaults(w io.Writer, faults []faultReport, all int, whole bool) {
	for i, f := range faults {
		if i == maxShown {
			fmt.Fprintf(w, "  and %d more; --json tells the first thousand\n", all-maxShown)
			break
		}
		fmt.Fprintf(w, "  %s, line %d: %s\n", f.File, f.Line, f.Why)
	}
	if !whole {
		fmt.Fprintln(w, "The end of the list is missing.")
	}
}

func (r importReport) text(w io.Writer) {
	fmt.Fprintf(w, "Read %s: %s", many(r.Read, "row"), many(r.Alerts, "alert"))
	for _, why := range sorted(r.Skipped) {
		fmt.Fprintf(w, ", %s skipped (%s)", thousands(r.Skipped[why]), why)
	}
	if r.Twice > 0 {
		fmt.Fprintf(w, ", %s left out whose number another one has", thousands(r.Twice))
	}
	fmt.Fprintf(w, ". %s.\n", many(r.Faulty, "fault"))
	tellFaults(w, r.Faults, r.Faulty, r.Whole)
	if r.Diff != nil {
		r.Diff.text(w)
	}
	switch {
	case r.Released:
		fmt.Fprintf(w, "Released as %s, release %d.\n", r.List, r.Release)
	case r.Refused != "":
		fmt.Fprintf(w, "NOT released: %s.\n", r.Refused)
	default:
		fmt.Fprintln(w, "Nothing was released.")
	}
	if r.Waiting > 0 {
		fmt.Fprintf(w, "%s for approval, matched until then: tims alerts losses --list %s\n", waits(r.Waiting), r.List)
	}
}

func waits(n int) string {
	if n == 1 {
		return "1 withdrawal or weakened alert waits"
	}
	return thousands(n) + " withdrawals and weakened alerts wait"
}
