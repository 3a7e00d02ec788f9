package post

import (
	"net/http"
	"time"

	"tims/internal/border"
	"tims/internal/web"
)

type openRow struct {
	Index     uint64
	At        time.Time
	Direction border.Direction
	Way       string
	Nation    string
	Own       bool
}

func (f *Face) serveOpenChecks(w http.ResponseWriter, r *http.Request, b booth) {
	open, err := f.Node.OpenChecks(r.Context())
	if err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	words, rows := f.Words(r), []openRow{}
	for _, s := range open {
		own, err := f.own(s.Ref.Index, b.shift)
		if err != nil {
			f.Trouble(w, r, b.shift, err)
			return
		}
		rows = append(rows, openRow{Index: s.Ref.Index, At: time.UnixMilli(s.Happened), Direction: s.Direction,
			Way: words.T("way." + s.Direction.String()), Nation: words.State(s.Nation), Own: own})
	}
	p := f.page(r, b, "post.open.title", web.Key{Keys: "Escape", Text: words.T("post.key.booth")})
	p.Data = rows
	f.Render(w, r, "open", p)
}
