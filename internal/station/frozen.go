package station

import (
	"net/http"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
	"tims/internal/web"
)

// frozenPath is the page of logs whose key has signed two histories; below it lie the files for a court.
const frozenPath = "/frozen"

// frozenStates says what every officer must know: that nobody takes this node's own records, or that another node's have ended.
func frozenStates(h node.Health, w Words, all bool) (out []web.State) {
	for _, f := range h.Frozen {
		s := web.State{Level: web.Red, Text: w.T("station.frozen.state", "node", w.Label(f.Node))}
		if f.Since > 0 {
			s.Detail = w.At(f.Since)
		}
		if f.Own {
			s.Text = w.T("station.frozen.state.own")
		}
		if !f.Past && (all || f.Own) {
			out = append(out, s)
		}
	}
	return out
}

// hasFrozen says whether there is anything to be done about a frozen log.
func (st *Station) hasFrozen() bool {
	for _, f := range st.Node.Frozen() {
		if !f.Past {
			return true
		}
	}
	return false
}

// A frozenLog is one on its page.
type frozenLog struct {
	node.FrozenLog
	Label, Finder string
	Larger        uint64
	Two           bool   // two statements for one epoch, not two histories
	Files         string // address before the names of its files
}

func (st *Station) mountFrozen() {
	st.Handle("GET "+frozenPath, roster.ReadFigures, st.showFrozen)
	st.Handle("GET "+frozenPath+"/{log}/{file}", roster.ReadFigures, st.serveEvidence)
}

func (st *Station) showFrozen(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	words, all := st.Words(r), []frozenLog{}
	for _, f := range st.Node.Frozen() {
		v := frozenLog{FrozenLog: f, Label: words.Label(f.Node), Two: f.Code == record.TwoEpochs, Files: frozenPath + "/" + tlog.DirName(f.Origin) + "/"}
		if e, _ := st.Node.EvidenceOf(f.Origin); e != nil {
			_, v.Larger = e.Sizes()
		}
		if f.By != "" {
			v.Finder = words.Label(f.By)
		}
		all = append(all, v)
	}
	p := st.Page(r, s, "station.frozen.title")
	p.Data = all
	st.Render(w, r, "station-frozen", p)
}

// serveEvidence gives one file of what convicts a key: two signed checkpoints, the proof, the key; or two statements and the key.
// No traveller is in them.
func (st *Station) serveEvidence(w http.ResponseWriter, r *http.Request, _ *node.Shift) {
	for _, f := range st.Node.Frozen() {
		if tlog.DirName(f.Origin) != r.PathValue("log") {
			continue
		}
		if b, ok := st.evidenceFiles(f)[r.PathValue("file")]; ok {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Disposition", `attachment; filename="`+r.PathValue("file")+`"`)
			w.Write(b)
			return
		}
	}
	st.Fail(w, r, http.StatusNotFound)
}

func (st *Station) evidenceFiles(f node.FrozenLog) map[string][]byte {
	if two, key := st.Node.StatementsOf(f.Origin); f.Code == record.TwoEpochs && two != nil {
		return map[string][]byte{"evidence.epochs": record.Marshal(*two), "first.epoch": record.Marshal(two.First), "second.epoch": record.Marshal(two.Second),
			"identity": []byte(key + "\n")}
	}
	e, key := st.Node.EvidenceOf(f.Origin)
	if e == nil {
		return nil
	}
	return map[string][]byte{"evidence.json": append(e.Encode(), '\n'), "smaller.note": e.Theirs, "larger.note": e.Ours,
		"vkey": []byte(key + "\n")}
}
