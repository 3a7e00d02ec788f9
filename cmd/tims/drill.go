package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/drill"
)

// drillFlags are the flags of `tims drill`.
type drillFlags struct {
	list, asJSON        bool
	seed                uint64
	length              time.Duration
	rate                float64
	html, lang, dir, by string
	previous            string
}

func drillCommand() *cobra.Command {
	var f drillFlags
	c := &cobra.Command{Use: "drill [ACT|GROUP|all]...", Short: "Do hostile acts to a country on this machine and see whether it keeps its promises",
		Long: "Founds a country of its own on this machine (two centres, four posts, a portal: real processes of this program with keys,\n" +
			"databases and ports of their own), lets invented travellers cross, does what an act says, heals, and judges by a list kept\n" +
			"outside all nodes. ACT is an id such as D1, GROUP a letter: D destroy, C cut, T tamper, A abuse of the degraded mode,\n" +
			"R recover, B bad input. --list shows them with what is promised. No running node of a real country is touched. R4 sets\n" +
			"nodes back to an earlier release and is run only where --previous names its program.\n\n" +
			"Exit code 0: every promise held that was put to the test. 1: one was broken, or an act could not be done. 2: misused."}
	c.Flags().BoolVar(&f.list, "list", false, "show the acts and what is promised of each, and run nothing")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "of the travellers and of every choice")
	c.Flags().DurationVar(&f.length, "for", 10*time.Second, "how long each act lasts")
	c.Flags().Float64Var(&f.rate, "rate", 8, "crossings a second over the whole country")
	c.Flags().StringVar(&f.html, "html", "", "write a report for people into this file")
	c.Flags().StringVar(&f.lang, "lang", "en", "language of the report and the list: en or sq")
	c.Flags().StringVar(&f.dir, "dir", "", "keep the countries of the exercise and their journals in this directory")
	c.Flags().StringVar(&f.previous, "previous", "", "program of an earlier release, for R4; without it R4 is not run")
	c.Flags().StringVar(&f.by, "by", "", "who ordered the exercise, for its records")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object instead of text")
	c.RunE = func(c *cobra.Command, args []string) error {
		words, err := f.check()
		if err != nil {
			return err
		}
		if f.list {
			return listActs(c, f.asJSON, words)
		}
		chosen, err := chooseActs(args)
		if err != nil {
			return err
		}
		return runDrill(c, f, chosen, words)
	}
	return c
}

func (f drillFlags) check() (drill.Language, error) {
	words := drill.English
	switch {
	case f.lang == drill.Albanian.Code:
		words = drill.Albanian
	case f.lang != words.Code:
		return words, misused("--lang %q: en or sq", f.lang)
	}
	switch {
	case f.length < drill.Shortest || f.length > drill.Longest:
		return words, misused("--for %v: between %v and %v", f.length, drill.Shortest, drill.Longest)
	case f.rate <= 0 || f.rate > drill.MostRate:
		return words, misused("--rate %v: crossings a second, above 0 and at most %v", f.rate, drill.MostRate)
	}
	return words, nil
}

// chooseActs gives the acts named, each once, in the order of the list.
func chooseActs(names []string) ([]drill.Act, error) {
	if len(names) == 0 {
		return nil, misused("say which act or group, or all; --list shows them")
	}
	var ids []string
	for _, name := range names {
		acts := drill.Choose(name)
		if len(acts) == 0 {
			return nil, misused("%q is no act and no group; --list shows them", name)
		}
		for _, a := range acts {
			if a.RunBy != "" {
				return nil, misused("%s is run by %s, for processes in real time cannot show it", a.ID, a.RunBy)
			}
			ids = append(ids, a.ID)
		}
	}
	return slices.DeleteFunc(drill.Acts(), func(a drill.Act) bool { return !slices.Contains(ids, a.ID) }), nil
}

// listedAct is an act as --list --json tells it.
type listedAct struct {
	ID      string `json:"act"`
	What    string `json:"what"`
	Promise string `json:"promise"`
	RunBy   string `json:"run_by"`
}

func listActs(c *cobra.Command, asJSON bool, words drill.Language) error {
	var all []listedAct
	for _, a := range drill.Acts() {
		w, by := words.Act(a.ID), a.RunBy
		if by == "" {
			by = "tims drill " + a.ID
		}
		all = append(all, listedAct{a.ID, w.What, w.Promise, by})
	}
	return tell(c, asJSON, all, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, a := range all {
			fmt.Fprintf(t, "%s\t%s\n\t→ %s\n", a.ID, a.What, a.Promise)
			if a.RunBy != "tims drill "+a.ID {
				fmt.Fprintf(t, "\t%s\n", words.T("list.runby", a.RunBy))
			}
		}
		t.Flush()
	})
}

func runDrill(c *cobra.Command, f drillFlags, acts []drill.Act, words drill.Language) error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	previous, err := f.earlier(exe)
	if err != nil {
		return err
	}
	if f.dir != "" {
		if f.dir, err = filepath.Abs(f.dir); err != nil {
			return err
		}
	}
	score, err := drill.Run(c.Context(), drill.Options{Acts: acts, Seed: f.seed, For: f.length, Rate: f.rate, Dir: f.dir, By: f.by,
		Program:  func(args ...string) *exec.Cmd { return exec.Command(exe, args...) },
		Previous: previous,
		Say:      func(format string, args ...any) { fmt.Fprintf(c.ErrOrStderr(), format+"\n", args...) },
		Done: func(r drill.Result) {
			fmt.Fprintf(c.ErrOrStderr(), "%s: %s\n", r.ID, r.Verdict)
			for _, p := range r.Problems {
				fmt.Fprintf(c.ErrOrStderr(), "  %s\n", p)
			}
		}})
	if err != nil {
		return err
	}
	if f.html != "" {
		if err := writeReport(f.html, score, words); err != nil {
			return err
		}
	}
	if f.asJSON {
		err = json.NewEncoder(c.OutOrStdout()).Encode(score)
	} else {
		err = score.Table(c.OutOrStdout())
	}
	if err == nil && !score.Held() {
		return errFound
	}
	return err
}

// earlier gives the program of an earlier release. One with the same bytes as this shows nothing of two versions.
func (f drillFlags) earlier(exe string) (func(args ...string) *exec.Cmd, error) {
	if f.previous == "" {
		return nil, nil
	}
	path, err := filepath.Abs(f.previous)
	if err != nil {
		return nil, err
	}
	if out, err := exec.Command(path, "version", "--json").Output(); err != nil || !json.Valid(out) {
		return nil, misused("--previous %s: does not say which version of tims it is", f.previous)
	}
	this, err := os.ReadFile(exe)
	if err != nil {
		return nil, err
	}
	other, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(this, other) {
		return nil, misused("--previous %s: is this very program", f.previous)
	}
	return func(args ...string) *exec.Cmd { return exec.Command(path, args...) }, nil
}

func writeReport(path string, score drill.Score, words drill.Language) (err error) {
	page, err := score.Report(words)
	if err != nil {
		return err
	}
	return os.WriteFile(path, page, 0o644)
}
