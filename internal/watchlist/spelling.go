package watchlist

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
)

// spellingText holds what it costs to write one group of letters for another in a name, in hundredths: ln of how much
// seldomer it happens than writing the letters as they are. It is learnt; spelling.md says from what.
//
//go:embed spelling.tsv
var spellingText string

const (
	groups      = 27 * 27 // of no, one or two letters
	neverSpelt  = 255     // a group that is never written for another
	costUnit    = 0.05    // of the table: 0 to 12.7 in a byte
	endingCost  = 5.0     // an ending that a people puts to a name or leaves away, whichever it is
	mostCost    = 40.0    // beyond which no cost tells anything
	leastEnding = 3       // letters that must remain before an ending
)

// endings turn one name into another of the same person or family: Persian and Arabic words that have grown on.
var endings = strings.Fields("ULLAH ALLAH OLLAH ELLAH ULLA UDDIN EDDIN ODDIN ADDIN EDDINE UDIN ZADEH ZADE POUR PUR NEZHAD " +
	"NEJAD NIA ABADI FARD")

var groupCosts = func() *[groups * groups]uint8 {
	t := new([groups * groups]uint8)
	for i := range t {
		t[i] = neverSpelt
	}
	for c := 1; c < 27; c++ {
		t[c*groups+c] = 0 // as it is
	}
	for line := range strings.Lines(spellingText) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.Atoi(cells[2])
		if err != nil {
			panic("watchlist: embedded table of spellings: " + err.Error())
		}
		x, y := group(cells[0]), group(cells[1])
		c := uint8(min(neverSpelt-1, math.Round(float64(n)/100/costUnit)))
		t[x*groups+y], t[y*groups+x] = c, c
	}
	return t
}()

func group(s string) int {
	n := 0
	for i := range len(s) {
		n = n*27 + int(s[i]-'A') + 1
	}
	return n
}

// spellingCost is how seldom the one word is written for the other where they stand for one name: the cheapest way to turn
// groups of letters into each other, 0 for equal words. Both are zone letters, maxLetters at most.
func spellingCost(a, b string) float64 {
	cost := groupsCost(a, b)
	if cost <= endingCost {
		return cost
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(a, e); ok && len(stem) >= leastEnding && len(stem) <= len(b)+2 && !strings.HasSuffix(b, e) {
			cost = min(cost, endingCost+groupsCost(stem, b))
		}
	}
	return cost
}

// groupsCost leaves out what both words begin and end with, but for a letter that may be part of a group.
func groupsCost(a, b string) float64 {
	p, most := 0, min(len(a), len(b))
	for p < most && a[p] == b[p] {
		p++
	}
	e := 0
	for e < most-p && a[len(a)-1-e] == b[len(b)-1-e] {
		e++
	}
	p, e = max(0, p-1), max(0, e-1)
	a, b = a[p:len(a)-e], b[p:len(b)-e]
	var rows [3][maxLetters + 1]int32
	mine, theirs := endingGroups(a), endingGroups(b)
	for i := 0; i <= len(a); i++ {
		row := &rows[i%3]
		for j := 0; j <= len(b); j++ {
			if i == 0 && j == 0 {
				continue
			}
			best := int32(unreachable)
			for x := 0; x <= min(2, i); x++ {
				costs := groupCosts[mine[i][x]*groups:][:groups]
				from := &rows[(i-x+3)%3]
				for y := 0; y <= min(2, j); y++ {
					if c := costs[theirs[j][y]]; c != neverSpelt && from[j-y]+int32(c) < best {
						best = from[j-y] + int32(c)
					}
				}
			}
			row[j] = best
		}
	}
	return min(mostCost, float64(rows[len(a)%3][len(b)])*costUnit)
}

const unreachable = 1 << 20

// endingGroups are for each place in a word the groups of no, one and two letters that end there.
func endingGroups(s string) (at [maxLetters + 1][3]int32) {
	for i := 1; i <= len(s); i++ {
		at[i][1] = int32(s[i-1]-'A') + 1
		if i > 1 {
			at[i][2] = at[i-1][1]*27 + at[i][1]
		}
	}
	return at
}

// A turn is a point of the curve by which a cost of spelling raises or lowers what a likeness is worth.
type turn struct{ cost, worth float64 }

// turns are ln of how much commoner a cost is among spellings of one name than among other names of that likeness, as
// measured on the half of the pairs that the costs were not learnt from, smoothed and held falling (spelling.md).
var turns = [likenesses][]turn{
	same:    {{0, 0}},
	sounded: {{1, 2}, {2.5, 1}, {4, 0.1}, {6, -0.1}, {8, -1}, {12, -1.5}},
	close:   {{2, 2.5}, {3, 1.6}, {4, 0.4}, {6, 0.1}, {8, -0.4}, {10, -0.9}, {16, -1}},
	near:    {{2.5, 3.5}, {4, 2.7}, {6, 1.5}, {7, 0.2}, {8, -0.3}, {10, -0.9}, {14, -1.1}},
	far:     {{3, 3.5}, {6, 2.6}, {7, 2}, {8, 1}, {10, 0.5}, {12, 0}, {14, -0.9}, {17, -1.1}},
	lenient: {{6, 4}, {8, 2.8}, {10, 2}, {12, 1.2}, {14, 0.3}, {17, 0}, {20, -0.7}, {25, -1.1}},
}

// mostRaised is what the best spelling of a likeness adds; it is in the weightings, so that they bound every pair.
func mostRaised(k likeness) float64 { return turns[k][0].worth }

// spellingLoss is what a pair of words falls short of the best spelling of its likeness.
func spellingLoss(k likeness, cost float64) float64 {
	t := turns[k]
	worth := t[len(t)-1].worth
	for i := range t {
		if cost < t[i].cost {
			worth = t[i].worth
			if i > 0 {
				part := (cost - t[i-1].cost) / (t[i].cost - t[i-1].cost)
				worth = t[i-1].worth + part*(t[i].worth-t[i-1].worth)
			}
			break
		}
	}
	return t[0].worth - worth
}
