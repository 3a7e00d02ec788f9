package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/watchlist"
)

// shares are the parts of ordinary travellers hit at which recall is told.
var shares = []float64{0.05, 0.01, 0.0025}

// recalls are the parts of labelled queries found for which the cost in ordinary travellers is told.
var recalls = []float64{0.5, 0.75, 0.85, 0.9, 0.95}

// A labelledQuery is one line of a labelled set: an alert to be found, or none.
type labelledQuery struct {
	alert, class string
	query        watchlist.Query
}

// An evaluation is what `tims match --eval` found.
type evaluation struct {
	Queries    int           `json:"queries"`
	Absent     int           `json:"absent"` // whose alert is not on the lists; not counted further
	Ordinary   int           `json:"ordinary"`
	Thresholds []threshold   `json:"thresholds"`
	Classes    []classRecall `json:"classes"` // "all" first
	Costs      []recallCost  `json:"costs"`
}

// A threshold is the score that the given share of ordinary travellers reaches.
type threshold struct {
	Share float64 `json:"share"`
	Score float64 `json:"score"`
}

// A classRecall is the part of a class found.
type classRecall struct {
	Class   string    `json:"class"`
	Queries int       `json:"queries"`
	At      []float64 `json:"at"`    // per threshold: the alert's score reaches it
	First   float64   `json:"first"` // the alert is the best hit
	Five    float64   `json:"five"`  // it is among the best five
}

// A recallCost says how many of a thousand ordinary travellers are hit where so much is found.
type recallCost struct {
	Recall   float64 `json:"recall"`
	Score    float64 `json:"score"`
	Thousand float64 `json:"per_thousand"` // negative where so much is never found
}

// An outcome is one labelled query answered.
type outcome struct {
	class  string
	top    float64 // score of the best hit
	score  float64 // of the alert that was to be found
	place  int     // of it, from 1; 0 where it was not found
	listed bool
}

const notFound = -1e9

func (f *matchFlags) evaluate(c *cobra.Command, x *watchlist.Index, asJSON bool) error {
	labelled, err := f.labelled(f.eval)
	if err != nil {
		return err
	}
	ordinary, err := f.travellers(f.ordinary)
	if err != nil {
		return err
	}
	if len(labelled) == 0 || len(ordinary) == 0 {
		return misused("--eval and --ordinary: no queries in one of them")
	}
	calm, err := f.outcomes(c, x, ordinary, "ordinary travellers")
	if err != nil {
		return err
	}
	found, err := f.outcomes(c, x, labelled, "labelled queries")
	if err != nil {
		return err
	}
	e := evaluationOf(found, calm)
	return tell(c, asJSON, e, e.text)
}

// labelled reads a set: query id, alert, class, surname, given, birth date, nationality, parted by tabs.
func (f *matchFlags) labelled(path string) ([]labelledQuery, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, misused("cannot open %s", path)
	}
	defer file.Close()
	var all []labelledQuery
	err = eachLine(file, maxMatchLine, func(line int, raw []byte, long bool) error {
		t := strings.Split(strings.TrimRight(string(raw), "\r\n"), "\t")
		if len(all) == maxEvaluated {
			return misused("%s, line %d: more than %s", path, line, thousands(maxEvaluated)+" lines")
		}
		if long || len(t) < 5 {
			return misused("%s, line %d: not a labelled query, which is id, alert, class, surname, given names, birth date, nationality, parted by tabs", path, line)
		}
		t = append(t, "", "", "")
		l := labelledQuery{alert: t[1], class: t[2], query: watchlist.Query{Primary: t[3], Secondary: t[4]}}
		l.query.Truncated = mayBeCut(t[3], t[4])
		if !f.nameOnly {
			if l.query.Birth, err = anyDate(t[5]); err != nil {
				return misused("%s, line %d: birth date is not one date of the form 1974, 1974-08 or 1974-08-12", path, line)
			}
			l.query.Nationality, _ = mrz.StateOf(t[6])
		}
		all = append(all, l)
		return nil
	})
	return all, err
}

// travellers reads ordinary travellers: a labelled set, of which alert and class say nothing, or the objects that
// `tims generate travellers` writes.
func (f *matchFlags) travellers(path string) ([]labelledQuery, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, misused("cannot open %s", path)
	}
	defer file.Close()
	var first [1]byte
	if n, _ := file.Read(first[:]); n == 0 || first[0] != '{' {
		return f.labelled(path)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	var all []labelledQuery
	err = eachLine(file, maxMatchLine, func(line int, raw []byte, long bool) error {
		if len(all) == maxEvaluated {
			return misused("%s, line %d: more than %s", path, line, thousands(maxEvaluated)+" lines")
		}
		err := fmt.Errorf("longer than %d bytes", maxMatchLine)
		var l labelledQuery
		if !long {
			_, l.query, err = f.query(raw)
		}
		if err != nil {
			return misused("%s, line %d: %w", path, line, err)
		}
		l.query.Sex, l.query.Issuer, l.query.Number = "", "", "" // labelled queries have none: both are asked alike
		all = append(all, l)
		return nil
	})
	return all, err
}

