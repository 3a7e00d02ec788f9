package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tims/internal/lists"
	"tims/internal/watchlist/numbers"
)

// Editions of numbers are compared as sets: of a hundred million, two of them take little more than a gigabyte, and nothing is written.

// readOtherNumbers reads an edition that is not released, and says on standard error what is wrong with it.
func readOtherNumbers(c *cobra.Command, path string) (map[string]*numbers.Set, bool, error) {
	sets, r, err := readNumbers(c, []string{path})
	if err == nil && (r.Faulty > 0 || r.Twice > 0 || !r.Whole) {
		end := ""
		if !r.Whole {
			end = ", and its end is missing"
		}
		fmt.Fprintf(c.ErrOrStderr(), "tims: %s: %s, %s there twice%s\n", path, many(r.Faulty, "fault"), many(r.Twice, "number"), end)
	}
	return sets, r.Whole, err
}

// compareNumbers says what each list of an edition is, beside that of the edition before where there is one.
func (f *importFlags) compareNumbers(out *numbersReport, before, sets map[string]*numbers.Set) {
	for _, status := range lists.Statuses() {
		one, was, now := statusReport{List: listOfStatus(f.list, status), Status: status}, before[status], sets[status]
		if was == nil && now == nil {
			continue
		}
		if now != nil {
			one.Numbers = now.Len()
		}
		if before != nil {
			one.Diff = newDiffReport(diffNumbers(one.List, was, now), f.bound)
			one.Before, one.Added, one.Withdrawn = one.Diff.Old, one.Diff.Added.Count, one.Diff.Withdrawn.Count
		}
		switch {
		case now == nil:
			one.Refused = noneOfStatus
		case one.Diff != nil && one.Diff.Over && !f.shrink:
			one.Refused = fmt.Sprintf("%.2f %% would be lost, over the bound of %g %%; --shrink releases it all the same", one.Diff.Shrinkage, f.bound)
		}
		out.Lists = append(out.Lists, one)
	}
}

// compareNumberFiles is compareFiles for numbers. Each list of a status has its own bound, as when it is released.
func compareNumberFiles(c *cobra.Command, format lists.Format, old, now string, bound float64) (*diffReport, bool, error) {
	before, wholeOld, err := readOtherNumbers(c, old)
	if err != nil {
		return nil, false, err
	}
	after, wholeNow, err := readOtherNumbers(c, now)
	if err != nil {
		return nil, false, err
	}
	all, over := diffNumbers("", nil, nil), false
	for _, status := range lists.Statuses() {
		d := diffNumbers(listOfStatus(string(format), status), before[status], after[status])
		over = over || newDiffReport(d, bound).Over
		all.Old, all.Now, all.Unchanged = all.Old+d.Old, all.Now+d.Now, all.Unchanged+d.Unchanged
		joinChange(&all.Added, d.Added)
		joinChange(&all.Withdrawn, d.Withdrawn)
	}
	out := newDiffReport(all, bound)
	out.Over = over
	return out, wholeOld && wholeNow, nil
}

func joinChange(to *lists.Change, more lists.Change) {
	to.Count += more.Count
	to.First = append(to.First, more.First[:min(len(more.First), maxFirst-len(to.First))]...)
}

// diffNumbers compares two sets, either of which may be none. Numbers have no content beside themselves: none is changed or weakened.
func diffNumbers(list string, old, now *numbers.Set) lists.Diff {
	empty := new(numbers.Builder).Set()
	if old == nil {
		old = empty
	}
	if now == nil {
		now = empty
	}
	d := lists.Diff{Old: old.Len(), Now: now.Len(), Added: beyond(list, now, old), Withdrawn: beyond(list, old, now),
		Changed: lists.Change{First: []string{}}, Weakened: lists.Change{First: []string{}}}
	d.Unchanged = d.Now - d.Added.Count
	return d
}

// beyond counts what one set has and another lacks, with the first ids in the order of keys.
func beyond(list string, s, other *numbers.Set) lists.Change {
	out := lists.Change{First: []string{}}
	note := func(e numbers.Entry) {
		id := list + ":" + e.Issuer + ":" + e.Number
		if e.To != "" {
			id += "-" + e.To
		}
		out.First = append(out.First, id)
	}
	for key := range s.KeysWithout(other) {
		if out.Count++; out.Count > maxFirst {
			continue
		}
		if e, ok := numbers.OfKey(key); ok {
			note(e)
		}
	}
	for _, e := range s.PapersWithout(other) {
		if out.Count++; out.Count <= maxFirst {
			note(e)
		}
	}
	return out
}
