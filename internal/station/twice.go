package station

import (
	"context"
	"net/http"

	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/roster"
	"tims/internal/web"
)

// twicePath is the page of documents that passed twice in one direction, at two nodes.
const twicePath = "/twice"

// usedTwice counts them for the strip of a supervisor's or the centre's pages.
func (st *Station) usedTwice(ctx context.Context) int {
	pairs, err := st.Node.UsedTwice(ctx)
	if err != nil {
		return 0 // the page itself says that it cannot be asked
	}
	return len(pairs)
}

func (st *Station) twiceStates(ctx context.Context, w Words) (out []web.State) {
	if n := st.usedTwice(ctx); n > 0 {
		out = append(out, web.State{Level: web.Amber, Text: w.T("station.twice.state", "n", n)})
	}
	return out
}

// A twiceRow is one document by its two records: no name and no number stands here, for who reads this may not leaf through travellers.
type twiceRow struct {
	Way           string
	First, Second passedAt
}

type passedAt struct {
	Post   string
	Record uint64
	Log    string
	At     int64 // UTC ms
	ByNode bool
}

func (st *Station) showTwice(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	pairs, err := st.Node.UsedTwice(r.Context())
	if err != nil {
		st.Fail(w, r, http.StatusServiceUnavailable)
		return
	}
	words, rows := st.Words(r), []twiceRow{}
	at := func(x projection.Sighting) passedAt {
		return passedAt{words.Label(x.Node), x.Ref.Index, x.Ref.Origin, x.Happened, x.ByNode}
	}
	for _, p := range pairs {
		rows = append(rows, twiceRow{words.Way(p.Second.Direction), at(p.First), at(p.Second)})
	}
	p := st.Page(r, s, "station.twice.title")
	p.Data = rows
	st.Render(w, r, "station-twice", p)
}

func (st *Station) mountTwice() { st.Handle("GET "+twicePath, roster.ReadFigures, st.showTwice) }