// outcomes asks for each query on all processors.
func (f *matchFlags) outcomes(c *cobra.Command, x *watchlist.Index, all []labelledQuery, what string) ([]outcome, error) {
	out := make([]outcome, len(all))
	p := newProgress(c)
	var next atomic.Int64
	var done sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all) && c.Context().Err() == nil; i = int(next.Add(1)) - 1 {
				out[i] = f.outcome(x, all[i])
				if worker == 0 {
					p.say("%d of %d %s asked", i, len(all), what)
				}
			}
		})
	}
	done.Wait()
	return out, c.Context().Err()
}

func (f *matchFlags) outcome(x *watchlist.Index, l labelledQuery) outcome {
	id, listed := f.ids[l.alert]
	o := outcome{class: l.class, listed: listed, top: notFound, score: notFound}
	l.query.Least = map[border.AlertKind]float64{border.PersonAlert: f.least}
	l.query.Most = f.top
	for i, h := range x.Match(l.query) {
		if i == 0 {
			o.top = h.Score
		}
		if listed && h.AlertID == id {
			o.score, o.place = h.Score, i+1
		}
	}
	return o
}

func evaluationOf(found, calm []outcome) evaluation {
	e := evaluation{Ordinary: len(calm)}
	tops := make([]float64, len(calm))
	for i, o := range calm {
		tops[i] = o.top
	}
	slices.Sort(tops)
	for _, share := range shares {
		e.Thresholds = append(e.Thresholds, threshold{share, tops[len(tops)-1-int(share*float64(len(tops)))]})
	}
	classes := map[string][]outcome{}
	for _, o := range found {
		if !o.listed {
			e.Absent++
			continue
		}
		e.Queries++
		classes[o.class] = append(classes[o.class], o)
		classes["all"] = append(classes["all"], o)
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		e.Classes = append(e.Classes, e.classOf(class, classes[class]))
	}
	slices.SortStableFunc(e.Classes, func(a, b classRecall) int { return cmp.Compare(b.Queries, a.Queries) })
	e.Costs = costs(classes["all"], tops)
	return e
}

func (e evaluation) classOf(class string, all []outcome) classRecall {
	r := classRecall{Class: class, Queries: len(all), At: make([]float64, len(e.Thresholds))}
	for _, o := range all {
		for i, t := range e.Thresholds {
			if o.score > t.Score {
				r.At[i]++
			}
		}
		if o.place == 1 {
			r.First++
		}
		if o.place >= 1 && o.place <= 5 {
			r.Five++
		}
	}
	for i := range r.At {
		r.At[i] /= float64(len(all))
	}
	r.First /= float64(len(all))
	r.Five /= float64(len(all))
	return r
}

// costs finds for each recall the score at which it is reached and counts the ordinary travellers at or above it.
func costs(all []outcome, tops []float64) (out []recallCost) {
	scores := make([]float64, len(all))
	for i, o := range all {
		scores[i] = o.score
	}
	slices.Sort(scores)
	for _, recall := range recalls {
		k := len(scores) - int(math.Ceil(recall*float64(len(scores))))
		if k < 0 || k >= len(scores) || scores[k] == notFound {
			out = append(out, recallCost{Recall: recall, Thousand: -1})
			continue
		}
		at, _ := slices.BinarySearch(tops, scores[k])
		out = append(out, recallCost{recall, scores[k], 1000 * float64(len(tops)-at) / float64(len(tops))})
	}
	return out
}

func (e evaluation) text(w io.Writer) {
	fmt.Fprintf(w, "%s labelled queries, %s more whose alert is not listed; %s ordinary travellers.\n", thousands(e.Queries), thousands(e.Absent), thousands(e.Ordinary))
	fmt.Fprintf(w, "%-20s %7s", "found, in %", "queries")
	for _, t := range e.Thresholds {
		fmt.Fprintf(w, "  at %5.2f%%", 100*t.Share)
	}
	fmt.Fprintf(w, " %7s %7s\n", "first", "five")
	for _, c := range e.Classes {
		fmt.Fprintf(w, "%-20s %7d", c.Class, c.Queries)
		for _, at := range c.At {
			fmt.Fprintf(w, "  %9.1f", 100*at)
		}
		fmt.Fprintf(w, " %7.1f %7.1f\n", 100*c.First, 100*c.Five)
	}
	fmt.Fprintf(w, "%-28s", "score that so many reach")
	for _, t := range e.Thresholds {
		fmt.Fprintf(w, "  %9.2f", t.Score)
	}
	fmt.Fprintln(w, "\nOrdinary travellers hit, of 1,000:")
	for _, c := range e.Costs {
		if c.Thousand < 0 {
			fmt.Fprintf(w, "  %2.0f %% of the labelled are never found\n", 100*c.Recall)
			continue
		}
		fmt.Fprintf(w, "  %6.1f where %2.0f %% of the labelled are found (score %.2f)\n", c.Thousand, 100*c.Recall, c.Score)
	}
}
