// Package alerts is the face of alerts: the lists in force and what waits for approval, the search among alerts, one alert whole
// and how it would score, and the form by which an officer writes a single alert. A centre and a post mount it; a post's is for
// urgent alerts of its own, which end within days.
//
// Trust: an alert tells of a person. At a centre none is shown without a search, which is a record before it is answered; a post
// shows what its own officers wrote. What makes an alert match less is written here as everything else and waits, at every node,
// for the authority. No address carries a name or a number of a document: alerts have numbers of their own.
package alerts

import (
	"embed"
	"io/fs"
	"net/http"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// Files are the pages and words of this face, for station.Open.
func Files() fs.FS { return files }

// face serves alerts on one station.
type face struct {
	*station.Station
	shown shown
	post  bool
}

// Mount adds the pages of alerts to a station.
func Mount(st *station.Station) {
	f := &face{Station: st, post: st.Node.Self().Role == roster.Post}
	st.Nav(station.Entry{Href: "/alerts", Text: "alerts.nav", Power: roster.EditAlerts})
	st.Know(station.Trouble{Err: node.ErrAlert, Key: "alerts.error.alert", Status: http.StatusUnprocessableEntity, Mend: true},
		station.Trouble{Err: node.ErrUrgent, Key: "alerts.error.urgent", Status: http.StatusUnprocessableEntity, Mend: true},
		station.Trouble{Err: node.ErrNoAlert, Key: "alerts.error.none", Status: http.StatusUnprocessableEntity, Mend: true},
		station.Trouble{Err: node.ErrEnding, Key: "alerts.error.ending", Status: http.StatusUnprocessableEntity, Mend: true},
		station.Trouble{Err: node.ErrWhy, Key: "alerts.why.missing", Status: http.StatusUnprocessableEntity, Mend: true})
	st.Handle("GET /alerts", roster.EditAlerts, f.serveOverview)
	st.Handle("GET /alerts/new", roster.EditAlerts, f.serveNew)
	st.Handle("POST /alerts/edit", roster.EditAlerts, f.serveEdit)
	st.Handle("POST /alerts/form", roster.EditAlerts, f.serveForm)
	st.Handle("POST /alerts/review", roster.EditAlerts, f.serveReview)
	st.Larger("/alerts/review", maxUpload)
	st.Handle("GET /alerts/face/{key}", roster.EditAlerts, f.serveFace)
	st.Deed("POST /alerts", roster.EditAlerts, station.Deed{Read: f.readWrite, Done: f.written, Mend: f.mendWrite, What: what("alerts.write"), Back: back})
	st.Deed("POST /alerts/withdraw", roster.EditAlerts, station.Deed{Read: f.readWithdraw, Done: f.withdrawn, Mend: f.mendWithdraw,
		What: what("alerts.withdraw"), Back: back})
	if f.post {
		return
	}
	st.Handle("GET /alerts/search", roster.EditAlerts, f.serveSearch)
	st.Handle("POST /alerts/search", roster.EditAlerts, f.search)
	st.Handle("POST /alerts/show", roster.EditAlerts, f.serveShow)
}

func what(key string) func(*http.Request, station.Words) string {
	return func(_ *http.Request, w station.Words) string { return w.T(key) }
}

func back(*http.Request) string { return "/alerts" }

// page is the frame of every page of this face. All have one script, so that each may follow the other without a reload.
func (f *face) page(r *http.Request, s *node.Shift, title string, status int, data any, keys ...web.Key) web.Page {
	p := f.Page(r, s, title, keys...)
	p.Scripts = append(p.Scripts, "alerts.js")
	p.Status, p.Data = status, data
	return p
}
