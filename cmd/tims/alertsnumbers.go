package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tims/internal/border"
	"tims/internal/control"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/watchlist/numbers"
)

// numbersReport is what `tims alerts import --format numbers` did: one file, and a list of its own for each status.
type numbersReport struct {
	Read    int            `json:"read"`
	Twice   int            `json:"twice"`
	Faulty  int            `json:"faulty"`
	Faults  []faultReport  `json:"faults"`
	Whole   bool           `json:"whole"`
	Refused string         `json:"refused,omitempty"`
	Lists   []statusReport `json:"lists"`
}

// statusReport is one of those lists.
type statusReport struct {
	List      string `json:"list"`
	Status    string `json:"status"`
	Numbers   int    `json:"numbers"`
	Release   uint64 `json:"release,omitempty"` // 0 where nothing was released
	Before    int    `json:"before"`
	Added     int    `json:"added"`
	Withdrawn int    `json:"withdrawn"`
	Waiting   int    `json:"waiting"`
	Refused   string `json:"refused,omitempty"`

	Diff *diffReport `json:"diff,omitempty"` // of a dry run against another edition
}

const noneOfStatus = "the file has no number of this status; the release in force stays"

// listOfStatus names the list of one status: numbers of different status are different lists, for a release says once what all are.
func listOfStatus(list, status string) string {
	if status == lists.Statuses()[0] {
		return list
	}
	return list + "-" + strings.ReplaceAll(status, " ", "-")
}

func (f *importFlags) runNumbers(c *cobra.Command, paths []string, issued int64, asJSON bool) error {
	if len(paths) != 1 {
		return misused("a list of numbers is one file")
	}
	var before map[string]*numbers.Set
	if f.against != "" {
		var err error
		if before, _, err = readOtherNumbers(c, f.against); err != nil {
			return err
		}
	}
	sets, out, err := readNumbers(c, paths)
	if err != nil {
		return err
	}
	if !out.Whole && !f.partial {
		out.Refused = "it was broken off; --incomplete releases it all the same"
	}
	switch {
	case f.dryRun:
		f.compareNumbers(&out, before, sets)
	case out.Refused == "":
		if err := f.releaseNumbers(c, &out, sets, issued); err != nil {
			return err
		}
	}
	if err := tell(c, asJSON, out, out.text); err != nil {
		return err
	}
	for _, l := range out.Lists {
		if l.Refused != "" {
			return errFound
		}
	}
	if out.Refused != "" {
		return errFound
	}
	return nil
}

// readNumbers reads a file into a set for each status: six bytes a number.
func readNumbers(c *cobra.Command, paths []string) (map[string]*numbers.Set, numbersReport, error) {
	out := numbersReport{Faults: []faultReport{}, Lists: []statusReport{}}
	files, closeAll, err := openLists(lists.Numbers, paths)
	if err != nil {
		return nil, out, err
	}
	defer closeAll()
	building, p, unfit := map[string]*numbers.Builder{}, newProgress(c), 0
	s, err := lists.ImportNumbers(files[alertFiles[lists.Numbers][0]], func(x lists.Number) error {
		b := building[x.Status]
		if b == nil {
			b = new(numbers.Builder)
			building[x.Status] = b
		}
		if err := b.Add(numbers.Entry{Issuer: x.Issuer, Number: x.Number, To: x.To}); err != nil {
			unfit++
		}
		out.Read++
		p.say("%s read", many(out.Read, "number"))
		return c.Context().Err()
	})
	if err := asTyped(files, lists.Numbers, &s, err); err != nil {
		return nil, out, err
	}
	out.Faulty, out.Whole, out.Twice = s.Faulty+unfit, s.Whole, out.Read-unfit
	for _, fault := range s.Faults {
		out.Faults = append(out.Faults, faultReport{fault.File, fault.Line, fault.Why})
	}
	sets := map[string]*numbers.Set{}
	for status, b := range building {
		sets[status] = b.Set()
		out.Twice -= sets[status].Len()
	}
	return sets, out, nil
}

func (f *importFlags) releaseNumbers(c *cobra.Command, out *numbersReport, sets map[string]*numbers.Set, issued int64) error {
	client, p, inForce := control.NewClient(f.at.dir), newProgress(c), map[string]int{}
	in, err := client.Lists(c.Context())
	if err != nil {
		return err
	}
	for _, l := range in {
		inForce[l.List] = l.Count
	}
	bound := f.bound / 100
	if f.shrink {
		bound = 1
	}
	for _, status := range lists.Statuses() {
		one, set := statusReport{List: listOfStatus(f.list, status), Status: status}, sets[status]
		switch {
		case set == nil && inForce[one.List] > 0:
			one.Before, one.Refused = inForce[one.List], noneOfStatus
		case set == nil || set.Len() == 0:
			continue
		default:
			one.Numbers = set.Len()
			in, err := client.ReleaseNumbers(c.Context(), one.List, issued, record.NumbersTerms{Action: border.ActSeize, Status: status}, set, bound,
				func(done, total int) { p.say("%s: %d of %d numbers handed over", one.List, done, total) })
			if err != nil {
				return err
			}
			one.Release, one.Before, one.Added, one.Withdrawn, one.Waiting = in.Release, in.Before, in.Added, in.Withdrawn, in.Waiting
			if in.Refused != "" {
				one.Release, one.Refused = 0, strings.TrimPrefix(in.Refused, "release list "+one.List+": ")+"; --shrink releases it all the same"
			}
		}
		out.Lists = append(out.Lists, one)
	}
	return nil
}

func (r numbersReport) text(w io.Writer) {
	fmt.Fprintf(w, "Read %s; %s there twice. %s.\n", many(r.Read, "number"), thousands(r.Twice), many(r.Faulty, "fault"))
	tellFaults(w, r.Faults, r.Faulty, r.Whole)
	if r.Refused != "" {
		fmt.Fprintf(w, "NOT released: %s.\n", r.Refused)
	}
	for _, l := range r.Lists {
		fmt.Fprintf(w, "%s (%s): %s", l.List, l.Status, many(l.Numbers, "number"))
		if l.Before > 0 && l.Diff == nil {
			fmt.Fprintf(w, " against %s before; added %s, withdrawn %s", thousands(l.Before), thousands(l.Added), thousands(l.Withdrawn))
		}
		switch {
		case l.Refused != "":
			fmt.Fprintf(w, ". NOT released: %s.\n", l.Refused)
		case l.Release > 0:
			fmt.Fprintf(w, ". Released, release %d.\n", l.Release)
		default:
			fmt.Fprintln(w, ". Nothing was released.")
		}
		if l.Diff != nil {
			l.Diff.text(w)
		}
		if l.Waiting > 0 {
			fmt.Fprintf(w, "%s for approval, matched until then: tims alerts losses --list %s\n", waits(l.Waiting), l.List)
		}
	}
}
