package supervisor

import (
	"net/http"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

func (f *Face) serveRegime(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	f.showRegime(w, r, s, station.NewForm(r, f.Words(r)), "")
}

// showRegime offers to begin a regime where none is in force, and to end the one that is.
func (f *Face) showRegime(w http.ResponseWriter, r *http.Request, s *node.Shift, form *station.Form, wrong string) {
	now, err := f.Node.RegimeInForce(r.Context())
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	words := f.Words(r)
	if now == nil {
		f.render(w, r, s, sheet{"supervisor-regime", "supervisor.regime", "supervisor.regime.do", false}, form, wrong, []station.Choice{
			{Value: node.Relaxed, Key: "1", Text: words.T("supervisor.regime.relaxed.long"), Chosen: form.Get("regime") == node.Relaxed},
			{Value: node.Unrecorded, Key: "2", Text: words.T("supervisor.regime.unrecorded.long"), Chosen: form.Get("regime") == node.Unrecorded}})
		return
	}
	f.render(w, r, s, sheet{"supervisor-regime-end", "supervisor.regime.end", "supervisor.regime.end.do", false}, form, wrong, regimeOf(words, *now, f.Node.Now()))
}

func (f *Face) readRegime(form *station.Form, act record.Act, s *node.Shift) (node.Deed, error) {
	d := node.Regime{Act: act, Shift: s, End: form.Get("end") == "1"}
	if d.End {
		if form.Get("passed") == "" {
			form.Fault("passed", "supervisor.regime.passed.missing")
		}
		d.Passed = form.Number("passed", 0, maxFigure)
		return d, nil
	}
	if d.Regime = form.Get("regime"); d.Regime != node.Relaxed && d.Regime != node.Unrecorded {
		form.Fault("regime", "supervisor.regime.which")
	}
	d.Reason = form.Text("reason", 3, maxReason)
	d.Until = f.after(form, "until", f.base(form))
	return d, nil
}
