package node_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/watchlist/numbers"
)

// Words of scripts about lists of bare document numbers.
//
//	release-numbers CENTRE LIST WHO [PERCENT|inform]  stolen documents of these travellers; at most so many of those in force may be lost
//	numbers NAME LIST                                 what of such a list is in force, and what waits
func init() {
	teach("release-numbers", (*drill).releaseNumbers)
	teach("numbers", func(d *drill, a []string) ([]string, error) { return d.numbers(a[0], a[1]), nil })
}

func (d *drill) releaseNumbers(a []string) ([]string, error) {
	of, _, err := who(a[2])
	if err != nil {
		return nil, err
	}
	terms, bound := record.NumbersTerms{Action: border.ActSeize, Issuer: "Interpol", Status: "stolen"}, 1.0
	if len(a) > 3 && a[3] == "inform" {
		terms.Action = border.ActInform
	} else if len(a) > 3 {
		percent, err := strconv.Atoi(a[3])
		if err != nil {
			return nil, err
		}
		bound = float64(percent) / 100
	}
	var b numbers.Builder
	for _, i := range of {
		if err := b.Add(numbers.Entry{Issuer: "ITA", Number: number(i)}); err != nil {
			return nil, err
		}
	}
	if err := b.Add(numbers.Entry{Issuer: "ITA", Number: "ZZ0000100", To: "ZZ0000199"}); err != nil {
		return nil, err
	}
	l, err := d.nodes[a[0]].ReleaseNumbers(context.Background(), a[1], 0, terms, b.Set(), bound)
	if err != nil {
		return []string{"refused: " + err.Error()}, nil
	}
	return []string{fmt.Sprintf("release %d: %d before, %d added, %d withdrawn, %d wait", l.Release, l.Before, l.Added, l.Withdrawn, l.Waiting)}, nil
}

func (d *drill) numbers(name, list string) []string {
	n := d.nodes[name]
	at := slices.IndexFunc(n.Lists(), func(l node.ListInForce) bool { return l.List == list })
	if at < 0 {
		return []string{"none"}
	}
	l := n.Lists()[at]
	var wait []string
	for _, w := range n.Waiting(list) {
		wait = append(wait, strings.TrimPrefix(w.Alert.ID, list+":")+" "+w.Alert.Documents[0].Status)
	}
	return []string{fmt.Sprintf("release %d of %d, %d of them numbers; %d wait: %s", l.Release, l.Count, l.Numbers, l.Waiting,
		strings.Join(append(wait, "no more"), ", "))}
}
