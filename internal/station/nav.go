package station

import (
	"cmp"
	"context"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/web"
)

// An Entry is a page in the navigation, offered only to who has its power. Alt and its place from the left open it.
type Entry struct {
	Href  string
	Text  string // key of its word
	Power roster.Power
	// Main is the duty whose officers begin here; empty for none.
	Main roster.Duty
	// Count is how much waits there, shown beside the word; nil or 0 shows nothing. It is asked for every page: it must be quick.
	Count func(ctx context.Context, s *node.Shift) int
}

// Nav adds entries, from left to right.
func (st *Station) Nav(entries ...Entry) { st.nav = append(st.nav, entries...) }

func (st *Station) links(r *http.Request, s *node.Shift, w Words) (links []web.Link) {
	for _, e := range st.nav {
		if !st.Node.Can(s, e.Power) {
			continue
		}
		l := web.Link{Href: e.Href, Text: w.T(e.Text), Current: e.at(r.URL.Path), Key: "Alt+" + strconv.Itoa(len(links)+1)}
		if e.Count != nil {
			l.Count = e.Count(r.Context(), s)
		}
		links = append(links, l)
	}
	if st.Node.Can(s, roster.ReadFigures) && st.hasFrozen() {
		links = append(links, web.Link{Href: frozenPath, Text: w.T("station.frozen.nav"), Current: r.URL.Path == frozenPath,
			Key: "Alt+" + strconv.Itoa(len(links)+1)})
	}
	if n := st.usedTwice(r.Context()); n > 0 && st.Node.Can(s, roster.ReadFigures) {
		links = append(links, web.Link{Href: twicePath, Text: w.T("station.twice.nav"), Current: r.URL.Path == twicePath, Count: n,
			Key: "Alt+" + strconv.Itoa(len(links)+1)})
	}
	if st.Node.Can(s, roster.IsolateNode) {
		links = append(links, web.Link{Href: isolationPath, Text: w.T("station.isolation.nav"), Current: r.URL.Path == isolationPath,
			Key: "Alt+" + strconv.Itoa(len(links)+1)})
	}
	return links
}

// at says whether a path lies below the entry.
func (e Entry) at(path string) bool {
	return path == e.Href || e.Href != "/" && strings.HasPrefix(path, e.Href+"/")
}

// home is the page at which an officer begins: that of the first of his duties, as the navigation has them; else the first
// that his duties open; "/" where none does.
func (st *Station) home(s *node.Shift) string {
	home := ""
	for _, e := range st.nav {
		switch {
		case !st.Node.Can(s, e.Power):
		case e.Main != "" && s.Officer.May(e.Main):
			return e.Href
		case home == "":
			home = e.Href
		}
	}
	return cmp.Or(home, "/")
}

// A Strip stands above every page without hiding it, such as the messages that nobody has acknowledged. Part is the name of a
// part of the face; its data is made for each officer, also while the page is open. Nil data shows nothing.
type Strip struct {
	Part string
	Data func(ctx context.Context, s *node.Shift, w Words) any
}

// SetStrip gives the station its strip. There is one.
func (st *Station) SetStrip(s Strip) { st.strip = s }

// above is the strip with what the scripts need on every page.
func (st *Station) above(ctx context.Context, s *node.Shift, w Words) template.HTML {
	html, err := st.Pages.Text(w.Lang, "station-above", web.Page{Data: map[string]any{"Strip": st.stripNow(ctx, s, w)}})
	if err != nil {
		st.journal.Error("station: what stands above a page is broken", "error", err)
	}
	return html
}

func (st *Station) stripNow(ctx context.Context, s *node.Shift, w Words) template.HTML {
	if st.strip.Data == nil {
		return ""
	}
	data := st.strip.Data(ctx, s, w)
	if data == nil {
		return ""
	}
	html, err := st.Pages.Text(w.Lang, st.strip.Part, web.Page{Data: data})
	if err != nil {
		st.journal.Error("station: the strip is broken", "error", err)
	}
	return html
}
