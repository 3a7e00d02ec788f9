package watchlist

import (
	"slices"

	"tims/internal/border"
	"tims/internal/watchlist/numbers"
)

// Papers are documents by the million of which a list says no more than number, issuer and group: stolen, lost and
// revoked ones. Groups has for each tag of the set what its alerts have in common; id and document come from the entry.
type Papers struct {
	Set    *numbers.Set
	Groups []border.Alert
}

// WithPapers is the index with these documents in place of those that it had so.
func (x *Index) WithPapers(papers ...Papers) *Index {
	return &Index{layers: slices.Clone(x.layers), papers: papers}
}

// find gives the hits on a document number, of each group no more than answer can do with: there may be a million ranges that hold it.
func (p *Papers) find(q *Query, number string, hits []border.Hit) []border.Hit {
	least, wanted := q.Least[border.DocumentAlert]
	if !wanted {
		return hits
	}
	made := make([]int, len(p.Groups))
	p.Set.Find(number, func(e numbers.Entry) {
		if int(e.Tag) >= len(p.Groups) || made[e.Tag] == maxOfGroup {
			return
		}
		a := p.Groups[e.Tag]
		weight := numberWeight(q.Issuer, e.Issuer)
		if weight < least || a.Canary && !q.Canaries || q.On != 0 && !a.InForce(q.On) {
			return
		}
		d := border.AlertDocument{Issuer: e.Issuer, Number: e.Number, To: e.To}
		if len(a.Documents) > 0 {
			d.Status = a.Documents[0].Status
		}
		a.Kind, a.Documents = border.DocumentAlert, []border.AlertDocument{d}
		a.ID += e.Issuer + e.Number
		listed := join(e.Issuer, e.Number)
		if e.To != "" {
			a.ID += "-" + e.To
			listed += " to " + e.To
		}
		made[e.Tag]++
		f := found{which: -1, score: weight, why: []border.HitReason{{Part: "document", Seen: join(q.Issuer, q.Number),
			Listed: listed, Weight: weight}}}
		hits = append(hits, hit(&a, &f))
	})
	return hits
}
