package watchlist

import (
	"cmp"
	"slices"

	"tims/internal/border"
)

// sureShare: of the hits at a booth each action is sure of so large a part. There are fewer than eight actions.
const sureShare = 8

// answer decodes the best. Hits of one score are put in the order of their ids, so those at the edge are decoded too.
func answer(all []found, hits []border.Hit, most int) []border.Hit {
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(b.score, a.score) })
	end := min(len(all), most)
	for end > 0 && end < len(all) && all[end].score == all[end-1].score {
		end++
	}
	count, last := map[border.Action]int{}, map[border.Action]float64{} // score of the last of each action that is sure of its place
	for _, f := range all {
		if count[f.action]++; count[f.action] <= most/sureShare {
			last[f.action] = f.score
		}
	}
	for i, f := range all {
		if at, sure := last[f.action]; i >= end && (!sure || f.score < at) {
			continue
		}
		if a, ok := f.seg.alert(f.alert); ok {
			hits = append(hits, hit(a, &f))
		}
	}
	slices.SortStableFunc(hits, func(a, b border.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.AlertID, b.AlertID), cmp.Compare(a.List, b.List))
	})
	return fair(hits, most)
}

// fair keeps the best, but of each action the best few in any case: alerts that a booth is not shown or lets pass, added by the hundred
// with somebody's very name and number, crowd out none by which he is held.
func fair(hits []border.Hit, most int) []border.Hit {
	if len(hits) <= most {
		return hits
	}
	count, sure := map[border.Action]int{}, 0
	for i := range hits {
		if count[hits[i].Action]++; count[hits[i].Action] <= most/sureShare {
			sure++
		}
	}
	clear(count)
	room, kept := most-sure, hits[:0]
	for i := range hits {
		if count[hits[i].Action]++; count[hits[i].Action] > most/sureShare {
			if room == 0 {
				continue
			}
			room--
		}
		kept = append(kept, hits[i])
	}
	return kept
}
