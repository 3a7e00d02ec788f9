package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/watchlist"
)

// matchFlags are the flags of `tims match`.
type matchFlags struct {
	formats, lists               []string
	top                          int
	least                        float64
	primaryOnly, nameOnly, stats bool
	eval, ordinary               string
	load, build                  time.Duration     // what reading the lists and building the index took
	ids                          map[string]string // alerts that --eval may look for, by id and by the issuer's number alone
}

func matchCommand() *cobra.Command {
	var f matchFlags
	c := &cobra.Command{Use: "match --format FORMAT --list FILE", Short: "Match travellers with alert lists: JSON lines in, JSON lines out", Args: cobra.NoArgs,
		Long: "Reads objects from standard input, one a line, and answers each with one, in the same order:\n" +
			`  {"id":"7","surname":"KOROBOW","given":"IGOR","birth":"1956-03-08","nationality":"RUS","sex":"M","document":"C1"}` + "\n" +
			`  {"id":"7","hits":[{"alert":"ofac:21328","score":24.2,"reasons":[…]}],"micros":120}` + "\n" +
			"\"name\" stands for a name that is not divided; birth may be a year or a year and month; nationality is a code or an English\n" +
			"name; document is a number, or an object with issuer and number; all but id may be left out, and other fields are passed over.\n" +
			"A line that is no such object is answered with {\"line\":…,\"error\":…}, and the exit code is 1. Several lists are matched together: give --list again, and\n" +
			"--format again where their formats differ. Files that a format has beside the named one are taken from the same folder.\n" +
			"With --eval and --ordinary it measures labelled queries instead of answering: lines without a header, parted by tabs, of the\n" +
			"query's id, the alert to be found, the class, surname, given names, birth date, nationality. --ordinary may also have objects as\n" +
			"above, such as tims generate travellers writes. Formats:\n" + formatsText()}
	c.Flags().StringArrayVar(&f.formats, "format", nil, "format of the lists, or of each --list in order")
	c.Flags().StringArrayVar(&f.lists, "list", nil, "an alert list")
	c.Flags().IntVar(&f.top, "top", 10, "hits to answer with at most, for each line")
	c.Flags().Float64Var(&f.least, "min-score", watchlist.DefaultLeast()[border.PersonAlert], "score from which on an alert is a hit; may be negative (0 with --eval)")
	c.Flags().BoolVar(&f.primaryOnly, "primary-only", false, "leave out aliases, to measure how they are found without")
	c.Flags().BoolVar(&f.stats, "stats", false, "tell time, processor and memory on standard error")
	c.Flags().StringVar(&f.eval, "eval", "", "labelled queries (tab-separated) to measure")
	c.Flags().StringVar(&f.ordinary, "ordinary", "", "ordinary travellers, from whom --eval takes its thresholds")
	c.Flags().BoolVar(&f.nameOnly, "name-only", false, "leave out all but names, lines and queries alike")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := f.check(c); err != nil {
			return err
		}
		index, err := f.index(c)
		if err != nil {
			return err
		}
		if f.eval != "" {
			return f.evaluate(c, index, *asJSON)
		}
		return f.answer(c, index)
	}
	return c
}

func (f *matchFlags) check(c *cobra.Command) error {
	if err := required(c, "format", "list"); err != nil {
		return err
	}
	for _, format := range f.formats {
		if !slices.Contains(lists.Formats(), lists.Format(format)) {
			return misused("--format %q is none of %v", format, lists.Formats())
		}
	}
	if f.eval != "" && !c.Flags().Changed("min-score") {
		f.least = 0
	}
	switch {
	case len(f.formats) != 1 && len(f.formats) != len(f.lists):
		return misused("give one --format, or one for each of the %s", many(len(f.lists), "list"))
	case f.top < 1 || f.top > maxTop:
		return misused("--top %d: between 1 and %d", f.top, maxTop)
	case f.least != f.least:
		return misused("--min-score: a number")
	case (f.eval == "") != (f.ordinary == ""):
		return misused("--eval and --ordinary go together")
	}
	return nil
}

// index imports all lists and builds the index while they stream by. Lines that cannot be read are told and cost only
// themselves.
func (f *matchFlags) index(c *cobra.Command) (*watchlist.Index, error) {
	begun := time.Now()
	f.ids = map[string]string{}
	b := watchlist.NewBuilder()
	for i, path := range f.lists {
		if err := f.read(c, lists.Format(f.formats[min(i, len(f.formats)-1)]), path, b); err != nil {
			return nil, err
		}
	}
	f.load = time.Since(begun)
	begun = time.Now()
	index := b.Index()
	f.build = time.Since(begun)
	return index, nil
}

