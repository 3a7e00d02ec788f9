package paper

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

// sheetPage is what became of one sheet that had to be answered.
type sheetPage struct {
	Sheet, Name, Way, Post, Booth, Officer, At string
	Number, Nation, Plate, Decision            string
	Hits                                       []hit
	Next                                       string
}

// A hit is an alert that fits who passed on paper. Its name and reason are not in the record; the second line looks them up.
type hit struct {
	Level          web.Level
	Todo, List, ID string
	Reasons        []string
}

func (f *face) serveSheet(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	index, ok := station.PathIndex(r)
	o, late, own := f.own(s, index)
	if !ok || !own || o.Person == nil {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	words, p := f.Words(r), o.Person
	d := sheetPage{Sheet: late.Sheet, Name: station.FullName(p.Document.Primary, p.Document.Secondary), Way: words.Way(p.Direction),
		Post: f.opt.Post, Booth: p.Booth, Officer: late.Officer, At: words.At(p.Happened), Number: p.Document.Number,
		Nation: words.State(p.Document.Nationality), Plate: p.Plate, Decision: words.T("done." + p.Decision.String()),
		Hits: f.hits(words, o), Next: "/paper/type?after=" + strconv.FormatUint(index, 10)}
	page := f.Page(r, s, "paper.hit.title", web.Key{Keys: "F2", Text: words.T("paper.key.told")})
	page.Data = d
	f.Render(w, r, "paper-sheet", page)
}

// hits are those of a second keying that a clerk may know of and that are strong enough to be one at the booth; the most
// urgent first. What must not be noticed is in the record, for the centre.
func (f *face) hits(w station.Words, o node.Opened) (out []hit) {
	if o.Police == nil {
		return nil
	}
	least := f.Node.Thresholds().Least()
	all := slices.SortedStableFunc(slices.Values(o.Police.Hits), func(a, b record.PoliceHit) int { return cmp.Compare(b.Score, a.Score) })
	for _, h := range all {
		action := border.Action(h.Action)
		if action == border.ActDiscreet || h.Score < least[kindOf(h.Reasons)] {
			continue
		}
		one := hit{Level: web.Red, Todo: w.T("action." + action.String() + ".do"), List: h.List, ID: h.Alert}
		if action == border.ActInform {
			one.Level = web.Amber
		}
		for _, part := range h.Reasons {
			one.Reasons = append(one.Reasons, w.T("part."+part))
		}
		out = append(out, one)
	}
	return out
}

// kindOf tells by what an alert agreed of what kind it is: the record keeps no more.
func kindOf(reasons []string) border.AlertKind {
	switch {
	case slices.Contains(reasons, "plate"):
		return border.VehicleAlert
	case slices.Contains(reasons, "primary"):
		return border.PersonAlert
	case slices.Contains(reasons, "document"):
		return border.DocumentAlert
	}
	return border.PersonAlert
}
