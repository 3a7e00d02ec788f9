package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/lists"
)

// defaultBound is the share of a list, in percent, that a new edition may lose without --shrink: a week of a living list takes
// less, an accident of its issuer more.
const defaultBound = 5

// diffReport is what an edition does to the one before.
type diffReport struct {
	lists.Diff
	Shrinkage float64 `json:"shrinkage"` // percent of the old alerts that are lost
	Bound     float64 `json:"bound"`
	Over      bool    `json:"over"` // the shrinkage is over the bound
}

func newDiffReport(d lists.Diff, bound float64) *diffReport {
	return &diffReport{Diff: d, Shrinkage: d.Shrinkage(), Bound: bound, Over: d.Shrinkage() > bound}
}

func (r *diffReport) text(w io.Writer) {
	if r.Old == 0 {
		fmt.Fprintf(w, "A first edition: %s.\n", many(r.Now, "alert"))
		return
	}
	fmt.Fprintf(w, "Against the %s before: %s unchanged.\n", many(r.Old, "alert"), thousands(r.Unchanged))
	for _, l := range []struct {
		what string
		of   lists.Change
	}{{"added", r.Added}, {"changed", r.Changed}, {"weakened", r.Weakened}, {"withdrawn", r.Withdrawn}} {
		fmt.Fprintf(w, "  %-9s %7s", l.what, thousands(l.of.Count))
		for i, id := range l.of.First {
			if i == maxIDs {
				break
			}
			fmt.Fprintf(w, " %s", id)
		}
		if l.of.Count > maxIDs {
			fmt.Fprint(w, " …")
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "Lost: %.2f %% of the old alerts, bound %g %%.\n", r.Shrinkage, r.Bound)
}

func alertsDiffCommand() *cobra.Command {
	var format string
	var bound float64
	c := &cobra.Command{Use: "diff --format FORMAT OLD NEW", Short: "Compare two editions of an alert list, off line", Args: cobra.ExactArgs(2),
		Long: "Reads two editions of a list and tells which alerts the new one adds, changes, weakens and withdraws. An alert is weakened where\n" +
			"some traveller would be matched less than before. OLD and NEW are the main file of the format, under any name; files that\n" +
			"belong to it stand beside it. Exit code 1: more than --bound percent are lost, or one of them has no end."}
	c.Flags().StringVar(&format, "format", "", "format of both")
	c.Flags().Float64Var(&bound, "bound", defaultBound, "percent of the old alerts that may be lost")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := required(c, "format"); err != nil {
			return err
		}
		if err := knownFormat(format); err != nil {
			return err
		}
		compare := compareFiles
		if lists.Format(format) == lists.Numbers {
			compare = compareNumberFiles
		}
		out, whole, err := compare(c, lists.Format(format), args[0], args[1], bound)
		if err != nil {
			return err
		}
		if err := tell(c, *asJSON, out, out.text); err != nil || whole && !out.Over {
			return err
		}
		return errFound
	}
	return c
}

func compareFiles(c *cobra.Command, format lists.Format, old, now string, bound float64) (out *diffReport, whole bool, err error) {
	whole = true
	var editions [2][]border.Alert
	for i, path := range []string{old, now} {
		var s lists.Summary
		if editions[i], s, err = readEdition(c, format, "compared", path); err != nil {
			return nil, false, err
		}
		whole = whole && s.Whole
	}
	d, err := lists.Compare(lists.All(editions[0]), lists.All(editions[1]), maxFirst)
	return newDiffReport(d, bound), whole, err
}

// readEdition reads a list by its main file, and says on standard error what is wrong with it.
func readEdition(c *cobra.Command, format lists.Format, name, path string) ([]border.Alert, lists.Summary, error) {
	files, closeAll, err := openMain(format, path)
	if err != nil {
		return nil, lists.Summary{}, err
	}
	defer closeAll()
	alerts, twice, s, err := readList(c, format, name, files)
	if err == nil && (s.Faulty > 0 || twice > 0 || !s.Whole) {
		end := ""
		if !s.Whole {
			end = ", and its end is missing"
		}
		fmt.Fprintf(c.ErrOrStderr(), "tims: %s: %s, %s there twice%s\n", path, many(s.Faulty, "fault"), many(twice, "alert"), end)
	}
	return alerts, s, err
}