func (f *matchFlags) read(c *cobra.Command, format lists.Format, path string, b *watchlist.Builder) error {
	files, closeAll, err := openMain(format, path)
	if err != nil {
		return err
	}
	defer closeAll()
	p := newProgress(c)
	n, index := 0, newIndexer(b)
	s, err := lists.Import(format, files, func(a border.Alert) error {
		n++
		p.say("%s read", many(n, "alert"))
		if f.primaryOnly && len(a.Names) > 1 {
			a.Names = a.Names[:1:1]
		}
		if f.eval != "" {
			_, number, _ := strings.Cut(a.ID, ":")
			f.ids[a.ID], f.ids[number] = a.ID, a.ID
		}
		index.add(a)
		return c.Context().Err()
	})
	index.end()
	if err := asTyped(files, format, &s, err); err != nil {
		return err
	}
	if s.Faulty > 0 || !s.Whole {
		why := ""
		if !s.Whole {
			why = "; its end is missing"
		}
		if len(s.Faults) > 0 {
			why += fmt.Sprintf("; the first: %s, line %d: %s", s.Faults[0].File, s.Faults[0].Line, s.Faults[0].Why)
		}
		fmt.Fprintf(c.ErrOrStderr(), "tims: %s: %s%s\n", path, many(s.Faulty, "fault"), why)
	}
	return nil
}

// An indexer puts alerts into a builder while further ones are read.
type indexer struct {
	waiting     []border.Alert
	full, spare chan []border.Alert
	done        sync.WaitGroup
}

func newIndexer(b *watchlist.Builder) *indexer {
	x := &indexer{waiting: make([]border.Alert, 0, builtTogether), full: make(chan []border.Alert), spare: make(chan []border.Alert, 2)}
	x.spare <- make([]border.Alert, 0, builtTogether)
	x.done.Go(func() {
		for alerts := range x.full {
			b.Add(alerts)
			x.spare <- alerts[:0]
		}
	})
	return x
}

func (x *indexer) add(a border.Alert) {
	if x.waiting = append(x.waiting, a); len(x.waiting) == builtTogether {
		x.full <- x.waiting
		x.waiting = <-x.spare
	}
}

// end waits until all is in the builder.
func (x *indexer) end() {
	x.full <- x.waiting
	close(x.full)
	x.done.Wait()
}

// openMain opens the named file as the first of its format, whatever it is called, and those that stand beside it under
// the issuer's names.
func openMain(format lists.Format, path string) (map[string]io.Reader, func(), error) {
	names := lists.Files(format)
	beside := []string{}
	for _, name := range names[1:] {
		for _, end := range []string{"", ".gz"} {
			at := filepath.Join(filepath.Dir(path), name+end)
			if _, err := os.Stat(at); err == nil {
				beside = append(beside, at)
				break
			}
		}
	}
	files, closeBeside, err := openLists(format, beside)
	if err != nil {
		return nil, nil, err
	}
	main, err := os.Open(path)
	if err != nil {
		closeBeside()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, misused("there is no file %s", path)
		}
		return nil, nil, err
	}
	closeAll := func() { main.Close(); closeBeside() }
	if files[names[0]], err = readable(main, path, strings.HasSuffix(path, ".gz")); err != nil {
		closeAll()
		return nil, nil, err
	}
	return files, closeAll, nil
}

// A matchAnswer is one line of output: hits, or why there are none.
type matchAnswer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Line   int             `json:"line,omitempty"` // of a line that could not be read
	Error  string          `json:"error,omitempty"`
	Hits   []matchHit      `json:"hits"`
	Micros int64           `json:"micros"`
}

type matchHit struct {
	Alert   string        `json:"alert"`
	Score   float64       `json:"score"`
	Reasons []matchReason `json:"reasons"`
}

type matchReason struct {
	Part   string  `json:"part"`
	Seen   string  `json:"seen,omitempty"`
	Listed string  `json:"listed,omitempty"`
	Weight float64 `json:"weight"`
}

// matchLine answers one line.
func (f *matchFlags) matchLine(x *watchlist.Index, line int, raw []byte, long bool) (matchAnswer, time.Duration) {
	a := matchAnswer{Hits: []matchHit{}}
	var q watchlist.Query
	err := fmt.Errorf("longer than %d bytes", maxMatchLine)
	if !long {
		a.ID, q, err = f.query(raw)
	}
	if err != nil {
		a.Line, a.Error = line, err.Error()
		return a, 0
	}
	q.Most = f.top
	q.Least = map[border.AlertKind]float64{border.PersonAlert: f.least, border.DocumentAlert: f.least, border.VehicleAlert: f.least}
	begun := time.Now()
	hits := x.Match(q)
	took := time.Since(begun)
	a.Micros = took.Microseconds()
	for _, h := range hits {
		out := matchHit{Alert: h.AlertID, Score: h.Score, Reasons: []matchReason{}}
		for _, r := range h.Reasons {
			out.Reasons = append(out.Reasons, matchReason{r.Part, r.Seen, r.Listed, r.Weight})
		}
		a.Hits = append(a.Hits, out)
	}
	return a, took
}

// answer matches line after line on all processors and writes the answers in the order of the lines.
func (f *matchFlags) answer(c *cobra.Command, x *watchlist.Index) error {
	begun, before := time.Now(), processorTime()
	ctx, stop := context.WithCancel(c.Context())
	defer stop()
	lines := inOrder(ctx, c.InOrStdin(), maxMatchLine, runtime.GOMAXPROCS(0), func(line int, raw []byte, long bool) answered {
		a, took := f.matchLine(x, line, raw, long)
		return answered{answer: a, took: took}
	})
	bad, took, err := writeAnswers(c.OutOrStdout(), lines)
	if err != nil {
		return err
	}
	if f.stats {
		f.tellStats(c.ErrOrStderr(), took, time.Since(begun), processorTime()-before)
	}
	if bad > 0 {
		return errFound
	}
	return nil
}
